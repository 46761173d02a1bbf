use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_told_so() {
    let server = BackEnd::start().await;
    answer(server.request("GET", "/client/v1/socket"))
        .await
        .refused(400_111);
    let http_only = server
        .request("GET", "/client/v1/socket")
        .header("connection", "upgrade")
        .header("upgrade", "h2c");
    answer(http_only).await.refused(400_111);
}
