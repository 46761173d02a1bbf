use super::plain;

#[test]
fn nothing_that_is_shown_steers_the_terminal() {
    assert_eq!(plain("Änne calls.\nYes"), "Änne calls.\nYes");
    assert_eq!(
        plain("a\u{1b}]0;b\u{7}\rc\u{9b}2J"),
        "a\u{fffd}]0;b\u{fffd}\u{fffd}c\u{fffd}2J"
    );
}
