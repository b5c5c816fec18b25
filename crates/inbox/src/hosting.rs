//! Having the sleep backup hosted at Twilio: the flow is made once, changes with the settings, and the lines'
//! calls fall back to it.

use crate::{
    Inbox, Problem, Reach,
    before::value,
    flow,
    from_twilio::hex,
    lines::Listed,
    overrides::Mend,
    pointing::{fallback, refused, told},
    rules::Rules,
};
use ringdesk_domain::{ChangeKind, Moment};
use ringdesk_twilio::{error::RestError, rest::Flow};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where it is kept what is there.
const KEPT: &str = "backup";
/// What the flow is called at Twilio, before the office's mark. One whose making was never answered is found
/// again by it.
const NAME: &str = "Ringdesk sleep backup";
/// Where the office's mark is kept: some letters nobody else has.
const MARK: &str = "office_mark";
/// What its history says.
const COMMENT: &str = "Kept up to date by Ringdesk";
/// How long until a change is taken to Twilio again, at first and at most, in milliseconds.
const AGAIN_MS: i64 = 30_000;
const LONGEST_MS: i64 = 15 * 60_000;
/// How often it is looked at though nothing changed here, in milliseconds.
const LOOK_MS: i64 = 60 * 60_000;

/// What is there, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    pub(crate) hosted: Option<Hosted>,
    /// Twilio does not let us make one.
    pub(crate) forbidden: bool,
}

/// What answers, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hosted {
    pub(crate) kind: Kind,
    /// `FW…` or `EH…`.
    pub(crate) sid: String,
    /// What the lines' fallback has to be.
    pub(crate) url: String,
    /// Of what was published, or given to the owner to copy.
    pub(crate) digest: String,
    /// The flow's, when it was last published; 0 of a bin.
    pub(crate) revision: u32,
    pub(crate) heard_at: Option<Moment>,
    /// Whether all lines in use had it when that was last looked at.
    pub(crate) used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A flow of ours.
    Studio,
    /// A TwiML Bin of the owner's.
    Bin,
}

/// Whether all lines in use that take calls have this address as their fallback.
pub(crate) fn is_used(listed: &Listed, url: &str) -> bool {
    let mut lines = listed.used().filter(|(_, number)| number.capabilities.voice).peekable();
    lines.peek().is_some() && lines.all(|(_, number)| value(number, "VoiceFallbackUrl") == url)
}

/// Of what the settings want hosted.
pub(crate) fn digest(kind: Kind, rules: &Rules) -> String {
    match kind {
        Kind::Studio => hashed(&flow::definition(&rules.settings, &rules.lines).to_string()),
        Kind::Bin => hashed(&flow::document(&rules.settings, &rules.lines)),
    }
}

fn hashed(what: &str) -> String {
    hex(&Sha256::digest(what.as_bytes()))
}

impl Inbox {
    /// Keeps the sleep backup in step with the settings until the inbox closes.
    pub(crate) async fn run_backup(self) {
        let (mut pause_ms, mut look_at) = (AGAIN_MS, Moment(0));
        loop {
            let began = self.now();
            let look = began >= look_at;
            let kept = tokio::select! {
                () = self.0.stop.cancelled() => return,
                kept = self.keep_in_step(look) => kept,
            };
            let again = match kept {
                Ok(()) => {
                    pause_ms = AGAIN_MS;
                    let next = began.plus_ms(LOOK_MS);
                    if look && self.reach().is_some() {
                        look_at = next;
                    }
                    if look { next } else { look_at }
                }
                Err(error) => {
                    tracing::info!(%error, "the sleep backup could not be brought up to date yet");
                    let at = began.plus_ms(pause_ms);
                    pause_ms = (pause_ms * 2).min(LONGEST_MS);
                    at
                }
            };
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.backing.notified() => {}
                () = self.until(Some(again)) => {}
            }
        }
    }

    /// Has the lines and the flow be as the settings want; `look` also where nothing changed here: somebody
    /// may have changed the flow in Studio.
    async fn keep_in_step(&self, look: bool) -> Result<(), Problem> {
        let Some(reach) = self.reach() else { return Ok(()) };
        let _turn = self.0.pointing.lock().await;
        // What data that may be old wants is not taken to Twilio.
        if self.locked().await?.is_some() {
            return Ok(());
        }
        let mut kept = self.kept_backup().await?;
        let Some(hosted) = kept.hosted.clone() else { return Ok(()) };
        let rules = self.rules();
        if !rules.settings.sleep_backup.on {
            let listed = self.look_at_numbers(&reach).await?;
            return self.take_off(&reach, &listed, kept).await;
        }
        let due = look || hosted.digest != digest(Kind::Studio, &rules);
        if hosted.kind == Kind::Bin || !due {
            return Ok(());
        }
        self.host(&reach, &mut kept).await?;
        if kept.hosted.is_some_and(|now| hosted.used && now.url != hosted.url) {
            let listed = self.look_at_numbers(&reach).await?;
            self.point_fallbacks(&reach, &listed).await?;
        }
        Ok(())
    }

    /// Has a flow at Twilio do what the settings want; that the account may have none is kept, too. A TwiML
    /// Bin that is in use makes way once the flow is there.
    pub(crate) async fn host(&self, reach: &Reach, kept: &mut Kept) -> Result<(), Problem> {
        let flow = kept.hosted.as_ref().filter(|hosted| hosted.kind == Kind::Studio);
        let name = self.flow_name().await?;
        match self.publish(reach, flow, &name).await {
            Ok(hosted) => {
                if kept.hosted.as_ref() != Some(&hosted) {
                    let (flow, revision) = (&hosted.sid, hosted.revision);
                    tracing::info!(flow, revision, "the sleep backup is up to date");
                }
                *kept = Kept { hosted: Some(hosted), forbidden: false };
                self.keep_backup(kept).await
            }
            // A flow that was there until now says that the account may have one.
            Err(RestError::Refused { status: status @ (403 | 404), code }) if flow.is_none() => {
                tracing::warn!(status, code, "this account may not have the sleep backup made");
                kept.forbidden = true;
                self.keep_backup(kept).await?;
                match &kept.hosted {
                    None => Ok(()),
                    Some(_) => Err(Problem::Told {
                        code: "backup_forbidden",
                        message: "Twilio doesn't let Ringdesk make the sleep backup on this account.".into(),
                        hint: "Your TwiML Bin stays in use.".into(),
                    }),
                }
            }
            Err(RestError::Refused { status, code })
                if status < 500 && !matches!(status, 401 | 403 | 404 | 429) =>
            {
                let (what, next) = crate::explain_code(code);
                Err(Problem::Told {
                    code: "backup_refused",
                    message: format!("Twilio refused the sleep backup. {what}"),
                    hint: next,
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What our flow is called at Twilio. It holds a mark of this office: another one on the same account has
    /// a flow of its own.
    async fn flow_name(&self) -> Result<String, Problem> {
        let name = |mark: &str| format!("{NAME} {mark}");
        if let Some(mark) = self.store().meta(MARK).await? {
            return Ok(name(&mark));
        }
        let mark = hex(&rand::random::<[u8; 3]>());
        self.store().set_meta(MARK, Some(mark.clone()), None).await?;
        Ok(name(&mark))
    }

    /// Makes the flow once, or changes the one that is there: where the settings want something else, and
    /// where somebody changed it in Studio.
    async fn publish(&self, reach: &Reach, hosted: Option<&Hosted>, name: &str) -> Result<Hosted, RestError> {
        let client = &reach.client;
        let rules = self.rules();
        let definition = flow::definition(&rules.settings, &rules.lines);
        let digest = hashed(&definition.to_string());
        let known = match hosted {
            Some(hosted) => match client.flow(&hosted.sid).await {
                // Somebody removed it at Twilio.
                Err(RestError::Refused { status: 404, .. }) => None,
                flow => Some(flow?),
            },
            None => None,
        };
        let there = match known {
            Some(flow) => Some(flow),
            None => client.flows().await?.into_iter().find(|flow| flow.friendly_name == name),
        };
        let is_ours = |flow: &Flow| {
            flow.status == "published"
                && hosted.is_some_and(|known| {
                    known.sid == flow.sid && known.revision == flow.revision && known.digest == digest
                })
        };
        // Other words were heard as good as these; other ways through the flow were not.
        let as_heard = there.as_ref().is_some_and(|flow| {
            flow.definition.as_ref().is_none_or(|before| steps(before) == steps(&definition))
        });
        let flow = match there {
            Some(flow) if is_ours(&flow) => flow,
            Some(flow) => client.update_flow(&flow.sid, &definition, COMMENT).await?,
            None => client.create_flow(name, &definition, COMMENT).await?,
        };
        let same = hosted.filter(|hosted| hosted.sid == flow.sid);
        let account = client.account_sid();
        let usual = || format!("https://webhooks.twilio.com/v1/Accounts/{account}/Flows/{}", flow.sid);
        Ok(Hosted {
            kind: Kind::Studio,
            url: flow.webhook_url.clone().unwrap_or_else(usual),
            digest,
            revision: flow.revision,
            heard_at: same.filter(|_| as_heard).and_then(|hosted| hosted.heard_at),
            used: same.is_some_and(|hosted| hosted.used),
            sid: flow.sid,
        })
    }

    /// Has the lines use the sleep backup; the caller holds `pointing`. A line that is answered elsewhere has
    /// a fallback of its own, which is left alone.
    pub(crate) async fn point_fallbacks(&self, reach: &Reach, listed: &Listed) -> Result<(), Problem> {
        let Some(to) = self.backup_in_use().await? else { return Ok(()) };
        let ours = self.ours(reach).await?;
        let (mut some, mut all, mut not_changed) = (false, true, Vec::new());
        for (line, number) in listed.used().filter(|(_, number)| number.capabilities.voice) {
            some = true;
            if !ours.is_or_was(value(number, "VoiceUrl")) {
                all &= value(number, "VoiceFallbackUrl") == to;
                continue;
            }
            let changes = fallback(number, &to);
            let changed = self.change_number(reach, line, number, &ours, &changes, &Mend::default()).await;
            if let Err(problem) = changed {
                not_changed.push(refused(line, problem)?);
                all = false;
            }
        }
        let mut kept = self.kept_backup().await?;
        if let Some(hosted) = &mut kept.hosted {
            hosted.used = some && all;
        }
        self.keep_backup(&kept).await?;
        told(&not_changed)
    }

    /// Takes the sleep backup, which the owner wants no more, off every line that has it; the caller holds
    /// `pointing`. Without an address there is nothing to put in its place: that is done once there is one.
    async fn take_off(&self, reach: &Reach, listed: &Listed, mut kept: Kept) -> Result<(), Problem> {
        let (Some(hosted), Some(own)) = (&mut kept.hosted, reach.voice_webhook("/voice/fallback")) else {
            return Ok(());
        };
        let ours = self.ours(reach).await?;
        let mut not_changed = Vec::new();
        for (line, number) in listed.used() {
            if value(number, "VoiceFallbackUrl") != hosted.url {
                continue;
            }
            // Whoever else answers a line should not send its callers here.
            let to = if ours.is_or_was(value(number, "VoiceUrl")) { own.as_str() } else { "" };
            let changes = fallback(number, to);
            let changed = self.change_number(reach, line, number, &ours, &changes, &Mend::default()).await;
            if let Err(problem) = changed {
                not_changed.push(refused(line, problem)?);
            }
        }
        hosted.used = false;
        self.keep_backup(&kept).await?;
        told(&not_changed)
    }

    /// The lines were set up, and with that they use the sleep backup.
    pub(crate) async fn lines_use_backup(&self) -> Result<(), Problem> {
        let mut kept = self.kept_backup().await?;
        if let Some(hosted) = &mut kept.hosted {
            hosted.used = true;
        }
        self.keep_backup(&kept).await
    }

    /// Where the sleep backup is hosted, wanted or not.
    pub(crate) async fn hosted_at(&self) -> Result<Option<String>, Problem> {
        Ok(self.kept_backup().await?.hosted.map(|hosted| hosted.url))
    }

    /// What the lines' calls fall back to; none where the owner wants none, or there is none yet.
    pub(crate) async fn backup_in_use(&self) -> Result<Option<String>, Problem> {
        let hosted_at = self.hosted_at().await?;
        Ok(hosted_at.filter(|_| self.rules().settings.sleep_backup.on))
    }

    /// What is there.
    pub(crate) async fn kept_backup(&self) -> Result<Kept, Problem> {
        let kept = self.store().meta(KEPT).await?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
    }

    /// Keeps what is there; the caller holds `pointing`.
    pub(crate) async fn keep_backup(&self, kept: &Kept) -> Result<(), Problem> {
        if *kept == self.kept_backup().await? {
            return Ok(());
        }
        let kept = serde_json::to_string(kept).map_err(std::io::Error::from)?;
        self.store().set_meta(KEPT, Some(kept), Some((ChangeKind::HealthChanged, self.now()))).await?;
        Ok(())
    }
}

/// The ways through a flow: its steps, by name, and where each leads.
fn steps(definition: &serde_json::Value) -> Vec<(&str, &serde_json::Value)> {
    let states = definition["states"].as_array().map(Vec::as_slice).unwrap_or_default();
    states.iter().map(|state| (state["name"].as_str().unwrap_or(""), &state["transitions"])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let hosted = Hosted {
            kind: Kind::Studio,
            sid: "FW1".into(),
            url: "https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW1".into(),
            digest: "abc".into(),
            revision: 3,
            heard_at: Some(Moment(7)),
            used: true,
        };
        let kept = Kept { hosted: Some(hosted), forbidden: false };
        let text = serde_json::to_string(&kept).expect("JSON");
        assert_eq!(serde_json::from_str::<Kept>(&text).expect("kept"), kept);
        assert_eq!(serde_json::from_str::<Kept>("{}").expect("nothing"), Kept::default());
    }
}
