//! Upload of a picture: `profile_file` of `POST /v3/users` and `PUT /v3/users/{user_id}`, and where it is shown.

use offhook_server::config::Config;
use serde_json::{Value, json};

use crate::back_end::{Answer, BackEnd, TestApplication, answer};

const BOUNDARY: &str = "----form-7MA4YWxk";
const MIB: usize = 1024 * 1024;

/// A PNG of one pixel, as far as its header.
fn png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
    png.extend(b"\x90wS\xde\0\0\0\0IEND\xaeB`\x82");
    png
}

/// A JPEG of so many pixels on a side, as far as its frame header.
fn jpeg(side: u16) -> Vec<u8> {
    let [high, low] = side.to_be_bytes();
    let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    jpeg.extend([0xff, 0xc0, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0]);
    jpeg.extend(b"\xff\xd9");
    jpeg
}

/// A form, as libraries write it: each part with its headers as they are given.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, content) in parts {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {headers}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(server: &BackEnd, application: &TestApplication, method: &str, path: &str, body: Vec<u8>) -> Answer {
    let request = server
        .request(method, path)
        .header("Api-Token", &application.api_token)
        .header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
    answer(request.body(body)).await
}

async fn upload(server: &BackEnd, method: &str, path: &str, parts: &[(&str, &[u8])]) -> Answer {
    send(server, &server.application, method, path, form(parts)).await
}

const ANNA: (&str, &[u8]) = ("name=\"user_id\"", b"anna");
const NICKNAME: (&str, &[u8]) = ("name=\"nickname\"", b"Anna");
const FILE: &str = "name=\"profile_file\"; filename=\"me.png\"\r\nContent-Type: image/png";

/// Makes a user with a picture; gives the path at which it is.
async fn with_picture(server: &BackEnd) -> String {
    let made = upload(server, "POST", "/v3/users", &[ANNA, NICKNAME, (FILE, &png())])
        .await
        .ok();
    path_of(server, &made)
}

fn path_of(server: &BackEnd, user: &Value) -> String {
    let url = user["profile_url"].as_str().unwrap();
    let path = url
        .strip_prefix(&server.url())
        .unwrap_or_else(|| panic!("{url} is elsewhere"));
    assert_eq!(path.len(), "/profile_images/".len() + 32);
    path.to_owned()
}

async fn status(server: &BackEnd, path: &str) -> u16 {
    server.request("GET", path).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_picture_is_shown_to_whoever_knows_where_it_is_and_does_nothing_there() {
    let server = BackEnd::start().await;
    let path = with_picture(&server).await;
    let shown = server.request("GET", &path).send().await.unwrap();
    assert_eq!(shown.status().as_u16(), 200);
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        assert_eq!(shown.headers()[name], value, "{name}");
    }
    assert_eq!(shown.bytes().await.unwrap(), png());
    let user = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(path_of(&server, &user), path);
    for strange in [
        "/profile_images/",
        "/profile_images/0",
        "/profile_images/00000000000000000000000000000000",
        &path.to_uppercase().replace("/PROFILE_IMAGES", "/profile_images"),
        &format!("{path}0"),
    ] {
        assert_eq!(status(&server, strange).await, 404, "{strange}");
    }
}

#[tokio::test]
async fn a_picture_is_replaced_by_the_next_one_and_by_any_other_address_but_not_by_other_changes() {
    let server = BackEnd::start().await;
    let first = with_picture(&server).await;
    let same = json!({"nickname": "Anna B."});
    server.ask("PUT", "/v3/users/anna", Some(same)).await.ok();
    assert_eq!(status(&server, &first).await, 200);
    let user = server.ask("GET", "/v3/users/anna", None).await.ok();
    let unchanged = json!({"profile_url": user["profile_url"]});
    server.ask("PUT", "/v3/users/anna", Some(unchanged)).await.ok();
    assert_eq!(status(&server, &first).await, 200);

    let file = "name=profile_file; filename=\"Zoë 😀.jpg\"";
    let changed = upload(&server, "PUT", "/v3/users/anna", &[(file, &jpeg(400))])
        .await
        .ok();
    let second = path_of(&server, &changed);
    assert_eq!(changed["nickname"], "Anna B.");
    assert_ne!(first, second);
    assert_eq!(status(&server, &first).await, 404);
    let shown = server.request("GET", &second).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");

    let elsewhere = json!({"profile_url": "https://pictures.example.org/anna.png"});
    server.ask("PUT", "/v3/users/anna", Some(elsewhere)).await.ok();
    assert_eq!(status(&server, &second).await, 404);
}

#[tokio::test]
async fn a_picture_goes_with_its_user() {
    let server = BackEnd::start().await;
    let path = with_picture(&server).await;
    server.ask("DELETE", "/v3/users/anna", None).await.ok();
    assert_eq!(status(&server, &path).await, 404);
}

#[tokio::test]
async fn a_form_says_all_that_an_object_says() {
    let server = BackEnd::start().await;
    let parts: &[(&str, &[u8])] = &[
        ("name=\"user_id\"", b"12"),
        ("name=\"nickname\"", b"true"),
        ("name=\"profile_url\"", b""),
        ("name=\"metadata\"", br#"{"team": "blue"}"#),
        ("name=\"discovery_keys\"", b"one"),
        ("name=\"discovery_keys\"", b"2"),
        ("name=\"issue_access_token\"", b"true"),
        // What a page sends where nobody has chosen a file.
        (
            "name=\"profile_file\"; filename=\"\"\r\nContent-Type: application/octet-stream",
            b"",
        ),
    ];
    let made = upload(&server, "POST", "/v3/users", parts).await.ok();
    assert_eq!(made["user_id"], "12");
    assert_eq!(made["nickname"], "true");
    assert_eq!(made["profile_url"], "");
    assert_eq!(made["metadata"], json!({"team": "blue"}));
    assert_eq!(made["discovery_keys"], json!(["one", "2"]));
    assert_eq!(made["access_token"].as_str().unwrap().len(), 40);
    let parts: &[(&str, &[u8])] = &[
        ("name=\"preferred_languages\"", br#"["de", "en"]"#),
        ("name=\"is_active\"", b"false"),
        ("name=\"last_seen_at\"", b"1795539600000"),
    ];
    let changed = upload(&server, "PUT", "/v3/users/12", parts).await.ok();
    assert_eq!(changed["preferred_languages"], json!(["de", "en"]));
    assert_eq!(
        (&changed["is_active"], &changed["last_seen_at"]),
        (&json!(false), &json!(1_795_539_600_000_u64))
    );
    let wrong = upload(&server, "PUT", "/v3/users/12", &[("name=\"is_active\"", b"perhaps")]).await;
    wrong.refused(400_104);
}

#[tokio::test]
async fn only_pictures_are_taken_by_their_content_and_within_bounds() {
    let server = BackEnd::start().await;
    server
        .ask(
            "POST",
            "/v3/users",
            Some(json!({"user_id": "anna", "nickname": "", "profile_url": ""})),
        )
        .await
        .ok();
    let huge = [png(), vec![0; 5 * MIB]].concat();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    for (name, content, code) in [
        ("html", b"<html><script>alert(1)</script>".to_vec(), 400_111),
        ("svg", svg, 400_111),
        ("gif", gif, 400_111),
        ("nothing", Vec::new(), 400_111),
        ("a beginning alone", png()[..12].to_vec(), 400_111),
        ("no frame", b"\xff\xd8\xff\xe0\0\x04ab".to_vec(), 400_111),
        ("a side of nothing", jpeg(0), 400_111),
        ("a side beyond bounds", jpeg(16_385), 400_111),
        ("too many bytes", huge, 400_110),
    ] {
        let answer = upload(&server, "PUT", "/v3/users/anna", &[(FILE, &content)]).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{name}: {answer:?}");
    }
    let largest = [png(), vec![0; 5 * MIB - png().len()]].concat();
    upload(&server, "PUT", "/v3/users/anna", &[(FILE, &largest)]).await.ok();
    let twice = [(FILE, &png()[..]), (FILE, &png()[..])];
    upload(&server, "PUT", "/v3/users/anna", &twice).await.refused(400_111);
    let long = vec![b'x'; 300 * 1024];
    let text = [("name=\"ignored\"", &long[..])];
    upload(&server, "PUT", "/v3/users/anna", &text).await.refused(400_110);
    let many = vec![("name=\"discovery_keys\"", &b"x"[..]); 300];
    upload(&server, "PUT", "/v3/users/anna", &many).await.refused(400_110);
    let twice = [NICKNAME, NICKNAME];
    upload(&server, "PUT", "/v3/users/anna", &twice).await.refused(400_111);
    let bytes = [("name=\"nickname\"", &b"\xff\xfe"[..])];
    upload(&server, "PUT", "/v3/users/anna", &bytes).await.refused(400_111);
}

#[tokio::test]
async fn a_broken_form_is_refused_and_changes_nothing() {
    let server = BackEnd::start().await;
    let path = with_picture(&server).await;
    let whole = form(&[("name=\"nickname\"", b"Other"), (FILE, &jpeg(9))]);
    for end in [0, 10, 60, whole.len() / 2, whole.len() - 8] {
        let answer = send(
            &server,
            &server.application,
            "PUT",
            "/v3/users/anna",
            whole[..end].to_vec(),
        )
        .await;
        assert_eq!((answer.status, answer.code()), (400, 400_403), "{end}: {answer:?}");
    }
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "Multipart/mixed; boundary=x",
    ] {
        let request = server
            .request("PUT", "/v3/users/anna")
            .header("Api-Token", &server.application.api_token)
            .header("Content-Type", content_type);
        answer(request.body(whole.clone())).await.refused(400_403);
    }
    let user = server.ask("GET", "/v3/users/anna", None).await.ok();
    assert_eq!(user["nickname"], "Anna");
    assert_eq!(status(&server, &path).await, 200);
}

#[tokio::test]
async fn another_application_changes_no_picture() {
    let server = BackEnd::start().await;
    let other = server.application("second").await;
    let path = with_picture(&server).await;
    let body = form(&[(FILE, &jpeg(9))]);
    send(&server, &other, "PUT", "/v3/users/anna", body.clone())
        .await
        .refused(400_201);
    let nobody = TestApplication {
        api_token: "0".repeat(40),
        ..other
    };
    let refused = send(&server, &nobody, "PUT", "/v3/users/anna", body).await;
    assert_eq!((refused.status, refused.code()), (401, 400_401));
    assert_eq!(status(&server, &path).await, 200);
}

#[tokio::test]
async fn a_picture_is_told_at_the_public_host() {
    let server = BackEnd::start_with(|config| Config {
        public_host: Some("calls.example.org".to_owned()),
        ..config
    })
    .await;
    let made = upload(&server, "POST", "/v3/users", &[ANNA, NICKNAME, (FILE, &png())])
        .await
        .ok();
    let url = made["profile_url"].as_str().unwrap();
    let path = url.strip_prefix("https://calls.example.org").unwrap();
    assert_eq!(status(&server, path).await, 200);
}
