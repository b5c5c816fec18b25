//! This computer: what is stored, the database, the disk, copies, and what only the host sees.

use super::{DAY, ails, found, is, leads, look, mended};
use ringdesk_inbox::{
    Computer,
    view::{Check, Grade, Place},
};
use ringdesk_tests::office::{LINES, Office};
use rusqlite::Connection;
use serde_json::json;

/// Does something to the office's database behind its back.
fn behind_its_back(office: &Office, sql: &str) {
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    database.execute_batch(sql).expect("done");
}

#[tokio::test]
async fn what_could_not_be_stored_is_tried_again() {
    let office = Office::open().await;
    is(&found(&office, "receipts").await, Grade::Pass, "All of it");
    behind_its_back(
        &office,
        "CREATE TRIGGER jammed BEFORE INSERT ON texts WHEN NEW.body LIKE '%jammed%'
         BEGIN SELECT RAISE(ABORT, 'jammed'); END",
    );
    let maria = office.phone("+14155550941");
    maria.texts("The lock is jammed").await;
    maria.texts("Quite jammed").await;
    let check = ails(&office, "receipts", Grade::Fail, "2 things couldn’t be stored yet").await;
    // It still cannot be: nothing is lost by trying.
    is(&mended(&office, &check).await, Grade::Fail, "2 things couldn’t be stored yet");
    behind_its_back(&office, "DROP TRIGGER jammed");
    is(&mended(&office, &check).await, Grade::Pass, "All of it");
    let texts = office.texts_with(&maria).await;
    let bodies: Vec<&str> = texts.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(bodies, ["The lock is jammed", "Quite jammed"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_put_aside_and_told_for_a_week() {
    let office = Office::open().await;
    let sid = format!("SM{}", "c".repeat(32));
    let mut fields = office.text_fields(&sid, "+14155550942", "Hello");
    fields.push(("From", "+14155550943"));
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    let check = ails(&office, "receipts", Grade::Warn, "1 thing was put aside").await;
    leads(&check, Place::Webhooks);
    office.minutes_pass(8 * DAY);
    is(&found(&office, "receipts").await, Grade::Pass, "All of it");
    // How a text of ours went that we know nothing of.
    let sid = format!("SM{}", "d".repeat(32));
    let (account, _) = office.sandbox.credentials();
    let report = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", account),
        ("From", LINES[0]),
        ("To", "+14155550944"),
        ("MessageStatus", "delivered"),
    ];
    let (status, _) = office.signed("/sms/status", &report).post().await;
    assert!((200..300).contains(&status), "{status}");
    is(&found(&office, "receipts").await, Grade::Pass, "All of it");
    office.minutes_pass(90);
    let said = "1 report tells of texts or calls that never came";
    let check = ails(&office, "receipts", Grade::Warn, said).await;
    leads(&check, Place::Webhooks);
}

#[tokio::test]
async fn a_damaged_database_is_told_with_what_to_do() {
    let office = Office::open().await;
    office.phone("+14155550945").texts("Hello").await;
    is(&found(&office, "database").await, Grade::Pass, "Sound");
    // Rows that its own rules forbid, as a failing disk leaves them.
    let rule = |now: &str, then: &str, version: u32| {
        let sql = format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, '{now}', '{then}') WHERE name = 'receipts';
             PRAGMA schema_version = {version}"
        );
        behind_its_back(&office, &sql);
    };
    let (good, bad) = ("problem       TEXT", "problem       TEXT NOT NULL");
    rule(good, bad, 1_000_000);
    let check = ails(&office, "database", Grade::Fail, "Delete nothing").await;
    assert_eq!((check.said.as_str(), check.fix.as_ref()), ("It is damaged", None));
    assert_eq!(check.details, ["NULL value in receipts.problem"]);
    rule(bad, good, 1_000_001);
    is(&found(&office, "database").await, Grade::Pass, "Sound");
}

#[tokio::test]
async fn what_is_built_in_and_what_is_left_are_looked_at() {
    // The store opens nothing with an SQLite that is too old, and no disk is filled up here: how these two
    // warn is in the tests beside them, as `each_check_has_its_story` sees. That they look at the real thing
    // is told here.
    let office = Office::open().await;
    let database = Connection::open_in_memory().expect("a database");
    let version: String =
        database.query_row("SELECT sqlite_version()", [], |row| row.get(0)).expect("a version");
    is(&found(&office, "sqlite").await, Grade::Pass, &version);
    let disk: Check = found(&office, "disk").await;
    assert!(disk.grade >= Grade::Pass && disk.said.ends_with("B left"), "{disk:?}");
}

#[tokio::test]
async fn a_backup_that_was_never_made_or_is_old_is_asked_for() {
    let office = Office::open().await;
    let by_hand = serde_json::json!({ "backups": { "daily": false } });
    office.desk.inbox.apply_settings(&by_hand).await.expect("settings");
    is(&found(&office, "backups").await, Grade::Pass, "old enough");
    office.phone("+14155550946").texts("Hello").await;
    is(&found(&office, "backups").await, Grade::Pass, "old enough");
    office.minutes_pass(9 * DAY);
    let check = ails(&office, "backups", Grade::Warn, "There is none").await;
    is(&mended(&office, &check).await, Grade::Pass, "The newest one was made");
    office.minutes_pass(9 * DAY);
    ails(&office, "backups", Grade::Warn, "The newest one was made 9 days ago").await;
}

#[tokio::test]
async fn what_the_host_sees_of_the_computer_is_told() {
    let office = Office::open().await;
    for check in [
        found(&office, "audio").await,
        found(&office, "notifications").await,
        found(&office, "autostart").await,
    ] {
        is(&check, Grade::Unknown, "");
    }
    let bare = Computer {
        outputs: Some(0),
        notifications: Some(false),
        starts_itself: Some(false),
        ..Computer::default()
    };
    look(&office, bare);
    leads(&ails(&office, "audio", Grade::Warn, "no sound output").await, Place::Sound);
    let check = ails(&office, "notifications", Grade::Warn, "the desktop doesn’t show any").await;
    leads(&check, Place::Notifications);
    // What the owner wants like this is well.
    let none = json!({ "texts": false, "calls": false, "failures": false, "line": false });
    office.desk.inbox.apply_settings(&json!({ "notifications": none })).await.expect("settings");
    let check = found(&office, "notifications").await;
    is(&check, Grade::Pass, "You have turned them all off");
    leads(&check, Place::Notifications);
    let check = found(&office, "autostart").await;
    is(&check, Grade::Pass, "You start it yourself");
    leads(&check, Place::Running);
    assert!(check.hint.is_some(), "and what follows from it is said");
    let texts = json!({ "notifications": { "texts": true } });
    office.desk.inbox.apply_settings(&texts).await.expect("settings");
    let whole = Computer {
        outputs: Some(2),
        notifications: Some(true),
        starts_itself: Some(true),
        ..Computer::default()
    };
    look(&office, whole);
    is(&found(&office, "audio").await, Grade::Pass, "2 outputs");
    is(&found(&office, "notifications").await, Grade::Pass, "shows them");
    is(&found(&office, "autostart").await, Grade::Pass, "By itself");
}
