use crate::{T0, conversation, incoming, new_text, store};
use ringdesk_domain::{Settings, Status};
use ringdesk_store::{
    Access, Store, StoreError, copy_database, database_file, look_into, meta_of, newest_schema,
    settle_restored,
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// A copy beside the database.
fn copied(folder: &Path) -> PathBuf {
    let copy = folder.join("copy.db");
    copy_database(&database_file(folder), &copy).expect("copied");
    copy
}

#[tokio::test]
async fn a_copy_holds_what_was_there_and_says_how_much() {
    let (folder, store) = store().await;
    conversation(&store).await;
    store.set_meta("a fact", Some("kept".into()), None).await.expect("kept");
    let copy = copied(folder.path());
    let contents = look_into(&copy).expect("sound");
    assert_eq!((contents.schema, contents.texts, contents.calls), (newest_schema(), 1, 0));
    assert_eq!((contents.voicemails, contents.files.len()), (0, 0));
    assert_eq!(meta_of(&copy, "a fact").expect("asked").as_deref(), Some("kept"));
    assert_eq!(meta_of(&copy, "no fact").expect("asked"), None);
    // It is never written over what is there.
    assert!(copy_database(&database_file(folder.path()), &copy).is_err());
    assert_eq!(look_into(&copy).expect("sound"), contents);
}

#[tokio::test]
async fn a_copy_of_a_busy_database_is_of_one_moment() {
    let (folder, store) = store().await;
    let id = conversation(&store).await;
    let writing = async {
        for n in 0..400 {
            let text = incoming(&format!("SM{n:032}"), &format!("text {n}"), T0.plus_ms(n));
            store.record_incoming_text(text, None).await.expect("stored");
        }
    };
    let copying = async {
        let mut counts = Vec::new();
        for n in 0..8 {
            let (file, copy) = (database_file(folder.path()), folder.path().join(format!("copy-{n}.db")));
            let looked = tokio::task::spawn_blocking(move || {
                copy_database(&file, &copy)?;
                look_into(&copy)
            });
            counts.push(looked.await.expect("done").expect("sound").texts);
        }
        counts
    };
    let ((), counts) = tokio::join!(writing, copying);
    assert!(counts.is_sorted(), "{counts:?}");
    assert_eq!(store.texts(id, None, 500).await.expect("texts").len(), 401, "and nobody waited in vain");
}

#[tokio::test]
async fn a_damaged_copy_is_told_from_a_whole_one() {
    let (folder, store) = store().await;
    conversation(&store).await;
    store.close().await;
    let copy = copied(folder.path());
    let whole = std::fs::read(&copy).expect("a copy");
    let damaged = |bytes: &[u8]| {
        std::fs::write(&copy, bytes).expect("written");
        assert!(matches!(look_into(&copy), Err(StoreError::Damaged(_))), "{} bytes", bytes.len());
    };
    damaged(&whole[..whole.len() / 2]);
    damaged(b"not a database, but somebody's data");
    damaged(&[]);
    let mut spoilt = whole.clone();
    spoilt[5 * 4096..6 * 4096].fill(0x5a);
    damaged(&spoilt);
}

#[tokio::test]
async fn a_restored_database_sends_nothing_by_itself() {
    let (folder, store) = store().await;
    let id = conversation(&store).await;
    store.queue_text(new_text(id, "On our way", T0)).await.expect("queued");
    let copy = copied(folder.path());
    settle_restored(&copy, &[]).expect("settled");
    store.close().await;
    let home = tempfile::tempdir().expect("a folder");
    std::fs::rename(&copy, database_file(home.path())).expect("moved");
    let restored = Store::open(home.path(), Access::Own).await.expect("opened");
    assert_eq!(restored.meta("sending_lock").await.expect("asked").as_deref(), Some("restored"));
    assert_eq!(restored.piled(T0).await.expect("counted").held, 1);
    let texts = restored.texts(id, None, 10).await.expect("texts");
    assert_eq!(texts[0].status, Status::Waiting);
}

#[tokio::test]
async fn what_a_backup_lacks_is_fetched_once_more() {
    let (folder, store) = store().await;
    conversation(&store).await;
    let copy = copied(folder.path());
    let conn = Connection::open(&copy).expect("opened");
    let (lost, kept) = ("a".repeat(64), "b".repeat(64));
    let picture = |id: &str, place: i64, url: Option<&str>, sha256: &str| {
        conn.execute(
            "INSERT INTO attachments (id, text_id, position, url, declared_type, state, sha256, tries)
             SELECT CAST(?1 AS BLOB), id, ?2, ?3, 'image/png', 'kept', ?4, 3 FROM texts",
            rusqlite::params![id, place, url, sha256],
        )
        .expect("a picture");
    };
    let url = Some("https://api.twilio.com/x");
    picture("1", 1, url, &lost);
    picture("2", 2, None, &lost);
    picture("3", 3, url, &kept);
    assert_eq!(look_into(&copy).expect("sound").files, [lost.clone(), kept.clone()]);
    settle_restored(&copy, std::slice::from_ref(&lost)).expect("settled");
    let mut states = conn.prepare("SELECT state FROM attachments ORDER BY position").expect("asked");
    let states = states.query_map([], |row| row.get(0)).expect("asked").collect::<Result<Vec<String>, _>>();
    assert_eq!(states.expect("states"), ["wanted", "gone", "kept"]);
    assert_eq!(look_into(&copy).expect("sound").files, [kept]);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_none_of_a_picture() {
    let (folder, store) = store().await;
    conversation(&store).await;
    let copy = copied(folder.path());
    let conn = Connection::open(&copy).expect("opened");
    let forged = ["../../etc/passwd".to_owned(), "A".repeat(64), "a".repeat(63), "/".repeat(64)];
    for (n, name) in forged.iter().enumerate() {
        conn.execute(
            "INSERT OR REPLACE INTO attachments (id, text_id, position, declared_type, state, sha256, tries)
             SELECT CAST('1' AS BLOB), id, 1, 'image/png', 'kept', ?1, 0 FROM texts",
            [name],
        )
        .expect("a picture");
        assert!(matches!(look_into(&copy), Err(StoreError::Damaged(_))), "{n}");
    }
}

#[tokio::test]
async fn a_greeting_whose_sound_is_lost_is_spoken() {
    let (folder, store) = store().await;
    let (lost, kept) = ("a".repeat(64), "b".repeat(64));
    let recordings = [lost.clone(), kept.clone()];
    let change = move |settings: &Settings| {
        let mut next = settings.clone();
        let said = &mut next.calls.greetings;
        [said.open.recording, said.message.recording] = recordings.clone().map(Some);
        Ok::<_, std::convert::Infallible>(next)
    };
    drop(store.change_settings(T0, change).await.expect("changed"));
    let copy = copied(folder.path());
    assert_eq!(look_into(&copy).expect("sound").files, [lost.clone(), kept.clone()]);
    settle_restored(&copy, std::slice::from_ref(&lost)).expect("settled");
    assert_eq!(look_into(&copy).expect("sound").files, [kept]);
}
