use super::*;

const PUBLISHED: [V1Code; 9] = [
    V1Code::INVALID_PARAMS,
    V1Code::MISSING_PARAMS,
    V1Code::NOT_FOUND,
    V1Code::NO_SUCH_ADDRESS,
    V1Code::UNIQUE_CONSTRAINT,
    V1Code::NOT_ALLOWED,
    V1Code::NOT_AUTHORIZED,
    V1Code::RATE_LIMIT_EXCEEDED,
    V1Code::UNKNOWN_ERROR,
];

#[test]
fn the_documented_codes_are_those_of_the_code() {
    let (_, documented) = include_str!("../../../../../../docs/errors.md")
        .split_once("## Codes of `/v1`")
        .unwrap();
    let (documented, _) = documented.split_once("\n## ").unwrap();
    let documented = documented
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"));
    // One of ours stands in another's row: nothing at an address is not found, too.
    let coded = PUBLISHED.iter().filter(|code| **code != V1Code::NO_SUCH_ADDRESS);
    let coded = coded.map(|code| format!("| {} | {} | `{}` |", code.code, code.http, code.name));
    for (documented, coded) in documented.clone().zip(coded.clone()) {
        assert!(documented.starts_with(&coded), "{documented} is not {coded}");
    }
    assert_eq!(documented.count(), coded.count());
}

#[test]
fn every_code_has_a_name_here_that_is_published() {
    for code in ErrorCode::ALL {
        let here = V1Code::of(*code);
        assert!(PUBLISHED.contains(&here), "{code:?}");
        assert_eq!(here.http >= 500, code.http >= 500, "whose fault {code:?} is");
    }
    assert_eq!(V1Code::of(ErrorCode::RESOURCE_NOT_FOUND).code, 400_200);
    assert_eq!(V1Code::of(ErrorCode::RESOURCE_ALREADY_EXISTS).code, 400_201);
    assert_eq!(V1Code::of(ErrorCode::TOO_MANY_REQUESTS).code, 429_100);
}
