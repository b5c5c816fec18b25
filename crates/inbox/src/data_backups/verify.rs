//! Looking a backup through: that each of its files is what it was, and, where it can be opened, that the
//! data in it is sound. Waits for the disk: not for an async task.

use super::{
    code::RecoveryCode,
    make::PART,
    manifest::{Backup, Manifest, Piece, backups_in, piece_name, seals_in},
    places::{folders_of, own_folder},
    seal::{private_folder, read_through, unseal},
    trouble::BackupProblem,
};
use crate::{from_twilio::hex, view};
use age::x25519::Identity;
use rand::Rng;
use ringdesk_store::{Contents, StoreError, look_into, newest_schema};
use secrecy::SecretString;
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

/// What lies open for a moment to be looked into has this in its name.
pub(super) const OPENED: &str = ".opened-";

/// The key to a backup: none for one that is not sealed; and what is wrong with the code where it is none.
/// Whether it is the right one shows where it is opened.
pub(super) fn key_of(
    manifest: &Manifest,
    code: Option<&SecretString>,
) -> Result<Option<Identity>, BackupProblem> {
    if !manifest.sealed {
        return Ok(None);
    }
    let code = RecoveryCode::typed(code.ok_or(BackupProblem::NeedsCode)?);
    let code = code.map_err(|_| BackupProblem::Mistyped)?;
    Ok(Some(code.identity()))
}

/// That its file is what it was when it was made.
pub(super) fn outside(backup: &Backup) -> Result<(), BackupProblem> {
    let (manifest, file) = (backup.known()?, backup.file());
    let read = read_through(&file, None).map_err(|spilled| spilled.told(&backup.name, &file, &file))?;
    if read.bytes != manifest.bytes || read.sha256 != manifest.sha256 {
        return Err(BackupProblem::damaged(&backup.name, "its file is not what it was"));
    }
    Ok(())
}

/// That the data in a copy is sound and can be used here.
pub(super) fn inside(name: &str, copy: &Path) -> Result<Contents, BackupProblem> {
    let contents = look_into(copy).map_err(|error| match error {
        StoreError::Damaged(what) => BackupProblem::damaged(name, what),
        other => BackupProblem::Disk(copy.to_owned(), other.to_string()),
    })?;
    if contents.schema > newest_schema() { Err(BackupProblem::Newer) } else { Ok(contents) }
}

/// Whether a picture or sound of it is there and whole. What is sealed is known by `seals` where there is no
/// key, or by its size where nobody kept its hash.
fn is_whole(
    manifest: &Manifest,
    folder: &Path,
    piece: &Piece,
    key: Option<&Identity>,
    seals: &HashMap<String, HashSet<String>>,
) -> bool {
    let Ok(read) = read_through(&manifest.piece(folder, piece), key) else { return false };
    if !manifest.sealed || key.is_some() {
        return read.sha256 == piece.sha256;
    }
    let name = piece_name(&piece.sha256, manifest.recipient.as_deref());
    let known = seals.get(&name).is_some_and(|seals| seals.contains(&read.sha256));
    known || (piece.sealed_sha256.is_none() && read.bytes == piece.bytes)
}

/// Looks all of it through, as far as can be seen without a code, or with it. `private` is a folder what is
/// sealed may lie open in for a moment.
pub(super) fn verify(
    backup: &Backup,
    code: Option<&SecretString>,
    private: &Path,
) -> Result<(), BackupProblem> {
    let manifest = backup.known()?;
    let key = if code.is_some() { key_of(manifest, code)? } else { None };
    outside(backup)?;
    match &key {
        None if manifest.sealed => {}
        None => drop(inside(&backup.name, &backup.file())?),
        Some(key) => {
            // A name of its own: others may look through the same one.
            let word = hex(&rand::rng().random::<[u8; 8]>());
            let copy = private.join(format!("{}{OPENED}{word}{PART}", backup.name));
            let opened = unseal(&backup.file(), &copy, Some(key));
            let opened = opened.map_err(|spilled| spilled.told(&backup.name, &backup.file(), private));
            let looked = opened.and_then(|_| inside(&backup.name, &copy));
            // Swept up later where that cannot be now.
            let _ = fs::remove_file(&copy);
            looked?;
        }
    }
    let seals = seals_in(&backup.folder);
    let broken = manifest
        .media
        .iter()
        .filter(|piece| !is_whole(manifest, &backup.folder, piece, key.as_ref(), &seals))
        .count();
    match broken {
        0 => Ok(()),
        1 => Err(BackupProblem::damaged(&backup.name, "a picture or sound of it is missing or damaged")),
        broken => Err(BackupProblem::damaged(
            &backup.name,
            format!("{broken} of its pictures and sounds are missing or damaged"),
        )),
    }
}

/// Looks all backups of a data folder through, newest first, and says of each what is wrong with it, or why
/// it could not be opened. What is sealed is opened where the code is given, in the folder of backups there.
pub fn verify_backups_of(
    data: &Path,
    code: Option<&SecretString>,
) -> Result<Vec<(view::DataBackup, Option<BackupProblem>)>, BackupProblem> {
    if code.is_some_and(|code| RecoveryCode::typed(code).is_err()) {
        return Err(BackupProblem::Mistyped);
    }
    let own = own_folder(data);
    let mut found: Vec<Backup> =
        folders_of(data, None).iter().flat_map(|folder| backups_in(folder)).collect();
    if found.is_empty() {
        return Err(BackupProblem::Nothing(own));
    }
    found.sort_by(|a, b| (b.at, &b.name).cmp(&(a.at, &a.name)));
    if code.is_some() {
        private_folder(&own).map_err(BackupProblem::disk(&own))?;
    }
    Ok(found.iter().map(|backup| (backup.view(), verify(backup, code, &own).err())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_backups::{
        manifest::data_name,
        seal::{new_file, seal},
    };
    use ringdesk_domain::Moment;
    use tokio_util::sync::CancellationToken;

    #[test]
    fn a_code_is_wrong_only_where_it_opens_nothing() {
        let data = tempfile::tempdir().expect("a folder");
        let own = own_folder(data.path());
        private_folder(&own).expect("a folder");
        let [code, other] = [RecoveryCode::random(), RecoveryCode::random()];
        let plain = data.path().join("plain");
        drop(new_file(&plain).expect("a file"));
        let name = "ringdesk-2026-11-20T180000Z";
        let made_up = Backup::made_up(name, Moment(1), view::BackupReason::Asked, true);
        let file = own.join(data_name(&made_up.name, true));
        let recipient = code.identity().to_public();
        let poured = seal(&plain, &file, Some(&recipient), &CancellationToken::new()).expect("sealed");
        let manifest = Manifest {
            bytes: poured.bytes,
            sha256: poured.sha256,
            sealed: true,
            // Not its own: it says nothing about what opens it.
            recipient: Some(other.recipient()),
            media: Vec::new(),
            ..made_up.manifest.clone().expect("a description")
        };
        let backup = Backup { folder: own.clone(), ..made_up };
        backup.describe(&manifest).expect("described");
        let with = |code: &RecoveryCode| {
            let mut all = verify_backups_of(data.path(), Some(&code.shown())).expect("looked through");
            assert_eq!(all.len(), 1);
            all.remove(0).1
        };
        assert_eq!(with(&other), Some(BackupProblem::WrongCode));
        // It opens; an empty file is no database.
        assert!(matches!(with(&code), Some(BackupProblem::Damaged { .. })));
        let left = fs::read_dir(&own).expect("a folder").count();
        assert_eq!(left, 2, "nothing lies open");
    }
}
