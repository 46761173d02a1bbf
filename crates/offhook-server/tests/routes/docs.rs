use serde_json::Value;

use crate::back_end::BackEnd;

#[tokio::test]
async fn the_document_is_for_everybody() {
    let server = BackEnd::start().await;
    let answer = server.request("GET", "/openapi.json").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let document: Value = answer.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["paths"]["/v3/users"]["post"]["operationId"], "create_user");
}

#[tokio::test]
async fn pages_run_scripts_of_their_own_server_at_most() {
    let server = BackEnd::start().await;
    for (path, scripts) in [
        ("/docs", "script-src 'self';"),
        ("/docs/guide/quickstart.html", "default-src 'none';"),
    ] {
        let answer = server.request("GET", path).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains(scripts), "{path}: {policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe"), "{path}: {policy}");
        // A tree whose web bundle is not built has no pages, and says so.
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status == 200 || text.contains("cargo xtask web"), "{path}: {status}");
        assert!(!text.contains("//cdn"), "{path} loads from elsewhere");
    }
    for front in ["/", "/docs/guide", "/docs/guide/"] {
        let answer = server.request("GET", front).send().await.unwrap();
        assert_eq!(answer.url().path(), "/docs/guide/quickstart.html", "{front}");
    }
    let nothing = server.request("GET", "/docs/guide/nothing.html").send().await.unwrap();
    assert_eq!(nothing.status(), 404);
}
