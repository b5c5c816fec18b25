//! Stand-ins for the tunnel programs, each in a folder of its own, and something for them to lead to.

use crate::programs::program;
use anyhow::Context;
use axum::Router;
use ringdesk_machine::tunnel::{Pace, Plan, Program, State, Way};
use serde_json::Value;
use std::{
    env::consts::EXE_SUFFIX,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    process::Command,
    sync::watch,
};

/// What the desk behind a tunnel answers.
pub const GREETING: &str = "the desk is here";

/// Longest wait for a tunnel to become as it is wanted. Where nobody said otherwise, a program without an
/// address gets half a minute.
const PATIENCE: Duration = Duration::from_secs(90);

/// A stand-in for one of the programs.
///
/// How it behaves is a JSON object, read anew at each start and each connection; without it, all is well:
/// `fail` is `sign_in`, `not_allowed`, `taken`, `exit` (with 3) or `silent` (it runs, and never has an
/// address); `hang` lets connections in and nothing through; `version` is what it calls its version; `serve`
/// is Tailscale's configuration; `quiet` keeps ngrok from logging the address; `cut_off` has cloudflared without
/// its connection; `forgotten` has Cloudflare know nothing of a quick tunnel any more, which cloudflared says at
/// the next request.
#[derive(Debug)]
pub struct StandIn {
    /// Lives as long as the stand-in, unless the folder is somebody else's.
    _folder: Option<TempDir>,
    program: PathBuf,
}

/// A start of a stand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its process.
    pub pid: u32,
    /// Where it forwards from; nothing when it never does.
    pub address: Option<String>,
    /// What it was called with.
    pub arguments: Vec<String>,
}

impl StandIn {
    /// A stand-in in a folder of its own.
    pub fn new(which: Program) -> anyhow::Result<Self> {
        crate::end_if_stuck();
        let folder = tempfile::tempdir()?;
        let within = Self::within(folder.path(), which)?;
        Ok(Self { _folder: Some(folder), ..within })
    }

    /// A stand-in in a folder that is there.
    pub fn within(folder: &Path, which: Program) -> anyhow::Result<Self> {
        let file = folder.join(format!("{}{EXE_SUFFIX}", which.name()));
        let real = program(&format!("stand-in-tunnel{EXE_SUFFIX}"));
        anyhow::ensure!(real.is_file(), "the stand-in is not built: {}", real.display());
        link(&real, &file)?;
        Ok(Self { _folder: None, program: file })
    }

    /// The program's file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.program.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// Tells it how to behave from now on.
    pub fn control(&self, control: &Value) -> anyhow::Result<()> {
        // Into place whole: it may be reading.
        let fresh = self.beside(".control.new");
        fs::write(&fresh, control.to_string())?;
        fs::rename(fresh, self.beside(".control.json"))?;
        Ok(())
    }

    /// How often it was started, and what as.
    pub fn starts(&self) -> anyhow::Result<Vec<Start>> {
        let log = match fs::read_to_string(self.beside(".log")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            log => log?,
        };
        log.lines().map(Start::read).collect()
    }

    /// Its last start.
    pub fn last_start(&self) -> anyhow::Result<Start> {
        self.starts()?.pop().context("it was never started")
    }

    /// A plan for it, with a scratch folder beside it.
    pub fn plan(&self, way: Way, forward_to: SocketAddr) -> anyhow::Result<Plan> {
        let folder = self.program.parent().context("it lies in a folder")?;
        Ok(Plan {
            way,
            program: self.program.clone(),
            forward_to,
            scratch: folder.join("scratch"),
            pace: Pace::default(),
        })
    }
}

impl Start {
    fn read(line: &str) -> anyhow::Result<Self> {
        let start: Value = serde_json::from_str(line)?;
        let pid = start["pid"].as_u64().context("a process")?;
        let words = start["arguments"].as_array().context("a list")?.iter();
        Ok(Self {
            pid: u32::try_from(pid)?,
            address: start["address"].as_str().map(str::to_owned),
            arguments: words.map(|word| word.as_str().unwrap_or_default().to_owned()).collect(),
        })
    }

    /// Kills it, without anybody else being asked.
    pub async fn kill(&self) -> anyhow::Result<()> {
        let status = Command::new("kill").args(["-KILL", &self.pid.to_string()]).status().await?;
        anyhow::ensure!(status.success(), "it is gone already");
        Ok(())
    }

    /// Whether the process is there.
    pub async fn is_there(&self) -> anyhow::Result<bool> {
        let asked = Command::new("kill").args(["-0", &self.pid.to_string()]).output();
        Ok(asked.await?.status.success())
    }

    /// Holds a connection to it, which breaks when it goes.
    pub async fn hold(&self) -> anyhow::Result<TcpStream> {
        let address = self.address.as_deref().context("it forwards")?;
        Ok(TcpStream::connect(address.trim_start_matches("http://")).await?)
    }
}

/// Waits until a held connection breaks.
pub async fn until_broken(mut held: TcpStream) -> anyhow::Result<()> {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(PATIENCE, held.read_to_end(&mut rest)).await.context("it goes on")?;
    Ok(())
}

/// Waits until a tunnel is as it is wanted.
pub async fn until(
    state: &mut watch::Receiver<State>,
    wanted: impl FnMut(&State) -> bool,
) -> anyhow::Result<State> {
    let reached = tokio::time::timeout(PATIENCE, state.wait_for(wanted)).await;
    Ok(reached.context("the tunnel is not as it is wanted")??.clone())
}

/// Waits until a tunnel has an address other than `before`.
pub async fn until_open(state: &mut watch::Receiver<State>, before: &str) -> anyhow::Result<String> {
    let other = |state: &State| matches!(state, State::Open { address } if address != before);
    match until(state, other).await? {
        State::Open { address } => Ok(address),
        state => anyhow::bail!("not open: {state:?}"),
    }
}

/// A desk that answers every request with [`GREETING`], until the test ends.
pub async fn desk() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let desk = Router::new().fallback(|| async { GREETING });
    tokio::spawn(async move { axum::serve(listener, desk).await });
    Ok(address)
}

/// What answers at an address.
pub async fn asked(address: &str) -> anyhow::Result<String> {
    Ok(crate::host::client().get(address).send().await?.error_for_status()?.text().await?)
}

#[cfg(unix)]
fn link(real: &Path, file: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(real, file)
}

#[cfg(not(unix))]
fn link(real: &Path, file: &Path) -> io::Result<()> {
    fs::copy(real, file).map(|_| ())
}
