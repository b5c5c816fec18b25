//! What a folder of backups holds. Each backup is a file and its description beside it, which is written
//! last: without one there is no backup, only a leftover.

use super::{
    make::PART,
    seal::{new_file, sync_folder},
    trouble::BackupProblem,
};
use crate::{
    from_twilio::hex,
    view::{BackupReason, DataBackup},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use ringdesk_domain::Moment;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// How a backup is called after its moment, in UTC.
const NAMED: &str = "ringdesk-%Y-%m-%dT%H%M%SZ";
/// Letters of such a name; more tell those of one second apart.
const NAME: usize = "ringdesk-2026-11-22T180500Z".len();
/// The folder of pictures and sounds, once each for all backups.
pub(super) const MEDIA: &str = "media";
/// What stands before the hash of a description, which is the last thing in it.
const CHECK: &str = ",\"check\":\"";

/// A description of a backup, as it lies beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// When it was made.
    pub(super) made_at: Moment,
    /// Why.
    pub(super) reason: BackupReason,
    /// The version of the program that made it.
    pub(super) app: String,
    /// The schema of the data.
    pub(super) schema: i64,
    /// Size of its file as it lies there.
    pub(super) bytes: u64,
    /// Hash of its file as it lies there, in hex.
    pub(super) sha256: String,
    /// Whether it is sealed.
    pub(super) sealed: bool,
    /// By what; no secret.
    pub(super) recipient: Option<String>,
    /// Tells the backups of one office from those of another; empty where that is not known.
    pub(super) series: String,
    /// The pictures and sounds that belong to it.
    pub(super) media: Vec<Piece>,
    /// When it was last looked through and found whole.
    pub(super) verified_at: Option<Moment>,
    /// What was found to be wrong with it.
    pub(super) problem: Option<String>,
    /// Whether that was found with the code, so that nobody without it can say it is no longer so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) found_inside: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that is asked for")]
fn is_false(said: &bool) -> bool {
    !said
}

/// A picture or sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Hash of its content, in hex.
    pub(super) sha256: String,
    /// Its size as it lies there.
    pub(super) bytes: u64,
    /// Hash of its file as it lies there, in hex, where it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sealed_sha256: Option<String>,
}

/// A backup in a folder.
#[derive(Debug, Clone)]
pub(super) struct Backup {
    pub(super) folder: PathBuf,
    pub(super) name: String,
    pub(super) at: Moment,
    /// None where it cannot be read.
    pub(super) manifest: Option<Manifest>,
    /// Whether its file was there, as long as it is described, when the folder was looked at.
    pub(super) there: bool,
}

impl Manifest {
    /// What is written: itself, and last of all the hash of that.
    fn written(&self) -> serde_json::Result<String> {
        let body = serde_json::to_string(self)?;
        let check = hex(&Sha256::digest(&body));
        Ok(format!("{}{CHECK}{check}\"}}", body.strip_suffix('}').unwrap_or(&body)))
    }

    /// What was written; none where it is not what it was. One without a hash is taken as it is.
    fn read(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        if let Some((body, check)) = text.rsplit_once(CHECK)
            && check.strip_suffix("\"}")? != hex(&Sha256::digest(format!("{body}}}")))
        {
            return None;
        }
        let manifest: Self = serde_json::from_str(text).ok()?;
        // They become names of files.
        manifest.media.iter().all(|piece| is_hash(&piece.sha256)).then_some(manifest)
    }

    /// Where a picture or sound of it lies.
    pub(super) fn piece(&self, folder: &Path, piece: &Piece) -> PathBuf {
        folder.join(MEDIA).join(piece_name(&piece.sha256, self.recipient.as_deref()))
    }
}

/// Whether it is a SHA-256 as we write it, in hex.
pub(super) fn is_hash(word: &str) -> bool {
    word.len() == 64 && word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// How the file of a picture or sound is called: what another code sealed is another file.
pub(super) fn piece_name(sha256: &str, recipient: Option<&str>) -> String {
    match recipient {
        None => sha256.to_owned(),
        Some(recipient) => {
            let seal = hex(&Sha256::digest(recipient.as_bytes())[..4]);
            format!("{sha256}-{seal}.age")
        }
    }
}

impl Backup {
    /// One as it is described.
    fn described(folder: &Path, name: &str, named_at: Moment, text: &[u8]) -> Self {
        let manifest = Manifest::read(text);
        let at = manifest.as_ref().map_or(named_at, |manifest| manifest.made_at);
        let mut backup =
            Self { folder: folder.to_owned(), name: name.to_owned(), at, manifest, there: false };
        let length = fs::metadata(backup.file()).map(|file| file.len()).ok();
        backup.there = length.is_some() && length == backup.manifest.as_ref().map(|manifest| manifest.bytes);
        backup
    }

    /// One nobody can say anything about.
    fn undescribed(folder: &Path, name: &str, at: Moment) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned(), at, manifest: None, there: false }
    }

    /// Where its data lies.
    pub(super) fn file(&self) -> PathBuf {
        let sealed = self.manifest.as_ref().is_some_and(|manifest| manifest.sealed);
        self.folder.join(data_name(&self.name, sealed))
    }

    /// Why it was made.
    pub(super) fn reason(&self) -> Option<BackupReason> {
        self.manifest.as_ref().map(|manifest| manifest.reason)
    }

    /// Whether nothing is known to be wrong with it.
    pub(super) fn is_sound(&self) -> bool {
        self.there && self.manifest.as_ref().is_some_and(|manifest| manifest.problem.is_none())
    }

    /// Whether it may be one of this office's; an empty series is nobody's.
    pub(super) fn is_of(&self, series: &str) -> bool {
        self.manifest.as_ref().is_none_or(|manifest| !series.is_empty() && manifest.series == series)
    }

    /// Its description, or that it is damaged.
    pub(super) fn known(&self) -> Result<&Manifest, BackupProblem> {
        let unreadable = || BackupProblem::damaged(&self.name, "its description is missing or damaged");
        self.manifest.as_ref().ok_or_else(unreadable)
    }

    /// As a window shows it.
    pub(super) fn view(&self) -> DataBackup {
        let Some(manifest) = &self.manifest else {
            return DataBackup {
                name: self.name.clone(),
                at: self.at,
                bytes: 0,
                sealed: false,
                reason: BackupReason::Daily,
                verified_at: None,
                problem: Some("Its description is missing or damaged.".into()),
            };
        };
        let there = fs::metadata(self.file()).map(|file| file.len() == manifest.bytes);
        let problem = match there {
            Ok(true) => manifest.problem.clone(),
            Ok(false) => Some("Its file is damaged.".into()),
            Err(_) => Some("Its file isn't there.".into()),
        };
        DataBackup {
            name: self.name.clone(),
            at: manifest.made_at,
            bytes: manifest.bytes + manifest.media.iter().map(|piece| piece.bytes).sum::<u64>(),
            sealed: manifest.sealed,
            reason: manifest.reason,
            verified_at: manifest.verified_at.filter(|_| problem.is_none()),
            problem,
        }
    }

    /// Writes its description, instead of what was there.
    pub(super) fn describe(&self, manifest: &Manifest) -> Result<(), BackupProblem> {
        self.draft(manifest)?;
        self.publish()
    }

    /// Writes its description beside where it will be.
    pub(super) fn draft(&self, manifest: &Manifest) -> Result<(), BackupProblem> {
        let write = || -> io::Result<()> {
            let fresh = self.folder.join(format!("{}.json{PART}", self.name));
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = new_file(&fresh)?;
            file.write_all(manifest.written()?.as_bytes())?;
            file.sync_all()
        };
        write().map_err(BackupProblem::disk(&self.folder))
    }

    /// Puts the description that was drafted into its place: from then on there is this backup.
    pub(super) fn publish(&self) -> Result<(), BackupProblem> {
        let described = description(&self.folder, &self.name);
        fs::rename(self.folder.join(format!("{}.json{PART}", self.name)), described)
            .and_then(|()| sync_folder(&self.folder))
            .map_err(BackupProblem::disk(&self.folder))
    }

    /// Ends what a crash cut off: a draft beside whole data becomes its description, any other one goes.
    pub(super) fn finish(folder: &Path, name: &str) -> io::Result<()> {
        let draft = folder.join(format!("{name}.json{PART}"));
        if !description(folder, name).try_exists()?
            && let Some(at) = moment_of(name)
            && Self::described(folder, name, at, &fs::read(&draft)?).there
        {
            fs::rename(&draft, description(folder, name))?;
            return sync_folder(folder);
        }
        fs::remove_file(&draft)
    }

    /// Whether its description still lies there.
    pub(super) fn is_described(&self) -> bool {
        description(&self.folder, &self.name).try_exists().unwrap_or(false)
    }

    /// Deletes it: its description first, so that half of it is none.
    pub(super) fn delete(&self) -> io::Result<()> {
        let [sealed, plain] = [true, false].map(|sealed| data_name(&self.name, sealed));
        let names = [format!("{}.json", self.name), sealed, plain];
        for name in names {
            match fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// How the file of a backup is called.
pub(super) fn data_name(name: &str, sealed: bool) -> String {
    if sealed { format!("{name}.db.age") } else { format!("{name}.db") }
}

/// Where the description of a backup lies.
fn description(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// The name of a backup of this moment that is not taken in any of these folders.
pub(super) fn new_name(folders: &[&Path], at: Moment) -> String {
    let name = Timestamp::from_millisecond(at.0).unwrap_or_default().strftime(NAMED).to_string();
    let taken = |name: &str| {
        let files = [format!("{name}.json"), data_name(name, true), data_name(name, false)];
        folders.iter().any(|folder| files.iter().any(|file| folder.join(file).exists()))
    };
    let others = (2..).map(|n| format!("{name}-{n}"));
    std::iter::once(name.clone()).chain(others).find(|name| !taken(name)).unwrap_or(name)
}

/// The moment a name tells; none where it is no name of a backup.
pub(super) fn moment_of(name: &str) -> Option<Moment> {
    let (moment, rest) = name.split_at_checked(NAME)?;
    let counted = rest.strip_prefix('-').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    if !rest.is_empty() && !counted {
        return None;
    }
    let at = DateTime::strptime(NAMED, moment).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(Moment(at.timestamp().as_millisecond()))
}

/// The name of the backup a file is the data or the description of.
fn name_in(file: &str) -> Option<&str> {
    let name = [".json", ".db", ".db.age"].iter().find_map(|kind| file.strip_suffix(kind))?;
    moment_of(name).map(|_| name)
}

/// The backups of a folder, newest first; none where it cannot be read.
pub(super) fn backups_in(folder: &Path) -> Vec<Backup> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let names: BTreeSet<String> = files.filter_map(|file| name_in(&file).map(str::to_owned)).collect();
    let found = |name: &String| {
        let undescribed = || moment_of(name).map(|at| Backup::undescribed(folder, name, at));
        backup_in(folder, name).or_else(undescribed)
    };
    let mut backups: Vec<Backup> = names.iter().filter_map(found).collect();
    backups.sort_by(|a, b| (b.at, &b.name).cmp(&(a.at, &a.name)));
    backups
}

/// The backups of a folder, or why not all of it could be read: for whoever deletes what is not among them.
pub(super) fn listed(folder: &Path) -> io::Result<Vec<Backup>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(file) = entry?.file_name().into_string() {
            names.extend(name_in(&file).map(str::to_owned));
        }
    }
    let mut backups = Vec::with_capacity(names.len());
    for name in names {
        let Some(at) = moment_of(&name) else { continue };
        backups.push(match fs::read(description(folder, &name)) {
            Ok(text) => Backup::described(folder, &name, at, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Backup::undescribed(folder, &name, at),
            Err(error) => return Err(error),
        });
    }
    Ok(backups)
}

/// A backup of a folder by its name; none where it is not described there.
pub(super) fn backup_in(folder: &Path, name: &str) -> Option<Backup> {
    let at = moment_of(name)?;
    match fs::read(description(folder, name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        text => Some(Backup::described(folder, name, at, &text.unwrap_or_default())),
    }
}

/// The backups of several folders, newest first. Of those of one name, as where somebody copied them, one
/// counts, and rather a sound one.
pub(super) fn once_each(mut backups: Vec<Backup>) -> Vec<Backup> {
    backups.sort_by_key(|backup| !backup.is_sound());
    let mut names = HashSet::new();
    backups.retain(|backup| names.insert(backup.name.clone()));
    backups.sort_by(|a, b| (b.at, &b.name).cmp(&(a.at, &a.name)));
    backups
}

/// What the sealed pictures and sounds of a folder are known by: the hashes each file may have, as it lies
/// there. It has several where it was sealed anew.
pub(super) fn seals_in(folder: &Path) -> HashMap<String, HashSet<String>> {
    let mut seals: HashMap<String, HashSet<String>> = HashMap::new();
    for manifest in backups_in(folder).into_iter().filter_map(|backup| backup.manifest) {
        for piece in &manifest.media {
            if let Some(sha256) = &piece.sealed_sha256 {
                let name = piece_name(&piece.sha256, manifest.recipient.as_deref());
                seals.entry(name).or_default().insert(sha256.clone());
            }
        }
    }
    seals
}

#[cfg(test)]
impl Backup {
    /// One that lies nowhere.
    pub(super) fn made_up(name: &str, at: Moment, reason: BackupReason, sound: bool) -> Self {
        let manifest = Manifest {
            made_at: at,
            reason,
            app: "0.1.0".into(),
            schema: 1,
            bytes: 1,
            sha256: "0".repeat(64),
            sealed: false,
            recipient: None,
            series: "ours".into(),
            media: vec![Piece { sha256: "1".repeat(64), bytes: 2, sealed_sha256: None }],
            verified_at: sound.then_some(at),
            problem: (!sound).then(|| "It is damaged.".into()),
            found_inside: false,
        };
        Self { folder: PathBuf::new(), name: name.into(), at, manifest: Some(manifest), there: true }
    }
}

#[cfg(test)]
mod tests;
