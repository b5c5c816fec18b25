//! ngrok's agent. It logs JSON lines, `started tunnel` with the address among them, and answers on a port of
//! this computer (4040, or a later one when that is taken; `starting web service` names it).

use super::{
    Plan, Trouble, address_of,
    run::{self, Heard, Launch, read},
};
use serde::Deserialize;
use serde_json::Value;
use std::{ffi::OsString, net::SocketAddr};

/// Below this ngrok turns free accounts away (`ERR_NGROK_121`), and `--url` is not known everywhere.
pub(super) const MINIMUM: [u32; 3] = [3, 20, 0];

/// A line of its log; most fields are of no interest.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    msg: String,
    /// A string or an object, by the kind of line.
    #[serde(default)]
    addr: Value,
    #[serde(default)]
    url: String,
}

/// Answers `/api/tunnels`.
#[derive(Deserialize)]
struct Tunnels {
    tunnels: Vec<Open>,
}

#[derive(Deserialize)]
struct Open {
    public_url: String,
    config: Config,
}

#[derive(Deserialize)]
struct Config {
    addr: String,
}

pub(super) struct Listener {
    forward_to: SocketAddr,
    api: Option<SocketAddr>,
}

/// A tunnel for HTTP.
pub(super) fn http(plan: &Plan, domain: Option<&str>) -> Launch {
    let mut arguments: Vec<OsString> = vec![
        "http".into(),
        "--log=stdout".into(),
        "--log-format=json".into(),
        // It would keep what customers write for whoever looks at its port on this computer.
        "--inspect=false".into(),
    ];
    if let Some(domain) = domain {
        arguments.push(format!("--url={domain}").into());
    }
    arguments.push(plan.forward_to.to_string().into());
    let listener = Listener { forward_to: plan.forward_to, api: None };
    Launch { arguments, listener: run::Listener::Ngrok(listener) }
}

impl Listener {
    pub(super) fn hear(&mut self, line: &str) -> Option<Heard> {
        if let Ok(logged) = serde_json::from_str::<Line>(line) {
            match logged.msg.as_str() {
                "starting web service" => {
                    let api = logged.addr.as_str().and_then(|addr| addr.parse().ok());
                    self.api = api.filter(|api: &SocketAddr| api.ip().is_loopback());
                    return None;
                }
                "started tunnel" => return public(&logged.url).map(Heard::Address),
                _ => {}
            }
        }
        trouble(line).map(Heard::Trouble)
    }

    /// The address of the tunnel that leads to us.
    pub(super) async fn ask(&self, asking: &reqwest::Client) -> Option<String> {
        let api = self.api?;
        let all: Tunnels = read(asking, &format!("http://{api}/api/tunnels")).await?;
        all.tunnels.iter().find(|one| self.is_ours(&one.config.addr)).and_then(|one| public(&one.public_url))
    }

    fn is_ours(&self, target: &str) -> bool {
        let target = target.trim_start_matches("http://").trim_end_matches('/');
        target == self.forward_to.to_string() || target == format!("localhost:{}", self.forward_to.port())
    }
}

fn public(url: &str) -> Option<String> {
    address_of(url.strip_prefix("https://")?.trim_end_matches('/'))
}

/// What an error it reports means for the owner; the numbers are explained at ngrok.com/docs/errors.
fn trouble(line: &str) -> Option<Trouble> {
    let Some((_, code)) = line.split_once("ERR_NGROK_") else {
        return line.contains("authentication failed").then_some(Trouble::SignIn);
    };
    let digits = code.find(|c: char| !c.is_ascii_digit()).unwrap_or(code.len());
    match code[..digits].parse::<u32>().ok()? {
        // No token for signing in, or not a good one.
        105..=107 | 109 | 4018 => Some(Trouble::SignIn),
        // Another agent uses this account's session or this domain; or the domain is another account's.
        108 | 320 | 334 => Some(Trouble::Taken),
        // Unpaid or suspended, this network not allowed, agent too old, not in the plan, limit reached.
        102 | 103 | 115 | 116 | 120 | 121 | 313 | 314 | 319 | 324 | 725 | 727 => {
            Some(Trouble::NotAllowed { link: None })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> Listener {
        Listener { forward_to: "127.0.0.1:8787".parse().expect("an address"), api: None }
    }

    #[test]
    fn its_log_tells_the_address_and_where_to_ask() {
        let mut listener = listener();
        let web = r#"{"lvl":"info","msg":"starting web service","obj":"web","addr":"127.0.0.1:4041"}"#;
        assert_eq!(listener.hear(web), None);
        assert_eq!(listener.api, "127.0.0.1:4041".parse().ok());
        let address = |text: &str| Some(Heard::Address(text.into()));
        let started = r#"{"lvl":"info","msg":"started tunnel","obj":"tunnels","name":"command_line",
            "addr":"http://127.0.0.1:8787","url":"https://helens-desk.ngrok-free.app"}"#;
        assert_eq!(listener.hear(started), address("https://helens-desk.ngrok-free.app"));
        let newer = r#"{"lvl":"info","msg":"started tunnel","obj":"tunnels",
            "addr":{"Scheme":"http","Host":"127.0.0.1:8787"},"url":"https://helens-desk.ngrok-free.dev"}"#;
        assert_eq!(listener.hear(newer), address("https://helens-desk.ngrok-free.dev"));
        let plain = r#"{"lvl":"info","msg":"started tunnel","url":"http://helens-desk.ngrok-free.dev"}"#;
        assert_eq!(listener.hear(plain), None, "only what is encrypted on its way");
    }

    #[test]
    fn only_this_computer_is_asked() {
        let mut listener = listener();
        listener.hear(r#"{"msg":"starting web service","addr":"192.0.2.7:4040"}"#);
        assert_eq!(listener.api, None);
    }

    #[test]
    fn the_tunnel_that_leads_to_us_is_ours() {
        let listener = listener();
        assert!(listener.is_ours("http://127.0.0.1:8787"));
        assert!(listener.is_ours("http://localhost:8787"));
        assert!(!listener.is_ours("http://localhost:87870"));
        assert!(!listener.is_ours("http://127.0.0.1:3000"));
    }

    #[test]
    fn its_numbers_tell_what_is_wrong() {
        let check = |line: &str, expected: Option<Trouble>| assert_eq!(trouble(line), expected, "{line}");
        check(r#"{"lvl":"info","msg":"client session established","obj":"tunnels.session"}"#, None);
        check("ERROR:  ERR_NGROK_4018", Some(Trouble::SignIn));
        check("ERROR:  authentication failed: something new", Some(Trouble::SignIn));
        check(
            r#"{"err":"failed to start tunnel: The endpoint is already online.\r\n\r\nERR_NGROK_334\r\n"}"#,
            Some(Trouble::Taken),
        );
        check(
            r#"{"err":"authentication failed: Your ngrok-agent is too old.\r\n\r\nERR_NGROK_121\r\n"}"#,
            Some(Trouble::NotAllowed { link: None }),
        );
        check("ERROR:  ERR_NGROK_9999", None);
    }
}
