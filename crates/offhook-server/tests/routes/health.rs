use offhook_client::DialParams;

use crate::back_end::BackEnd;

#[tokio::test]
async fn probes_answer_and_metrics_count_on_the_admin_address_alone() {
    let server = BackEnd::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            server.request("GET", path).send().await.unwrap().text().await.unwrap(),
            "ok\n"
        );
    }
    assert_eq!(server.request("GET", "/metrics").send().await.unwrap().status(), 404);
    assert_eq!(
        server.request("GET", "/demo").send().await.unwrap().status(),
        404,
        "the demo is served by demo only"
    );

    let (alice, _alice_events) = server.device("alice", None).await;
    let (_bob, _bob_events) = server.device("bob", None).await;
    alice.dial(DialParams::audio("bob")).await.unwrap().end().await.unwrap();
    let metrics = reqwest::get(format!("http://{}/metrics", server.admin()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    // Other tests may count in the same process, so this is what there is at least.
    let value = |name: &str| {
        let line = metrics
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("{name} in {metrics}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert!(value("offhook_sockets") >= 2.0);
    assert!(value("offhook_calls_dialed_total") >= 1.0);
    assert!(value("offhook_calls_ended_total{result=\"canceled\"}") >= 1.0);
}
