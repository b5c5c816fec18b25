//! Which folders backups may lie in, and what stays untouched there.

use super::{DAY, backs_up, backups, made_at, refused, run_with_files_of};
use ringdesk_tests::{
    host::Host,
    office::{Office, png},
    voicemail::{does, files, set},
};
use rusqlite::Connection;
use serde_json::json;
use std::fs;

/// An office with a picture, and a recovery code.
async fn sealing(number: &str, picture: &[u8]) -> (Office, String) {
    let office = Office::open().await;
    office.phone(number).texts_file("Look", "image/png", picture).await;
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    let pictures = "SELECT count(*) FROM attachments WHERE state = 'kept'";
    let kept = || {
        let pictures: i64 = database.query_row(pictures, [], |row| row.get(0)).expect("asked");
        async move { (pictures == 1).then_some(()) }
    };
    office.until("the picture", kept).await;
    drop(database);
    let code = does(&office, "new_recovery_code", json!({})).await["code"].clone();
    does(&office, "use_recovery_code", json!({ "code": code })).await;
    (office, code.as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn the_data_is_no_place_for_backups_and_what_else_lies_in_a_chosen_folder_stays() {
    let (office, _) = sealing("+14155550721", &png()).await;
    let data = office.data_folder();
    for place in [data.clone(), data.join("media"), data.join("backups/deeper"), data.join("new")] {
        let patch = json!({ "backups": { "folder": place } });
        assert_eq!(refused(&office, "apply_settings", patch).await, "backup", "{}", place.display());
        assert!(!backups(&office).await.chosen);
    }
    let missing = json!({ "backups": { "folder": data.parent().expect("a folder").join("not/there") } });
    assert_eq!(refused(&office, "apply_settings", missing).await, "backup");
    backs_up(&office).await;
    assert_eq!(files(office.desk.inbox.media_folder()).len(), 1);

    // As in a folder somebody exported into.
    let disk = tempfile::tempdir().expect("another disk");
    let (media, hash) = (disk.path().join("media"), "0a".repeat(32));
    fs::create_dir(&media).expect("a folder");
    let theirs = [hash.clone(), format!("{hash}.jpg"), "notes.part".to_owned()];
    for name in &theirs {
        fs::write(media.join(name), "theirs").expect("written");
    }
    set(&office, json!({ "backups": { "folder": disk.path() } })).await;
    let there = || async { fs::read_dir(disk.path()).expect("it").count() > 2 };
    let first = || async { (there().await && !backups(&office).await.running).then_some(()) };
    office.until("the first one in it", first).await;
    office.minutes_pass(DAY);
    made_at(&office, office.clock.now()).await;
    assert!(theirs.iter().all(|name| media.join(name).exists()), "{:?}", files(&media));
    assert_eq!(files(&media).len(), theirs.len() + 1, "and the picture, sealed");

    // Somebody else's do not count as ours.
    let (other, _) = sealing("+14155550722", &png()).await;
    let patch = json!({ "backups": { "folder": disk.path() } });
    assert_eq!(refused(&other, "apply_settings", patch).await, "backup");
    let others = backups(&other).await;
    assert_eq!((others.chosen, others.backups.len()), (false, 1));
}

#[tokio::test]
async fn where_the_database_fits_and_a_picture_does_not_nothing_is_left() {
    let mut large = png();
    large.resize(4 * 1024 * 1024, 0);
    let (mut office, _) = sealing("+14155550723", &large).await;
    office.close().await;
    let data = office.data_folder();
    let database = fs::metadata(data.join("ringdesk.db")).expect("a file").len();
    let limit = 2 * database;
    assert!(limit < 4 * 1024 * 1024, "{database}");
    let before = files(&data.join("backups"));
    let disk = tempfile::tempdir().expect("another disk");
    let [from, to] = [data.as_path(), disk.path()].map(|path| path.to_str().expect("a path"));
    let arguments = ["backup", "--data-dir", from, "--to", to];
    let refused = run_with_files_of(limit, &arguments).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("enough room"), "{said}");
    assert_eq!(files(disk.path()), ["media"]);
    assert!(files(&disk.path().join("media")).is_empty());
    assert_eq!(files(&data.join("backups")), before);
    // With room it is made; where backups are kept stays what it was.
    assert!(run_with_files_of(64 * 1024 * 1024, &arguments).await.status.success());
    assert_eq!(files(disk.path()).len(), 3);
    assert_eq!(files(&data.join("backups")), before);
}

#[tokio::test]
async fn a_picture_that_went_bad_is_taken_anew_and_mends_the_backups_of_before() {
    let (office, code) = sealing("+14155550724", &png()).await;
    let media = office.data_folder().join("backups/media");
    let picture = media.join(&files(&media)[0]);
    let mut bytes = fs::read(&picture).expect("it");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&picture, &bytes).expect("spoilt");
    let first = backups(&office).await.backups[0].name.clone();
    does(&office, "verify_backup", json!({ "name": first })).await;
    let problem = backups(&office).await.backups[0].problem.clone();
    assert!(problem.is_some_and(|problem| problem.contains("picture or sound")), "also without the code");
    office.minutes_pass(DAY);
    let names: Vec<String> =
        made_at(&office, office.clock.now()).await.backups.into_iter().map(|one| one.name).collect();
    assert_eq!(names.len(), 2);
    assert_ne!(fs::read(&picture).expect("it"), bytes);
    for name in &names {
        for request in [json!({ "name": name }), json!({ "name": name, "code": code })] {
            does(&office, "verify_backup", request).await;
        }
    }
    assert!(backups(&office).await.backups.iter().all(|one| one.problem.is_none()));
}

#[tokio::test]
async fn what_was_found_inside_only_the_code_takes_back_and_a_lost_description_costs_no_data() {
    let (office, code) = sealing("+14155550725", &png()).await;
    let name = backups(&office).await.backups[0].name.clone();
    let folder = office.data_folder().join("backups");
    let described = folder.join(format!("{name}.json"));
    let mut known: serde_json::Value =
        serde_json::from_slice(&fs::read(&described).expect("it")).expect("a description");
    known.as_object_mut().expect("an object").remove("check");
    known["problem"] = json!("A page of it is damaged.");
    known["found_inside"] = json!(true);
    fs::write(&described, known.to_string()).expect("written");
    does(&office, "verify_backup", json!({ "name": name })).await;
    let problem = backups(&office).await.backups[0].problem.clone();
    assert_eq!(problem.as_deref(), Some("A page of it is damaged."));
    does(&office, "verify_backup", json!({ "name": name, "code": code })).await;
    assert_eq!(backups(&office).await.backups[0].problem, None);

    // A word of it that changed is told as damage, not as a wrong code.
    let whole = fs::read_to_string(&described).expect("it");
    fs::write(&described, whole.replacen("\"age1", "\"age2", 1)).expect("spoilt");
    let request = json!({ "name": name, "code": code });
    assert_eq!(refused(&office, "verify_backup", request).await, "backup_damaged");
    fs::remove_file(&described).expect("lost");
    backs_up(&office).await;
    let lost = backups(&office).await.backups.into_iter().find(|one| one.name == name);
    assert!(lost.is_some_and(|one| one.problem.is_some()));
    assert!(folder.join(format!("{name}.db.age")).exists());
    fs::write(&described, whole).expect("found again");
    does(&office, "verify_backup", json!({ "name": name, "code": code })).await;
}

#[tokio::test]
async fn each_backup_is_told_of_where_one_takes_another_code() {
    let mut host = Host::start("http://127.0.0.1:9").await.expect("a host");
    let seal = async || {
        let code = host.call("new_recovery_code", json!({})).await.expect("a code")["code"].clone();
        host.call("use_recovery_code", json!({ "code": code })).await.expect("in force");
        code
    };
    let first = seal().await;
    // So that it is not let go with the day it was made on.
    let folder = host.data_dir().join("backups");
    let aside = tempfile::tempdir().expect("a folder");
    let kept: Vec<String> = files(&folder).into_iter().filter(|name| name != "media").collect();
    for name in &kept {
        fs::copy(folder.join(name), aside.path().join(name)).expect("copied");
    }
    host.call("drop_recovery_code", json!({ "code": first })).await.expect("dropped");
    let second = seal().await;
    for name in &kept {
        fs::copy(aside.path().join(name), folder.join(name)).expect("back again");
    }
    let file = aside.path().join("code.txt");
    for code in [first, second] {
        fs::write(&file, code.as_str().expect("a code")).expect("written");
        let looked = host.run(&["verify", "--code-file", file.to_str().expect("a path")]).await.expect("ran");
        assert_eq!(looked.status.code(), Some(1));
        let said = String::from_utf8(looked.stdout).expect("text");
        let all: Vec<serde_json::Value> =
            said.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
        let opened = all.iter().filter(|one| one["opened"] == json!(true) && one["problem"].is_null());
        assert_eq!((all.len(), opened.count()), (2, 1), "{said}");
    }
    assert!(files(&folder).iter().all(|name| !name.contains("opened")));
    host.stop().await.expect("stopped");
}
