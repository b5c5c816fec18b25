//! The programs on this computer that can open a way to it, and what is said of them.

use ringdesk_inbox::{LookForPrograms, view::TunnelProgram};
use ringdesk_machine::tunnel::{self, Installed, Program, Trouble};
use std::{path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// How long what was found counts for those who only show it.
const FRESH: Duration = Duration::from_secs(10);

/// What was found, and when.
type Found = (Instant, Vec<Installed>);

/// Looks for them. Cheap to clone; clones share what was found.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    folders: Vec<PathBuf>,
    found: Arc<Mutex<Option<Found>>>,
}

impl Programs {
    /// Looks into these folders; where there are none, wherever programs usually are.
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders, found: Arc::default() }
    }

    /// Those that are here now.
    pub(crate) async fn look(&self) -> Vec<Installed> {
        let mut kept = self.found.lock().await;
        self.search(&mut kept).await
    }

    /// How the inbox looks for them.
    pub(crate) fn for_inbox(&self) -> LookForPrograms {
        let programs = self.clone();
        Arc::new(move || -> Pin<Box<dyn Future<Output = Vec<TunnelProgram>> + Send>> {
            let programs = programs.clone();
            Box::pin(async move { programs.shown().await })
        })
    }

    /// Those that are here, as they are shown: asked for often, looked for now and then.
    async fn shown(&self) -> Vec<TunnelProgram> {
        let mut kept = self.found.lock().await;
        let found = match &*kept {
            Some((at, found)) if at.elapsed() < FRESH => found.clone(),
            _ => self.search(&mut kept).await,
        };
        let shown = |one: &Installed| TunnelProgram {
            program: one.program.name().to_owned(),
            version: one.version.clone(),
            usable: one.usable,
        };
        found.iter().map(shown).collect()
    }

    async fn search(&self, kept: &mut Option<(Instant, Vec<Installed>)>) -> Vec<Installed> {
        let folders = self.folders.clone();
        let search = move || {
            if folders.is_empty() { tunnel::installed() } else { tunnel::installed_in(&folders) }
        };
        let found = tokio::task::spawn_blocking(search).await.unwrap_or_else(|error| {
            tracing::error!(%error, "programs could not be looked for");
            Vec::new()
        });
        *kept = Some((Instant::now(), found.clone()));
        found
    }
}

/// The one that can be used.
pub(crate) fn usable(found: &[Installed], program: Program) -> Option<&Installed> {
    found.iter().find(|one| one.program == program && one.usable)
}

/// As people call it.
pub(crate) const fn name(program: Program) -> &'static str {
    match program {
        Program::Cloudflared => "cloudflared",
        Program::Tailscale => "Tailscale",
        Program::Ngrok => "ngrok",
    }
}

/// Why a tunnel does not open, and what to do.
pub(crate) fn trouble(program: Program, trouble: &Trouble) -> (String, String) {
    let name = name(program);
    let (problem, hint) = match (trouble, program) {
        (Trouble::NotAllowed { link: Some(link) }, _) => {
            return (
                format!("{name} may not open this computer to the internet yet."),
                format!("Allow it once at {link}. It is tried again by itself."),
            );
        }
        (Trouble::NotStarted, _) => (
            format!("{name} could not be started."),
            "Check that it is installed and switched on. It is tried again by itself.",
        ),
        (Trouble::Ended { .. }, _) => (
            format!("{name} ended by itself."),
            "Check this computer's internet connection. It is started again by itself.",
        ),
        (Trouble::NoAddress, _) => (
            format!("{name} runs and has no address yet."),
            "Check this computer's internet connection. It is tried again by itself.",
        ),
        (Trouble::SignIn, Program::Cloudflared) => (
            "cloudflared is not signed in.".into(),
            "Sign in once with “cloudflared tunnel login” in a terminal. It is tried again by itself.",
        ),
        (Trouble::SignIn, Program::Tailscale) => (
            "Tailscale is not signed in.".into(),
            "Sign in to Tailscale on this computer. It is tried again by itself.",
        ),
        (Trouble::SignIn, Program::Ngrok) => (
            "ngrok is not signed in.".into(),
            "Give it your token once: “ngrok config add-authtoken” in a terminal. It is tried again by itself.",
        ),
        (Trouble::NotAllowed { link: None }, Program::Cloudflared) => (
            "Cloudflare opens no tunnel for this computer right now.".into(),
            "Without an account it opens only so many at a time. It is tried again by itself.",
        ),
        (Trouble::NotAllowed { link: None }, Program::Tailscale) => (
            "Tailscale does not allow Funnel for this computer.".into(),
            "Allow it in Tailscale's admin console. It is tried again by itself.",
        ),
        (Trouble::NotAllowed { link: None }, Program::Ngrok) => (
            "Your ngrok account does not allow this tunnel.".into(),
            "Look at what your plan includes, or choose another way.",
        ),
        (Trouble::Expired, _) => (
            format!("The address {name} gave this computer for a while is no longer known."),
            "It is opened again under a new one by itself.",
        ),
        (Trouble::Lost, _) => (
            format!("{name} lost its connection."),
            "Check this computer's internet connection. It is started again by itself.",
        ),
        (Trouble::Taken, Program::Tailscale) => (
            "The place where Tailscale was to open this computer is taken.".into(),
            "Another program on this computer began to use it. It is tried again by itself.",
        ),
        (Trouble::Taken, _) => (
            format!("This {name} address is in use on another computer."),
            "Stop it there, or choose another way. It is tried again by itself.",
        ),
        (Trouble::PortsTaken, _) => (
            "Tailscale already uses all three ports it can open to the internet.".into(),
            "Free one of 443, 8443 and 10000, or choose another way.",
        ),
    };
    (problem, hint.to_owned())
}
