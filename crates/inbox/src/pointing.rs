//! Having Twilio send what arrives on our lines here: what would change, and changing it. What a number had
//! before is on disk before anything of it is changed.

use crate::{
    Inbox, Problem, Reach,
    before::{Before, DEFER, FALLBACKS, change, is_same, value},
    lines::{Listed, Ours},
    overrides::{self, Mend, Services},
    view,
};
use ringdesk_store::Line;
use ringdesk_twilio::{error::RestError, rest::Number};

/// What a number has to have so that everything comes here; nothing while we have no address.
fn wanted(reach: &Reach, number: &Number, backup: Option<&str>) -> Vec<(&'static str, String)> {
    let fallback = || backup.map(str::to_owned).or_else(|| reach.voice_webhook("/voice/fallback"));
    let can = number.capabilities;
    let urls = [
        (can.sms, "SmsUrl", "SmsMethod", reach.webhook("/sms/inbound")),
        (can.sms, "SmsFallbackUrl", "SmsFallbackMethod", reach.webhook("/sms/fallback")),
        (can.voice, "VoiceUrl", "VoiceMethod", reach.voice_webhook("/voice/inbound")),
        (can.voice, "VoiceFallbackUrl", "VoiceFallbackMethod", fallback()),
        (can.voice, "StatusCallback", "StatusCallbackMethod", reach.webhook("/voice/status")),
    ];
    if reach.public.is_none() {
        return Vec::new();
    }
    let mut wanted = Vec::new();
    for (_, url, method, to) in urls.into_iter().filter(|(can, ..)| *can) {
        wanted.extend(to.map(|to| (url, to)));
        wanted.push((method, "POST".to_owned()));
    }
    if can.voice {
        // A number that takes faxes takes no calls.
        wanted.push(("VoiceReceiveMode", "voice".to_owned()));
    }
    wanted
}

/// What has to change of a number so that everything comes here.
fn changes(reach: &Reach, number: &Number, backup: Option<&str>) -> Vec<view::FieldChange> {
    let wanted = wanted(reach, number, backup).into_iter();
    let differing = wanted.filter(|(field, then)| !is_same(field, value(number, field), then));
    differing.map(|(field, then)| change(field, value(number, field), &then)).collect()
}

/// What has to change of a number so that its calls fall back to an address.
pub(crate) fn fallback(number: &Number, to: &str) -> Vec<view::FieldChange> {
    let wanted = [("VoiceFallbackUrl", to), ("VoiceFallbackMethod", "POST")];
    let differing = wanted.into_iter().filter(|(field, then)| !is_same(field, value(number, field), then));
    differing.map(|(field, then)| change(field, value(number, field), then)).collect()
}

/// Of what has to change, only that whose way leads or led here: calls that go elsewhere while texts come
/// here still do.
fn following(ours: &Ours, number: &Number, mut changes: Vec<view::FieldChange>) -> Vec<view::FieldChange> {
    changes.retain(|change| {
        let primary = if change.field.starts_with("Sms") { "SmsUrl" } else { "VoiceUrl" };
        ours.is_or_was(value(number, primary))
    });
    changes
}

/// Changes as Twilio takes them: a fallback never without its address.
fn form(number: &Number, changes: &[view::FieldChange]) -> Vec<(String, String)> {
    let mut form: Vec<(String, String)> =
        changes.iter().map(|change| (change.field.clone(), change.then.clone())).collect();
    for (fallback, primary) in FALLBACKS {
        let has = |name: &str| form.iter().any(|(field, _)| field == name);
        if has(fallback) && !has(primary) {
            form.push((primary.to_owned(), value(number, primary).to_owned()));
        }
    }
    form
}

/// Which lines are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meant<'a> {
    /// All that are in use.
    All,
    /// These numbers, E.164.
    These(&'a [String]),
    /// Those that post to an address that was ours and is not any more; and of those only what does.
    Moved,
}

/// A number Twilio refused to change: its last four digits, the HTTP status and Twilio's code.
pub(crate) type RefusedNumber = (String, u16, u32);

/// Whether Twilio refused this one number; another may still be taken.
pub(crate) fn refused(line: &Line, problem: Problem) -> Result<RefusedNumber, Problem> {
    match problem {
        Problem::Twilio(RestError::Refused { status, code }) if status < 500 && status != 429 => {
            Ok((line.number.tail(), status, code))
        }
        problem => Err(problem),
    }
}

/// Says which numbers were refused, and why.
pub(crate) fn told(refused: &[RefusedNumber]) -> Result<(), Problem> {
    let Some((_, _, first)) = refused.first() else { return Ok(()) };
    let said = refused.iter().map(|(tail, status, code)| {
        let why = match code {
            0 => format!("It answered {status}."),
            code => crate::explain_code(*code).0,
        };
        format!("Twilio refused to change the number ending in {tail}. {why}")
    });
    let hint = match first {
        0 => "Try again. If it goes on, look at the number in Twilio's console.".to_owned(),
        code => crate::explain_code(*code).1,
    };
    Err(Problem::Told { code: "number_refused", message: said.collect::<Vec<_>>().join(" "), hint })
}

impl Inbox {
    /// What setting the lines up would change at Twilio. Writes nothing.
    pub async fn plan_lines(&self) -> Result<view::LinesPlan, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let listed = self.look_at_numbers(&reach).await?;
        let services = Services::of(&reach.client).await?;
        self.plan_of(&reach, &listed, &services).await
    }

    /// What would change of numbers that are known.
    async fn plan_of(
        &self,
        reach: &Reach,
        listed: &Listed,
        services: &Services,
    ) -> Result<view::LinesPlan, Problem> {
        let backup = self.backup_in_use().await?;
        let rules = self.rules();
        let numbers = listed.used().map(|(line, number)| view::NumberPlan {
            number: line.number.as_str().to_owned(),
            display: line.number.display(&rules.settings.region),
            changes: changes(reach, number, backup.as_deref()),
            overrides: overrides::of(number, services, listed),
            before: Before::of(line).map(|before| before.changes(number)).unwrap_or_default(),
        });
        Ok(view::LinesPlan {
            address: reach.origin().map(str::to_owned),
            unseen: services.unseen,
            numbers: numbers.collect(),
        })
    }

    /// The plan after a change: what was done stays done where Twilio cannot be asked once more, and then it
    /// is told as Twilio answered the change.
    pub(crate) async fn plan_after(
        &self,
        reach: &Reach,
        listed: &Listed,
    ) -> Result<view::LinesPlan, Problem> {
        match self.plan_lines().await {
            Err(Problem::Twilio(error)) => {
                tracing::info!(%error, "the lines were changed, and could not be listed again");
                self.plan_of(reach, listed, &Services::unseen()).await
            }
            plan => plan,
        }
    }

    /// Has Twilio send what arrives on these lines, or on all, here; with `overrides` also undoes what beats
    /// their own addresses. What they had before is kept. One that is refused does not keep the others.
    pub async fn set_up_lines(
        &self,
        numbers: Option<&[String]>,
        overrides: bool,
    ) -> Result<view::LinesPlan, Problem> {
        self.set_up(numbers.map_or(Meant::All, Meant::These), overrides).await
    }

    /// Has the lines follow that post to an address that was ours and is not any more. What goes elsewhere
    /// still does.
    pub async fn lines_follow(&self) -> Result<view::LinesPlan, Problem> {
        self.set_up(Meant::Moved, false).await
    }

    async fn set_up(&self, meant: Meant<'_>, mend: bool) -> Result<view::LinesPlan, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let turn = self.0.pointing.lock().await;
        let pointed = match self.take_over_numbers(&reach).await {
            Ok(mut listed) => self.point(&reach, &mut listed, meant, mend).await.map(|()| listed),
            Err(error) => Err(error),
        };
        drop(turn);
        self.knock_soon();
        self.look_over_soon();
        let listed = pointed?;
        self.note_answers(&listed, &self.ours(&reach).await?);
        self.tell_way().await?;
        self.plan_after(&reach, &listed).await
    }

    /// Has the lines follow by themselves that post to an address that was ours and is not any more.
    pub(crate) async fn point_lines(&self) -> Result<(), Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let _turn = self.0.pointing.lock().await;
        let mut listed = self.take_over_numbers(&reach).await?;
        self.point(&reach, &mut listed, Meant::Moved, false).await
    }

    /// Points lines here; the caller holds `pointing`.
    pub(crate) async fn point(
        &self,
        reach: &Reach,
        listed: &mut Listed,
        meant: Meant<'_>,
        mend: bool,
    ) -> Result<(), Problem> {
        let base = reach.plain("").ok_or_else(Self::told_no_address)?;
        let ours = self.ours(reach).await?;
        let is_meant = |number: &Number| match meant {
            Meant::All => true,
            Meant::These(these) => these.contains(&number.phone_number),
            Meant::Moved => ours.is_behind(number),
        };
        let lines = listed.used().filter(|(_, number)| is_meant(number));
        let lines: Vec<(Line, Number)> = lines.map(|(line, number)| (line.clone(), number.clone())).collect();
        if lines.is_empty() {
            return if matches!(meant, Meant::These(_)) { Err(Problem::NotFound) } else { Ok(()) };
        }
        self.will_point_to(base).await?;
        let services = if mend { Services::of(&reach.client).await? } else { Services::default() };
        let backup = self.backup_in_use().await?;
        let mut not_changed = Vec::new();
        for (line, number) in &lines {
            let mend = if mend { services.mend(number) } else { Mend::default() };
            let mut changes = changes(reach, number, backup.as_deref());
            if matches!(meant, Meant::Moved) {
                changes = following(&ours, number, changes);
            }
            match self.change_number(reach, line, number, &ours, &changes, &mend).await {
                Ok(changed) => listed.became(changed),
                Err(problem) => not_changed.push(refused(line, problem)?),
            }
        }
        if matches!(meant, Meant::All) && not_changed.is_empty() && backup.is_some() {
            self.lines_use_backup().await?;
        }
        told(&not_changed)
    }

    /// Changes a number, and undoes what beats it; what it had is kept first. Answers the number as changed.
    pub(crate) async fn change_number(
        &self,
        reach: &Reach,
        line: &Line,
        number: &Number,
        ours: &Ours,
        changes: &[view::FieldChange],
        mend: &Mend,
    ) -> Result<Option<Number>, Problem> {
        if changes.is_empty() && mend.is_empty() {
            return Ok(None);
        }
        self.remember(line, number, ours, mend).await?;
        let mut changed = None;
        let mut form = form(number, changes);
        form.extend(mend.clears.iter().map(|field| ((*field).to_owned(), String::new())));
        if !form.is_empty() {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
            changed = Some(reach.client.update_number(&number.sid, &form).await?);
        }
        // Only now: until the number's own address is right, texts had better go where they went.
        if let Some(service) = &mend.service {
            reach.client.update_messaging_service(service, &[(DEFER, "true")]).await?;
        }
        tracing::info!(line = %line.id, "a line was set up at Twilio");
        Ok(changed)
    }

    /// Keeps what a number had before we first came, and what is undone only now.
    async fn remember(&self, line: &Line, number: &Number, ours: &Ours, mend: &Mend) -> Result<(), Problem> {
        let known = Before::of(line);
        let now = self.now();
        let first = || Before::first(number, ours, now);
        let nothing = || (!mend.is_empty()).then(|| Before::nothing(now));
        let Some(mut before) = known.clone().or_else(first).or_else(nothing) else { return Ok(()) };
        before.add(number, mend);
        if known.as_ref() != Some(&before) {
            let before = serde_json::to_string(&before).map_err(std::io::Error::from)?;
            self.store().keep_before(line.id, before, now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::tests::{bare, ours};
    use ringdesk_twilio::{Client, Credentials, PublicUrl};

    fn reach(public: Option<&str>) -> Reach {
        let credentials = Credentials::account("AC0123456789abcdef0123456789abcdef", "secret".into());
        Reach {
            client: Client::new("https://api.twilio.com", credentials).expect("a client"),
            public: public.map(|url| PublicUrl::parse(url).expect("an address")),
            prefix: "/phone/twilio".into(),
            signing: "secret".into(),
        }
    }

    /// The number as it is after what is asked of Twilio.
    fn changed(mut number: Number, form: &[(String, String)]) -> Number {
        for (field, value) in form {
            let value = Some(value.clone()).filter(|value| !value.is_empty());
            match field.as_str() {
                "SmsUrl" => number.sms_url = value,
                "SmsMethod" => number.sms_method = value,
                "SmsFallbackUrl" => number.sms_fallback_url = value,
                "SmsFallbackMethod" => number.sms_fallback_method = value,
                "VoiceUrl" => number.voice_url = value,
                "VoiceMethod" => number.voice_method = value,
                "VoiceFallbackUrl" => number.voice_fallback_url = value,
                "VoiceFallbackMethod" => number.voice_fallback_method = value,
                "StatusCallback" => number.status_callback = value,
                "StatusCallbackMethod" => number.status_callback_method = value,
                "VoiceReceiveMode" => number.voice_receive_mode = value,
                other => panic!("{other}"),
            }
        }
        number
    }

    #[test]
    fn what_differs_is_changed_once_and_then_nothing_is() {
        let reach = reach(Some("https://desk.example.com"));
        let mut number = bare("+14155550100");
        number.sms_url = Some("https://example.com/texts".into());
        number.sms_method = Some("get".into());
        number.voice_method = Some("POST".into());
        number.voice_receive_mode = Some("fax".into());
        let wrong = changes(&reach, &number, None);
        let texts = wrong.iter().find(|change| change.field == "SmsUrl").expect("texts");
        assert_eq!((texts.what.as_str(), texts.now.as_str()), ("Texts go to", "https://example.com/texts"));
        assert_eq!(texts.then, "https://desk.example.com/phone/twilio/sms/inbound#rc=5&rp=all");
        let calls = wrong.iter().find(|change| change.field == "VoiceUrl").expect("calls");
        let fragment = "#ct=2000&rt=3000&tt=7000&rc=2&rp=all";
        assert_eq!(calls.then, format!("https://desk.example.com/phone/twilio/voice/inbound{fragment}"));
        let fields: Vec<&str> = wrong.iter().map(|change| change.field.as_str()).collect();
        assert!(fields.contains(&"SmsMethod") && fields.contains(&"VoiceReceiveMode"), "{fields:?}");
        assert!(!fields.contains(&"VoiceMethod") && !fields.contains(&"StatusCallbackMethod"), "{fields:?}");
        let number = changed(number.clone(), &form(&number, &wrong));
        assert!(changes(&reach, &number, None).is_empty());
    }

    #[test]
    fn only_the_way_that_led_here_follows() {
        let reach = reach(Some("https://desk.example.com"));
        let mut number = bare("+14155550100");
        number.sms_url = Some("https://old.example.com/phone/twilio/sms/inbound#rc=5&rp=all".into());
        number.voice_url = Some("https://pbx.example.com/answer".into());
        let wrong = following(&ours(), &number, changes(&reach, &number, None));
        assert!(wrong.iter().any(|change| change.field == "SmsUrl"), "{wrong:?}");
        assert!(wrong.iter().all(|change| change.field.starts_with("Sms")), "{wrong:?}");
        number.sms_url = Some("https://pbx.example.com/texts".into());
        assert!(following(&ours(), &number, changes(&reach, &number, None)).is_empty());
    }

    #[test]
    fn a_fallback_goes_with_its_address() {
        let reach = reach(Some("https://desk.example.com"));
        let bin = "https://handler.twilio.com/twiml/EH1";
        let number = bare("+14155550100");
        let number = changed(number.clone(), &form(&number, &changes(&reach, &number, None)));
        let wrong = changes(&reach, &number, Some(bin));
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        let form = form(&number, &wrong);
        assert_eq!(form[0], ("VoiceFallbackUrl".to_owned(), bin.to_owned()));
        assert_eq!(form[1].0, "VoiceUrl");
    }

    #[test]
    fn nothing_is_wanted_of_what_a_number_cannot_do_or_without_an_address() {
        let mut number = bare("+14155550100");
        number.capabilities.sms = false;
        let with = reach(Some("https://desk.example.com"));
        assert!(changes(&with, &number, None).iter().all(|change| !change.field.starts_with("Sms")));
        assert!(changes(&reach(None), &number, Some("https://handler.twilio.com/twiml/EH1")).is_empty());
    }

    #[test]
    fn a_refusal_names_the_number_by_its_end_and_says_why() {
        let refused: [RefusedNumber; 2] = [("0006".into(), 400, 21402), ("0007".into(), 400, 0)];
        let Err(Problem::Told { code, message, hint }) = told(&refused) else { panic!("it was refused") };
        assert_eq!(code, "number_refused");
        assert!(message.contains("ending in 0006") && message.contains("ending in 0007"), "{message}");
        assert!(message.contains("answered 400") && !hint.is_empty(), "{message} {hint}");
        assert!(told(&[]).is_ok());
    }
}
