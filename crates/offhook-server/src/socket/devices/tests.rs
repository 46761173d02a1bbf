use std::time::Duration;

use offhook_core::id::{AppKey, SessionId};

use super::*;

const ALICE: UserKey = UserKey::from_bytes([1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
const PAGE: PageId = PageId::from_bytes([3; 16]);
const OTHER_PAGE: PageId = PageId::from_bytes([4; 16]);

fn holder(user: UserKey, device: DeviceId) -> Holder {
    Holder {
        app: AppKey(1),
        user,
        session: SessionId::from_bytes([5; 16]),
        device,
    }
}

fn address(last: u8) -> ClientAddress {
    ClientAddress([198, 51, 100, last].into())
}

#[test]
fn a_page_that_comes_back_takes_over_from_itself() {
    let devices = Arc::new(Devices::new(10, 10));
    let first = devices.take_seat(holder(ALICE, DEVICE), PAGE).unwrap();
    let second = devices.take_seat(holder(ALICE, DEVICE), PAGE).unwrap();
    assert!(first.is_replaced());
    assert!(!second.is_replaced());
    drop(first);
    assert_eq!(devices.holders(), [holder(ALICE, DEVICE)]);
    assert_eq!(
        devices.take_seat(holder(ALICE, DEVICE), OTHER_PAGE).unwrap_err(),
        SeatRefusal::InUse,
        "the second still sits"
    );
}

#[tokio::test(start_paused = true)]
async fn a_copied_tab_is_refused_and_a_reloaded_one_waits_for_its_place() {
    let devices = Arc::new(Devices::new(10, 10));
    let visit = devices.admit(address(1)).unwrap();
    let old = devices.take_seat(holder(ALICE, DEVICE), PAGE).unwrap();
    let patience = Duration::from_secs(1);
    assert_eq!(
        devices
            .wait_for_seat(holder(ALICE, DEVICE), OTHER_PAGE, patience)
            .await
            .unwrap_err(),
        SeatRefusal::InUse
    );

    let waiting = tokio::spawn({
        let devices = Arc::clone(&devices);
        async move {
            devices
                .wait_for_seat(holder(ALICE, DEVICE), OTHER_PAGE, patience)
                .await
                .is_ok()
        }
    });
    tokio::task::yield_now().await;
    drop(old);
    drop(visit);
    assert!(waiting.await.unwrap());
}

#[test]
fn sockets_are_counted_per_address_until_they_say_who_they_are() {
    let devices = Arc::new(Devices::new(4, 2));
    let mut one = devices.admit(address(1)).unwrap();
    let two = devices.admit(address(1)).unwrap();
    assert!(devices.admit(address(1)).is_none());
    let elsewhere = devices.admit(address(2)).unwrap();
    one.is_authenticated();
    let three = devices.admit(address(1)).unwrap();
    assert!(devices.admit(address(3)).is_none(), "four in all");
    drop((one, two, three, elsewhere));
    assert!(devices.room().unauthenticated.is_empty());
    assert!(devices.admit(address(1)).is_some());
}

#[test]
fn one_user_cannot_fill_the_room() {
    let devices = Arc::new(Devices::new(1000, 1000));
    let device = |number: usize| DeviceId::from_bytes([u8::try_from(number).unwrap(); 16]);
    let mut seats: Vec<_> = (0..MAX_DEVICES)
        .map(|number| devices.take_seat(holder(ALICE, device(number)), PAGE).unwrap())
        .collect();
    let one_more = device(MAX_DEVICES);
    assert_eq!(
        devices.take_seat(holder(ALICE, one_more), PAGE).unwrap_err(),
        SeatRefusal::TooMany
    );
    assert!(
        devices.take_seat(holder(ALICE, device(0)), PAGE).is_ok(),
        "coming back takes no new place"
    );
    assert!(
        devices
            .take_seat(holder(UserKey::from_bytes([9; 16]), one_more), PAGE)
            .is_ok(),
        "others are not shut out"
    );
    seats.pop();
    assert!(devices.take_seat(holder(ALICE, one_more), PAGE).is_ok());
    drop(seats);
    assert!(devices.room().devices_of.is_empty());
}
