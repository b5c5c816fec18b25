//! `ringdeskd serve`.

use super::{NoCredentials, say, the_end};
use crate::{Office, Plan};
use clap::Args;
use ringdesk_inbox::{Clock, Computer, Look, Safe};
use ringdesk_machine::DataFolder;
use std::{net::SocketAddr, path::PathBuf, pin::Pin, sync::Arc};

#[derive(Args)]
pub(crate) struct Serve {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// Where Twilio's webhooks arrive.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Our address as Twilio sees it: https, or http on this computer. What the settings say when left out.
    #[arg(long)]
    public_url: Option<String>,
    /// Where the desk API listens; only on this computer.
    #[arg(long)]
    api: Option<SocketAddr>,
    /// Twilio, or a practice line.
    #[arg(long, default_value = "https://api.twilio.com")]
    twilio_url: String,
    /// The path all webhooks are under.
    #[arg(long, default_value = "/phone/twilio", value_parser = prefix)]
    prefix: String,
}

fn prefix(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
    if !text.is_empty() && (!text.starts_with('/') || !text.bytes().all(plain)) {
        return Err("a path such as /phone/twilio".into());
    }
    Ok(text.to_owned())
}

impl Serve {
    /// Gives the folder back, to be kept until everything has ended.
    pub(crate) async fn run(self) -> anyhow::Result<DataFolder> {
        let credentials = ringdesk_machine::from_environment().ok_or(NoCredentials)?;
        let second_token = credentials.secondary_auth_token.is_some();
        let office = Office::open(Plan {
            data_dir: self.data_dir,
            listen: self.listen,
            public_url: self.public_url,
            unreachable_too: false,
            prefix: self.prefix,
            twilio_url: self.twilio_url,
            credentials,
            mail_password: ringdesk_machine::mail_password_from_environment(),
            api: self.api,
            point_here: false,
            computer: ringdesk_machine::computer_id(),
            look: Some(look(second_token)),
            tunnel_folders: Vec::new(),
            clock: Clock::System,
        })
        .await?;
        let end = the_end()?;
        say(&serde_json::json!({
            "event": "ready",
            "webhooks": office.webhooks,
            "api": office.api,
            "version": env!("CARGO_PKG_VERSION"),
        }))?;
        end.await;
        Ok(office.close().await)
    }
}

/// What a host without a window knows of its computer.
fn look(second_token: bool) -> Look {
    Arc::new(move || -> Pin<Box<dyn Future<Output = Computer> + Send>> {
        let known = Computer { safe: Some(Safe::Environment), second_token, ..Computer::default() };
        Box::pin(std::future::ready(known))
    })
}
