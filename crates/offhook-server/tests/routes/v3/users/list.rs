use serde_json::{Value, json};

use crate::back_end::BackEnd;

#[tokio::test]
async fn pages_hold_every_user_once_in_the_order_they_were_made() {
    let server = BackEnd::start().await;
    let names: Vec<_> = (0..25).map(|number| format!("user-{:02}", (number * 7) % 25)).collect();
    for name in &names {
        make(&server, name, "").await;
    }
    let mut seen = Vec::new();
    let mut path = "/v3/users?limit=10".to_owned();
    for expected in [10, 10, 5] {
        let page = server.ask("GET", &path, None).await.ok();
        let ids = ids(&page);
        assert_eq!(ids.len(), expected);
        seen.extend(ids);
        path = format!("/v3/users?limit=10&token={}", page["next"].as_str().unwrap());
        assert_eq!(page["next"] == "", expected == 5);
    }
    assert_eq!(seen, names);
    let first = server.ask("GET", "/v3/users", None).await.ok();
    assert_eq!(ids(&first), names[..10]);
    let all = server.ask("GET", "/v3/users?limit=100&token=", None).await.ok();
    assert_eq!(ids(&all), names);
}

#[tokio::test]
async fn filters_choose() {
    let server = BackEnd::start().await;
    make(&server, "anna", "Anna B").await;
    make(&server, "ben", "Ben").await;
    make(&server, "c,d", "Anna C").await;
    let off = Some(json!({"is_active": false}));
    server.ask("PUT", "/v3/users/ben", off).await.ok();
    let metadata = Some(json!({"metadata": {"city": "São Paulo"}}));
    server.ask("POST", "/v3/users/anna/metadata", metadata).await.ok();
    for (query, expected) in [
        ("", vec!["anna", "c,d"]),
        ("active_mode=activated", vec!["anna", "c,d"]),
        ("active_mode=deactivated", vec!["ben"]),
        ("active_mode=all", vec!["anna", "ben", "c,d"]),
        ("show_bot=false", vec!["anna", "c,d"]),
        ("user_ids=anna,c%2Cd,nobody", vec!["anna", "c,d"]),
        ("user_ids=c%2Cd", vec!["c,d"]),
        ("active_mode=all&user_ids=anna%2Cben", vec!["anna", "ben"]),
        ("nickname=Anna%20B", vec!["anna"]),
        ("nickname=Anna+B", vec!["anna"]),
        ("nickname=anna%20b", vec![]),
        ("nickname_startswith=Anna", vec!["anna", "c,d"]),
        ("nickname_startswith=%25", vec![]),
        ("metadatakey=city&metadatavalues_in=Oslo,S%C3%A3o%20Paulo", vec!["anna"]),
        ("metadatakey=city&metadatavalues_in=Oslo", vec![]),
        ("unknown=1&nickname=Ben&active_mode=all", vec!["ben"]),
    ] {
        let page = server.ask("GET", &format!("/v3/users?{query}"), None).await.ok();
        assert_eq!(ids(&page), expected, "{query}");
    }
}

#[tokio::test]
async fn each_wrong_parameter_has_its_code() {
    let server = BackEnd::start().await;
    let many = format!("user_ids={}", vec!["a"; 251].join(","));
    for (query, code) in [
        ("limit=0", 400_113),
        ("limit=101", 400_113),
        ("limit=-1", 400_113),
        ("limit=ten", 400_101),
        ("token=bogus", 400_111),
        ("active_mode=sometimes", 400_111),
        ("show_bot=perhaps", 400_104),
        ("metadatakey=city", 400_105),
        ("metadatavalues_in=Oslo", 400_112),
        ("nickname=%FF", 400_111),
        (many.as_str(), 400_203),
    ] {
        let refused = server.ask("GET", &format!("/v3/users?{query}"), None).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{query}");
    }
}

async fn make(server: &BackEnd, user_id: &str, nickname: &str) {
    let new = json!({"user_id": user_id, "nickname": nickname, "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new)).await.ok();
}

fn ids(page: &Value) -> Vec<String> {
    let users = page["users"].as_array().unwrap();
    users
        .iter()
        .map(|user| user["user_id"].as_str().unwrap().to_owned())
        .collect()
}
