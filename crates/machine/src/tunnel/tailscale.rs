//! Tailscale Funnel, in the foreground: its daemon takes the configuration back when the program ends. What
//! else the owner serves is left alone; Funnel knows three ports, of which a free one is chosen.

use super::{
    Plan, Trouble, address_of,
    child::command,
    run::{self, Heard, Launch},
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    net::SocketAddr,
    path::Path,
    process::Output,
    time::Duration,
};

/// The first release whose `funnel` takes a port and a target and stays in the foreground
/// (`cmd/tailscale/cli/serve_v2.go` of tailscale/tailscale).
pub(super) const MINIMUM: [u32; 3] = [1, 52, 0];

/// The ports Funnel can open to the internet, the one without a number in its address first.
const PORTS: [u16; 3] = [443, 8443, 10000];

/// Longest wait for an answer of the daemon.
const LIMIT: Duration = Duration::from_secs(10);

/// Where everything about the owner's network is decided.
const CONSOLE: &str = "https://login.tailscale.com/";
/// Longest address there that is handed on.
const LONGEST_LINK: usize = 200;

/// Answers `tailscale status --json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(default)]
    backend_state: String,
    #[serde(rename = "Self")]
    own: Option<Node>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "DNSName", default)]
    dns_name: String,
}

/// Answers `tailscale serve status --json` (`ipn.ServeConfig`): what runs in the background, and, by session,
/// what programs in the foreground serve.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Served {
    #[serde(rename = "TCP")]
    tcp: Option<BTreeMap<String, Value>>,
    web: Option<BTreeMap<String, Web>>,
    allow_funnel: Option<BTreeMap<String, bool>>,
    foreground: Option<BTreeMap<String, Served>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Web {
    handlers: Option<BTreeMap<String, Handler>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Handler {
    proxy: String,
}

pub(super) struct Listener {
    host: String,
    announced: bool,
    /// It said that something is not enabled; where its owner can do that comes next.
    forbidden: bool,
}

/// Funnel on a free port.
pub(super) async fn funnel(plan: &Plan) -> Result<Launch, Trouble> {
    let status = tell(&plan.program, &["status", "--json", "--peers=false"]).await?;
    let status: Status = serde_json::from_slice(&status).map_err(|_| Trouble::NotStarted)?;
    match status.backend_state.as_str() {
        "Running" => {}
        "NeedsMachineAuth" => return Err(Trouble::NotAllowed { link: None }),
        "Starting" => return Err(Trouble::NoAddress),
        // NeedsLogin, Stopped, NoState: the owner has to open it.
        _ => return Err(Trouble::SignIn),
    }
    let host = status.own.map(|own| own.dns_name.trim_end_matches('.').to_owned()).unwrap_or_default();
    if host.is_empty() {
        return Err(Trouble::NoAddress);
    }
    let served = tell(&plan.program, &["serve", "status", "--json"]).await?;
    // Says `null` or nothing while nothing is served.
    let served: Option<Served> = match served.trim_ascii() {
        b"" => None,
        text => serde_json::from_slice(text).map_err(|_| Trouble::NotStarted)?,
    };
    let port = free_port(&served.unwrap_or_default(), plan.forward_to).ok_or(Trouble::PortsTaken)?;
    let arguments: Vec<OsString> =
        vec!["funnel".into(), format!("--https={port}").into(), plan.forward_to.to_string().into()];
    let listener = Listener { host, announced: false, forbidden: false };
    Ok(Launch { arguments, listener: run::Listener::Tailscale(listener) })
}

/// Asks the daemon through the program.
async fn tell(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, Trouble> {
    let asked = command(program).args(arguments).output();
    let answered = tokio::time::timeout(LIMIT, asked).await.map_err(|_| Trouble::NoAddress)?;
    let Output { status, stdout, stderr } = answered.map_err(|_| Trouble::NotStarted)?;
    if status.success() {
        return Ok(stdout);
    }
    let said = String::from_utf8_lossy(&stderr);
    let link = said.lines().find_map(link);
    let known = said.lines().find_map(trouble).map(|trouble| match trouble {
        Trouble::NotAllowed { .. } => Trouble::NotAllowed { link },
        trouble => trouble,
    });
    Err(known.unwrap_or(Trouble::Ended { code: status.code() }))
}

/// A port nothing else is served on. What a program in the foreground forwards to our own address is what is
/// left of a Funnel of ours, and about to go: it keeps nobody from the address the lines know.
fn free_port(served: &Served, forward_to: SocketAddr) -> Option<u16> {
    let mut taken = BTreeSet::new();
    let foreground = served.foreground.iter().flat_map(BTreeMap::values);
    for one in foreground.filter(|one| !one.leads_to(forward_to)).chain([served]) {
        taken.extend(one.ports());
    }
    PORTS.into_iter().find(|port| !taken.contains(port))
}

impl Served {
    fn ports(&self) -> impl Iterator<Item = u16> {
        let plain = self.tcp.iter().flat_map(BTreeMap::keys);
        let web = self.web.iter().flat_map(BTreeMap::keys);
        let funnel = self.allow_funnel.iter().flat_map(BTreeMap::keys);
        // A port by itself, or behind a host name.
        plain.chain(web).chain(funnel).filter_map(|key| key.rsplit(':').next()?.parse().ok())
    }

    fn leads_to(&self, forward_to: SocketAddr) -> bool {
        let ours = format!("http://{forward_to}");
        let webs = self.web.iter().flat_map(BTreeMap::values);
        let handlers = webs.flat_map(|web| web.handlers.iter().flat_map(BTreeMap::values));
        let mut targets = handlers.map(|handler| handler.proxy.trim_end_matches('/')).peekable();
        targets.peek().is_some() && targets.all(|target| target == ours)
    }
}

impl Listener {
    /// It prints `Available on the internet:` and then, on a line by itself, the address with a slash. Where
    /// Funnel is not enabled it says so, then where that can be done, and waits or ends
    /// (`cmd/tailscale/cli/serve_v2.go`).
    pub(super) fn hear(&mut self, line: &str) -> Option<Heard> {
        let line = line.trim();
        if line.starts_with("Available on the internet") {
            self.announced = true;
            return None;
        }
        if let Some(address) = line.strip_prefix("https://").filter(|_| self.announced) {
            let host = address.split('/').next()?;
            let name = host.split(':').next()?;
            return name.eq_ignore_ascii_case(&self.host).then(|| address_of(host))?.map(Heard::Address);
        }
        if let Some(link) = link(line).filter(|_| self.forbidden) {
            return Some(Heard::Trouble(Trouble::NotAllowed { link: Some(link) }));
        }
        let trouble = trouble(line)?;
        if line.contains("is not enabled") {
            self.forbidden = true;
            return Some(Heard::Reason(trouble));
        }
        Some(Heard::Trouble(trouble))
    }
}

/// A page of Tailscale's console, where a line is one.
fn link(line: &str) -> Option<String> {
    let link = line.trim();
    let path = link.strip_prefix(CONSOLE)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/?&=%._~-".contains(&b);
    (link.len() <= LONGEST_LINK && path.bytes().all(plain)).then(|| link.to_owned())
}

/// What a line it prints means for the owner.
fn trouble(line: &str) -> Option<Trouble> {
    let lower = line.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["failed to connect to local tailscale", "is tailscale running"]) {
        Some(Trouble::NotStarted)
    } else if says(&["logged out", "not logged in", "needslogin", "needs login"]) {
        Some(Trouble::SignIn)
    } else if says(&["already exists", "already serving"]) {
        // Between our look and the start somebody else served there.
        Some(Trouble::Taken)
    } else if says(&[
        "funnel not available",
        "funnel is not enabled",
        "serve is not enabled",
        "is not allowed for funnel",
        "access denied",
        "https must be enabled",
    ]) {
        Some(Trouble::NotAllowed { link: None })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "127.0.0.1:8787";

    fn free(served: &str) -> Option<u16> {
        let served: Option<Served> = serde_json::from_str(served).expect("a configuration");
        free_port(&served.unwrap_or_default(), OURS.parse().expect("an address"))
    }

    #[test]
    fn a_port_is_chosen_that_serves_nothing_else() {
        assert_eq!(free("null"), Some(443));
        assert_eq!(free("{}"), Some(443));
        let web = r#"{"TCP":{"443":{"HTTPS":true}},
            "Web":{"desk.tail1234.ts.net:443":{"Handlers":{"/":{"Proxy":"http://127.0.0.1:3000"}}}},
            "AllowFunnel":{"desk.tail1234.ts.net:443":true}}"#;
        assert_eq!(free(web), Some(8443));
        let two = r#"{"TCP":{"443":{"HTTPS":true},"8443":{"TCPForward":"127.0.0.1:22"}}}"#;
        assert_eq!(free(two), Some(10000));
        assert_eq!(free(r#"{"TCP":{"443":{},"8443":{},"10000":{}}}"#), None);
        // Forwarding to us in the background is the owner's doing as well.
        let ours = r#"{"TCP":{"443":{"HTTPS":true}},
            "Web":{"desk.tail1234.ts.net:443":{"Handlers":{"/":{"Proxy":"http://127.0.0.1:8787"}}}}}"#;
        assert_eq!(free(ours), Some(8443));
    }

    #[test]
    fn what_is_left_of_our_own_funnel_does_not_move_the_address() {
        let foreground = |target: &str| {
            format!(
                r#"{{"Foreground":{{"a1":{{"TCP":{{"443":{{"HTTPS":true}}}},
                "Web":{{"desk.ts.net:443":{{"Handlers":{{"/":{{"Proxy":"http://{target}"}}}}}}}}}}}}}}"#
            )
        };
        assert_eq!(free(&foreground(OURS)), Some(443));
        assert_eq!(free(&foreground("127.0.0.1:3000")), Some(8443));
    }

    fn listening() -> Listener {
        Listener { host: "desk.tail1234.ts.net".into(), announced: false, forbidden: false }
    }

    #[test]
    fn where_funnel_can_be_allowed_is_handed_on() {
        let page = "https://login.tailscale.com/f/funnel?node=nho4oGYG7X11CNTRL";
        let mut listener = listening();
        assert_eq!(listener.hear(page), None, "nothing is forbidden yet");
        let not_allowed = |link: Option<&str>| Trouble::NotAllowed { link: link.map(str::to_owned) };
        let said = listener.hear("Funnel is not enabled on your tailnet.");
        assert_eq!(said, Some(Heard::Reason(not_allowed(None))));
        assert_eq!(listener.hear("To enable, visit:"), None);
        assert_eq!(listener.hear("https://login.tailscale.com.example.test/f/funnel"), None);
        assert_eq!(listener.hear("https://login.tailscale.com/f/funnel\u{202e}"), None);
        let heard = listener.hear(&format!("         {page}"));
        assert_eq!(heard, Some(Heard::Trouble(not_allowed(Some(page)))));
    }

    #[test]
    fn the_address_is_this_computers_own() {
        let mut listener = listening();
        assert_eq!(listener.hear("https://desk.tail1234.ts.net/"), None, "not announced yet");
        assert_eq!(listener.hear("Available on the internet:"), None);
        assert_eq!(listener.hear(""), None);
        assert_eq!(listener.hear("https://tailscale.com/kb"), None);
        let address = |text: &str| Some(Heard::Address(text.into()));
        assert_eq!(listener.hear("https://desk.tail1234.ts.net/"), address("https://desk.tail1234.ts.net"));
        let other = listener.hear("https://desk.tail1234.ts.net:8443/");
        assert_eq!(other, address("https://desk.tail1234.ts.net:8443"));
    }

    #[test]
    fn its_words_tell_what_is_wrong() {
        let check = |line: &str, expected: Option<Trouble>| assert_eq!(trouble(line), expected, "{line}");
        let not_allowed = Some(Trouble::NotAllowed { link: None });
        check("Funnel is not enabled on your tailnet.", not_allowed.clone());
        check("Funnel not available; HTTPS must be enabled.", not_allowed);
        check("updating config: foreground listener already exists for port 443", Some(Trouble::Taken));
        check("failed to connect to local tailscaled", Some(Trouble::NotStarted));
        check("Logged out.", Some(Trouble::SignIn));
        check("|-- proxy http://127.0.0.1:8787", None);
    }
}
