//! `ringdeskd sandbox`.

use super::{WrongUsage, say, the_end};
use clap::Args;
use ringdesk_sandbox::{Config, Fault};
use std::net::SocketAddr;

#[derive(Args)]
pub(crate) struct Sandbox {
    /// Where it listens; only on this computer.
    #[arg(long, default_value = "127.0.0.1:9010")]
    listen: SocketAddr,
    /// The account it pretends to be.
    #[arg(long)]
    account_sid: Option<String>,
    /// Its Auth Token; a new one when left out.
    #[arg(long, env = "RINGDESK_SANDBOX_TOKEN", hide_env_values = true)]
    auth_token: Option<String>,
    /// A number the account owns; can be repeated.
    #[arg(long)]
    number: Vec<String>,
    /// Something that goes wrong, such as `error_after_accepting`, `busy:3` or `media_not_found*2`.
    #[arg(long)]
    fault: Vec<String>,
    /// How fast deliveries go: 1 as in life, 0 at once.
    #[arg(long, default_value_t = 1.0)]
    pace: f64,
}

impl Sandbox {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut config = Config { listen: self.listen, ..Config::practice() };
        if !(0.0..=100.0).contains(&self.pace) {
            return Err(WrongUsage("--pace takes 0 to 100".into()).into());
        }
        config.pace = self.pace;
        if let Some(sid) = self.account_sid {
            if !ringdesk_twilio::sid::is_sid(&sid, &["AC"]) {
                return Err(WrongUsage("--account-sid takes AC and 32 hex digits".into()).into());
            }
            config.account_sid = sid;
        }
        if let Some(token) = self.auth_token {
            config.auth_token = token;
        }
        if !self.number.is_empty() {
            config.numbers = self.number;
        }
        let faults: Option<Vec<Fault>> = self.fault.iter().map(|text| Fault::parse(text)).collect();
        let faults = faults.ok_or_else(|| WrongUsage("--fault names no known fault".into()))?;
        let numbers = config.numbers.clone();
        let sandbox = ringdesk_sandbox::Sandbox::start(config).await?;
        for fault in faults {
            sandbox.fault(fault);
        }
        let (account_sid, auth_token) = sandbox.credentials();
        let end = the_end()?;
        say(&serde_json::json!({
            "event": "ready",
            "url": sandbox.url(),
            "account_sid": account_sid,
            "auth_token": auth_token,
            "numbers": numbers,
            "version": env!("CARGO_PKG_VERSION"),
        }))?;
        end.await;
        sandbox.stop().await;
        Ok(())
    }
}
