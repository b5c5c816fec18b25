//! `ringdeskd settings`.

use super::{
    WrongUsage,
    owner::{Owner, Refused, SOON},
    say,
};
use anyhow::Context;
use clap::{Args, Subcommand};
use ringdesk_inbox::{Access, Clock, Inbox};
use ringdesk_machine::FolderError;
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Settings {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Show them as JSON.
    Show {
        /// Where everything is kept.
        #[arg(long)]
        data_dir: PathBuf,
    },
    /// Change them by a JSON merge patch (RFC 7396), taken whole or not at all.
    Apply {
        /// The patch; `-` reads stdin.
        file: PathBuf,
        /// Where everything is kept.
        #[arg(long)]
        data_dir: PathBuf,
    },
}

impl Settings {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.act {
            Act::Show { data_dir } => {
                let inbox = Inbox::open(&data_dir, Access::Read, Clock::System).await?;
                say(&serde_json::to_value(inbox.settings().await?)?)?;
                inbox.close().await;
                Ok(())
            }
            Act::Apply { file, data_dir } => {
                let patch = if file == Path::new("-") {
                    std::io::read_to_string(std::io::stdin())?
                } else {
                    std::fs::read_to_string(&file).with_context(|| file.display().to_string())?
                };
                let patch: Value = serde_json::from_str(&patch).context("the patch is not JSON")?;
                say(&apply(&data_dir, &patch).await?)
            }
        }
    }
}

/// Changes the settings ourselves, or asks the process that owns the folder to.
async fn apply(data_dir: &Path, patch: &Value) -> anyhow::Result<Value> {
    let folder = match crate::wiring::own(data_dir).await {
        Ok(folder) => folder,
        Err(FolderError::Taken(_)) => return through_owner(data_dir, patch).await,
        Err(error) => return Err(error.into()),
    };
    let inbox = Inbox::open(folder.path(), Access::Own, Clock::System).await?;
    let applied = inbox.apply_settings(patch).await;
    inbox.close().await;
    match applied {
        Ok(settings) => Ok(serde_json::to_value(settings)?),
        Err(error) => Err(WrongUsage(error.to_string()).into()),
    }
}

async fn through_owner(data_dir: &Path, patch: &Value) -> anyhow::Result<Value> {
    let Some(owner) = Owner::of(data_dir).await else {
        return Err(FolderError::Taken(data_dir.to_owned()).into());
    };
    let applied = owner.ask("apply_settings", patch, SOON).await;
    applied.map_err(|error| match error.downcast::<Refused>() {
        Ok(refused) => WrongUsage(refused.0).into(),
        Err(error) => error,
    })
}
