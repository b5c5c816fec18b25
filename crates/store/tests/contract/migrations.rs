use crate::{MARIA, T0};
use ringdesk_domain::{Address, Moment, Status};
use ringdesk_store::{Access, ConversationFilter, OpenError, Store};
use sqlx::{
    Connection, Executor, SqlStr, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};
use std::path::Path;

/// Opens the file as a program with only the first schema would have left it.
async fn first_schema(folder: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.join("ringdesk.db")).create_if_missing(true);
    let mut conn = SqliteConnection::connect_with(&options).await.expect("a file");
    let sql = SqlStr::from_static(include_str!("../../../../migrations/sqlite/0001_office.sql"));
    let first = Migration::new(1, "office".into(), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![first]).run(&mut conn).await.expect("the first schema");
    conn
}

#[tokio::test]
async fn rows_of_the_first_schema_survive_every_later_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut conn = first_schema(folder.path()).await;
    conn.execute(include_str!("../data/0001_office.sql")).await.expect("rows");
    conn.close().await.expect("closed");

    let store = Store::open(folder.path(), Access::Own).await.expect("opened");
    assert_eq!(store.epoch(), 8);
    assert_eq!(store.settings().await.expect("settings").texts.undo_seconds, 9);
    let list = store.conversations(ConversationFilter::Waiting, None, 0, 5).await.expect("list");
    assert_eq!(list[0].name.as_deref(), Some("Maria Lopez"));
    let texts = store.texts(list[0].id, None, 10).await.expect("texts");
    let bodies: Vec<&str> = texts.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(bodies, ["Still there?", "On our way", "Hello 👋"]);
    // What was in the air is looked up, and what was being fetched is fetched again.
    assert_eq!(texts[0].status, Status::SendUnknown);
    assert!(store.claim_fetch(T0).await.expect("asked").is_some());
    assert_eq!(store.search("hello", 5).await.expect("found").len(), 1);
    let calls = store.calls_in(list[0].id, Moment(0), Moment(i64::MAX), 10).await.expect("calls");
    let left = calls[0].1.first().and_then(|left| left.written.as_ref()).expect("what was said");
    assert_eq!((calls.len(), left.said.as_deref(), left.words.len()), (1, Some("Call me back"), 1));
    assert!(store.claim_recording(T0).await.expect("asked").is_some());
    assert!(store.claim_letter(T0).await.expect("asked").is_some());
    assert_eq!(store.to_forget(T0, 5).await.expect("asked").len(), 1);
    let notes = store.notes(list[0].id, Moment(0), Moment(i64::MAX)).await.expect("notes");
    assert_eq!(notes[0].body, "Gate code 4711");
    assert_eq!(store.consent_history(&Address::received(MARIA)).await.expect("ledger").len(), 1);
}

#[tokio::test]
async fn data_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut conn = first_schema(folder.path()).await;
    conn.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from tomorrow', 1, x'00', 0)",
    )
    .await
    .expect("marked");
    conn.close().await.expect("closed");
    for access in [Access::Own, Access::Read] {
        assert!(matches!(Store::open(folder.path(), access).await, Err(OpenError::Newer)), "{access:?}");
    }
}
