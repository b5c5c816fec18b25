//! What can be wrong with a backup, or with making one, in words for people.

use crate::Problem;
use ringdesk_store::StoreError;
use std::{
    io::{self, ErrorKind},
    path::PathBuf,
};

/// Why a backup was not made, cannot be used or was not restored. Nothing that was there is gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupProblem {
    /// The disk is full, or a file may not become so large.
    #[error("There isn't enough room in {0}.")]
    NoRoom(PathBuf),
    /// The folder is not there, as when its disk is not plugged in.
    #[error("The folder {0} isn't there.")]
    NoFolder(PathBuf),
    /// Another office's backups are in that folder.
    #[error("Another Ringdesk keeps its backups in {0}.")]
    Foreign(PathBuf),
    /// That folder is part of the data, or holds another office's.
    #[error("{0} is where Ringdesk keeps its data itself.")]
    Among(PathBuf),
    /// A backup outside the data folder has to be sealed.
    #[error("A backup in a folder of your choice has to be locked, and there is no recovery code yet.")]
    NeedsSeal,
    /// It is sealed, and no code was given.
    #[error("This backup is locked. It takes its recovery code.")]
    NeedsCode,
    /// What was given is no code at all.
    #[error("That is no recovery code: a letter or digit is wrong, missing or too many.")]
    Mistyped,
    /// It is a code, and not the one that seals this.
    #[error("That recovery code doesn't open this backup.")]
    WrongCode,
    /// A file is not as it was when the backup was made.
    #[error("The backup {name} is damaged: {what}.")]
    Damaged {
        /// Which.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// The data itself is damaged, so that no copy of it would be any good.
    #[error("The data is damaged, so that no backup of it can be made ({0}).")]
    DataDamaged(String),
    /// No backup is there.
    #[error("There is no backup in {0}.")]
    Nothing(PathBuf),
    /// It was made by a newer program.
    #[error("This backup was made by a newer Ringdesk.")]
    Newer,
    /// Where it should be restored to something is already.
    #[error("{0} isn't empty.")]
    NotEmpty(PathBuf),
    /// The program is about to end.
    #[error("Ringdesk is closing.")]
    Stopped,
    /// The computer said no to something else.
    #[error("{0} couldn't be used ({1}).")]
    Disk(PathBuf, String),
}

impl BackupProblem {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoRoom(_) => "Make room there, or choose another folder. Older backups stay as they are.",
            Self::NoFolder(_) => "Plug in its disk or choose another folder. Older backups stay as they are.",
            Self::Foreign(_) => "Choose a folder of its own for this computer.",
            Self::Among(_) => "Choose a folder of its own for backups, best on another disk.",
            Self::NeedsSeal => "Make a recovery code first: without it nobody else can read what lies there.",
            Self::NeedsCode => "Type the code you wrote down when you made it.",
            Self::Mistyped => "Compare it with what you wrote down, group by group.",
            Self::WrongCode => "Use the code that was in force when it was made.",
            Self::Damaged { .. } => "Use another backup. Nothing was changed.",
            Self::DataDamaged(_) => {
                "Close Ringdesk and open it again: it offers your backups. Older backups stay as they are."
            }
            Self::Nothing(_) => "Look for a folder with files that end in .db or .db.age.",
            Self::Newer => "Update Ringdesk, then try again.",
            Self::NotEmpty(_) => "Choose a folder that is empty or doesn't exist yet.",
            Self::Stopped => "It is made at the next start.",
            Self::Disk(..) => "Check that the disk works and that you may write there, then try again.",
        }
        .into()
    }

    /// What the window branches on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeedsSeal => "needs_seal",
            Self::NeedsCode => "needs_code",
            Self::Mistyped => "mistyped_code",
            Self::WrongCode => "wrong_code",
            Self::Damaged { .. } => "backup_damaged",
            _ => "backup",
        }
    }

    /// What the disk said of a file or folder.
    pub(super) fn disk(at: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::NoRoom(at.into())
            }
            kind => Self::Disk(at.into(), kind.to_string()),
        }
    }

    /// What the database said while it was copied into a folder.
    pub(super) fn copying(to: impl Into<PathBuf>) -> impl FnOnce(StoreError) -> Self {
        move |error| match error {
            StoreError::Damaged(what) => Self::DataDamaged(what),
            // SQLite's word for a full disk: <https://sqlite.org/rescode.html#full>
            StoreError::Disk(said) if said == "SQLite 13" => Self::NoRoom(to.into()),
            StoreError::Disk(_) => Self::Disk(to.into(), "it couldn't be written".into()),
            other => Self::Disk(to.into(), other.to_string()),
        }
    }

    pub(super) fn damaged(name: &str, what: impl Into<String>) -> Self {
        Self::Damaged { name: name.to_owned(), what: what.into() }
    }
}

impl From<BackupProblem> for Problem {
    fn from(problem: BackupProblem) -> Self {
        Self::Told { code: problem.code(), message: problem.to_string(), hint: problem.hint() }
    }
}
