use super::*;

/// Carries out a change on a call that carries `a=1` and `b=2`; gives the keys that it affected and what is there then.
fn check_change(change: ItemsChange) -> Result<(String, String), InvalidCustomItems> {
    let mut items = items(&[("a", "1"), ("b", "2")]);
    let affected = change.carry_out(&mut items)?;
    let shown: Vec<_> = items.iter().map(|(key, value)| format!("{key}={value}")).collect();
    Ok((affected.join(" "), shown.join(" ")))
}

fn items(items: &[(&str, &str)]) -> CustomItems {
    items
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn numbered(count: usize) -> CustomItems {
    (0..count).map(|number| (number.to_string(), String::new())).collect()
}

#[test]
fn a_change_affects_the_keys_that_are_another_after_it_and_no_others() {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    for (change, affected, left) in [
        (ItemsChange::Set(items(&[("b", "3"), ("c", "4")])), "b c", "a=1 b=3 c=4"),
        (ItemsChange::Set(items(&[("a", "1"), ("b", "x")])), "b", "a=1 b=x"),
        (ItemsChange::Set(items(&[("b", "2")])), "", "a=1 b=2"),
        (ItemsChange::Set(items(&[])), "", "a=1 b=2"),
        (ItemsChange::Remove(keys(&["b", "z", "b"])), "b", "a=1"),
        (ItemsChange::Remove(keys(&["z"])), "", "a=1 b=2"),
        (ItemsChange::Remove(keys(&[])), "", "a=1 b=2"),
        (ItemsChange::Clear, "a b", ""),
    ] {
        let found = check_change(change.clone());
        assert_eq!(found, Ok((affected.to_owned(), left.to_owned())), "{change:?}");
    }
}

#[test]
fn items_are_counted_after_the_merge() {
    let mut carried = numbered(MAX_ITEMS);
    let replaces = ItemsChange::Set(items(&[("0", "new")]));
    assert_eq!(replaces.carry_out(&mut carried), Ok(vec!["0".to_owned()]));
    let before = carried.clone();
    let adds = ItemsChange::Set(items(&[("0", "newer"), ("one more", "")]));
    assert_eq!(
        adds.carry_out(&mut carried),
        Err(InvalidCustomItems::TooMany(MAX_ITEMS + 1))
    );
    assert_eq!(carried, before, "refused as a whole");
}

#[test]
fn keys_and_values_have_bounds_in_characters() {
    let wide = |characters| "é".repeat(characters);
    for (key, value, expected) in [
        (wide(128), wide(128), None),
        (wide(129), String::new(), Some(InvalidCustomItems::Key)),
        (wide(1), wide(129), Some(InvalidCustomItems::Value)),
        (String::new(), String::new(), Some(InvalidCustomItems::Key)),
        ("a,b".to_owned(), String::new(), Some(InvalidCustomItems::Key)),
        ("a\0b".to_owned(), String::new(), Some(InvalidCustomItems::Key)),
    ] {
        let found = check_change(ItemsChange::Set([(key.clone(), value)].into()));
        assert_eq!(found.err(), expected, "{key:?}");
    }
}
