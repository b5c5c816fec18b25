//! Restoring: a backup is opened beside where it will be, looked through, and only then put into its place,
//! by renaming. What was there before is never written to. Waits for the disk: not for an async task.

use super::{
    make::{folders_of, own_folder},
    manifest::{Backup, MEDIA, Piece, backup_in, backups_in, moment_of, once_each},
    seal::{Spilled, private_folder, sync_folder, unseal},
    trouble::BackupProblem,
    verify,
};
use crate::view;
use age::x25519::Identity;
use jiff::Timestamp;
use ringdesk_domain::Moment;
use ringdesk_store::{StoreError, UNFINISHED, database_file, settle_restored};
use secrecy::SecretString;
use serde::Serialize;
use std::{
    collections::HashMap,
    fs, io, iter,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// What makes up the data of an office, besides pictures and sounds.
const DATABASE: [&str; 5] =
    ["ringdesk.db", "ringdesk.db-wal", "ringdesk.db-shm", "ringdesk.db-journal", "ringdesk.db-suspect"];
/// How folders begin that hold what was moved aside.
const ASIDE: &str = "damaged-";
/// In the folder of an unfinished restore: where what was there is moved to.
const NOTE: &str = "aside";
/// What a start leaves in every data folder.
const LOCK: &str = "lock";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The backup's name.
    pub name: String,
    /// When it was made.
    pub made_at: Moment,
    /// Texts in it.
    pub texts: u32,
    /// Calls in it.
    pub calls: u32,
    /// Voicemails in it.
    pub voicemails: u32,
    /// Pictures and sounds in it.
    pub files: u32,
    /// Pictures and sounds that were missing or damaged; they are fetched from Twilio once more.
    pub missing: u32,
    /// Where the data of before is now, where there was any.
    pub aside: Option<PathBuf>,
}

/// All backups of a data folder that can be found without opening its data, or those of a folder of backups,
/// newest first.
pub fn backups_of(place: &Path) -> Vec<view::DataBackup> {
    let all = places_of(place).iter().flat_map(|folder| backups_in(folder)).collect();
    once_each(all).iter().map(Backup::view).collect()
}

/// Where backups are that have to do with a folder: a data folder, or one of backups.
fn places_of(place: &Path) -> Vec<PathBuf> {
    folders_of(place, Some(place))
}

/// Looks a backup through that lies anywhere: its file, its description, or the folder of the newest. What is
/// sealed is opened where the code is given.
pub fn verify_backup_at(from: &Path, code: Option<&SecretString>) -> Result<view::DataBackup, BackupProblem> {
    let backup = found_at(from)?;
    verify::verify(&backup, code, private_place()?.path())?;
    Ok(backup.view())
}

/// Where what is sealed may lie open for a moment.
fn private_place() -> Result<TempDir, BackupProblem> {
    tempfile::tempdir().map_err(BackupProblem::disk(std::env::temp_dir()))
}

/// Restores a backup (its file, its description, or the folder of the newest) into a folder that is not
/// there yet, is empty, or is a data folder in which nothing is kept. Where it fails, that one is left as it
/// was. Whoever calls it owns the folder where others could.
pub fn restore(from: &Path, to: &Path, code: Option<&SecretString>) -> Result<Restored, BackupProblem> {
    let backup = found_at(from)?;
    let made = !to.exists();
    if made {
        fs::create_dir_all(to).map_err(BackupProblem::disk(to))?;
    } else if !is_free(to).map_err(BackupProblem::disk(to))? {
        return Err(BackupProblem::NotEmpty(to.to_owned()));
    }
    let restored = put_together(&backup, to, code, &[]).and_then(|(fresh, restored)| {
        let place = || -> io::Result<()> {
            make_private(to)?;
            // Empty, where it is there: not every system puts a folder in the place of another.
            let _ = fs::remove_dir(to.join(MEDIA));
            put(to, &fresh)
        };
        place().map_err(BackupProblem::disk(to))?;
        Ok(restored)
    });
    clear(to);
    if restored.is_err() && made {
        let _ = fs::remove_dir(to);
    }
    restored
}

/// Restores a backup into a data folder of which this process is the owner: one of its own by its name, or
/// one that lies anywhere (its file, its description, or the folder of the newest). What is there, with its
/// pictures and sounds, is moved aside whole, into `damaged-…` beside it.
pub fn restore_in_place(
    data: &Path,
    backup: impl AsRef<Path>,
    code: Option<&SecretString>,
    now: Moment,
) -> Result<Restored, BackupProblem> {
    let from = backup.as_ref();
    let own = from.to_str().and_then(|name| named(data, name));
    let backup = match own {
        Some(backup) => backup,
        None if from.components().count() == 1 && !from.exists() => {
            return Err(BackupProblem::Nothing(own_folder(data)));
        }
        None => found_at(from)?,
    };
    let begun = begun(data);
    // What the backup lost may be whole here.
    let kept: Vec<PathBuf> =
        iter::once(data).chain(begun.as_deref()).map(|folder| folder.join(MEDIA)).collect();
    let restored = put_together(&backup, data, code, &kept).and_then(|(fresh, restored)| {
        let aside = begun.unwrap_or_else(|| new_aside(data, now));
        let placed = put_in_place(data, &fresh, &aside);
        let is_aside = placed.map_err(|error| {
            move_back(&aside, data);
            BackupProblem::disk(data)(error)
        })?;
        Ok(Restored { aside: is_aside.then_some(aside), ..restored })
    });
    clear(data);
    restored
}

/// Moves what is there aside, and what was put together to where it was. Says whether anything is aside.
fn put_in_place(data: &Path, fresh: &Path, aside: &Path) -> io::Result<bool> {
    // An empty one holds nothing to be kept.
    let _ = fs::remove_dir(data.join(MEDIA));
    let there: Vec<&str> = parts().filter(|part| data.join(part).symlink_metadata().is_ok()).collect();
    if !there.is_empty() {
        private_folder(aside)?;
        note(fresh, aside)?;
        for part in &there {
            fs::rename(data.join(part), free(aside, part))?;
        }
        sync_folder(aside)?;
    }
    put(data, fresh)?;
    Ok(aside.is_dir())
}

/// Puts what was put together to where it belongs, where nothing is in the way; all of it, or nothing.
fn put(data: &Path, fresh: &Path) -> io::Result<()> {
    fs::rename(fresh.join(MEDIA), data.join(MEDIA))?;
    // Last: without a database there is no office yet.
    if let Err(error) = fs::rename(database_file(fresh), database_file(data)) {
        // It makes room for what is moved back.
        fs::rename(data.join(MEDIA), fresh.join(MEDIA))?;
        return Err(error);
    }
    if let Err(error) = sync_folder(data) {
        // It is there; a power cut now at worst brings back what was to be restored once more.
        tracing::warn!(%error, "that a backup was restored may not be on the disk yet");
    }
    Ok(())
}

/// Moves back what was moved aside, as far as that goes: where nothing was put into its place.
fn move_back(aside: &Path, data: &Path) {
    for part in parts() {
        if aside.join(part).exists() && !data.join(part).exists() {
            // It is still whole where it is.
            let _ = fs::rename(aside.join(part), data.join(part));
        }
    }
    let _ = fs::remove_dir(aside);
}

fn parts() -> impl Iterator<Item = &'static str> {
    DATABASE.into_iter().chain([MEDIA])
}

/// Notes where what was there is moved to: whoever goes on after a crash moves the rest of it there, too.
fn note(fresh: &Path, aside: &Path) -> io::Result<()> {
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    fs::write(fresh.join(NOTE), name.as_bytes())?;
    fs::File::options().write(true).open(fresh.join(NOTE))?.sync_all()?;
    sync_folder(fresh)
}

/// Where a restore that was cut off has moved some of what was there.
fn begun(data: &Path) -> Option<PathBuf> {
    let name = fs::read_to_string(data.join(UNFINISHED).join(NOTE)).ok()?;
    let is_ours = name.starts_with(ASIDE) && !name.contains(['/', '\\']);
    let aside = Some(data.join(name)).filter(|aside| is_ours && aside.is_dir())?;
    // With a database in both places it had come to its end.
    (!(database_file(data).exists() && database_file(&aside).exists())).then_some(aside)
}

/// Removes what a restore was put together from, once it is in its place or was given up. The note of one
/// that was cut off stays until another came to its end.
fn clear(data: &Path) {
    let fresh = data.join(UNFINISHED);
    if begun(data).is_none() || database_file(data).exists() {
        // Where that cannot be now, the next start or restore does it.
        let _ = fs::remove_dir_all(&fresh);
        return;
    }
    let _ = empty(&fresh);
}

/// Removes everything of an unfinished restore but its note.
fn empty(fresh: &Path) -> io::Result<()> {
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        if entry.file_name() == NOTE {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A backup by its name, where it can be found for a data folder or a folder of backups.
fn named(place: &Path, name: &str) -> Option<Backup> {
    let all = places_of(place).iter().filter_map(|folder| backup_in(folder, name)).collect();
    once_each(all).into_iter().next()
}

/// The backup somebody points to.
fn found_at(from: &Path) -> Result<Backup, BackupProblem> {
    let nothing = || BackupProblem::Nothing(from.to_owned());
    if from.is_dir() {
        let own = own_folder(from);
        let newest = [from, &own].into_iter().find_map(|folder| {
            let backups = backups_in(folder);
            let sound = backups.iter().find(|backup| backup.is_sound());
            sound.or(backups.first()).cloned()
        });
        return newest.ok_or_else(nothing);
    }
    let file = from.file_name().and_then(|name| name.to_str()).ok_or_else(nothing)?;
    let name = file.split('.').next().unwrap_or(file);
    let folder = from.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Some(backup) = named(folder, name) {
        return Ok(backup);
    }
    if from.exists() && moment_of(name).is_some() {
        return Err(BackupProblem::damaged(name, format!("{name}.json, its description, isn't beside it")));
    }
    Err(nothing())
}

/// Whether nothing is kept in a folder: it is empty, or a start made it a data folder and nothing was kept
/// there since. What an earlier try left behind does not count.
fn is_free(folder: &Path) -> io::Result<bool> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name != UNFINISHED);
    if names.is_empty() {
        return Ok(true);
    }
    let is_data_folder = names.iter().any(|name| name == LOCK);
    let kept = |name: &String| DATABASE.contains(&name.as_str()) || name.starts_with(ASIDE);
    let holds = |part: PathBuf| fs::read_dir(part).is_ok_and(|mut all| all.next().is_some());
    let in_use = names.iter().any(kept) || holds(folder.join(MEDIA)) || holds(own_folder(folder));
    Ok(is_data_folder && !in_use)
}

/// A folder for what is moved aside that is not there yet.
fn new_aside(data: &Path, now: Moment) -> PathBuf {
    let moment = Timestamp::from_millisecond(now.0).unwrap_or_default();
    free(data, &format!("{ASIDE}{}", moment.strftime("%Y-%m-%dT%H%M%SZ")))
}

/// A place of that name in a folder that is not taken.
fn free(folder: &Path, name: &str) -> PathBuf {
    let others = (2..).map(|n| format!("{name}-{n}"));
    let mut places = iter::once(name.to_owned()).chain(others).map(|name| folder.join(name));
    places.find(|place| place.symlink_metadata().is_err()).unwrap_or_else(|| folder.join(name))
}

/// Opens a backup into a folder of its own inside `at`, looks it through, and makes it ready for another
/// life. What it lost is looked for in `kept`, folders of pictures and sounds.
fn put_together(
    backup: &Backup,
    at: &Path,
    code: Option<&SecretString>,
    kept: &[PathBuf],
) -> Result<(PathBuf, Restored), BackupProblem> {
    let manifest = backup.known()?;
    let key = verify::key_of(manifest, code)?;
    verify::outside(backup)?;
    let fresh = at.join(UNFINISHED);
    let media = fresh.join(MEDIA);
    private_folder(&fresh)
        .and_then(|()| empty(&fresh))
        .and_then(|()| private_folder(&media))
        .map_err(BackupProblem::disk(&fresh))?;
    let database = database_file(&fresh);
    unseal(&backup.file(), &database, key.as_ref())
        .map_err(|spilled| spilled.told(&backup.name, &backup.file(), at))?;
    let contents = verify::inside(&backup.name, &database)?;

    let missing = take_media(backup, &contents.files, &media, key.as_ref(), kept)?;
    settle_restored(&database, &missing).map_err(|error| match error {
        StoreError::Damaged(what) | StoreError::Driver(what) => BackupProblem::damaged(&backup.name, what),
        other => BackupProblem::copying(&fresh)(other),
    })?;
    sync_folder(&media).and_then(|()| sync_folder(&fresh)).map_err(BackupProblem::disk(&fresh))?;
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let restored = Restored {
        name: backup.name.clone(),
        made_at: manifest.made_at,
        texts: contents.texts,
        calls: contents.calls,
        voicemails: contents.voicemails,
        files: count(contents.files.len() - missing.len()),
        missing: count(missing.len()),
        aside: None,
    };
    Ok((fresh, restored))
}

/// Brings its pictures and sounds over, and from `kept` what it lost; those that are nowhere whole.
fn take_media(
    backup: &Backup,
    files: &[String],
    media: &Path,
    key: Option<&Identity>,
    kept: &[PathBuf],
) -> Result<Vec<String>, BackupProblem> {
    let manifest = backup.known()?;
    // Only those the database speaks of, whose names were looked at: a forged name leads nowhere.
    let pieces: HashMap<&str, &Piece> =
        manifest.media.iter().map(|piece| (piece.sha256.as_str(), piece)).collect();
    let mut missing = Vec::new();
    for sha256 in files {
        let to = media.join(sha256);
        let piece = pieces.get(sha256.as_str()).map(|piece| (manifest.piece(&backup.folder, piece), key));
        let ways = piece.into_iter().chain(kept.iter().map(|folder| (folder.join(sha256), None)));
        let mut whole = false;
        for (from, key) in ways {
            match unseal(&from, &to, key) {
                Ok(poured) if poured.sha256 == *sha256 => {
                    whole = true;
                    break;
                }
                Err(Spilled::Target(error)) => return Err(BackupProblem::disk(media)(error)),
                // A damaged one is not put among the whole ones.
                _ => drop(fs::remove_file(&to)),
            }
        }
        if !whole {
            missing.push(sha256.clone());
        }
    }
    Ok(missing)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the shape of the other one")]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
