use super::*;

fn key(secure: bool, cookies: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        headers.append(header::COOKIE, cookie.parse().unwrap());
    }
    Secure(secure).key(&headers)
}

#[test]
fn over_https_the_cookie_is_the_hosts_own_and_goes_over_https_only() {
    let set = Secure(true).set("abc").unwrap();
    assert_eq!(
        set,
        "__Host-offhook_admin=abc; Path=/; HttpOnly; SameSite=Strict; Secure"
    );
    let set = Secure(false).set("abc").unwrap();
    assert_eq!(set, "offhook_admin=abc; Path=/; HttpOnly; SameSite=Strict");
    let unset = Secure(true).unset().unwrap();
    assert_eq!(
        unset,
        "__Host-offhook_admin=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"
    );
}

#[test]
fn a_cookie_of_the_other_scheme_does_not_count() {
    let both = ["a=b; offhook_admin=plain", "__Host-offhook_admin=own; c=d"];
    assert_eq!(key(true, &both).as_deref(), Some("own"));
    assert_eq!(key(false, &both).as_deref(), Some("plain"));
    assert_eq!(key(true, &both[..1]), None);
    assert_eq!(key(false, &["xoffhook_admin=1; offhook_admin"]), None);
    assert_eq!(key(false, &[]), None);
}
