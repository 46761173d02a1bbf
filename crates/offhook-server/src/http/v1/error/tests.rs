use super::*;

#[test]
fn every_code_has_a_name_here_that_is_published() {
    let published = [
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
    for code in ErrorCode::ALL {
        let here = V1Code::of(*code);
        assert!(published.contains(&here), "{code:?}");
        assert_eq!(here.http >= 500, code.http >= 500, "whose fault {code:?} is");
    }
    assert_eq!(V1Code::of(ErrorCode::RESOURCE_NOT_FOUND).code, 400_200);
    assert_eq!(V1Code::of(ErrorCode::RESOURCE_ALREADY_EXISTS).code, 400_201);
    assert_eq!(V1Code::of(ErrorCode::TOO_MANY_REQUESTS).code, 429_100);
}
