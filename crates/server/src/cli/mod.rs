//! The command line. Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 another process owns the data
//! folder, 4 no credentials, 5 damaged database (nothing is overwritten).

mod backup;
mod doctor;
mod export;
mod owner;
mod restore;
mod route;
mod sandbox;
mod seed;
mod serve;
mod settings;
mod verify;

use crate::OfficeError;
use clap::{Parser, Subcommand};
use ringdesk_inbox::OpenError;
use ringdesk_machine::{DataFolder, FolderError};
use std::{io::Write, process::ExitCode};

#[derive(Parser)]
#[command(name = "ringdeskd", version, about = "The front desk of a small business, without a window.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer Twilio and keep everything in the data folder.
    Serve(serve::Serve),
    /// Run a pretend Twilio on this computer.
    Sandbox(sandbox::Sandbox),
    /// Write everything that is kept, one JSON object a line or as CSV.
    Export(export::Export),
    /// Fill a data folder with made-up data for measuring.
    Seed(seed::Seed),
    /// Show what a caller would get at some moment, and why.
    Route(route::Route),
    /// Show or change the settings.
    Settings(settings::Settings),
    /// Look the line over.
    Doctor(doctor::Doctor),
    /// Make a backup of the data.
    Backup(backup::Backup),
    /// Look backups through: whether each of their files is what it was, and opens.
    Verify(verify::Verify),
    /// Put a backup into a new data folder, or in the place of damaged data.
    Restore(restore::Restore),
}

/// The exit code of a damaged database, and what to do about it.
const DAMAGED: u8 = 5;
const WAY_OUT: &str = "; nothing was changed. \"ringdeskd restore --in-place --data-dir FOLDER\" brings back \
     its newest backup and keeps what is damaged beside it.";

/// Nobody said whose account to use.
#[derive(Debug, thiserror::Error)]
#[error("no credentials: set RINGDESK_ACCOUNT_SID and RINGDESK_AUTH_TOKEN")]
pub(crate) struct NoCredentials;

/// What was asked for makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongUsage(pub(crate) String);

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    let runtime = match crate::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome: anyhow::Result<(ExitCode, Option<DataFolder>)> = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => {
                let folder = serve.run().await?;
                return Ok((ExitCode::SUCCESS, Some(folder)));
            }
            Command::Sandbox(sandbox) => sandbox.run().await?,
            Command::Export(export) => export.run().await?,
            Command::Seed(seed) => seed.run().await?,
            Command::Route(route) => route.run().await?,
            Command::Settings(settings) => settings.run().await?,
            Command::Backup(backup) => backup.run().await?,
            Command::Restore(restore) => restore.run().await?,
            Command::Verify(verify) => {
                if !verify.run().await? {
                    return Ok((ExitCode::FAILURE, None));
                }
            }
            Command::Doctor(doctor) => {
                if !doctor.run().await? {
                    // What is wrong was said; the code tells those who do not read.
                    return Ok((ExitCode::FAILURE, None));
                }
            }
        }
        Ok((ExitCode::SUCCESS, None))
    });
    // A request that hangs somewhere must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match outcome {
        Ok((code, _folder)) => code,
        Err(error) => failed(&error),
    }
}

/// JSON lines on stderr; `RINGDESK_LOG` sets the level.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RINGDESK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,ringdesk=info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    let code = exit_code(error);
    let hint = if code == DAMAGED { WAY_OUT } else { "" };
    // Nothing to do when even this cannot be written.
    let _ = writeln!(stderr, "ringdeskd: {error:#}{hint}");
    ExitCode::from(code)
}

/// The exit code that tells why.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let office = error.downcast_ref::<OfficeError>();
    let open = error.downcast_ref::<OpenError>().or(match office {
        Some(OfficeError::Open(open)) => Some(open),
        _ => None,
    });
    let taken = error.downcast_ref::<FolderError>().or(match office {
        Some(OfficeError::Folder(folder)) => Some(folder),
        _ => None,
    });
    match () {
        () if matches!(taken, Some(FolderError::Taken(_) | FolderError::Closing(_))) => 3,
        () if error.is::<NoCredentials>() => 4,
        () if matches!(open, Some(OpenError::Damaged(_))) => DAMAGED,
        () if error.is::<WrongUsage>() => 2,
        () if matches!(
            office,
            Some(OfficeError::PublicUrl(_) | OfficeError::NotLoopback(_) | OfficeError::NotPublic(_))
        ) =>
        {
            2
        }
        () => 1,
    }
}

/// Prints one JSON line on stdout.
fn say(line: &serde_json::Value) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    Ok(())
}

/// The signal to end, listened for from now on: whoever reads that we are ready may send it at once.
fn the_end() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
