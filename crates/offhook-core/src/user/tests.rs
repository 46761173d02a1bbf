use super::*;

#[test]
fn a_user_id_may_be_any_text_without_control_characters() {
    for user_id in [
        "a",
        " ",
        "a/b?c#d%20",
        "Zoë",
        "工藤",
        "👩‍👩‍👧",
        "'; drop table user",
        "\u{202e}",
        &"é".repeat(80),
    ] {
        assert_eq!(check_user_id(user_id), Ok(()), "{user_id}");
    }
    for (user_id, expected) in [
        ("", InvalidUser::UserIdEmpty),
        (&*"é".repeat(81), InvalidUser::UserIdTooLong),
        ("a\0", InvalidUser::UserIdCharacter),
        ("a\nb", InvalidUser::UserIdCharacter),
        ("\u{85}", InvalidUser::UserIdCharacter),
    ] {
        assert_eq!(check_user_id(user_id), Err(expected), "{user_id:?}");
    }
}

#[test]
fn nicknames_and_profile_urls_may_be_empty_and_are_bounded() {
    assert_eq!(check_nickname(""), Ok(()));
    assert_eq!(check_nickname(&"é".repeat(80)), Ok(()));
    assert_eq!(check_nickname(&"é".repeat(81)), Err(InvalidUser::NicknameTooLong));
    assert_eq!(check_nickname("a\0"), Err(InvalidUser::Nul));
    assert_eq!(check_profile_url(""), Ok(()));
    assert_eq!(check_profile_url(&"u".repeat(2048)), Ok(()));
    assert_eq!(
        check_profile_url(&"u".repeat(2049)),
        Err(InvalidUser::ProfileUrlTooLong)
    );
    assert_eq!(check_profile_url("\0"), Err(InvalidUser::Nul));
}

#[test]
fn metadata_is_bounded() {
    let items = |count: usize| (0..count).map(|index| (index.to_string(), String::new())).collect();
    assert_eq!(check_metadata(&items(5)), Ok(()));
    assert_eq!(check_metadata(&items(6)), Err(InvalidUser::TooManyMetadataItems));
    let long = "é".repeat(191);
    for (key, value, expected) in [
        ("key", "", Ok(())),
        (&"é".repeat(128), &"é".repeat(190), Ok(())),
        ("", "value", Err(InvalidUser::MetadataKey)),
        ("a,b", "value", Err(InvalidUser::MetadataKey)),
        ("a\0", "value", Err(InvalidUser::MetadataKey)),
        (&"é".repeat(129), "value", Err(InvalidUser::MetadataKey)),
        ("key", &long, Err(InvalidUser::MetadataValueTooLong)),
        ("key", "\0", Err(InvalidUser::Nul)),
    ] {
        assert_eq!(check_metadata_item(key, value), expected, "{key:?}: {value:?}");
        let metadata = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        assert_eq!(check_metadata(&metadata), expected);
    }
}
