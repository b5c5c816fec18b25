use crate::{MARIA, T0};
use ringdesk_domain::{Address, Moment, Status};
use ringdesk_store::{Access, ConversationFilter, OpenError, Store, UNFINISHED, look_into, newest_schema};
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
    assert_eq!((&list[0].assigned, store.colleagues().await.expect("list").len()), (&None, 0));
    let texts = store.texts(list[0].id, None, 10).await.expect("texts");
    let bodies: Vec<&str> = texts.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(bodies, ["Still there?", "On our way", "Hello 👋"]);
    // What was in the air is looked up, and what was being fetched is fetched again.
    assert_eq!(texts[0].status, Status::SendUnknown);
    assert!(store.claim_fetch(T0).await.expect("asked").is_some());
    assert_eq!(store.search("hello", 5).await.expect("found").len(), 1);
    let calls = store.calls_in(list[0].id, Moment(0), Moment(i64::MAX)).await.expect("calls");
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

#[tokio::test]
async fn what_is_to_come_before_an_update_comes_before_it_and_can_prevent_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut conn = first_schema(folder.path()).await;
    conn.execute(include_str!("../data/0001_office.sql")).await.expect("rows");
    conn.close().await.expect("closed");
    let file = folder.path().join("ringdesk.db");
    let before = std::fs::read(&file).expect("a file");

    let refuse = || async { Err(OpenError::Other("no room".into())) };
    let refused = Store::open_after(folder.path(), Access::Own, refuse).await;
    assert!(matches!(refused, Err(OpenError::Other(why)) if why == "no room"));
    assert_eq!(std::fs::read(&file).expect("a file"), before, "nothing was touched");

    let mut seen = None;
    let look = || {
        seen = Some(look_into(&file).expect("sound").schema);
        std::future::ready(Ok(()))
    };
    Store::open_after(folder.path(), Access::Own, look).await.expect("opened").close().await;
    assert_eq!(seen, Some(1));
    assert_eq!(look_into(&file).expect("sound").schema, newest_schema());

    // There is nothing to be updated any more.
    let never = || async { Err(OpenError::Other("asked again".into())) };
    Store::open_after(folder.path(), Access::Own, never).await.expect("opened").close().await;
}

#[tokio::test]
async fn a_lost_or_unfinished_database_is_not_taken_for_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ringdesk.db");
    let damaged =
        async || matches!(Store::open(folder.path(), Access::Own).await, Err(OpenError::Damaged(_)));
    // As a disk leaves it that lost it, where there was something once.
    std::fs::write(&file, "").expect("emptied");
    std::fs::create_dir(folder.path().join("media")).expect("a folder");
    std::fs::write(folder.path().join("media/picture"), "a picture").expect("written");
    assert!(damaged().await);
    assert_eq!(std::fs::read(&file).expect("there"), b"");
    // As a restore leaves it that was cut off.
    std::fs::remove_file(&file).expect("gone");
    std::fs::create_dir(folder.path().join(UNFINISHED)).expect("a folder");
    assert!(damaged().await);
    assert!(!file.exists());
    // As nobody leaves it on purpose: what is left says that there was something.
    std::fs::remove_dir(folder.path().join(UNFINISHED)).expect("gone");
    assert!(damaged().await, "a picture");
    std::fs::remove_dir_all(folder.path().join("media")).expect("gone");
    for left in
        ["backups/ringdesk-2026-11-22T180500Z.db", "ringdesk.db-wal", "damaged-2026-11-22T180500Z/media"]
    {
        let left = folder.path().join(left);
        std::fs::create_dir_all(left.parent().expect("a folder")).expect("a folder");
        std::fs::write(&left, "x").expect("written");
        assert!(damaged().await && !file.exists(), "{}", left.display());
        std::fs::remove_file(&left).expect("gone");
        if left.parent() != Some(folder.path()) {
            std::fs::remove_dir(left.parent().expect("a folder")).expect("gone");
        }
    }
    // As a first start leaves it that was cut off.
    let fresh = tempfile::tempdir().expect("a folder");
    std::fs::write(fresh.path().join("ringdesk.db"), "").expect("emptied");
    Store::open(fresh.path(), Access::Own).await.expect("a new office").close().await;
}

#[tokio::test]
async fn a_page_that_went_bad_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), Access::Own).await.expect("a store");
    crate::conversation(&store).await;
    store.close().await;
    let file = folder.path().join("ringdesk.db");
    let whole = std::fs::read(&file).expect("a file");
    let page = 4096;
    let mut found = 0;
    for n in 1..whole.len() / page {
        let mut bytes = whole.clone();
        bytes[n * page..(n + 1) * page].fill(0x5a);
        std::fs::write(&file, &bytes).expect("spoilt");
        for log in ["ringdesk.db-wal", "ringdesk.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(log));
        }
        match Store::open(folder.path(), Access::Own).await {
            Err(OpenError::Damaged(_)) => {
                assert_eq!(std::fs::read(&file).expect("a file"), bytes, "page {n}");
                found += 1;
            }
            other => panic!("page {n} went unnoticed: {:?}", other.map(|_| ())),
        }
    }
    assert!(found > 20, "{found} pages");
}

#[tokio::test]
async fn damage_that_was_found_in_a_large_file_keeps_the_next_start_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ringdesk.db");
    Store::open(folder.path(), Access::Own).await.expect("a store").close().await;
    let conn = rusqlite::Connection::open(&file).expect("opened");
    conn.execute_batch(
        "CREATE TABLE filler (x BLOB); INSERT INTO filler VALUES (zeroblob(40 * 1024 * 1024))",
    )
    .expect("filled");
    conn.close().expect("closed");
    let suspect = folder.path().join("ringdesk.db-suspect");
    // Where nothing is wrong after all, it is opened as ever.
    Store::suspect(folder.path());
    Store::open(folder.path(), Access::Own).await.expect("sound").close().await;
    assert!(!suspect.exists());

    let mut bytes = std::fs::read(&file).expect("a file");
    let page = bytes.len() / 2 / 4096;
    bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
    std::fs::write(&file, &bytes).expect("spoilt");
    // No start looks so far, and a copy of it does.
    Store::open(folder.path(), Access::Own).await.expect("not looked at").close().await;
    assert!(ringdesk_store::copy_database(&file, &folder.path().join("copy.db")).is_err());
    assert!(suspect.exists());
    for _ in 0..2 {
        assert!(matches!(Store::open(folder.path(), Access::Own).await, Err(OpenError::Damaged(_))));
    }
}
