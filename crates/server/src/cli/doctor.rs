//! `ringdeskd doctor`: looks the line over. Where an owner runs, it is asked: it knows most.

use super::{
    NoCredentials, WrongUsage,
    owner::{Owner, SOON},
    say,
};
use crate::OfficeError;
use anyhow::Context;
use clap::Args;
use ringdesk_domain::public::Way;
use ringdesk_inbox::{
    Access, Clock, Inbox, Reach,
    view::{Check, Checkup, Grade},
};
use ringdesk_machine::{AccountCredentials, Keychain};
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use std::{io::Write, path::PathBuf, time::Duration};

/// How long an owner may take that asks Twilio: many questions, each with a limit of its own.
const LIVE: Duration = Duration::from_secs(120);

#[derive(Args)]
pub(crate) struct Doctor {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// Ask Twilio, too.
    #[arg(long)]
    live: bool,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
    /// Our address as Twilio sees it, where the settings don't say it and nobody runs who could.
    #[arg(long)]
    public_url: Option<String>,
    /// Twilio, or a practice line.
    #[arg(long, default_value = "https://api.twilio.com", hide = true)]
    twilio_url: String,
    /// The path all webhooks are under.
    #[arg(long, default_value = "/phone/twilio", hide = true)]
    prefix: String,
}

impl Doctor {
    /// Says what was found; whether nothing failed.
    pub(crate) async fn run(self) -> anyhow::Result<bool> {
        let checkup = self.look().await?;
        if self.json {
            say(&serde_json::to_value(&checkup)?)?;
        } else {
            let words: String = checkup.checks.iter().map(words).collect();
            write!(std::io::stdout().lock(), "{words}")?;
        }
        Ok(checkup.worst < Grade::Fail)
    }

    async fn look(&self) -> anyhow::Result<Checkup> {
        if let Some(owner) = Owner::of(&self.data_dir).await {
            let patience = if self.live { LIVE } else { SOON };
            let answer = owner.ask("doctor", &serde_json::json!({ "live": self.live }), patience).await?;
            return serde_json::from_value(answer).context("the owner's answer could not be read");
        }
        let credentials = if self.live { Some(self.credentials().await.ok_or(NoCredentials)?) } else { None };
        let inbox = Inbox::open(&self.data_dir, Access::Read, Clock::System).await?;
        let checkup = self.look_ourselves(&inbox, credentials).await;
        inbox.close().await;
        checkup
    }

    async fn look_ourselves(
        &self,
        inbox: &Inbox,
        credentials: Option<AccountCredentials>,
    ) -> anyhow::Result<Checkup> {
        if let Some(credentials) = credentials {
            if inbox.account().await?.is_some_and(|account| account != credentials.account_sid) {
                let why =
                    "these credentials are another Twilio account's, not the one whose data is kept here";
                return Err(WrongUsage(why.into()).into());
            }
            inbox.connect(self.reach(inbox, credentials).await?);
        }
        Ok(inbox.doctor(self.live).await?)
    }

    /// From the environment, or from the password safe.
    async fn credentials(&self) -> Option<AccountCredentials> {
        let given = ringdesk_machine::from_environment();
        if given.is_some() {
            return given;
        }
        let safe = Keychain::of(&self.data_dir);
        // The safe may take its time.
        let read = tokio::task::spawn_blocking(move || safe.read()).await.ok()?;
        read.inspect_err(|error| tracing::info!(%error, "the password safe could not be asked")).ok()?
    }

    async fn reach(&self, inbox: &Inbox, account: AccountCredentials) -> anyhow::Result<Reach> {
        let public = match &self.public_url {
            Some(url) => Some(PublicUrl::parse(url).map_err(OfficeError::PublicUrl)?),
            None => kept_address(inbox).await?,
        };
        let rest = match account.api_key {
            Some((user, secret)) => Credentials { account_sid: account.account_sid, user, secret },
            None => Credentials::account(&account.account_sid, account.auth_token.clone()),
        };
        let client = Client::new(&self.twilio_url, rest).map_err(OfficeError::Twilio)?;
        Ok(Reach { client, public, prefix: self.prefix.clone(), signing: account.auth_token })
    }
}

/// The address the settings name, where it stays the same from one start to the next.
async fn kept_address(inbox: &Inbox) -> anyhow::Result<Option<PublicUrl>> {
    let chosen = inbox.settings().await?.address;
    let url = match chosen.way {
        Way::Own => chosen.address,
        Way::CloudflareNamed | Way::Ngrok if !chosen.address.is_empty() => {
            format!("https://{}", chosen.address)
        }
        _ => return Ok(None),
    };
    Ok(PublicUrl::parse(&url).ok())
}

fn words(check: &Check) -> String {
    let grade = match check.grade {
        Grade::Unknown => "----",
        Grade::Pass => "PASS",
        Grade::Warn => "WARN",
        Grade::Fail => "FAIL",
    };
    let mut words = format!("{grade}  {}: {}\n", check.title, check.said);
    if check.grade >= Grade::Warn {
        let fix = check.fix.as_ref().map(|fix| format!("Fix: {}", fix.label));
        let more = [Some(&check.why), check.hint.as_ref(), fix.as_ref()];
        words.extend(more.into_iter().flatten().map(|line| format!("      {line}\n")));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_inbox::view::Fix;

    #[test]
    fn what_is_wrong_is_said_with_why_and_what_to_do() {
        let mut check = Check {
            id: "disk".into(),
            title: "Free disk space".into(),
            grade: Grade::Pass,
            said: "12.0 GB left".into(),
            why: "It is needed.".into(),
            hint: None,
            fix: None,
            details: vec!["never said".into()],
        };
        assert_eq!(words(&check), "PASS  Free disk space: 12.0 GB left\n");
        check.grade = Grade::Fail;
        check.hint = Some("Make room.".into());
        check.fix = Some(Fix { label: "Make room".into(), place: None });
        let said = "FAIL  Free disk space: 12.0 GB left\n      It is needed.\n      Make room.\n      \
                    Fix: Make room\n";
        assert_eq!(words(&check), said);
    }
}
