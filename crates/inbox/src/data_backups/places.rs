//! Where backups lie, and where they may: never among the data itself. Waits for the disk: not for an async
//! task.

use super::{
    manifest::{Backup, MEDIA, backups_in, once_each},
    seal::{new_file, private_folder},
    trouble::BackupProblem,
};
use ringdesk_store::database_file;
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// Where it is written which folder was chosen for backups: found even when the data cannot be read.
const ELSEWHERE: &str = "elsewhere";

/// Where the backups of an office are.
pub(super) struct Places {
    pub(super) data: PathBuf,
    pub(super) folder: PathBuf,
    /// Whether that is a folder the owner chose.
    pub(super) chosen: bool,
    /// Which office's they are; empty where it has made none yet.
    pub(super) series: String,
}

impl Places {
    pub(super) fn of(data: PathBuf, chosen: Option<String>, series: String) -> Self {
        let own = own_folder(&data);
        let folder = chosen.map_or_else(|| own.clone(), |folder| or_own(&data, PathBuf::from(folder)));
        Self { chosen: folder != own, folder, data, series }
    }

    /// The office's backups, newest first; those of another one that lie beside are not among them.
    pub(super) fn backups(&self) -> Vec<Backup> {
        let own = own_folder(&self.data);
        let folders = folders_of(&self.data, self.chosen.then_some(self.folder.as_path()));
        let all = folders.iter().flat_map(|folder| backups_in(folder));
        once_each(all.filter(|backup| backup.folder == own || backup.is_of(&self.series)).collect())
    }
}

/// The folder of backups inside a data folder.
pub(super) fn own_folder(data: &Path) -> PathBuf {
    data.join("backups")
}

/// The folder, or the data folder's own one where it is that by another name.
pub(super) fn or_own(data: &Path, folder: PathBuf) -> PathBuf {
    let own = own_folder(data);
    if resolved(&folder) == resolved(&own) { own } else { folder }
}

/// All folders that hold backups of a data folder: the one that was chosen, and its own.
pub(super) fn folders_of(data: &Path, chosen: Option<&Path>) -> Vec<PathBuf> {
    let own = own_folder(data);
    let remembered = fs::read_to_string(own.join(ELSEWHERE)).ok().map(|path| PathBuf::from(path.trim_end()));
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in chosen.map(Path::to_owned).into_iter().chain(remembered).chain([own]) {
        let folder = or_own(data, folder);
        if !folders.iter().any(|other| resolved(other) == resolved(&folder)) {
            folders.push(folder);
        }
    }
    folders
}

/// Notes which folder was chosen. Only a help for the day the data cannot be read.
pub(super) fn note_elsewhere(own: &Path, folder: &Path) {
    let path = folder.to_string_lossy();
    if let Err(error) = write_whole(&own.join(ELSEWHERE), path.as_bytes()) {
        tracing::warn!(%error, "where backups are could not be noted");
    }
}

/// Makes a folder somebody chose, where it is not there. Only its last part is made: a disk that is not
/// plugged in is not to be mistaken for a folder.
pub(super) fn chosen_folder(folder: &Path) -> Result<(), BackupProblem> {
    private_folder(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => BackupProblem::NoFolder(folder.to_owned()),
        _ => BackupProblem::disk(folder)(error),
    })
}

/// That no other office keeps its backups in a folder.
pub(super) fn is_nobody_elses(folder: &Path, series: &str) -> Result<(), BackupProblem> {
    let backups = backups_in(folder);
    let mut known = backups.iter().filter_map(|backup| backup.manifest.as_ref());
    if known.any(|manifest| !manifest.series.is_empty() && manifest.series != series) {
        return Err(BackupProblem::Foreign(folder.to_owned()));
    }
    Ok(())
}

/// That backups can be kept in a folder somebody is about to choose: it is there or can be made, has nothing
/// to do with the data, belongs to nobody else, and can be written to.
pub(super) fn can_be_chosen(data: &Path, folder: &Path, series: &str) -> Result<(), BackupProblem> {
    if or_own(data, folder.to_owned()) == own_folder(data) {
        return stays_apart(data, &own_folder(data));
    }
    stays_apart(data, folder)?;
    chosen_folder(folder)?;
    is_nobody_elses(folder, series)?;
    let tried = tempfile::Builder::new().prefix(".ringdesk-").tempfile_in(folder);
    let tried = tried.and_then(tempfile::NamedTempFile::close);
    tried.map_err(BackupProblem::disk(folder))
}

/// That a folder for backups, and what lies in it, is no part of the data, by whatever name: what is outdated
/// is deleted there. The one made for them in the data folder is none.
pub(super) fn stays_apart(data: &Path, folder: &Path) -> Result<(), BackupProblem> {
    let (whole, own) = (resolved(data), resolved(&own_folder(data)));
    let media = folder.join(MEDIA);
    let is_apart = |place: &Path, own: &Path| {
        let place = resolved(place);
        place == *own || !place.starts_with(&whole)
    };
    let apart = is_apart(folder, &own)
        && is_apart(&media, &own.join(MEDIA))
        && !is_same(folder, data)
        && !is_same(&media, &data.join(MEDIA))
        // Nor is it the data folder of another office.
        && !database_file(folder).exists();
    if apart { Ok(()) } else { Err(BackupProblem::Among(folder.to_owned())) }
}

/// Whether two names are those of one folder.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |path: &Path| fs::metadata(path).ok().map(|folder| (folder.dev(), folder.ino()));
        if id(one).is_some_and(|found| id(other) == Some(found)) {
            return true;
        }
    }
    resolved(one) == resolved(other)
}

/// A path without links in it, also where its last parts are not there yet.
fn resolved(path: &Path) -> PathBuf {
    let mut rest: Vec<&OsStr> = Vec::new();
    let mut there = path;
    loop {
        if let Ok(whole) = fs::canonicalize(there) {
            return rest.iter().rev().fold(whole, |whole, part| whole.join(part));
        }
        match (there.parent(), there.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                there = parent;
            }
            _ => return path.to_owned(),
        }
    }
}

/// Writes a small file only its owner can read, instead of what was there.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let fresh = path.with_extension("part");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = new_file(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_the_data_is_a_folder_for_backups() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("office");
        for made in ["media", "backups", "logs"] {
            fs::create_dir_all(data.join(made)).expect("a folder");
        }
        let refused = |place: &Path| matches!(stays_apart(&data, place), Err(BackupProblem::Among(_)));
        let inside =
            ["", "media", "logs", "not/there/yet", "backups/media", "backups/deeper", "logs/../media"];
        for place in inside {
            assert!(refused(&data.join(place)), "{place}");
        }
        for place in [own_folder(&data), folder.path().join("disk"), folder.path().to_owned()] {
            assert_eq!(stays_apart(&data, &place), Ok(()), "{}", place.display());
        }
        let other = folder.path().join("other");
        fs::create_dir(&other).expect("a folder");
        fs::write(database_file(&other), "").expect("written");
        assert!(refused(&other), "another office's data");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_make_it_another_folder() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("office");
        for made in ["media", "backups"] {
            fs::create_dir_all(data.join(made)).expect("a folder");
        }
        let alias = folder.path().join("alias");
        symlink(&data, &alias).expect("a link");
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).expect("a folder");
        symlink(data.join("media"), disk.join("media")).expect("a link");
        for place in [&alias, &alias.join("new"), &disk] {
            assert!(stays_apart(&data, place).is_err(), "{}", place.display());
        }
        assert_eq!(or_own(&data, alias.join("backups")), own_folder(&data));
        assert_eq!(folders_of(&data, Some(&alias.join("backups"))), [own_folder(&data)]);
        assert_eq!(stays_apart(&data, &folder.path().join("disk2")), Ok(()));
    }
}
