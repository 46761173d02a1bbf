use super::*;

const SCHEMA: &str = include_str!("../../../../offhook-store/migrations/0001_first_call.sql");

#[test]
fn a_store_is_filled_with_calls_that_the_rules_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection
        .execute_batch(
            "insert into application (app_id, name, access_token_permission, allowed_origins, is_relay_only, webhook_hosts,
                created_at) values ('a', '', 'deny', '[]', 0, '[]', 0)",
        )
        .unwrap();
    fill(&path, 2 * LATEST).unwrap();
    let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count("select count(*) from call"), 2 * LATEST);
    assert_eq!(count("select count(*) from call where ended_at is null"), LATEST / 10);
    assert_eq!(count("select count(*) from live_party"), 2 * LATEST / 10);
    assert_eq!(count("select count(*) from call_party"), 4 * LATEST - 2 * LATEST / 10);
    assert_eq!(count("select count(*) from user"), USERS);
    assert!(count("select count(*) from call where end_result = 'completed'") > LATEST);
    let body = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let body = connection
        .query_row("select body from call where call_number = 7", [], body)
        .unwrap();
    let call: Call = serde_json::from_str(&body).unwrap();
    assert!(call.is_ended());
}
