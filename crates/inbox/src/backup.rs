//! The sleep backup: what answers at Twilio while this computer is off. Made through Twilio's Studio where
//! the account allows it, by the owner's hand where not; kept in step with the settings; believed once heard.

use crate::{
    Inbox, Problem, flow,
    hosting::{Hosted, Kept, Kind, digest, is_used},
    view::{self, BackupState},
};
use ringdesk_domain::{Address, Settings, address::AddressKind, settings::Invalid};
use ringdesk_twilio::{
    rest::{NewCall, Placed},
    twiml::{Verb, document},
};
use std::time::Duration;

/// Seconds the phone rings that tries it.
const RINGS_S: u32 = 25;
/// How long a look at the lines may take before what was last known has to do.
const PATIENCE: Duration = Duration::from_secs(5);

/// How it is. `current` tells whether what is hosted is what the settings want.
fn state(on: bool, kept: &Kept, used: bool, current: impl Fn(&Hosted) -> bool) -> BackupState {
    match &kept.hosted {
        _ if !on => BackupState::Off,
        None if kept.forbidden => BackupState::ByHand,
        None => BackupState::Missing,
        Some(hosted) if !current(hosted) => BackupState::Old,
        Some(_) if !used => BackupState::Unused,
        Some(hosted) if hosted.heard_at.is_none() => BackupState::Unheard,
        Some(_) => BackupState::Ready,
    }
}

/// How it is and what to do, in words.
fn words(state: BackupState, bin: bool, rings: bool) -> (&'static str, Option<&'static str>) {
    match state {
        BackupState::Off => (
            "Callers hear an error while this computer is off.",
            Some("Let Twilio take voicemail meanwhile."),
        ),
        BackupState::Missing => (
            "It isn't made yet. Callers hear an error while this computer is off.",
            Some("Make it now. Twilio keeps it for you."),
        ),
        BackupState::ByHand => (
            "Twilio doesn't let Ringdesk make it on this account.",
            Some(
                "Make a TwiML Bin in Twilio's console, copy the text into it, and enter its address here. Or \
                 try again, if you have changed the account since.",
            ),
        ),
        BackupState::Old if bin => (
            "The TwiML Bin still holds the text from before your last change.",
            Some("Copy the new text into it, save it at Twilio, and confirm its address here."),
        ),
        BackupState::Old => (
            "It still says what it said before your last change.",
            Some("Ringdesk brings it up to date by itself in a while. You can also do it now."),
        ),
        BackupState::Unused => (
            "It is made, but not every line uses it.",
            Some("Set the lines up first if calls don't come here yet. Then have them use it."),
        ),
        BackupState::Unheard => (
            "It is made, and nobody has heard it yet.",
            Some("Ring your phone with it, and say if you heard it."),
        ),
        BackupState::Ready if rings => {
            ("Twilio rings your phones and takes voicemail when this computer is off.", None)
        }
        BackupState::Ready => ("Twilio takes voicemail when this computer is off.", None),
    }
}

impl Inbox {
    /// What answers at Twilio while this computer is off. Looks at the lines where Twilio can be asked, and
    /// writes nothing.
    pub async fn backup(&self) -> Result<view::Backup, Problem> {
        self.backup_known(true).await
    }

    /// The same; unless `ask`, as it was when Twilio was last asked.
    pub(crate) async fn backup_known(&self, ask: bool) -> Result<view::Backup, Problem> {
        let kept = self.kept_backup().await?;
        let rules = self.rules();
        let settings = &rules.settings;
        let mut used = kept.hosted.as_ref().is_some_and(|hosted| hosted.used);
        if let (Some(hosted), Some(reach)) = (&kept.hosted, self.reach())
            && ask
            && settings.sleep_backup.on
            && let Ok(Ok(listed)) = tokio::time::timeout(PATIENCE, self.look_at_numbers(&reach)).await
        {
            used = is_used(&listed, &hosted.url);
        }
        let current = |hosted: &Hosted| hosted.digest == digest(hosted.kind, &rules);
        let state = state(settings.sleep_backup.on, &kept, used, current);
        let bin = kept.hosted.as_ref().is_some_and(|hosted| hosted.kind == Kind::Bin);
        let (said, hint) = words(state, bin, settings.sleep_backup.rings);
        let own = settings.calls.phones.iter().find(|phone| !rules.lines.contains(&phone.number));
        Ok(view::Backup {
            state,
            said: said.to_owned(),
            hint: hint.map(str::to_owned),
            url: kept.hosted.as_ref().map(|hosted| hosted.url.clone()),
            heard_at: kept.hosted.as_ref().and_then(|hosted| hosted.heard_at),
            document: flow::document(settings, &rules.lines),
            phone: own
                .map(|phone| Address::received(&phone.number).display(&settings.region))
                .unwrap_or_default(),
        })
    }

    /// Makes the sleep backup at Twilio, or brings it up to date, and has the lines use it; a TwiML Bin in
    /// use stays. Where Twilio does not let us make one, it says so, and may be asked again.
    pub async fn make_backup(&self) -> Result<view::Backup, Problem> {
        self.have_backup(false).await
    }

    /// Makes the sleep backup at Twilio in place of the owner's TwiML Bin, which stays in use where Twilio does
    /// not let us.
    pub async fn replace_bin(&self) -> Result<view::Backup, Problem> {
        self.have_backup(true).await
    }

    async fn have_backup(&self, instead_of_bin: bool) -> Result<view::Backup, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        self.want_backup().await?;
        let turn = self.0.pointing.lock().await;
        // First of all, so that a wrong token is not taken for an account that may not have flows.
        let listed = self.take_over_numbers(&reach).await?;
        let mut kept = self.kept_backup().await?;
        if instead_of_bin || kept.hosted.as_ref().is_none_or(|hosted| hosted.kind == Kind::Studio) {
            self.host(&reach, &mut kept).await?;
        }
        self.point_fallbacks(&reach, &listed).await?;
        drop(turn);
        self.look_over_soon();
        self.backup().await
    }

    /// Uses a TwiML Bin the owner made, with the text they were given, as the sleep backup.
    pub async fn backup_bin(&self, url: &str) -> Result<view::Backup, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let url = url.trim();
        if !reach.client.twiml_bin(url) {
            return Err(Problem::Told {
                code: "no_bin",
                message: "That isn't the address of a TwiML Bin.".into(),
                hint: "It begins with https://handler.twilio.com/twiml/EH. Twilio shows it with the bin."
                    .into(),
            });
        }
        self.want_backup().await?;
        let turn = self.0.pointing.lock().await;
        let mut kept = self.kept_backup().await?;
        kept.hosted = Some(Hosted {
            kind: Kind::Bin,
            sid: url.rsplit('/').next().unwrap_or_default().to_owned(),
            url: url.to_owned(),
            digest: digest(Kind::Bin, &self.rules()),
            revision: 0,
            // What was copied cannot be looked at, only heard.
            heard_at: None,
            used: false,
        });
        self.keep_backup(&kept).await?;
        let listed = self.take_over_numbers(&reach).await?;
        self.point_fallbacks(&reach, &listed).await?;
        drop(turn);
        self.backup().await
    }

    /// Rings a phone, written as people do, with what callers would hear.
    pub async fn try_backup(&self, phone: &str) -> Result<(), Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let told = |code, message: &str, hint: &str| Problem::Told {
            code,
            message: message.to_owned(),
            hint: hint.to_owned(),
        };
        let url = self.hosted_at().await?.ok_or_else(|| {
            told("no_backup", "There is no sleep backup yet.", "Make it first. Then ring your phone with it.")
        })?;
        let rules = self.rules();
        let phone = Address::typed(phone, &rules.settings.region)
            .filter(|phone| phone.kind() == AddressKind::Number)
            .ok_or_else(|| told("no_number", "That isn't a phone number.", "Enter your own phone's."))?;
        if rules.lines.iter().any(|line| line == phone.as_str()) {
            let hint = "Enter the number of a phone you can pick up.";
            return Err(told("own_line", "A line can't ring itself.", hint));
        }
        // It costs nothing to ask, and a call does. Where Twilio doesn't say, the call will tell.
        let looked_up = tokio::time::timeout(PATIENCE, reach.client.look_up(phone.as_str())).await;
        if matches!(looked_up, Ok(Ok(false))) {
            let hint = "Check it, and enter your own phone's.";
            return Err(told("no_number", "Twilio says that nobody can have this number.", hint));
        }
        let call = NewCall {
            to: phone.as_str().to_owned(),
            from: rules.lines.first().ok_or(Problem::NotConnected)?.clone(),
            twiml: document(&[Verb::Redirect(url)]),
            // It is no call of the office's, and nothing of it is kept.
            status_callback: String::new(),
            timeout: RINGS_S,
        };
        match reach.client.create_call(&call).await {
            Placed::Accepted(_) => Ok(()),
            Placed::Refused(code) => {
                let (what, next) = crate::explain_code(code);
                Err(told("refused", &what, &next))
            }
            Placed::NotSent(_) | Placed::Unknown(_) => {
                let hint = "Check the internet connection, and try again.";
                Err(told("not_sent", "Twilio could not be asked to ring the phone.", hint))
            }
        }
    }

    /// Says whether the owner heard the sleep backup.
    pub async fn heard_backup(&self, heard: bool) -> Result<view::Backup, Problem> {
        let turn = self.0.pointing.lock().await;
        let mut kept = self.kept_backup().await?;
        kept.hosted.as_mut().ok_or(Problem::NotFound)?.heard_at = heard.then(|| self.now());
        self.keep_backup(&kept).await?;
        drop(turn);
        self.look_over_soon();
        self.backup().await
    }

    async fn want_backup(&self) -> Result<(), Problem> {
        if !self.rules().settings.sleep_backup.on {
            let change = |kept: &Settings| {
                let mut next = kept.clone();
                next.sleep_backup.on = true;
                Ok::<_, Invalid>(next)
            };
            self.store().change_settings(self.now(), change).await??;
            self.relearn_rules().await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::Moment;

    fn hosted(heard: bool) -> Kept {
        let hosted = Hosted {
            kind: Kind::Studio,
            sid: "FW1".into(),
            url: "https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW1".into(),
            digest: "now".into(),
            revision: 1,
            heard_at: heard.then_some(Moment(1)),
            used: false,
        };
        Kept { hosted: Some(hosted), forbidden: false }
    }

    #[test]
    fn how_it_is_goes_from_bad_to_good() {
        let none = Kept::default();
        let forbidden = Kept { hosted: None, forbidden: true };
        for (on, kept, used, digest, expected) in [
            (false, &hosted(true), true, "now", BackupState::Off),
            (true, &none, false, "now", BackupState::Missing),
            (true, &forbidden, false, "now", BackupState::ByHand),
            (true, &hosted(true), true, "newer", BackupState::Old),
            (true, &hosted(true), false, "now", BackupState::Unused),
            (true, &hosted(false), true, "now", BackupState::Unheard),
            (true, &hosted(true), true, "now", BackupState::Ready),
        ] {
            let found = state(on, kept, used, |hosted| hosted.digest == digest);
            assert_eq!(found, expected);
            let (said, hint) = words(found, false, false);
            assert!(said.ends_with('.') && hint.is_some() != (found == BackupState::Ready), "{said}");
        }
    }
}
