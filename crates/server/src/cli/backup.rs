//! `ringdeskd backup`: makes a backup of the data, also beside a running owner.

use super::{owner::Owner, say};
use anyhow::Context;
use clap::Args;
use ringdesk_inbox::{Access, BackupProblem, Clock, Inbox, Problem};
use ringdesk_machine::FolderError;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How long an owner may take to make one: everything that is kept is read and written.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

#[derive(Args)]
pub(crate) struct Backup {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// A folder for it; the one backups are kept in when left out. A folder elsewhere takes a recovery code.
    #[arg(long)]
    to: Option<PathBuf>,
}

impl Backup {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        if !ringdesk_store::database_file(&self.data_dir).exists() {
            anyhow::bail!("no data in {}", self.data_dir.display());
        }
        let made = match &self.to {
            Some(folder) => beside(&self.data_dir, folder).await?,
            None => at_home(&self.data_dir).await?,
        };
        say(&made)
    }
}

async fn beside(data_dir: &Path, folder: &Path) -> anyhow::Result<Value> {
    let inbox = Inbox::open(data_dir, Access::Read, Clock::System).await?;
    let made = inbox.back_up_into(folder).await;
    inbox.close().await;
    Ok(serde_json::to_value(made.map_err(told)?)?)
}

async fn at_home(data_dir: &Path) -> anyhow::Result<Value> {
    let folder = match crate::wiring::own(data_dir).await {
        Ok(folder) => folder,
        Err(error @ FolderError::Taken(_)) => {
            let Some(owner) = Owner::of(data_dir).await else { return Err(error.into()) };
            let all = owner.ask("back_up_now", &json!({}), PATIENCE).await?;
            return all["backups"].get(0).cloned().context("the owner's answer could not be read");
        }
        Err(error) => return Err(error.into()),
    };
    let inbox = Inbox::open(folder.path(), Access::Own, Clock::System).await?;
    let made = inbox.back_up_now().await;
    inbox.close().await;
    let newest = made.map_err(told)?.backups.into_iter().next();
    Ok(serde_json::to_value(newest.context("the backup is gone again")?)?)
}

/// What went wrong, and what to do, in one line.
pub(super) fn in_words(problem: &BackupProblem) -> anyhow::Error {
    anyhow::anyhow!("{problem} {}", problem.hint())
}

fn told(problem: Problem) -> anyhow::Error {
    match problem {
        Problem::Told { message, hint, .. } => anyhow::anyhow!("{message} {hint}"),
        other => other.into(),
    }
}
