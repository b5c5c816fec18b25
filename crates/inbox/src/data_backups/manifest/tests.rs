use super::*;

#[test]
fn a_backup_is_called_after_its_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = Moment(1_795_197_600_123);
    let name = new_name(&[folder.path()], at);
    assert_eq!(name, "ringdesk-2026-11-20T180000Z");
    assert_eq!(moment_of(&name), Some(Moment(1_795_197_600_000)));
    fs::write(folder.path().join(data_name(&name, true)), "").expect("written");
    let second = new_name(&[folder.path()], at);
    assert_eq!(second, "ringdesk-2026-11-20T180000Z-2");
    assert_eq!(moment_of(&second), moment_of(&name));
    for other in ["", "notes", "ringdesk-2026-13-20T180000Z", "ringdesk-2026-11-20T180000Z.db", "../x"] {
        assert_eq!(moment_of(other), None, "{other}");
    }
}

/// A backup that is described, of one byte.
fn kept(folder: &Path, at: Moment) -> Backup {
    let name = new_name(&[folder], at);
    fs::write(folder.join(data_name(&name, false)), "x").expect("written");
    let made_up = Backup::made_up(&name, at, BackupReason::Asked, true);
    let manifest = made_up.manifest.clone().expect("a description");
    let backup = Backup { folder: folder.to_owned(), ..made_up };
    backup.describe(&manifest).expect("described");
    backup
}

#[test]
fn what_is_not_or_badly_described_is_a_damaged_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = Moment(1_795_197_600_000);
    let Backup { name, manifest, .. } = kept(folder.path(), at);
    let found = backups_in(folder.path());
    assert_eq!((&found[0].manifest, found[0].is_sound()), (&manifest, true));
    assert_eq!((found[0].view().bytes, found[0].view().problem), (3, None));
    fs::write(folder.path().join(format!("{name}.json")), "{\"made_at\":").expect("spoilt");
    let found = backups_in(folder.path());
    assert_eq!((found.len(), found[0].at, found[0].is_sound()), (1, at, false));
    fs::remove_file(folder.path().join(format!("{name}.json"))).expect("lost");
    let found = backups_in(folder.path());
    assert_eq!((found.len(), found[0].at, found[0].is_sound()), (1, at, false));
    assert!(found[0].view().problem.is_some() && backup_in(folder.path(), &name).is_none());
    found[0].delete().expect("deleted");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn no_byte_of_a_description_changes_unnoticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = kept(folder.path(), Moment(1_795_197_600_000)).manifest.expect("a description");
    let text = manifest.written().expect("written").into_bytes();
    assert_eq!(Manifest::read(&text).as_ref(), Some(&manifest));
    for place in 0..text.len() {
        let mut spoilt = text.clone();
        spoilt[place] ^= 1;
        assert!(Manifest::read(&spoilt).is_none_or(|read| read == manifest), "byte {place}");
    }
    // One of an earlier program has no hash.
    let plain = serde_json::to_vec(&manifest).expect("written");
    assert_eq!(Manifest::read(&plain).as_ref(), Some(&manifest));
    let path = Piece { sha256: "../ringdesk.db".into(), bytes: 1, sealed_sha256: None };
    let forged = Manifest { media: vec![path], ..manifest };
    assert_eq!(Manifest::read(forged.written().expect("written").as_bytes()), None);
}

#[test]
fn a_draft_beside_whole_data_becomes_its_description_and_any_other_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let backup = kept(folder.path(), Moment(1_795_197_600_000));
    let [draft, described] = [PART, ""].map(|end| folder.path().join(format!("{}.json{end}", backup.name)));
    fs::rename(&described, &draft).expect("cut off");
    Backup::finish(folder.path(), &backup.name).expect("finished");
    assert!(described.exists() && !draft.exists());
    fs::rename(&described, &draft).expect("cut off");
    fs::remove_file(backup.file()).expect("gone");
    Backup::finish(folder.path(), &backup.name).expect("finished");
    assert!(!described.exists() && !draft.exists());
}

#[test]
fn a_copy_made_by_hand_counts_once_and_what_lost_its_file_is_not_sound() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let at = Moment(1_795_197_600_000);
    let [lost, _] = folders.each_ref().map(|folder| kept(folder.path(), at));
    fs::remove_file(lost.file()).expect("gone");
    let all = || folders.iter().flat_map(|folder| backups_in(folder.path())).collect::<Vec<_>>();
    assert_eq!(all().iter().map(Backup::is_sound).collect::<Vec<_>>(), [false, true]);
    let once = once_each(all());
    assert_eq!((once.len(), once[0].is_sound()), (1, true));
}
