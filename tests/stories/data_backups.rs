#![allow(clippy::large_futures, reason = "an office asked many things at once")]
use ringdesk_domain::Moment;
use ringdesk_inbox::{
    Access, Clock, Inbox, OpenError, backups_of,
    view::{AttachmentState, BackupReason, DataBackup, DataBackups, RecoveryCode},
};
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::{
    host::{ACCOUNT, Host, TOKEN},
    office::{Office, png},
    programs::program,
    voicemail::{does, files, set},
};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::Arc,
};
use tokio::process::Command;

mod folders;

/// In minutes.
const DAY: i64 = 24 * 60;
const DAY_MS: i64 = DAY * 60_000;

async fn backups(office: &Office) -> DataBackups {
    serde_json::from_value(does(office, "data_backups", json!({})).await).expect("a list of backups")
}

async fn backs_up(office: &Office) -> DataBackup {
    let all: DataBackups =
        serde_json::from_value(does(office, "back_up_now", json!({})).await).expect("a list of backups");
    all.backups.into_iter().next().expect("one was made")
}

/// Waits until one was made at this moment.
async fn made_at(office: &Office, at: Moment) -> DataBackups {
    let look = || async {
        let all = backups(office).await;
        let made = all.backups.first().is_some_and(|newest| newest.at == at);
        let planned = all.next_at.is_none_or(|next| next > at);
        (made && planned && !all.running && all.problem.is_none()).then_some(all)
    };
    office.until("a backup", look).await
}

/// Somebody texts a picture; it is here when this returns.
async fn texts_picture(office: &Office, number: &str) {
    let phone = office.phone(number);
    phone.texts_file("Look", "image/png", &png()).await;
    let here = || async {
        let texts = office.texts_with(&phone).await;
        (texts[0].attachments[0].state == AttachmentState::Kept).then_some(())
    };
    office.until("the picture", here).await;
}

#[tokio::test]
async fn a_backup_is_made_every_day_and_two_months_of_them_take_the_room_of_eleven() {
    let office = Office::open().await;
    texts_picture(&office, "+14155550701").await;
    assert!(backups(&office).await.backups.is_empty(), "first comes what was missed");
    office.minutes_pass(10);
    let first = made_at(&office, office.clock.now()).await;
    assert_eq!((first.backups[0].reason, first.chosen, first.sealed), (BackupReason::Daily, false, false));
    assert_eq!(first.next_at, Some(office.clock.now().plus_ms(DAY_MS)));
    let picture_bytes = u64::try_from(png().len()).expect("small");
    assert!(first.backups[0].bytes > picture_bytes && first.backups[0].verified_at.is_some());
    for _ in 1..60 {
        office.minutes_pass(DAY);
        made_at(&office, office.clock.now()).await;
    }
    let all = backups(&office).await.backups;
    let days: Vec<i64> =
        all.iter().map(|one| office.clock.now().0.div_euclid(DAY_MS) - one.at.0.div_euclid(DAY_MS)).collect();
    assert_eq!(days[..7], [0, 1, 2, 3, 4, 5, 6]);
    assert!((9..=11).contains(&days.len()) && days[days.len() - 1] >= 15, "{days:?}");
    assert!(all.iter().all(|one| one.problem.is_none()));
    // What lies there is that, and the picture once for all of them.
    let folder = office.data_folder().join("backups");
    assert_eq!(files(&folder.join("media")), files(office.desk.inbox.media_folder()));
    assert_eq!(files(&folder).len(), 2 * all.len() + 1);
}

#[tokio::test]
async fn none_is_made_by_itself_where_that_is_switched_off() {
    let office = Office::open().await;
    set(&office, json!({ "backups": { "daily": false } })).await;
    let off = || async { backups(&office).await.next_at.is_none().then_some(()) };
    office.until("it is off", off).await;
    office.minutes_pass(3 * DAY);
    assert_eq!(backs_up(&office).await.reason, BackupReason::Asked);
    assert_eq!(backups(&office).await.backups.len(), 1);
    set(&office, json!({ "backups": { "daily": true } })).await;
    let due = || async { backups(&office).await.next_at };
    assert_eq!(office.until("it is on", due).await, office.clock.now().plus_ms(DAY_MS));
}

/// Whether any file of a folder holds these words.
fn holds(folder: &Path, words: &str) -> bool {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_file()).any(|path| {
        let bytes = fs::read(path).expect("a file");
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

async fn refused(office: &Office, command: &str, request: Value) -> String {
    office.desk.call(command, request).await.expect_err("refused").code
}

#[tokio::test]
async fn a_code_that_was_written_down_seals_what_lies_elsewhere() {
    let office = Office::open().await;
    office.phone("+14155550702").texts("The key is under the blue pot").await;
    let disk = tempfile::tempdir().expect("another disk");
    let folder = disk.path().join("Ringdesk");
    set(&office, json!({ "backups": { "folder": folder } })).await;
    assert_eq!(refused(&office, "back_up_now", json!({})).await, "needs_seal");
    let said = backups(&office).await;
    assert!(said.problem.is_some_and(|problem| problem.contains("no recovery code")), "it is kept in mind");
    assert!(files(&folder).is_empty(), "nothing was written in the clear");

    let shown: RecoveryCode =
        serde_json::from_value(does(&office, "new_recovery_code", json!({})).await).expect("a code");
    assert!(!backups(&office).await.sealed, "not before it was given back");
    assert_eq!(refused(&office, "use_recovery_code", json!({ "code": "no code" })).await, "mistyped_code");
    let never_shown = does(&office, "new_recovery_code", json!({})).await;
    assert_eq!(refused(&office, "use_recovery_code", json!({ "code": shown.code })).await, "wrong_code");
    let code = never_shown["code"].as_str().expect("a code").to_lowercase().replace('-', " ");
    does(&office, "use_recovery_code", json!({ "code": code })).await;
    let sealed = backups(&office).await;
    assert_eq!((sealed.sealed, sealed.chosen, sealed.problem, sealed.backups.len()), (true, true, None, 1));
    assert!(sealed.backups[0].sealed);
    for place in [folder.clone(), folder.join("media"), office.data_folder().join("backups")] {
        assert!(!holds(&place, "blue pot"), "{}", place.display());
    }
    // Of the copy that was sealed nothing is left; of where it went, a note.
    assert_eq!(files(&office.data_folder().join("backups")), ["elsewhere"]);

    // Looked through, from the outside and from the inside.
    let name = sealed.backups[0].name.clone();
    does(&office, "verify_backup", json!({ "name": name })).await;
    does(&office, "verify_backup", json!({ "name": name, "code": code })).await;
    let wrong = json!({ "name": name, "code": shown.code });
    assert_eq!(refused(&office, "verify_backup", wrong).await, "wrong_code");
    assert_eq!(backups(&office).await.backups[0].problem, None, "that says nothing of the backup");
    // It is found although nothing tells of it but the data folder's own one.
    assert_eq!(backups_of(&office.data_folder())[0].name, name);

    assert_eq!(refused(&office, "drop_recovery_code", json!({ "code": shown.code })).await, "wrong_code");
    does(&office, "drop_recovery_code", json!({ "code": code })).await;
    assert_eq!(refused(&office, "back_up_now", json!({})).await, "needs_seal");
}

#[tokio::test]
async fn a_disk_that_is_not_there_is_told_and_tried_again() {
    let office = Office::open().await;
    let code = does(&office, "new_recovery_code", json!({})).await;
    does(&office, "use_recovery_code", json!({ "code": code["code"] })).await;
    let disk = tempfile::tempdir().expect("another disk");
    let mounted = disk.path().join("mounted");
    let patch = json!({ "backups": { "folder": mounted.join("Ringdesk") } });
    assert_eq!(refused(&office, "apply_settings", patch.clone()).await, "backup", "it isn't there yet");
    fs::create_dir(&mounted).expect("plugged in");
    office.minutes_pass(1);
    set(&office, patch.clone()).await;
    // The first one in it does not wait for a day to pass.
    let both = || async {
        let all = backups(&office).await;
        (all.backups.len() == 2 && !all.running).then_some(())
    };
    office.until("a backup in it", both).await;
    fs::remove_dir_all(&mounted).expect("unplugged");
    office.minutes_pass(DAY);
    let told = || async { backups(&office).await.problem };
    let problem = office.until("it is told", told).await;
    assert!(problem.contains("isn't there"), "{problem}");
    assert!(!mounted.exists());
    fs::create_dir(&mounted).expect("plugged in");
    office.minutes_pass(60);
    let again = made_at(&office, office.clock.now()).await;
    assert_eq!((again.problem, again.backups.len()), (None, 2));
    // Another office's backups are left alone.
    let other = Office::open().await;
    let code = does(&other, "new_recovery_code", json!({})).await;
    does(&other, "use_recovery_code", json!({ "code": code["code"] })).await;
    assert_eq!(refused(&other, "apply_settings", patch).await, "backup");
    assert_eq!(backups(&office).await.backups.len(), 2);
}

#[tokio::test]
async fn a_backup_that_went_bad_is_found_by_looking_it_through() {
    let office = Office::open().await;
    texts_picture(&office, "+14155550703").await;
    let name = backs_up(&office).await.name;
    let folder = office.data_folder().join("backups");
    let looks = async || {
        let found = does(&office, "verify_backup", json!({ "name": name })).await;
        let found: DataBackups = serde_json::from_value(found).expect("a list of backups");
        let one = found.backups.into_iter().next().expect("it is listed");
        (one.verified_at.is_some(), one.problem)
    };
    assert_eq!(looks().await, (true, None));
    let file = folder.join(format!("{name}.db"));
    let mut bytes = fs::read(&file).expect("its file");
    bytes[9_000] ^= 1;
    fs::write(&file, &bytes).expect("spoilt");
    let (verified, problem) = looks().await;
    assert!(!verified && problem.is_some_and(|problem| problem.contains("damaged")));
    bytes[9_000] ^= 1;
    fs::write(&file, &bytes).expect("mended");
    assert_eq!(looks().await, (true, None));
    let picture = folder.join("media").join(&files(&folder.join("media"))[0]);
    fs::remove_file(&picture).expect("gone");
    let (verified, problem) = looks().await;
    assert!(!verified && problem.is_some_and(|problem| problem.contains("picture or sound")));
    assert_eq!(refused(&office, "verify_backup", json!({ "name": "../ringdesk" })).await, "not_found");
}

/// Data as a program with only the first schema left it.
async fn old_data(folder: &Path) -> PathBuf {
    let fresh = tempfile::tempdir().expect("a folder");
    let clock = Clock::set_to(Moment(1_795_197_600_000));
    Inbox::open(fresh.path(), Access::Own, clock).await.expect("a new office").close().await;
    let file = folder.join("ringdesk.db");
    let old = Connection::open(&file).expect("a database");
    for sql in [
        include_str!("../../migrations/sqlite/0001_office.sql"),
        include_str!("../../crates/store/tests/data/0001_office.sql"),
    ] {
        old.execute_batch(sql).expect("rows");
    }
    let fresh = fresh.path().join("ringdesk.db").display().to_string();
    old.execute("ATTACH ?1 AS fresh", [&fresh]).expect("attached");
    let table = "SELECT sql FROM fresh.sqlite_schema WHERE name = '_sqlx_migrations'";
    let table: String = old.query_row(table, [], |row| row.get(0)).expect("a table");
    old.execute_batch(&table).expect("made");
    let first = "INSERT INTO _sqlx_migrations SELECT * FROM fresh._sqlx_migrations WHERE version = 1";
    old.execute(first, []).expect("marked");
    file
}

#[tokio::test]
async fn before_an_update_changes_the_data_a_backup_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = old_data(folder.path()).await;
    let before = fs::read(&file).expect("a file");
    let clock = Clock::set_to(Moment(1_795_197_600_000));
    let open = async || Inbox::open(folder.path(), Access::Own, clock.clone()).await;

    // Where none can be made, nothing is touched.
    fs::write(folder.path().join("backups"), "a file in the way").expect("written");
    let Err(OpenError::Other(why)) = open().await else { panic!("it was opened") };
    assert!(why.contains("nothing was changed"), "{why}");
    assert_eq!(fs::read(&file).expect("a file"), before);
    fs::remove_file(folder.path().join("backups")).expect("out of the way");

    open().await.expect("opened").close().await;
    let made = backups_of(folder.path());
    assert_eq!((made.len(), made[0].reason), (1, BackupReason::Update));
    let copy = folder.path().join("backups").join(format!("{}.db", made[0].name));
    let copy = Connection::open(copy).expect("it opens");
    let schema: i64 =
        copy.query_row("SELECT max(version) FROM _sqlx_migrations", [], |row| row.get(0)).expect("asked");
    let texts: i64 = copy.query_row("SELECT count(*) FROM texts", [], |row| row.get(0)).expect("asked");
    assert_eq!((schema, texts), (1, 3));
    open().await.expect("opened").close().await;
    assert_eq!(backups_of(folder.path()).len(), 1, "there was nothing to be updated any more");
}

/// A practice line for a host.
async fn twilio() -> Sandbox {
    let account = Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), ..Config::practice() };
    Sandbox::start(Config { pace: 0.0, ..account }).await.expect("a practice line")
}

/// What a folder of backups holds that is no whole backup.
fn unfinished(folder: &Path) -> Vec<String> {
    let described = |name: &String| {
        let stem = name.split('.').next().unwrap_or(name);
        name == "media" || folder.join(format!("{stem}.json")).exists()
    };
    files(folder).into_iter().filter(|name| name.contains(".part") || !described(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_backup_costs_none_of_those_before() {
    let twilio = twilio().await;
    let mut host = Host::start(twilio.url()).await.expect("a host");
    host.stop().await.expect("stopped");
    let seeded = host.run(&["seed", "--texts", "40000"]).await.expect("ran");
    assert!(seeded.status.success());
    host.serve().await.expect("again");
    host.call("back_up_now", json!({})).await.expect("made");
    let folder = host.data_dir().join("backups");
    let mut before = files(&folder);
    let (mut kills, mut tries) = (0, 0);
    while kills < 3 {
        tries += 1;
        assert!(tries <= 30, "each kill came too late to mean anything");
        let shared = Arc::new(host);
        let asking = tokio::spawn({
            let host = shared.clone();
            async move { drop(host.call("back_up_now", json!({})).await) }
        });
        while unfinished(&folder).is_empty() && !asking.is_finished() {
            tokio::task::yield_now().await;
        }
        shared.cut_power().await.expect("killed");
        asking.await.expect("asked");
        host = Arc::into_inner(shared).expect("nobody else holds it");
        host.kill().await.expect("ended");
        host.serve().await.expect("again");
        while !unfinished(&folder).is_empty() {
            tokio::task::yield_now().await;
        }
        let after = files(&folder);
        if after.iter().all(|name| before.contains(name)) {
            assert_eq!(after, before);
            kills += 1;
        } else {
            // It was whole before the kill, and may have taken the place of an earlier one.
            before = after;
        }
        let looked = host.run(&["verify"]).await.expect("ran");
        assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
    }
    host.stop().await.expect("stopped");
    twilio.stop().await;
}

/// Runs `ringdeskd` where no file may become larger than 64 KiB, as on a disk that is full.
pub(crate) async fn run_without_room(arguments: &[&str]) -> Output {
    run_with_files_of(64 * 1024, arguments).await
}

/// Runs `ringdeskd` where no file may become larger than so many bytes.
async fn run_with_files_of(bytes: u64, arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    // Otherwise it would be ended by a signal, as no full disk does.
    command.arg("-c").arg(format!("trap '' XFSZ; exec prlimit --fsize={bytes} \"$0\" \"$@\""));
    command.arg(program("ringdeskd")).args(arguments).env("RINGDESK_LOG", "error");
    command.stdin(Stdio::null()).kill_on_drop(true).output().await.expect("ran")
}

#[tokio::test]
async fn without_room_those_before_stay_and_it_is_said_why() {
    let mut host = Host::start("http://127.0.0.1:9").await.expect("a host");
    host.call("back_up_now", json!({})).await.expect("made");
    let (data, folder) = (host.data_dir(), host.data_dir().join("backups"));
    let before = files(&folder);
    let [data, to] = [&data, &folder].map(|path| path.to_str().expect("a path"));
    let refused = run_without_room(&["backup", "--data-dir", data, "--to", to]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains(to) && said.lines().count() == 1, "{said}");
    assert_eq!(files(&folder), before);
    let looked = host.run(&["verify"]).await.expect("ran");
    assert!(looked.status.success());
    host.stop().await.expect("stopped");
}

#[tokio::test]
async fn the_command_line_makes_backups_with_and_without_an_owner() {
    let mut host = Host::start("http://127.0.0.1:9").await.expect("a host");
    for _ in 0..2 {
        let made = host.run(&["backup"]).await.expect("ran");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made: Value = serde_json::from_slice(&made.stdout).expect("json");
        assert_eq!(made["name"], backups_of(&host.data_dir())[0].name);
        assert_eq!(made["reason"], "asked");
        // Once through the running owner, once by ourselves.
        let _ = host.stop().await;
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let to = elsewhere.path().join("Ringdesk").display().to_string();
    let refused = host.run(&["backup", "--to", &to]).await.expect("ran");
    assert_eq!(refused.status.code(), Some(1), "in the clear it stays at home");
    assert!(!Path::new(&to).exists());
    let nowhere = Command::new(program("ringdeskd"))
        .args(["backup", "--data-dir", &to])
        .stderr(Stdio::piped())
        .output()
        .await
        .expect("ran");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(!Path::new(&to).exists(), "no office is made for it");
}
