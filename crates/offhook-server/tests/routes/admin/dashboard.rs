use offhook_server::config::admin::DashboardPlace;

use crate::operator::Office;

async fn status(url: String) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_and_is_in_nobodys_frame() {
    let office = Office::start().await;
    for path in ["/dashboard", "/dashboard/apps/one/calls", "/dashboard/assets/none.js"] {
        let response = office.request("GET", path).send().await.unwrap();
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe"), "{policy}");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn it_is_where_it_is_said_to_be() {
    for (place, public, private) in [
        (DashboardPlace::Public, 200, 404),
        (DashboardPlace::Admin, 404, 200),
        (DashboardPlace::Off, 404, 404),
    ] {
        let office = Office::start_with(|mut config| {
            config.admin.dashboard = place;
            config
        })
        .await;
        let (http, admin) = (office.serving.http, office.serving.admin);
        let path = "/admin/v1/sign_in_options";
        assert_eq!(status(format!("http://{http}{path}")).await, public, "{place:?}");
        assert_eq!(status(format!("http://{admin}{path}")).await, private, "{place:?}");
        // All that the pages use is beside them.
        let calls = format!("http://{admin}/client/v1/web_push");
        assert_eq!(status(calls).await, private, "{place:?}");
        assert_eq!(status(format!("http://{admin}/metrics")).await, 200);
        assert_eq!(status(format!("http://{admin}/readyz")).await, 200);
    }
}
