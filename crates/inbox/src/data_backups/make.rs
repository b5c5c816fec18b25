//! Making a backup: a copy of the database beside whoever writes, looked through before it counts, the
//! pictures and sounds that belong to it, and last of all its description. Waits for the disk: not for an async task.

use super::{
    clear::{rotate, sweep},
    manifest::{Backup, MEDIA, Manifest, Piece, data_name, new_name, piece_name, seals_in},
    places::{chosen_folder, is_nobody_elses, note_elsewhere, stays_apart},
    seal::{self, Poured, Spilled, new_file, private_folder, sync_folder},
    trouble::BackupProblem,
};
use crate::view::BackupReason;
use age::x25519::Recipient;
use ringdesk_domain::Moment;
use ringdesk_store::{Contents, copy_database, database_file, look_into};
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};
use tokio_util::sync::CancellationToken;

pub(super) use super::places::{folders_of, own_folder};

/// Room that stays free for the office itself, in bytes.
const SPARE: u64 = 64 * 1024 * 1024;
/// What is not finished has this in its name.
pub(super) const PART: &str = ".part";

/// A backup to be made.
#[derive(Debug, Clone)]
pub(super) struct Making {
    /// The data folder.
    pub(super) data: PathBuf,
    /// Where the backup goes.
    pub(super) folder: PathBuf,
    /// What seals it.
    pub(super) recipient: Option<String>,
    /// Which office's it is; empty where that is not known.
    pub(super) series: String,
    pub(super) reason: BackupReason,
    pub(super) now: Moment,
    /// Ends it early.
    pub(super) stop: CancellationToken,
    /// Whether the data is somebody else's, who may be making one just now.
    pub(super) beside: bool,
}

impl Making {
    /// Makes it and lets outdated ones go. Where it fails, those of before stay as they are.
    pub(super) fn make(&self) -> Result<Backup, BackupProblem> {
        let own = own_folder(&self.data);
        if self.folder != own && self.recipient.is_none() {
            return Err(BackupProblem::NeedsSeal);
        }
        let recipient = self.recipient.as_deref().map(Recipient::from_str).transpose();
        let recipient = recipient.map_err(|_| BackupProblem::NeedsSeal)?;
        stays_apart(&self.data, &self.folder)?;
        self.prepare(&own)?;

        let name = new_name(&[&self.folder, &own], self.now);
        // In the clear it only ever lies in the data folder.
        let copy = own.join(format!("{name}.db{PART}"));
        let made = self.write(&name, &copy, recipient.as_ref());
        // With SQLite's own leftover; swept up later where that cannot be now.
        let _ = fs::remove_file(&copy);
        let _ = fs::remove_file(own.join(format!("{name}.db{PART}-journal")));
        if made.is_err() {
            self.discard(&name);
        }
        let backup = made?;
        if !self.beside {
            rotate(&self.data, &backup, &self.series, self.now);
        }
        Ok(backup)
    }

    /// Folders, and nothing in them that a crash left behind.
    fn prepare(&self, own: &Path) -> Result<(), BackupProblem> {
        private_folder(own).map_err(BackupProblem::disk(own))?;
        if self.folder != own {
            chosen_folder(&self.folder)?;
            is_nobody_elses(&self.folder, &self.series)?;
            if !self.beside {
                note_elsewhere(own, &self.folder);
            }
        }
        let media = self.folder.join(MEDIA);
        private_folder(&media).map_err(BackupProblem::disk(&media))?;
        if !self.beside {
            sweep(own);
            sweep(&self.folder);
        }
        Ok(())
    }

    /// Writes all of it. Until its description is on the disk, too, nothing of it has its last name.
    fn write(&self, name: &str, copy: &Path, recipient: Option<&Recipient>) -> Result<Backup, BackupProblem> {
        let (own, database) = (own_folder(&self.data), database_file(&self.data));
        let size = fs::metadata(&database).map_err(BackupProblem::disk(&database))?.len();
        for folder in HashSet::from([own.as_path(), self.folder.as_path()]) {
            has_room(folder, size)?;
        }
        let contents = self.copied(&database, copy)?;
        let (mut media, wanted) = self.look_for(&contents.files)?;
        if recipient.is_some() {
            let lengths = wanted.iter().filter_map(|sha256| fs::metadata(self.kept(sha256)).ok());
            has_room(&self.folder, lengths.fold(size, |all, file| all.saturating_add(file.len())))?;
        }
        let poured = self.put(copy, name, recipient)?;
        for sha256 in wanted {
            media.extend(self.take(sha256, recipient)?);
        }
        let pieces = self.folder.join(MEDIA);
        sync_folder(&pieces).map_err(BackupProblem::disk(&pieces))?;
        let manifest = Manifest {
            made_at: self.now,
            reason: self.reason,
            app: env!("CARGO_PKG_VERSION").into(),
            schema: contents.schema,
            bytes: poured.bytes,
            sha256: poured.sha256,
            sealed: self.recipient.is_some(),
            recipient: self.recipient.clone(),
            series: self.series.clone(),
            media,
            verified_at: Some(self.now),
            problem: None,
            found_inside: false,
        };
        let backup = Backup {
            folder: self.folder.clone(),
            name: name.to_owned(),
            at: self.now,
            manifest: Some(manifest.clone()),
            there: true,
        };
        backup.draft(&manifest)?;
        let file = data_name(name, self.recipient.is_some());
        fs::rename(self.folder.join(format!("{file}{PART}")), self.folder.join(&file))
            .map_err(BackupProblem::disk(&self.folder))?;
        backup.publish()?;
        Ok(backup)
    }

    /// Deletes what was begun. What is described is a backup and stays.
    fn discard(&self, name: &str) {
        if self.folder.join(format!("{name}.json")).try_exists().unwrap_or(true) {
            return;
        }
        let file = data_name(name, self.recipient.is_some());
        for begun in [format!("{name}.json{PART}"), format!("{file}{PART}"), file] {
            // Swept up later where that cannot be now.
            let _ = fs::remove_file(self.folder.join(begun));
        }
    }

    /// Copies the database and looks the copy through.
    fn copied(&self, database: &Path, copy: &Path) -> Result<Contents, BackupProblem> {
        // Made first, so that nobody else can read what is written into it.
        new_file(copy).map_err(BackupProblem::disk(copy))?;
        let folder = own_folder(&self.data);
        copy_database(database, copy).map_err(BackupProblem::copying(&folder))?;
        if self.stop.is_cancelled() {
            return Err(BackupProblem::Stopped);
        }
        look_into(copy).map_err(BackupProblem::copying(&folder))
    }

    /// Seals the copy into where it will lie; unsealed, it lies there already.
    fn put(&self, copy: &Path, name: &str, recipient: Option<&Recipient>) -> Result<Poured, BackupProblem> {
        let poured = if recipient.is_some() {
            let part = self.folder.join(format!("{}{PART}", data_name(name, true)));
            seal::seal(copy, &part, recipient, &self.stop)
        } else {
            seal::read_through(copy, None)
        };
        poured.map_err(|spilled| spilled.told(name, copy, &self.folder))
    }

    /// Where the data keeps a picture or sound.
    fn kept(&self, sha256: &str) -> PathBuf {
        self.data.join("media").join(sha256)
    }

    /// Which pictures and sounds lie there already, whole; and those that do not.
    fn look_for<'a>(&self, files: &'a [String]) -> Result<(Vec<Piece>, Vec<&'a String>), BackupProblem> {
        let (media, seals) = (self.folder.join(MEDIA), seals_in(&self.folder));
        let (mut there, mut wanted) = (Vec::with_capacity(files.len()), Vec::new());
        for sha256 in files {
            if self.stop.is_cancelled() {
                return Err(BackupProblem::Stopped);
            }
            let name = piece_name(sha256, self.recipient.as_deref());
            let read = seal::read_through(&media.join(&name), None).ok();
            let sealed = self.recipient.is_some();
            let whole = read.filter(|read| match seals.get(&name) {
                Some(seals) if sealed => seals.contains(&read.sha256),
                _ => !sealed && read.sha256 == *sha256,
            });
            match whole {
                Some(read) => there.push(Piece {
                    sha256: sha256.clone(),
                    bytes: read.bytes,
                    sealed_sha256: sealed.then_some(read.sha256),
                }),
                None => wanted.push(sha256),
            }
        }
        Ok((there, wanted))
    }

    /// Takes a picture or sound in, instead of what may lie there. One that is gone or damaged in the data
    /// is left out.
    fn take(&self, sha256: &str, recipient: Option<&Recipient>) -> Result<Option<Piece>, BackupProblem> {
        let from = self.kept(sha256);
        let to = self.folder.join(MEDIA).join(piece_name(sha256, self.recipient.as_deref()));
        let read = match seal::read_through(&from, None) {
            Err(Spilled::Source(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|spilled| spilled.told("", &from, &self.folder))?,
        };
        if read.sha256 != sha256 {
            tracing::warn!("a damaged picture or sound was left out of a backup");
            return Ok(None);
        }
        let piece = |bytes, sealed_sha256| Piece { sha256: sha256.to_owned(), bytes, sealed_sha256 };
        if recipient.is_none() && fs::hard_link(&from, &to).is_ok() {
            return Ok(Some(piece(read.bytes, None)));
        }
        has_room(&self.folder, read.bytes)?;
        let mut part = to.as_os_str().to_owned();
        part.push(PART);
        let part = PathBuf::from(part);
        match seal::seal(&from, &part, recipient, &self.stop) {
            Err(Spilled::Source(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(spilled) => Err(spilled.told("", &from, &self.folder)),
            Ok(poured) => {
                fs::rename(&part, &to).map_err(BackupProblem::disk(&to))?;
                Ok(Some(piece(poured.bytes, recipient.map(|_| poured.sha256))))
            }
        }
    }
}

/// That so many bytes fit into a folder, and some are left for the office.
fn has_room(folder: &Path, bytes: u64) -> Result<(), BackupProblem> {
    if fs4::available_space(folder).is_ok_and(|room| room < bytes.saturating_add(SPARE)) {
        return Err(BackupProblem::NoRoom(folder.to_owned()));
    }
    Ok(())
}
