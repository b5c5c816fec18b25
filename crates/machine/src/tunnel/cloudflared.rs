//! cloudflared: quick tunnels without an account, and named ones. Its metrics server on this computer tells
//! the host name of a quick tunnel (`/quicktunnel`) and whether Cloudflare is connected (`/ready`); see
//! `metrics/metrics.go` and `metrics/readiness.go` of cloudflare/cloudflared.

use super::{
    Plan, Trouble, address_of,
    child::private_folder,
    run::{self, Heard, Launch, read},
};
use crate::write_private;
use serde::Deserialize;
use std::{ffi::OsString, net::TcpListener};

/// `/quicktunnel` came with this release (TUN-4698 of its release notes); `/ready` and `--grace-period` are
/// older.
pub(super) const MINIMUM: [u32; 3] = [2021, 7, 0];

/// Answers `/quicktunnel`: the host name, empty until it is known.
#[derive(Deserialize)]
struct QuickTunnel {
    hostname: String,
}

/// Answers `/ready`; with status 503 as long as nothing is connected.
#[derive(Deserialize)]
struct Ready {
    #[serde(rename = "readyConnections")]
    connections: u32,
}

pub(super) struct Listener {
    metrics: u16,
    host: Option<String>,
}

/// A quick tunnel.
pub(super) fn quick(plan: &Plan) -> Result<Launch, Trouble> {
    // A quick tunnel refuses to start beside a configuration of the owner's, so it gets one of its own.
    let configuration = plan.scratch.join("cloudflared.yml");
    private_folder(&plan.scratch)
        .and_then(|()| write_private(&configuration, b"no-autoupdate: true\n"))
        .map_err(|_| Trouble::NotStarted)?;
    let metrics = free_port()?;
    let mut arguments: Vec<OsString> = vec!["tunnel".into(), "--config".into(), configuration.into()];
    arguments.extend(usual(plan, metrics));
    Ok(Launch { arguments, listener: run::Listener::Cloudflared(Listener { metrics, host: None }) })
}

/// A tunnel of the owner's account.
pub(super) fn named(plan: &Plan, tunnel: &str, host: &str) -> Result<Launch, Trouble> {
    // It would be read as an option.
    if tunnel.is_empty() || tunnel.starts_with('-') {
        return Err(Trouble::NotStarted);
    }
    let metrics = free_port()?;
    let mut arguments: Vec<OsString> = vec!["tunnel".into()];
    arguments.extend(usual(plan, metrics));
    arguments.push("run".into());
    arguments.push(tunnel.into());
    let host = Some(host.trim_start_matches("https://").trim_end_matches('/').to_owned());
    Ok(Launch { arguments, listener: run::Listener::Cloudflared(Listener { metrics, host }) })
}

fn usual(plan: &Plan, metrics: u16) -> [OsString; 7] {
    [
        "--no-autoupdate".into(),
        "--metrics".into(),
        format!("127.0.0.1:{metrics}").into(),
        // Shorter than we wait before it is killed.
        "--grace-period".into(),
        "2s".into(),
        "--url".into(),
        format!("http://{}", plan.forward_to).into(),
    ]
}

/// A port nobody uses at the moment. Should somebody take it first, the program ends, and the next start asks
/// anew.
fn free_port() -> Result<u16, Trouble> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(|_| Trouble::NotStarted)
}

impl Listener {
    /// The address once Cloudflare is connected: a host name is known some seconds before it leads anywhere.
    pub(super) async fn ask(&self, asking: &reqwest::Client) -> Option<String> {
        let host = if let Some(host) = &self.host {
            host.clone()
        } else {
            let url = format!("http://127.0.0.1:{}/quicktunnel", self.metrics);
            read::<QuickTunnel>(asking, &url).await?.hostname
        };
        let address = address_of(&host)?;
        self.is_up(asking).await.then_some(address)
    }

    /// Whether Cloudflare is connected. Once it was, that may break for some seconds.
    pub(super) async fn is_up(&self, asking: &reqwest::Client) -> bool {
        let url = format!("http://127.0.0.1:{}/ready", self.metrics);
        read::<Ready>(asking, &url).await.is_some_and(|ready| ready.connections > 0)
    }

    pub(super) fn hear(&self, line: &str) -> Option<Heard> {
        // Nobody signs in for a quick tunnel: Cloudflare forgot its name, and asking again is in vain, which
        // the program does for ever.
        let forgotten = ["Unauthorized:", "Tunnel not found"].iter().any(|word| line.contains(word));
        if forgotten && self.host.is_none() {
            return Some(Heard::Over(Trouble::Expired));
        }
        trouble(line).map(Heard::Trouble)
    }
}

/// What a line of its log means for the owner.
fn trouble(line: &str) -> Option<Trouble> {
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    // `Cannot determine default origin certificate path` is said by tunnels that go on to work, too.
    if says(&["Error locating origin cert", "redentials file not found", "Unauthorized:"])
        || (says(&["redentials file"]) && says(&["doesn't exist"]))
    {
        Some(Trouble::SignIn)
    } else if says(&["429 Too Many Requests", "error code: 1015"]) {
        Some(Trouble::NotAllowed { link: None })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_log_tells_what_is_wrong() {
        let check = |line: &str, expected: Option<Trouble>| assert_eq!(trouble(line), expected, "{line}");
        check("2026-01-01T00:00:00Z INF Registered tunnel connection connIndex=0 protocol=quic", None);
        check(
            "2026-01-01T00:00:00Z ERR Cannot determine default origin certificate path. No file cert.pem in \
             [~/.cloudflared] originCertPath=",
            None,
        );
        check(
            "error parsing tunnel ID: Error locating origin cert: client didn't specify origincert path",
            Some(Trouble::SignIn),
        );
        check(
            "ERR Register tunnel error from server side error=\"Unauthorized: Invalid tunnel secret\"",
            Some(Trouble::SignIn),
        );
        check(
            "Tunnel credentials file '/home/helen/front-desk.json' doesn't exist or is not a file",
            Some(Trouble::SignIn),
        );
        check(
            "ERR Error unmarshaling QuickTunnel response: error code: 1015 status_code=\"429\"",
            Some(Trouble::NotAllowed { link: None }),
        );
    }

    #[test]
    fn a_quick_tunnel_that_cloudflare_forgot_is_over() {
        let line = "ERR Register tunnel error from server side error=\"Unauthorized: Tunnel not found\"";
        let hears = |host: Option<String>| Listener { metrics: 0, host }.hear(line);
        assert_eq!(hears(None), Some(Heard::Over(Trouble::Expired)));
        let named = hears(Some("phone.example.test".into()));
        assert_eq!(named, Some(Heard::Trouble(Trouble::SignIn)), "the owner's own has to be signed in");
    }
}
