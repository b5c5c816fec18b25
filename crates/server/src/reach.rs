//! The way from Twilio to this computer: opens what the owner chose, keeps it open, and tells the office where
//! it is found. One task per office.

use crate::{
    OfficeError,
    in_use::InUse,
    programs::{Programs, name, trouble, usable},
};
use ringdesk_domain::{
    ChangeKind,
    public::{PublicAddress, Way},
};
use ringdesk_inbox::{Inbox, Knocking, Problem, WayNow, WayState};
use ringdesk_machine::{
    AccountCredentials,
    tunnel::{self, Pace, Program, State, Tunnel},
};
use ringdesk_twilio::{PublicUrl, error::RestError, signature::BadUrl};
use ringdesk_webhooks::Door;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Knocks in a row that do not come through an open tunnel before it counts as hung.
const HUNG: u32 = 3;
/// Between two restarts of a tunnel that hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks for a program that is not there.
const LOOK: Duration = Duration::from_secs(30);
/// After something of our own failed.
const AGAIN: Duration = Duration::from_secs(1);

/// An address only this computer finds.
pub(crate) fn is_here(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    tunnel::is_this_computer(host)
}

/// The door's address as this computer finds it, wherever else it listens.
pub(crate) fn from_here(at: SocketAddr) -> SocketAddr {
    if at.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, at.port()).into() } else { at }
}

/// What is known of an office before its way is opened.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) inbox: Inbox,
    pub(crate) door: Door,
    pub(crate) credentials: AccountCredentials,
    pub(crate) twilio_url: String,
    pub(crate) prefix: String,
    /// Where the door listens.
    pub(crate) webhooks: SocketAddr,
    /// Our address, where it was given at the start and cannot be chosen.
    pub(crate) public_url: Option<String>,
    /// Go on where Twilio could not reach us.
    pub(crate) unreachable_too: bool,
    pub(crate) programs: Programs,
    /// The data folder.
    pub(crate) folder: PathBuf,
}

/// The way to one office.
#[derive(Debug)]
pub(crate) struct ToHere {
    in_use: InUse,
    inbox: Inbox,
    webhooks: SocketAddr,
    /// Whether Twilio is a practice line on this computer, which finds any address of it.
    near: bool,
    fixed: bool,
    programs: Programs,
    scratch: PathBuf,
    /// What was chosen when it began, and the Change up to which that holds.
    begun: (PublicAddress, i64),
}

impl ToHere {
    /// Connects the inbox and says which way there is; [`ToHere::keep`] opens it where it takes a program.
    pub(crate) async fn begin(given: Given) -> Result<Self, OfficeError> {
        let Given { inbox, door, credentials, twilio_url, prefix, webhooks, .. } = given;
        let near = is_here(&twilio_url);
        let seen = inbox.latest_change();
        let chosen = choice(inbox.settings().await.map_err(OfficeError::Settings)?.address);
        let way = chosen.way;
        let here = Self {
            in_use: InUse::new(inbox.clone(), door, credentials, twilio_url, prefix, webhooks)?,
            inbox,
            webhooks,
            near,
            fixed: given.public_url.is_some(),
            programs: given.programs,
            scratch: given.folder.join("tunnel"),
            begun: (chosen, seen),
        };
        match (given.public_url, way) {
            (Some(url), _) => here.begin_at(PublicUrl::parse(&url)?, Way::Own, given.unreachable_too)?,
            // A practice line finds the door itself.
            (None, Way::Unset) if near || !given.unreachable_too => {
                let public = PublicUrl::parse(&format!("http://{webhooks}"))?;
                here.begin_at(public, way, given.unreachable_too)?;
            }
            (None, Way::Unset | Way::Own) => {
                here.in_use.at(None)?;
                here.without_program(&here.begun.0);
            }
            (None, _) => {
                here.in_use.at(None)?;
                here.told(way, WayState::Opening);
            }
        }
        Ok(here)
    }

    fn begin_at(&self, public: PublicUrl, way: Way, unreachable_too: bool) -> Result<(), OfficeError> {
        if !self.comes_in(&public) && !unreachable_too {
            return Err(OfficeError::NotPublic(public.origin().to_owned()));
        }
        Ok(self.take(public, way)?)
    }

    /// The account as it is used, for whoever changes its tokens.
    pub(crate) fn in_use(&self) -> InUse {
        self.in_use.clone()
    }

    /// Keeps the way open, whatever the owner chooses, until the office closes.
    pub(crate) async fn keep(self, stop: CancellationToken) {
        if self.fixed {
            return;
        }
        let (mut chosen, mut seen) = self.begun.clone();
        loop {
            let next = if matches!(chosen.way, Way::Unset | Way::Own) {
                tokio::select! {
                    () = stop.cancelled() => None,
                    next = self.another(&chosen, seen) => next,
                }
            } else {
                self.by_program(&chosen, seen, &stop).await
            };
            let Some(next) = next else { return };
            (chosen, seen) = next;
            if let Err(error) = self.in_use.at(None) {
                tracing::error!(%error, "the old address could not be given up");
            }
            self.without_program(&chosen);
        }
    }

    /// Waits until the owner chose something else; `None`: the office is closing.
    async fn another(&self, chosen: &PublicAddress, mut seen: i64) -> Option<(PublicAddress, i64)> {
        loop {
            let changes = match self.inbox.next_changes(seen).await {
                Ok(changes) => changes,
                Err(error) => {
                    rest(&error).await;
                    continue;
                }
            };
            seen = changes.last()?.seq;
            if changes.iter().all(|change| change.kind != ChangeKind::SettingsChanged) {
                continue;
            }
            let settings = loop {
                match self.inbox.settings().await {
                    Ok(settings) => break settings,
                    Err(error) => rest(&error).await,
                }
            };
            let now = choice(settings.address);
            if now != *chosen {
                return Some((now, seen));
            }
        }
    }

    /// Takes the owner's own address, or none. The others' is known once their program runs.
    fn without_program(&self, chosen: &PublicAddress) {
        let (way, url) = match chosen.way {
            // A practice line finds the door itself.
            Way::Unset if self.near => (Way::Unset, format!("http://{}", from_here(self.webhooks))),
            Way::Unset => return self.told(Way::Unset, WayState::Unset),
            Way::Own => (Way::Own, chosen.address.clone()),
            _ => return,
        };
        match PublicUrl::parse(&url) {
            Ok(public) => {
                if let Err(error) = self.take(public, way) {
                    tracing::error!(%error, "an address could not be taken");
                }
            }
            Err(error) => self.failed(way, no_use(error)),
        }
    }

    /// Whether Twilio finds us there.
    fn comes_in(&self, public: &PublicUrl) -> bool {
        self.near || !is_here(public.origin())
    }

    fn take(&self, public: PublicUrl, way: Way) -> Result<(), RestError> {
        if !self.comes_in(&public) {
            self.in_use.at(None)?;
            let problem = "This address is this computer's own: Twilio can't find it from outside.";
            let hint = "Choose an address that is known on the internet, or one of the tunnels.";
            self.failed(way, (problem.into(), hint.into()));
            return Ok(());
        }
        let address = public.origin().to_owned();
        self.in_use.at(Some(public))?;
        self.inbox.way_is(WayNow {
            way,
            state: WayState::There,
            address: Some(address),
            problem: None,
            fixed: self.fixed,
        });
        Ok(())
    }

    fn told(&self, way: Way, state: WayState) {
        self.inbox.way_is(WayNow { way, state, address: None, problem: None, fixed: self.fixed });
    }

    fn failed(&self, way: Way, words: (String, String)) {
        self.inbox.way_is(WayNow {
            way,
            state: WayState::Failed,
            address: None,
            problem: Some(words),
            fixed: self.fixed,
        });
    }

    /// Has a program open the way until the owner chooses another; `None`: the office is closing.
    async fn by_program(
        &self,
        chosen: &PublicAddress,
        seen: i64,
        stop: &CancellationToken,
    ) -> Option<(PublicAddress, i64)> {
        let another = self.another(chosen, seen);
        tokio::pin!(another);
        self.told(chosen.way, WayState::Opening);
        let plan = tokio::select! {
            () = stop.cancelled() => return None,
            next = &mut another => return next,
            plan = self.plan(chosen) => plan,
        };
        let program = plan.way.program();
        let tunnel = Tunnel::open(plan);
        let (mut states, mut knocking) = (tunnel.state(), self.inbox.knocking());
        self.heard(chosen.way, program, &states.borrow_and_update().clone());
        let mut restarted: Option<Instant> = None;
        let next = loop {
            tokio::select! {
                () = stop.cancelled() => break None,
                next = &mut another => break next,
                Ok(()) = states.changed() => {
                    let state = states.borrow_and_update().clone();
                    self.heard(chosen.way, program, &state);
                }
                Ok(()) = knocking.changed() => {
                    let Knocking { failures, hangs, .. } = *knocking.borrow_and_update();
                    let open = matches!(&*states.borrow(), State::Open { .. });
                    let lately = restarted.is_some_and(|at| at.elapsed() < PATIENCE);
                    // Where nothing is reached from here, another tunnel would not help, and might cost the address.
                    if open && hangs && failures >= HUNG && !lately && self.inbox.twilio_is_there().await {
                        tracing::warn!(failures, "nobody comes through the tunnel: it is opened anew");
                        restarted = Some(Instant::now());
                        tunnel.restart();
                    }
                }
            }
        };
        tunnel.close().await;
        next
    }

    /// How the tunnel is to be opened, once its program is there.
    async fn plan(&self, chosen: &PublicAddress) -> tunnel::Plan {
        let way = match chosen.way {
            Way::CloudflareNamed => {
                tunnel::Way::CloudflaredNamed { tunnel: chosen.tunnel.clone(), host: chosen.address.clone() }
            }
            Way::Tailscale => tunnel::Way::Tailscale,
            Way::Ngrok => tunnel::Way::Ngrok {
                domain: Some(chosen.address.clone()).filter(|domain| !domain.is_empty()),
            },
            // The others are opened by no program; they do not come here.
            Way::CloudflareQuick | Way::Unset | Way::Own => tunnel::Way::CloudflaredQuick,
        };
        let wanted = way.program();
        loop {
            let found = self.programs.look().await;
            if let Some(found) = usable(&found, wanted) {
                return tunnel::Plan {
                    way,
                    program: found.path.clone(),
                    forward_to: from_here(self.webhooks),
                    scratch: self.scratch.clone(),
                    pace: Pace::default(),
                };
            }
            let old = found.iter().find(|found| found.program == wanted);
            let problem = match old {
                Some(old) => {
                    format!("The {} on this computer is too old ({}).", name(wanted), old.version)
                }
                None => format!("{} is not on this computer.", name(wanted)),
            };
            let hint = if old.is_some() { "Update it" } else { "Install it" };
            let hint = format!("{hint}, or choose another way. Ringdesk looks for it again by itself.");
            self.failed(chosen.way, (problem, hint));
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What the tunnel tells, passed on.
    fn heard(&self, way: Way, program: Program, state: &State) {
        match state {
            State::Opening => self.told(way, WayState::Opening),
            State::Open { address } => match PublicUrl::parse(address) {
                Ok(public) => {
                    if let Err(error) = self.take(public, way) {
                        tracing::error!(%error, "a tunnel's address could not be taken");
                    }
                }
                Err(error) => self.failed(way, no_use(error)),
            },
            // The address stays, for it may come back; what is written leaves all the same.
            State::Down { trouble: why, .. } => self.failed(way, trouble(program, why)),
        }
    }
}

/// After something could not be read: says so and does not spin.
async fn rest(error: &Problem) {
    tracing::warn!(%error, "the choice of an address could not be read");
    tokio::time::sleep(AGAIN).await;
}

/// What makes one way another: whether the lines follow a new address does not.
fn choice(address: PublicAddress) -> PublicAddress {
    PublicAddress { follow: false, ..address }
}

/// Why an address cannot be ours, and what to do.
fn no_use(error: BadUrl) -> (String, String) {
    let (problem, hint) = match error {
        BadUrl::Shape => (
            "That is no address Twilio can use.",
            "Write it like https://phone.example.com, with nothing after the name.",
        ),
        BadUrl::NotSecure => (
            "Twilio needs an address that starts with https://.",
            "Put a certificate in front of this computer, or choose one of the tunnels.",
        ),
        BadUrl::Underscore => (
            "Twilio doesn't take a host name with an underscore.",
            "Choose a name of letters, digits and hyphens.",
        ),
    };
    (problem.into(), hint.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_on_this_computer_is_here() {
        for url in
            ["http://127.0.0.1:8787", "http://localhost", "https://desk@LOCALHOST:1/x", "http://[::1]:80"]
        {
            assert!(is_here(url), "{url}");
        }
        for url in [
            "https://phone.example.test",
            "https://localhost.example.test",
            "https://127.0.0.1.example.test",
            "https://phone.example.test//127.0.0.1",
            "https://phone.example.test?at=//localhost",
            "https://localhost@phone.example.test",
        ] {
            assert!(!is_here(url), "{url}");
        }
    }
}
