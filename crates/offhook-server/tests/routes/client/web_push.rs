use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::server::Server;

#[tokio::test]
async fn the_key_of_web_push_is_a_point_that_outlives_a_restart_and_is_no_other_servers() {
    let server = Server::start().await;
    let key = public_key(&server).await;
    let point = URL_SAFE_NO_PAD.decode(&key).unwrap();
    assert_eq!((point.len(), point[0]), (65, 4));
    let server = server.restart().await;
    assert_eq!(public_key(&server).await, key, "subscriptions are bound to it");
    let other = Server::start().await;
    assert_ne!(public_key(&other).await, key);
    server.stop().await;
    other.stop().await;
}

/// Asks as a page of any origin.
async fn public_key(server: &Server) -> String {
    let url = format!("http://{}/client/v1/web_push", server.address());
    let request = reqwest::Client::new()
        .get(url)
        .header("origin", "https://app.example.org");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let body: Value = response.json().await.unwrap();
    body["public_key"].as_str().unwrap().to_owned()
}
