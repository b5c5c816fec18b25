//! `ringdeskd verify`: looks backups through, also where the data itself cannot be opened any more.

use super::{backup::in_words, restore::Code, say};
use clap::Args;
use ringdesk_inbox::{BackupProblem, view::DataBackup};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Verify {
    /// Where everything is kept: all backups of it are looked through.
    #[arg(long, required_unless_present = "from", conflicts_with = "from")]
    data_dir: Option<PathBuf>,
    /// One backup: its file, or the folder of the newest.
    #[arg(long)]
    from: Option<PathBuf>,
    #[command(flatten)]
    code: Code,
}

/// What was looked through, and what is wrong with each.
type Found = Vec<(DataBackup, Option<BackupProblem>)>;

impl Verify {
    /// Whether all of it is whole.
    pub(crate) async fn run(self) -> anyhow::Result<bool> {
        let code = self.code.read()?;
        let opened = code.is_some();
        let looking = move || -> Result<Found, BackupProblem> {
            match (&self.from, &self.data_dir) {
                (Some(from), _) => Ok(vec![(ringdesk_inbox::verify_backup_at(from, code.as_ref())?, None)]),
                (None, Some(data)) => ringdesk_inbox::verify_backups_of(data, code.as_ref()),
                // One of the two is asked for on the command line.
                (None, None) => Ok(Vec::new()),
            }
        };
        let found = tokio::task::spawn_blocking(looking).await?.map_err(|problem| in_words(&problem))?;
        let mut whole = true;
        for (backup, problem) in &found {
            let closed = matches!(problem, Some(BackupProblem::WrongCode));
            let opened = !backup.sealed || (opened && !closed);
            // What was found inside earlier is still so where nobody looked inside now.
            let before = backup.problem.as_ref().filter(|_| !opened);
            let problem = problem.as_ref().map(ToString::to_string).or_else(|| before.cloned());
            whole &= problem.is_none();
            say(&serde_json::json!({
                "name": backup.name,
                "at": backup.at,
                "bytes": backup.bytes,
                "sealed": backup.sealed,
                "opened": opened,
                "problem": problem,
            }))?;
        }
        Ok(whole)
    }
}
