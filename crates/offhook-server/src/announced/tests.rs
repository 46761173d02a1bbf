use super::*;

#[test]
fn what_was_announced_is_not_missing_until_it_is_forgotten() {
    let announced = Announced::default();
    let [one, two, three, four] = [1, 2, 3, 4].map(ChangeNumber);
    for change in [one, three, four] {
        announced.note(change);
    }
    assert_eq!(announced.missing(vec![one, two, three]), [two]);
    announced.forget(three);
    assert_eq!(announced.missing(vec![one, three, four]), [one, three]);
}
