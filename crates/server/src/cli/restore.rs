//! `ringdeskd restore`: puts a backup into a new data folder, or in the place of data that cannot be used.

use super::{WrongUsage, backup::in_words, say};
use anyhow::Context;
use clap::Args;
use ringdesk_inbox::{BackupProblem, Clock};
use ringdesk_machine::DataFolder;
use secrecy::SecretString;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

#[derive(Args)]
pub(crate) struct Restore {
    /// The backup: its file, or the folder of the newest. With --in-place the newest of the data folder's own
    /// when left out.
    #[arg(long, required_unless_present = "in_place")]
    from: Option<PathBuf>,
    /// Where everything is to be kept: a folder that is not there yet, or in which nothing is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// Put it in the place of what is there, such as damaged data, which is moved aside whole.
    #[arg(long)]
    in_place: bool,
    #[command(flatten)]
    code: Code,
}

/// The recovery code, where a backup is sealed. It is no argument: others could read those.
#[derive(Args)]
pub(super) struct Code {
    /// A file with the recovery code; `RINGDESK_RECOVERY_CODE` when left out.
    #[arg(long)]
    code_file: Option<PathBuf>,
}

impl Code {
    pub(super) fn read(&self) -> anyhow::Result<Option<SecretString>> {
        if let Some(file) = &self.code_file {
            let code = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            return Ok(Some(code.into()));
        }
        match std::env::var("RINGDESK_RECOVERY_CODE") {
            Ok(code) if !code.is_empty() => Ok(Some(code.into())),
            Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
            Err(_) => Err(WrongUsage("RINGDESK_RECOVERY_CODE is no text".into()).into()),
        }
    }
}

impl Restore {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let code = self.code.read()?;
        let place = Place::of(&self.data_dir)?;
        if !self.in_place && !place.may_be_new {
            return Err(told(&BackupProblem::NotEmpty(self.data_dir)));
        }
        // Nobody opens it meanwhile.
        let owned = crate::wiring::own(&self.data_dir).await?;
        let (from, to, in_place) = (self.from, self.data_dir, self.in_place);
        let restoring = move || {
            let restored = match (from, in_place) {
                (Some(from), false) => ringdesk_inbox::restore(&from, &to, code.as_ref()),
                (from, _) => {
                    let from = from.or_else(|| newest(&to));
                    let from = from.ok_or_else(|| BackupProblem::Nothing(to.clone()));
                    let now = Clock::System.now();
                    from.and_then(|from| ringdesk_inbox::restore_in_place(&to, from, code.as_ref(), now))
                }
            };
            restored.map_err(|problem| told(&problem))
        };
        let restored = tokio::task::spawn_blocking(restoring).await?;
        if restored.is_err() {
            place.leave(owned);
        }
        say(&serde_json::to_value(restored?)?)
    }
}

/// What went wrong, and what to do, in one line.
fn told(problem: &BackupProblem) -> anyhow::Error {
    let more = match problem {
        BackupProblem::NotEmpty(_) => " With --in-place what is there is moved aside.",
        _ => "",
    };
    anyhow::anyhow!("{}{more}", in_words(problem))
}

/// The newest backup of a data folder with which nothing seems to be wrong.
fn newest(data_dir: &Path) -> Option<PathBuf> {
    let mut backups = ringdesk_inbox::backups_of(data_dir).into_iter();
    backups.find(|backup| backup.problem.is_none()).map(|backup| backup.name.into())
}

/// The data folder as it was before.
struct Place {
    path: PathBuf,
    /// None where it was not there.
    held: Option<Vec<OsString>>,
    /// Whether it is no folder of somebody's with other things in it.
    may_be_new: bool,
}

impl Place {
    fn of(path: &Path) -> anyhow::Result<Self> {
        let held = match std::fs::read_dir(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            entries => {
                let names: std::io::Result<Vec<OsString>> =
                    entries.and_then(|all| all.map(|one| one.map(|one| one.file_name())).collect());
                Some(names.with_context(|| path.display().to_string())?)
            }
        };
        let is_known = |held: &Vec<OsString>| {
            held.is_empty() || held.iter().any(|name| name == "lock" || name == ringdesk_store::UNFINISHED)
        };
        let may_be_new = held.as_ref().is_none_or(is_known);
        Ok(Self { path: path.to_owned(), held, may_be_new })
    }

    /// Leaves it as it was: without what owning it made.
    fn leave(&self, owned: DataFolder) {
        let was_there = |part: &str| self.held.iter().flatten().any(|name| name == part);
        for part in ["media", "backups", "logs"] {
            if !was_there(part) {
                // Only where nothing is in it.
                let _ = std::fs::remove_dir(self.path.join(part));
            }
        }
        if !was_there("lock") {
            let _ = std::fs::remove_file(self.path.join("lock"));
        }
        drop(owned);
        if self.held.is_none() {
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}
