//! Deleting what is no longer wanted in the folders of backups: what a crash left unfinished, and what newer
//! backups made outdated. Where it is not certain what lies there, nothing is deleted. Waits for the disk.

use super::{
    make::PART,
    manifest::{Backup, MEDIA, is_hash, listed, moment_of, piece_name},
    places::{folders_of, own_folder},
    rotation,
    verify::OPENED,
};
use ringdesk_domain::Moment;
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Deletes what was not finished, and finishes what only wanted its description's last name.
pub(super) fn sweep(folder: &Path) {
    for place in [folder.to_owned(), folder.join(MEDIA)] {
        for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            // What lies open for a moment may be another program's that looks it through just now.
            if !name.contains(PART) || !is_ours(&name) || name.contains(OPENED) {
                continue;
            }
            let described = name.strip_suffix(".json.part").filter(|name| moment_of(name).is_some());
            let swept = match described {
                Some(name) => Backup::finish(folder, name),
                None => fs::remove_file(entry.path()),
            };
            if let Err(error) = swept {
                tracing::warn!(%error, "a leftover of a backup could not be deleted");
            }
        }
    }
}

/// Deletes what lay open to be looked through when a program ended.
pub(super) fn sweep_opened(own: &Path) {
    for entry in fs::read_dir(own).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if is_ours(&name)
            && name.contains(OPENED)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!(%error, "an opened backup could not be deleted");
        }
    }
}

/// Whether an unfinished file is one of a backup: somebody's own files may lie beside.
fn is_ours(name: &str) -> bool {
    let backup = name.split('.').next().is_some_and(|stem| moment_of(stem).is_some());
    let piece = name.strip_suffix(PART).is_some_and(|name| is_plain(name) || is_sealed(name));
    backup || piece
}

/// Whether a file is called as a picture or sound in the clear is.
fn is_plain(name: &str) -> bool {
    is_hash(name)
}

/// Whether a file is called as a sealed picture or sound is.
fn is_sealed(name: &str) -> bool {
    let parts = name.strip_suffix(".age").and_then(|name| name.split_once('-'));
    parts.is_some_and(|(hash, seal)| is_hash(hash) && seal.len() == 8)
}

/// Lets go what is outdated now that this one was made. What cannot be deleted is tried with the next one.
pub(super) fn rotate(data: &Path, made: &Backup, series: &str, now: Moment) {
    let Some(places) = looked_at(data, made) else { return };
    let ours = |backup: &&Backup| {
        let known = backup.manifest.as_ref().map(|manifest| manifest.series.as_str());
        known.is_none_or(|known| known.is_empty() || known == series)
    };
    for (folder, found) in &places {
        let backups: Vec<Backup> = found.iter().filter(ours).cloned().collect();
        // The one that was just made is newer than all of another folder.
        let outdated = rotation::outdated(&backups, *folder == made.folder, now);
        let (mut goes, mut stays): (Vec<&Backup>, Vec<&Backup>) =
            found.iter().partition(|backup| ours(backup) && outdated.contains(&backup.name));
        goes.retain(|backup| match backup.delete() {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(%error, "an outdated backup could not be deleted");
                true
            }
        });
        stays.append(&mut goes);
        if let Err(error) = forget_media(folder, *folder == own_folder(data), &stays) {
            tracing::warn!(%error, "files of outdated backups could not be deleted");
        }
    }
}

/// What lies in each folder; none where that is not certain, as when a folder can be read in part only.
fn looked_at(data: &Path, made: &Backup) -> Option<Vec<(PathBuf, Vec<Backup>)>> {
    let mut places = Vec::new();
    for folder in folders_of(data, Some(&made.folder)) {
        match listed(&folder) {
            Ok(found) => places.push((folder, found)),
            // Not plugged in: what lies there is neither counted nor deleted.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder != made.folder => {}
            Err(error) => {
                tracing::warn!(%error, "a folder of backups could not be read; nothing outdated was deleted");
                return None;
            }
        }
    }
    let mut all = places.iter().flat_map(|(_, found)| found);
    all.any(|backup| backup.folder == made.folder && backup.name == made.name).then_some(places)
}

/// Deletes pictures and sounds that none of these backups speaks of, which are all of the folder. Elsewhere
/// only sealed ones are ours.
fn forget_media(folder: &Path, own: bool, backups: &[&Backup]) -> io::Result<()> {
    let mut wanted = HashSet::new();
    for backup in backups {
        // Nobody knows what belongs to one whose description cannot be read.
        let Some(manifest) = &backup.manifest else { return Ok(()) };
        let recipient = manifest.recipient.as_deref();
        wanted.extend(manifest.media.iter().map(|piece| piece_name(&piece.sha256, recipient)));
    }
    let entries = match fs::read_dir(folder.join(MEDIA)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let ours = is_sealed(&name) || (own && is_plain(&name));
        if ours && !wanted.contains(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::BackupReason;

    fn is_there(folder: &Path, name: &str) -> bool {
        folder.join(name).exists()
    }

    #[test]
    fn only_files_of_backups_are_swept_or_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let media = folder.path().join(MEDIA);
        fs::create_dir(&media).expect("a folder");
        let hash = "0a".repeat(32);
        let (plain, sealed) = (hash.clone(), format!("{hash}-01234567.age"));
        let (picture, part) = (format!("{hash}.jpg"), format!("{sealed}{PART}"));
        for name in [&plain, &sealed, &picture, &part, &"holiday.part".to_owned()] {
            fs::write(media.join(name), "x").expect("written");
        }
        sweep(folder.path());
        assert!(!is_there(&media, &part) && is_there(&media, "holiday.part"));
        forget_media(folder.path(), false, &[]).expect("forgotten");
        assert_eq!([&plain, &sealed, &picture].map(|name| is_there(&media, name)), [true, false, true]);
        forget_media(folder.path(), true, &[]).expect("forgotten");
        assert_eq!([&plain, &picture].map(|name| is_there(&media, name)), [false, true]);
    }

    #[test]
    fn nothing_is_deleted_where_the_new_one_is_not_seen() {
        let data = tempfile::tempdir().expect("a folder");
        let own = own_folder(data.path());
        fs::create_dir_all(own.join(MEDIA)).expect("a folder");
        fs::write(own.join(MEDIA).join("1".repeat(64)), "x").expect("written");
        let unseen = Backup {
            folder: own.clone(),
            ..Backup::made_up("ringdesk-2026-11-20T180000Z", Moment(1), BackupReason::Asked, true)
        };
        rotate(data.path(), &unseen, "ours", Moment(1));
        assert!(is_there(&own.join(MEDIA), &"1".repeat(64)));
        // Nor is a folder that cannot be read an empty one.
        fs::remove_dir_all(&own).expect("gone");
        fs::write(&own, "a file in the way").expect("written");
        assert!(looked_at(data.path(), &unseen).is_none());
    }
}
