#![allow(clippy::large_futures, reason = "an office asked many things at once")]
use crate::data_backups::run_without_room;
use ringdesk_domain::Moment;
use ringdesk_inbox::{
    Access, BackupProblem, Clock, ConversationFilter, Inbox, OpenError, backups_of, restore,
    restore_in_place,
    view::{AttachmentState, AudioState},
};
use ringdesk_tests::{
    host::{self, Host},
    office::{Office, png},
    programs::program,
    voicemail::{does, files, helen_calls, leaves, shown},
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};
use tempfile::TempDir;
use tokio::process::Command;

const NOW: Moment = Moment(1_795_197_600_000);

/// An office that has seen something, closed again, with a backup of all of it: its data folder.
async fn lived_in(sealed: bool) -> (Office, Option<String>) {
    let mut office = Office::open().await;
    let maria = office.phone("+14155550711");
    maria.texts_file("Look at this", "image/png", &png()).await;
    let answer = office.answers(&maria, "On our way 👋").await;
    office.reaches(&maria, answer, "delivered").await;
    leaves(&office, helen_calls()).await;
    shown(&office, "the sound", |one| one.audio == AudioState::Kept).await;
    let picture = || async {
        let texts = office.texts_with(&maria).await;
        let mut pictures = texts.iter().flat_map(|text| &text.attachments);
        pictures.any(|picture| picture.state == AttachmentState::Kept).then_some(())
    };
    office.until("the picture", picture).await;
    assert_eq!(files(office.desk.inbox.media_folder()).len(), 2, "picture and sound");
    let mut code = None;
    if sealed {
        let made = does(&office, "new_recovery_code", json!({})).await;
        code = made["code"].as_str().map(str::to_owned);
        does(&office, "use_recovery_code", json!({ "code": code })).await;
    } else {
        does(&office, "back_up_now", json!({})).await;
    }
    office.close().await;
    (office, code)
}

/// Everything that is kept.
async fn kept(data: &Path) -> Vec<Map<String, Value>> {
    host::export(data).await.expect("an export")
}

/// The newest backup's file.
fn newest(data: &Path, sealed: bool) -> PathBuf {
    let name = &backups_of(data)[0].name;
    let kind = if sealed { "db.age" } else { "db" };
    data.join("backups").join(format!("{name}.{kind}"))
}

/// A place for a new data folder.
fn new_place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a place");
    let data = place.path().join("office");
    (place, data)
}

async fn restores(from: &Path, to: &Path, code: Option<&str>) -> Output {
    let mut command = Command::new(program("ringdeskd"));
    command.arg("restore").arg("--from").arg(from).arg("--data-dir").arg(to).env("RINGDESK_LOG", "error");
    match code {
        Some(code) => command.env("RINGDESK_RECOVERY_CODE", code),
        None => command.env_remove("RINGDESK_RECOVERY_CODE"),
    };
    command.output().await.expect("ran")
}

/// It is refused in one clear sentence or two, and the place is as it was.
fn is_refused(output: &Output, to: &Path, says: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(says) && said.lines().count() == 1, "{says}: {said}");
    assert!(!to.exists(), "nothing is left there");
}

#[tokio::test]
async fn what_is_restored_is_what_was_backed_up() {
    for sealed in [false, true] {
        let (office, code) = lived_in(sealed).await;
        let data = office.data_folder();
        let before = kept(&data).await;
        assert!(before.iter().any(|object| object["type"] == "voicemail"));
        let media: Vec<(String, Vec<u8>)> = files(&data.join("media"))
            .into_iter()
            .map(|name| (name.clone(), fs::read(data.join("media").join(name)).expect("a file")))
            .collect();
        // All that is left of the computer is the folder of backups.
        let disk = tempfile::tempdir().expect("another disk");
        let backups = disk.path().join("backups");
        fs::rename(data.join("backups"), &backups).expect("moved");
        fs::remove_dir_all(&data).expect("wiped");

        let (_place, to) = new_place();
        let restored = restores(&backups, &to, code.as_deref()).await;
        assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
        let said: Value = serde_json::from_slice(&restored.stdout).expect("json");
        assert_eq!((&said["texts"], &said["voicemails"]), (&json!(2), &json!(1)));
        assert_eq!((&said["files"], &said["missing"]), (&json!(2), &json!(0)));
        assert_eq!(kept(&to).await, before);
        for (name, bytes) in media {
            assert_eq!(fs::read(to.join("media").join(name)).expect("a file"), bytes);
        }
        assert_eq!(files(&to), ["backups", "lock", "logs", "media", "ringdesk.db"]);
        // Over an office that is there nothing is restored.
        let again = restores(&backups, &to, code.as_deref()).await;
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stderr).contains("isn't empty"));
        assert_eq!(kept(&to).await, before);
    }
}

#[tokio::test]
async fn a_restored_office_sends_nothing_yet_and_opens_as_usual() {
    let (office, _) = lived_in(false).await;
    let (_place, to) = new_place();
    restore(&office.data_folder(), &to, None).expect("restored");
    let clock = Clock::set_to(office.clock.now());
    let inbox = Inbox::open(&to, Access::Own, clock).await.expect("it opens");
    let list = inbox.conversations(ConversationFilter::Open, None, 0, 9).await.expect("a list");
    assert_eq!(list.total, 2);
    inbox.close().await;
    let meta = |key: &str| {
        let database = rusqlite::Connection::open(to.join("ringdesk.db")).expect("a database");
        let value = database.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
        value.unwrap_or_else(|error| panic!("{key}: {error}"))
    };
    let lock: String = meta("sending_lock");
    assert_eq!(lock, "restored");
}

#[tokio::test]
async fn a_sealed_backup_opens_with_its_code_only() {
    let (office, code) = lived_in(true).await;
    let (data, code) = (office.data_folder(), code.expect("a code"));
    let (place, to) = new_place();
    let from = newest(&data, true);
    is_refused(&restores(&from, &to, None).await, &to, "takes its recovery code");
    is_refused(&restores(&from, &to, Some(&code[1..])).await, &to, "wrong, missing or too many");
    let (other, others) = lived_in(true).await;
    is_refused(&restores(&from, &to, others.as_deref()).await, &to, "doesn't open this backup");
    drop(other);
    // A file says it, too.
    let file = place.path().join("code.txt");
    fs::write(&file, format!("{}\n", code.to_lowercase())).expect("written");
    let mut command = Command::new(program("ringdeskd"));
    command.arg("restore").arg("--from").arg(&from).arg("--data-dir").arg(&to).arg("--code-file").arg(&file);
    assert!(command.output().await.expect("ran").status.success());
    assert_eq!(kept(&to).await, kept(&data).await);
}

#[tokio::test]
async fn a_flipped_byte_or_a_missing_end_is_found_wherever_it_is() {
    for sealed in [false, true] {
        let (office, code) = lived_in(sealed).await;
        let data = office.data_folder();
        let from = newest(&data, sealed);
        let whole = fs::read(&from).expect("a backup");
        let code = code.map(Into::into);
        let mut spoilt: Vec<Vec<u8>> = (0..20)
            .map(|place| {
                let mut bytes = whole.clone();
                bytes[place * (whole.len() - 1) / 19] ^= 1;
                bytes
            })
            .collect();
        spoilt.extend([whole.len() - 1, whole.len() / 2, 100, 0].map(|length| whole[..length].to_vec()));
        let (_place, to) = new_place();
        for bytes in spoilt {
            fs::write(&from, &bytes).expect("spoilt");
            let refused = restore(&from, &to, code.as_ref()).expect_err("it is damaged");
            assert!(matches!(refused, BackupProblem::Damaged { .. }), "{refused}");
            assert!(!to.exists());
        }
        // The last one as whoever types it sees it.
        let typed = restores(&from, &to, None).await;
        let says = if sealed { "takes its recovery code" } else { "is damaged" };
        is_refused(&typed, &to, says);
        fs::write(&from, &whole).expect("mended");
        restore(&from, &to, code.as_ref()).expect("restored");
    }
}

#[tokio::test]
async fn a_picture_the_backup_lost_is_fetched_once_more_and_keeps_nothing_else_back() {
    let (office, _) = lived_in(false).await;
    let media = office.data_folder().join("backups/media");
    let names = files(&media);
    fs::remove_file(media.join(&names[0])).expect("gone");
    fs::write(media.join(&names[0]), "spoilt").expect("spoilt");
    fs::remove_file(media.join(&names[1])).expect("gone");
    let (_place, to) = new_place();
    let restored = restore(&office.data_folder(), &to, None).expect("restored");
    assert_eq!((restored.files, restored.missing, restored.texts), (0, 2, 2));
    assert!(files(&to.join("media")).is_empty());
    let database = rusqlite::Connection::open(to.join("ringdesk.db")).expect("a database");
    for table in ["attachments", "recordings"] {
        let states = format!("SELECT state FROM {table}");
        let state: String = database.query_row(&states, [], |row| row.get(0)).expect("a row");
        assert_eq!(state, "wanted", "{table}");
    }
}

#[tokio::test]
async fn without_room_nothing_is_left_where_it_should_have_gone() {
    let (office, _) = lived_in(false).await;
    let (place, to) = new_place();
    let from = newest(&office.data_folder(), false);
    let [from, to_text] = [&from, &to].map(|path| path.to_str().expect("a path"));
    let arguments = ["restore", "--from", from, "--data-dir", to_text];
    is_refused(&run_without_room(&arguments).await, &to, "enough room");
    // A folder that was there stays, empty as it was.
    fs::create_dir(&to).expect("a folder");
    let refused = run_without_room(&arguments).await;
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(fs::read_dir(&to).expect("it").count(), 0);
    let nothing = place.path().join("nothing");
    let refused = restores(&nothing, &to, None).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("There is no backup in"));
}

#[tokio::test]
async fn a_damaged_database_is_left_to_the_byte_and_its_backups_can_be_looked_through() {
    let mut host = Host::start("http://127.0.0.1:9").await.expect("a host");
    host.call("back_up_now", json!({})).await.expect("made");
    host.stop().await.expect("stopped");
    let file = host.data_dir().join("ringdesk.db");
    let whole = fs::read(&file).expect("a file");
    for page in [1, 7, 40] {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
        fs::write(&file, &bytes).expect("spoilt");
        let refused = host.run(&["serve", "--listen", "127.0.0.1:0"]).await.expect("ran");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(5), "{said}");
        assert!(said.contains("ringdeskd restore --in-place"), "{said}");
        assert_eq!(fs::read(&file).expect("there"), bytes, "page {page}");
    }
    let looked = host.run(&["verify"]).await.expect("ran");
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
    let looked: Value = serde_json::from_slice(&looked.stdout).expect("json");
    assert_eq!((&looked["problem"], &looked["opened"]), (&json!(null), &json!(true)));
    // It takes the place of the damaged one where somebody says so, and that one is kept.
    let damaged = fs::read(&file).expect("there");
    let restored = host.run(&["restore", "--in-place"]).await.expect("ran");
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let restored: Value = serde_json::from_slice(&restored.stdout).expect("json");
    assert_eq!(restored["name"], looked["name"]);
    let aside = Path::new(restored["aside"].as_str().expect("moved aside"));
    assert_eq!(aside.parent(), Some(host.data_dir().as_path()));
    assert_eq!(fs::read(aside.join("ringdesk.db")).expect("kept"), damaged);
    host.serve().await.expect("it opens");
    host.call("health", json!({})).await.expect("and answers");
    // Nor is one in use exchanged.
    let refused = host.run(&["restore", "--in-place"]).await.expect("ran");
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));
}

#[tokio::test]
async fn what_the_backup_lost_is_taken_from_what_is_still_whole() {
    let (office, _) = lived_in(false).await;
    let data = office.data_folder();
    let (media, kept) = (data.join("backups/media"), data.join("media"));
    let names = files(&kept);
    for name in &names {
        fs::remove_file(media.join(name)).expect("gone from the backup");
    }
    // One of them is not what it was here, either.
    fs::remove_file(kept.join(&names[1])).expect("gone");
    fs::write(kept.join(&names[1]), "spoilt").expect("spoilt");
    let name = backups_of(&data)[0].name.clone();
    let restored = restore_in_place(&data, &name, None, NOW).expect("restored");
    assert_eq!((restored.files, restored.missing), (1, 1));
    assert_eq!(files(&kept), names[..1]);
    let aside = restored.aside.expect("moved aside");
    assert_eq!(aside, data.join("damaged-2026-11-20T180000Z"));
    assert_eq!(files(&aside.join("media")), names);
}

#[tokio::test]
async fn a_restore_that_was_cut_off_is_gone_on_with() {
    let (office, _) = lived_in(false).await;
    let data = office.data_folder();
    let before = kept(&data).await;
    let name = backups_of(&data)[0].name.clone();
    let pictures = files(&data.join("media"));
    // As a power cut leaves it after the database was moved aside, and after the backup's pictures came.
    let (aside, unfinished) = (data.join("damaged-2026-11-19T070000Z"), data.join(".restoring"));
    for folder in [&aside, &unfinished] {
        fs::create_dir(folder).expect("a folder");
    }
    fs::write(unfinished.join("aside"), "damaged-2026-11-19T070000Z").expect("noted");
    fs::rename(data.join("ringdesk.db"), aside.join("ringdesk.db")).expect("moved");
    fs::create_dir(aside.join("media")).expect("a folder");
    fs::write(aside.join("media/another"), "a picture").expect("written");
    let open = async || Inbox::open(&data, Access::Own, Clock::set_to(NOW)).await;
    assert!(matches!(open().await, Err(OpenError::Damaged(_))));
    // What is wrong with a try does not end it.
    let wrong = restore_in_place(&data, "ringdesk-2001-01-01T000000Z", None, NOW);
    assert!(matches!(wrong, Err(BackupProblem::Nothing(_))));
    let restored = restore_in_place(&data, &name, None, NOW).expect("restored");
    assert_eq!(restored.aside.as_deref(), Some(aside.as_path()), "all of it is in one place");
    let whole =
        files(&aside).into_iter().filter(|name| !name.starts_with("ringdesk.db-")).collect::<Vec<_>>();
    assert_eq!(whole, ["media", "media-2", "ringdesk.db"]);
    assert_eq!(files(&aside.join("media-2")), pictures);
    assert!(!unfinished.exists());
    assert_eq!(kept(&data).await, before);
    open().await.expect("it opens").close().await;
}

#[tokio::test]
async fn a_folder_a_start_has_made_takes_a_backup_while_nothing_is_kept_there() {
    let (office, _) = lived_in(false).await;
    let (_place, to) = new_place();
    for part in ["media", "backups", "logs"] {
        fs::create_dir_all(to.join(part)).expect("a folder");
    }
    fs::write(to.join("line.json"), "{}").expect("written");
    let refused = restore(&office.data_folder(), &to, None).expect_err("somebody's folder");
    assert!(matches!(refused, BackupProblem::NotEmpty(_)), "{refused}");
    fs::write(to.join("lock"), "").expect("written");
    fs::write(to.join("media/picture"), "a picture").expect("written");
    let refused = restores(&office.data_folder(), &to, None).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("isn't empty") && said.contains("--in-place"), "{said}");
    fs::remove_file(to.join("media/picture")).expect("gone");
    let restored = restores(&office.data_folder(), &to, None).await;
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert_eq!(kept(&to).await, kept(&office.data_folder()).await);
}
