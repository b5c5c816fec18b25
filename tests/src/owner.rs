//! An owner with an account at a pretend Twilio, and the program that answers their number.

use crate::{host::client, programs::program};
use anyhow::Context;
use ringdesk_sandbox::{CallIn, CallReport, Config, Sandbox};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// The owner's number.
pub const LINE: &str = "+15005550006";

/// The owner, their account and their folder.
#[derive(Debug)]
pub struct Owner {
    /// What stands for Twilio.
    pub twilio: Sandbox,
    folder: PathBuf,
    port: u16,
    // Gone with the owner, where it is their own.
    own_folder: Option<TempDir>,
}

impl Owner {
    /// Somebody with a number whose texts go to this computer.
    pub async fn new() -> anyhow::Result<Self> {
        let own = tempfile::tempdir()?;
        let mut owner = Self::at(own.path()).await?;
        owner.own_folder = Some(own);
        Ok(owner)
    }

    /// Somebody who just got an account: their folder is empty, and nothing at Twilio leads to this computer.
    pub async fn newcomer(config: Config) -> anyhow::Result<Self> {
        let own = tempfile::tempdir()?;
        let mut owner = Self::with(own.path(), config).await?;
        owner.own_folder = Some(own);
        Ok(owner)
    }

    /// Somebody who keeps everything in this folder.
    pub async fn at(folder: &Path) -> anyhow::Result<Self> {
        let owner = Self::with(folder, Config::practice()).await?;
        let (sid, token) = owner.twilio.credentials();
        let numbers = format!("{}/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers", owner.twilio.url());
        let list = client().get(format!("{numbers}.json")).basic_auth(sid, Some(token)).send().await?;
        let list: Value = list.json().await?;
        for number in list["incoming_phone_numbers"].as_array().context("a list")? {
            let number = number["sid"].as_str().context("a SID")?;
            let door = format!("http://127.0.0.1:{}/phone/twilio", owner.port);
            let form = json!({
                "SmsUrl": format!("{door}/sms/inbound"),
                "VoiceUrl": format!("{door}/voice/inbound"),
                "VoiceFallbackUrl": format!("{door}/voice/fallback"),
                "StatusCallback": format!("{door}/voice/status"),
            });
            let request = client().post(format!("{numbers}/{number}.json")).basic_auth(sid, Some(token));
            request.form(&form).send().await?.error_for_status()?;
        }
        Ok(owner)
    }

    async fn with(folder: &Path, config: Config) -> anyhow::Result<Self> {
        let twilio = Sandbox::start(config).await?;
        let port = crate::free_port()?;
        Ok(Self { twilio, folder: folder.to_owned(), port, own_folder: None })
    }

    /// What the program is told of the account.
    pub fn environment(&self) -> [(&str, &str); 2] {
        let (sid, token) = self.twilio.credentials();
        [("RINGDESK_ACCOUNT_SID", sid), ("RINGDESK_AUTH_TOKEN", token)]
    }

    /// The program.
    pub fn program(&self) -> PathBuf {
        program("ringdesk")
    }

    /// How it is started on this folder.
    pub fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<String> {
        let folder = self.folder.display().to_string();
        let listen = format!("127.0.0.1:{}", self.port);
        let own = ["--data-dir", &folder, "--twilio-url", self.twilio.url(), "--listen", &listen];
        own.iter().chain(more).map(|argument| (*argument).to_owned()).collect()
    }

    /// Where everything is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A customer texts, once the program answers.
    pub async fn text(&self, from: &str, words: &str) -> anyhow::Result<()> {
        let (_, status) = self.twilio.text_from(from, LINE, words, &[]).await;
        anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
        Ok(())
    }

    /// A customer calls and hangs up while it rings, once the program answers.
    pub async fn rings_in_vain(&self, from: &str) -> CallReport {
        let sid = self.twilio.call_in(CallIn { patience_s: 10, ..CallIn::new(from, LINE) });
        self.twilio.forward(Duration::from_secs(60));
        self.twilio.ended(&sid).await
    }

    /// Waits until the program answers.
    pub async fn answers(&self) -> anyhow::Result<()> {
        let waiting = async {
            while self.call("health", json!({})).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.context("the program never answered")
    }

    /// A command of the desk, as another program of this computer asks it.
    pub async fn call(&self, command: &str, request: Value) -> anyhow::Result<Value> {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name));
        let url = format!("http://{}/api/{command}", read("api-address")?);
        let answer = client().post(url).bearer_auth(read("api-token")?).json(&request).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}
