//! A public address by a tunnel program that is installed on this computer: it is started, its address is
//! read, and when it ends it is started again after a growing pause. It ends with us.
//!
//! One seam, [`Tunnel`]; what is peculiar to one program is in that program's file. Nothing secret is handed
//! over: each program signs in with what its own settings hold.

mod child;
mod cloudflared;
mod find;
mod ngrok;
mod run;
mod tailscale;

pub use find::{Installed, installed, installed_in};

use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, oneshot, watch},
    task::JoinHandle,
};

/// A program that opens tunnels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// Cloudflare's.
    Cloudflared,
    /// Tailscale's, with Funnel.
    Tailscale,
    /// ngrok's agent.
    Ngrok,
}

impl Program {
    /// Every program that is known.
    pub const ALL: [Self; 3] = [Self::Cloudflared, Self::Tailscale, Self::Ngrok];

    /// Its file's name, without an ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cloudflared => "cloudflared",
            Self::Tailscale => "tailscale",
            Self::Ngrok => "ngrok",
        }
    }
}

/// A way to a public address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Without an account, for trying out: another address at every start.
    CloudflaredQuick,
    /// A tunnel of the owner's Cloudflare account.
    CloudflaredNamed {
        /// Its name or id.
        tunnel: String,
        /// The public host name that leads to it.
        host: String,
    },
    /// Tailscale's Funnel: this computer's name in its network.
    Tailscale,
    /// ngrok, with the domain of the account, or with one the owner chose.
    Ngrok {
        /// The owner's choice.
        domain: Option<String>,
    },
}

impl Way {
    /// The program this way needs.
    pub const fn program(&self) -> Program {
        match self {
            Self::CloudflaredQuick | Self::CloudflaredNamed { .. } => Program::Cloudflared,
            Self::Tailscale => Program::Tailscale,
            Self::Ngrok { .. } => Program::Ngrok,
        }
    }
}

/// What to open.
#[derive(Debug, Clone)]
pub struct Plan {
    /// By which way.
    pub way: Way,
    /// The program's file, see [`installed`].
    pub program: PathBuf,
    /// Where requests are handed on to: a port of ours on this computer, plain HTTP.
    pub forward_to: SocketAddr,
    /// A folder for this tunnel alone, made where it is missing. It remembers the running program, so that
    /// one that outlived a crash of ours is ended before the next is started.
    pub scratch: PathBuf,
    /// How long it is waited for what.
    pub pace: Pace,
}

/// How long a tunnel is waited for, and how often it is looked at. None of it may be zero.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a program may run without an address; a quick tunnel takes six or seven seconds.
    pub patience: Duration,
    /// How often an open tunnel's program is asked whether it is still connected, where it can be asked.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { patience: Duration::from_secs(30), look: Duration::from_secs(15) }
    }
}

/// How a tunnel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The program has been started, or is about to be.
    Opening,
    /// Requests to the address reach us.
    Open {
        /// `https://host` or `https://host:port`, without a slash at the end.
        address: String,
    },
    /// No program runs at the moment.
    Down {
        /// Why.
        trouble: Trouble,
        /// When it is tried again.
        again_in: Duration,
    },
}

/// Why a tunnel is down, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The file cannot be run, or the program cannot be asked.
    #[error("the tunnel program could not be started; see that it is installed and switched on")]
    NotStarted,
    /// It ended by itself, for a reason we do not know.
    #[error("the tunnel program ended by itself; it is started again")]
    Ended {
        /// With this exit code, unless a signal ended it.
        code: Option<i32>,
    },
    /// It ran for half a minute without an address; see [`Pace`].
    #[error("the tunnel program found no public address; check this computer's internet connection")]
    NoAddress,
    /// It says that it is not signed in, or it is switched off.
    #[error("the tunnel program is not signed in; open it and sign in to your account with it")]
    SignIn,
    /// Funnel is not switched on, or a plan's limit is reached.
    #[error("your account with the tunnel program does not allow this, or has reached its limit")]
    NotAllowed {
        /// The page of Tailscale's where its owner can allow it, where the program named one.
        link: Option<String>,
    },
    /// The name of a quick tunnel is not known to Cloudflare any more.
    #[error("the tunnel's passing name expired; it is opened under a new one")]
    Expired,
    /// It was open, and its program lost the connection for good.
    #[error("the tunnel program lost its connection; check this computer's internet connection")]
    Lost,
    /// Another program opens the same tunnel or domain.
    #[error("this tunnel or its address is in use elsewhere; end it there, or choose another address")]
    Taken,
    /// Tailscale's three public ports all serve something else.
    #[error("Tailscale serves other things on 443, 8443 and 10000 already; free one of the three")]
    PortsTaken,
}

/// A tunnel that is kept open until it is closed. Dropped instead, its program is killed.
#[derive(Debug)]
pub struct Tunnel {
    state: watch::Receiver<State>,
    again: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Tunnel {
    /// Begins to open a tunnel. Call it within a runtime of tokio's.
    pub fn open(plan: Plan) -> Self {
        let (tell, state) = watch::channel(State::Opening);
        let (stop, stopped) = oneshot::channel();
        let again = Arc::new(Notify::new());
        let task = tokio::spawn(run::supervise(plan, tell, Arc::clone(&again), stopped));
        Self { state, again, stop: Some(stop), task }
    }

    /// How it is, now and later. The channel closes with the tunnel.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Begins anew at once: for a program that runs and lets nothing through, or to end a pause.
    pub fn restart(&self) {
        self.again.notify_one();
    }

    /// Ends the program and waits until it is gone; after three seconds it is killed.
    pub async fn close(mut self) {
        if let Some(stop) = self.stop.take() {
            // Ended already is as good.
            let _ = stop.send(());
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The address of a public host, `host` or `host:port`; nothing when it is none. The rule of signatures holds
/// here too: others are spoken to by https, this computer itself by http, as nobody can listen in between.
fn address_of(host: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if host.is_empty() || !host.chars().all(allowed) {
        return None;
    }
    let scheme = if is_this_computer(host) { "http" } else { "https" };
    Some(format!("{scheme}://{}", host.to_ascii_lowercase()))
}

/// Whether a host, `host` or `host:port`, is this computer itself and no other finds it.
pub fn is_this_computer(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_except_on_this_computer() {
        let check = |host: &str, address: Option<&str>| assert_eq!(address_of(host).as_deref(), address);
        check("Phone.example.test", Some("https://phone.example.test"));
        check("phone.example.test:8443", Some("https://phone.example.test:8443"));
        check("127.0.0.1:4040", Some("http://127.0.0.1:4040"));
        check("localhost", Some("http://localhost"));
        check("LocalHost:80", Some("http://localhost:80"));
        check("[::1]:80", Some("http://[::1]:80"));
        check("localhost.example.test", Some("https://localhost.example.test"));
        check("127.0.0.1.example.test", Some("https://127.0.0.1.example.test"));
        check("phone.example.test/path", None);
        check("user@phone.example.test", None);
        check("", None);
    }
}
