use super::{Types, differences};

fn types(files: &[(&str, &str)]) -> Types {
    files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn a_type_that_is_missing_superfluous_or_different_is_stale() {
    let found = types(&[("Old.ts", "x"), ("Same.ts", "x"), ("Changed.ts", "x")]);
    let wanted = types(&[("Changed.ts", "y"), ("New.ts", "x"), ("Same.ts", "x")]);
    assert_eq!(differences(&found, &wanted), ["Changed.ts", "New.ts", "Old.ts"]);
}

#[test]
fn equal_types_are_fresh() {
    let both = types(&[("A.ts", "x")]);
    assert!(differences(&both, &both).is_empty());
}
