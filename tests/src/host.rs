//! The headless host as a program of its own, spoken to from outside.

use crate::programs::program;
use anyhow::{Context, bail};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use serde_json::{Map, Value, json};
use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The account of these stories.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// Its token.
pub const TOKEN: &str = "a-token-for-stories";

/// Longest wait for a command to end, and for a host to be ready.
const PATIENCE: Duration = Duration::from_secs(90);

/// `ringdeskd serve` on a data folder of its own, which outlives it.
#[derive(Debug)]
pub struct Host {
    folder: TempDir,
    twilio: String,
    serving: Option<Serving>,
}

#[derive(Debug)]
struct Serving {
    child: Child,
    webhooks: String,
    api: String,
}

impl Host {
    /// Starts a host whose Twilio is at `twilio`.
    pub async fn start(twilio: &str) -> anyhow::Result<Self> {
        crate::end_if_stuck();
        let mut host = Self { folder: tempfile::tempdir()?, twilio: twilio.to_owned(), serving: None };
        host.serve().await?;
        Ok(host)
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("office")
    }

    /// Starts it (again).
    pub async fn serve(&mut self) -> anyhow::Result<()> {
        let mut child = self
            .command(&[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--api",
                "127.0.0.1:0",
                "--twilio-url",
                &self.twilio,
            ])
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.context("it is not ready")??;
        let line = line.context("it said nothing")?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        anyhow::ensure!(text("event") == "ready", "not ready: {line}");
        self.serving = Some(Serving { child, webhooks: text("webhooks"), api: text("api") });
        Ok(())
    }

    /// A command of `ringdeskd` on this data folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("ringdeskd"));
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data_dir())
            .env("RINGDESK_ACCOUNT_SID", ACCOUNT)
            .env("RINGDESK_AUTH_TOKEN", TOKEN)
            .env("RINGDESK_LOG", "error")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = self.command(arguments).stderr(Stdio::piped()).output();
        Ok(tokio::time::timeout(PATIENCE, output).await.context("it did not end")??)
    }

    fn serving(&self) -> anyhow::Result<&Serving> {
        self.serving.as_ref().context("the host does not run")
    }

    /// Ends it at once, as a power cut would.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut serving = self.serving.take().context("the host does not run")?;
        serving.child.kill().await?;
        Ok(())
    }

    /// Kills it without waiting for anything, while others still talk to it.
    pub async fn cut_power(&self) -> anyhow::Result<()> {
        let id = self.serving()?.child.id().context("it has ended")?.to_string();
        Command::new("kill").args(["-KILL", &id]).status().await?;
        Ok(())
    }

    /// Asks it to end and waits.
    pub async fn stop(&mut self) -> anyhow::Result<std::process::ExitStatus> {
        let mut serving = self.serving.take().context("the host does not run")?;
        let id = serving.child.id().context("it has ended")?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        Ok(serving.child.wait().await?)
    }

    /// A path of the door.
    pub fn door(&self, path: &str) -> anyhow::Result<String> {
        Ok(format!("http://{}/phone/twilio{path}", self.serving()?.webhooks))
    }

    /// Posts a signed form to the door; answers the status, or nothing when nobody answered.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Option<u16>> {
        let url = self.door(path)?;
        Ok(post_signed(&url, fields).await)
    }

    /// A command of the desk.
    pub async fn call(&self, name: &str, request: Value) -> anyhow::Result<Value> {
        let token = std::fs::read_to_string(self.data_dir().join("api-token"))?;
        let url = format!("http://{}/api/{name}", self.serving()?.api);
        let request = client().post(url).bearer_auth(token).json(&request);
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        if !status.is_success() {
            bail!("{name}: {body}");
        }
        Ok(body)
    }

    /// Where the desk API listens.
    pub fn api(&self) -> anyhow::Result<String> {
        Ok(self.serving()?.api.clone())
    }

    /// Everything that is kept.
    pub async fn export(&self) -> anyhow::Result<Vec<Map<String, Value>>> {
        export(&self.data_dir()).await
    }

    /// Tells the practice line to post texts here.
    pub async fn point_here(&self) -> anyhow::Result<()> {
        let numbers = format!("{}/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers", self.twilio);
        let ask = |url: String| client().get(url).basic_auth(ACCOUNT, Some(TOKEN)).send();
        let list: Value = ask(format!("{numbers}.json")).await?.json().await?;
        for number in list["incoming_phone_numbers"].as_array().context("a list")? {
            let sid = number["sid"].as_str().context("a SID")?;
            let form = json!({ "SmsUrl": self.door("/sms/inbound")? });
            let request = client().post(format!("{numbers}/{sid}.json")).basic_auth(ACCOUNT, Some(TOKEN));
            request.form(&form).send().await?.error_for_status()?;
        }
        Ok(())
    }
}

/// Everything that is kept in a data folder, by `ringdeskd export`.
pub async fn export(data_dir: &Path) -> anyhow::Result<Vec<Map<String, Value>>> {
    let output =
        Command::new(program("ringdeskd")).args(["export", "--data-dir"]).arg(data_dir).output().await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = output.stdout.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Ok(serde_json::from_slice(line)?)).collect()
}

/// Posts a form signed with the stories' token.
pub async fn post_signed(url: &str, fields: &[(&str, &str)]) -> Option<u16> {
    let form = Form::from_pairs(fields.iter().copied());
    let signature = sign(TOKEN, Algorithm::HmacSha1, &signed_string(url, &form));
    let request = client()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature)
        .body(form.encode());
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

/// An HTTP client that goes nowhere but where it is told.
pub fn client() -> reqwest::Client {
    ringdesk_twilio::rest::prepare_tls();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
