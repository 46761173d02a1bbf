use super::*;

#[test]
fn a_ticket_is_visible_ascii_of_at_most_64_bytes() {
    let long = "x".repeat(65);
    let table = [
        ("", Err(TicketError::Empty)),
        (&long, Err(TicketError::TooLong)),
        (&long[1..], Ok(())),
        ("a b", Err(TicketError::Characters)),
        ("a\0b", Err(TicketError::Characters)),
        ("ä", Err(TicketError::Characters)),
        ("app.random", Ok(())),
    ];
    for (text, expected) in table {
        assert_eq!(Ticket::new(text).map(|_| ()), expected, "{text:?}");
    }
}

#[test]
fn a_ticket_names_its_application_before_the_first_dot() {
    for (text, application) in [("app.random", "app"), ("a.b.c", "a"), ("random", ""), (".x", "")] {
        assert_eq!(Ticket::new(text).unwrap().application(), application, "{text}");
    }
}

#[test]
fn the_password_is_what_coturn_derives_from_the_same_secret() {
    // echo -n 1700000000:ticket | openssl dgst -sha1 -hmac north -binary | base64
    let credential = Secret::new("north").credential(&Ticket::new("ticket").unwrap(), 1_700_000_000);
    assert_eq!(credential.username, "1700000000:ticket");
    assert_eq!(credential.password, "Hz7X+1wPNMyt0dLCJjwzHTjNd1w=");
}

#[test]
fn debug_output_shows_no_secret() {
    let secret = Secret::new("north");
    let credential = secret.credential(&Ticket::new("ticket").unwrap(), 7);
    let shown = format!("{secret:?} {credential:?}");
    assert!(shown.contains("7:ticket"), "{shown}");
    assert!(
        !shown.contains("north") && !shown.contains(&credential.password),
        "{shown}"
    );
}
