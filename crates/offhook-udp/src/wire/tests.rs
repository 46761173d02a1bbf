use super::*;

#[test]
fn an_address_is_read_back_as_it_was_written() {
    for text in ["192.0.2.7:3478", "[2001:db8::1]:3478", "[fe80::1%3]:65535", "0.0.0.0:0"] {
        let address: SocketAddr = text.parse().unwrap();
        let (name, _) = Name::new(address);
        assert_eq!(name.address(), Some(address), "{text}");
    }
}

#[test]
fn the_size_of_an_address_is_that_of_its_family() {
    assert_eq!(
        Name::new("192.0.2.7:1".parse().unwrap()).1,
        size_of::<libc::sockaddr_in>()
    );
    assert_eq!(Name::new("[::1]:1".parse().unwrap()).1, size_of::<libc::sockaddr_in6>());
    assert_eq!(size_of::<Name>(), size_of::<libc::sockaddr_in6>());
}

#[test]
fn an_address_of_no_known_family_is_none() {
    assert_eq!(Name::default().address(), None);
}

#[test]
fn packet_information_is_read_back_behind_other_messages() {
    let source: IpAddr = "2001:db8::7".parse().unwrap();
    let (control, size) = Control::new(Some(source), Some(1200));
    assert_eq!(control.local_address(size), Some(source));
    let (control, size) = Control::new(None, Some(1200));
    assert_eq!(control.local_address(size), None);
    assert_eq!(Control::EMPTY.local_address(Control::SIZE), None);
}

#[test]
fn both_messages_fit_at_their_largest() {
    let (_, size) = Control::new(Some("::1".parse().unwrap()), Some(u16::MAX));
    assert_eq!(size, Control::SIZE);
}
