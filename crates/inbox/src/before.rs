//! What a number has at Twilio, field by field, what it had before we first came, and putting that back.

use crate::{
    Inbox, Problem,
    lines::Ours,
    overrides::Mend,
    pointing::{refused, told},
    view,
};
use ringdesk_domain::Moment;
use ringdesk_store::Line;
use ringdesk_twilio::{error::RestError, rest::Number};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What decides where a number's texts and calls go: Twilio's name of it, and what it is in words.
const FIELDS: [(&str, &str); 14] = [
    ("SmsUrl", "Texts go to"),
    ("SmsMethod", "Texts are sent by"),
    ("SmsFallbackUrl", "When that fails, texts go to"),
    ("SmsFallbackMethod", "When that fails, texts are sent by"),
    ("VoiceUrl", "Calls go to"),
    ("VoiceMethod", "Calls are sent by"),
    ("VoiceFallbackUrl", "When that fails, calls go to"),
    ("VoiceFallbackMethod", "When that fails, calls are sent by"),
    ("StatusCallback", "The end of calls is told to"),
    ("StatusCallbackMethod", "The end of calls is told by"),
    ("SmsApplicationSid", "Texts are taken by the application"),
    ("VoiceApplicationSid", "Calls are taken by the application"),
    ("TrunkSid", "Calls are taken by the trunk"),
    ("VoiceReceiveMode", "Calls are taken as"),
];
/// A fallback, and the address without which Twilio refuses it. Source: Twilio's errors 21405 and 21406.
pub(crate) const FALLBACKS: [(&str, &str); 2] =
    [("SmsFallbackUrl", "SmsUrl"), ("VoiceFallbackUrl", "VoiceUrl")];
/// Twilio's name of what lets a number's own address win over its Messaging Service.
pub(crate) const DEFER: &str = "UseInboundWebhookOnNumber";

/// What a number had before we first came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// When we came.
    at: Moment,
    /// By Twilio's names; empty for what was not set.
    fields: BTreeMap<String, String>,
    /// The Messaging Service that took its texts until we changed that.
    pub(crate) service: Option<String>,
}

impl Before {
    /// As it is kept of a line.
    pub(crate) fn of(line: &Line) -> Option<Self> {
        serde_json::from_str(line.before.as_deref()?).ok()
    }

    /// As a number is now; none where everything it has is our own.
    pub(crate) fn first(number: &Number, ours: &Ours, at: Moment) -> Option<Self> {
        let mut fields: BTreeMap<String, String> =
            FIELDS.iter().map(|(field, _)| ((*field).to_owned(), value(number, field).to_owned())).collect();
        let mut mine = false;
        for value in fields.values_mut().filter(|value| ours.wrote(value)) {
            value.clear();
            mine = true;
        }
        for (fallback, primary) in FALLBACKS {
            if fields[primary].is_empty() {
                fields.insert(fallback.to_owned(), String::new());
            }
        }
        let is_set = |(field, value): (&String, &String)| !is_word(field) && !value.is_empty();
        (!mine || fields.iter().any(is_set)).then_some(Self { at, fields, service: None })
    }

    /// Of a number that has nothing but our own.
    pub(crate) const fn nothing(at: Moment) -> Self {
        Self { at, fields: BTreeMap::new(), service: None }
    }

    /// Keeps, too, what is undone only now.
    pub(crate) fn add(&mut self, number: &Number, mend: &Mend) {
        for field in &mend.clears {
            let kept = self.fields.entry((*field).to_owned()).or_default();
            if kept.is_empty() {
                value(number, field).clone_into(kept);
            }
        }
        if self.service.is_none() {
            self.service.clone_from(&mend.service);
        }
    }

    /// What putting it back would change.
    pub(crate) fn changes(&self, number: &Number) -> Vec<view::FieldChange> {
        let mut changes: Vec<view::FieldChange> = self
            .form()
            .filter(|(field, then)| !is_same(field, value(number, field), then))
            .map(|(field, then)| change(field, value(number, field), then))
            .collect();
        if self.service.is_some() {
            changes.push(view::FieldChange {
                what: "Texts go to its own address and not to its Messaging Service".into(),
                field: DEFER.into(),
                now: "true".into(),
                then: "false".into(),
            });
        }
        changes
    }

    /// What is written to put it back. A method that was not told of is left as it is.
    pub(crate) fn form(&self) -> impl Iterator<Item = (&'static str, &str)> {
        FIELDS.into_iter().filter_map(move |(field, _)| {
            let value = self.fields.get(field)?;
            (!is_word(field) || !value.is_empty()).then_some((field, value.as_str()))
        })
    }
}

/// Whether a field holds a word of Twilio's, which cannot be empty.
fn is_word(field: &str) -> bool {
    field.ends_with("Method") || field == "VoiceReceiveMode"
}

/// What a number has now, by Twilio's name of it; empty for what is not set.
pub(crate) fn value<'a>(number: &'a Number, field: &str) -> &'a str {
    let value = match field {
        "SmsUrl" => &number.sms_url,
        "SmsMethod" => &number.sms_method,
        "SmsFallbackUrl" => &number.sms_fallback_url,
        "SmsFallbackMethod" => &number.sms_fallback_method,
        "VoiceUrl" => &number.voice_url,
        "VoiceMethod" => &number.voice_method,
        "VoiceFallbackUrl" => &number.voice_fallback_url,
        "VoiceFallbackMethod" => &number.voice_fallback_method,
        "StatusCallback" => &number.status_callback,
        "StatusCallbackMethod" => &number.status_callback_method,
        "SmsApplicationSid" => &number.sms_application_sid,
        "VoiceApplicationSid" => &number.voice_application_sid,
        "TrunkSid" => &number.trunk_sid,
        "VoiceReceiveMode" => &number.voice_receive_mode,
        _ => return "",
    };
    value.as_deref().unwrap_or("")
}

/// Whether a field needs no change. A method nobody set is POST; a number nobody set takes calls as calls.
pub(crate) fn is_same(field: &str, now: &str, then: &str) -> bool {
    now == then || (is_word(field) && (now.is_empty() || now.eq_ignore_ascii_case(then)))
}

/// A change of a field, in words.
pub(crate) fn change(field: &str, now: &str, then: &str) -> view::FieldChange {
    let what = FIELDS.iter().find(|(name, _)| *name == field).map_or("", |(_, what)| *what);
    view::FieldChange { what: what.into(), field: field.into(), now: now.into(), then: then.into() }
}

impl Inbox {
    /// Puts back what a number, E.164, had before we first came; it is no line any more.
    pub async fn restore_line(&self, number: &str) -> Result<view::LinesPlan, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let turn = self.0.pointing.lock().await;
        let mut listed = self.look_at_numbers(&reach).await?;
        let line = listed.lines.iter().find(|line| line.number.as_str() == number).cloned();
        let line = line.ok_or(Problem::NotFound)?;
        let at_twilio = listed.of(&line).ok_or(Problem::NotFound)?;
        let before = Before::of(&line).ok_or_else(|| Problem::Told {
            code: "no_before",
            message: "What this number had before isn't known here.".into(),
            hint: "Set it in Twilio's console: Phone Numbers, Manage, Active numbers.".into(),
        })?;
        let form: Vec<(&str, &str)> = before.form().collect();
        let changed = reach.client.update_number(&at_twilio.sid, &form).await;
        let changed = changed.map_err(|error| match refused(&line, error.into()) {
            Ok(refused) => told(&[refused]).err().unwrap_or(Problem::NotFound),
            Err(problem) => problem,
        })?;
        if let Some(service) = &before.service {
            let same =
                |other: &Line| Before::of(other).is_some_and(|of| of.service.as_ref() == Some(service));
            // Another line of ours still counts on it.
            if !listed.used().any(|(other, _)| other.id != line.id && same(other)) {
                match reach.client.update_messaging_service(service, &[(DEFER, "false")]).await {
                    // Somebody removed it: there is nothing to put back.
                    Err(RestError::Refused { status: 404, .. }) => {}
                    put_back => put_back.map(|_| ())?,
                }
            }
        }
        self.store().give_up_line(line.id, self.now()).await?;
        tracing::info!(line = %line.id, "a line was given back what it had at Twilio");
        self.relearn_rules().await;
        listed.became(Some(changed));
        listed.lines = self.store().all_lines().await?;
        drop(turn);
        self.knock_soon();
        self.plan_after(&reach, &listed).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::tests::{bare, ours};

    #[test]
    fn what_was_there_before_is_never_our_own() {
        let mut number = bare("+14155550100");
        let before = Before::first(&number, &ours(), Moment(7)).expect("nothing was set, and that is known");
        assert!(before.form().all(|(field, value)| value.is_empty() && !is_word(field)));
        number.sms_url = Some("https://old.example.com/phone/twilio/sms/inbound#rc=5&rp=all".into());
        number.sms_fallback_url = Some("https://example.com/else".into());
        number.voice_url = Some("https://example.com/calls".into());
        number.voice_method = Some("GET".into());
        number.voice_fallback_url = Some("https://handler.twilio.com/twiml/EH1".into());
        let before = Before::first(&number, &ours(), Moment(7)).expect("calls went elsewhere");
        let form: BTreeMap<&str, &str> = before.form().collect();
        assert_eq!((form["SmsUrl"], form["VoiceUrl"]), ("", "https://example.com/calls"));
        // Twilio takes no fallback alone.
        assert_eq!((form["SmsFallbackUrl"], form["VoiceFallbackUrl"]), ("", ""));
        assert_eq!(form["VoiceMethod"], "GET");
        number.voice_url = Some("https://desk.example.com/phone/twilio/voice/inbound".into());
        assert_eq!(Before::first(&number, &ours(), Moment(7)), None, "all of it is ours");
    }

    #[test]
    fn what_is_undone_later_is_kept_beside_what_was_first() {
        let mut number = bare("+14155550100");
        number.voice_url = Some("https://example.com/calls".into());
        let mut before = Before::first(&number, &ours(), Moment(7)).expect("calls went elsewhere");
        number.voice_url = None;
        number.trunk_sid = Some("TK1".into());
        let mend = Mend { service: Some("MG1".into()), clears: vec!["TrunkSid"] };
        before.add(&number, &mend);
        let form: BTreeMap<&str, &str> = before.form().collect();
        assert_eq!((form["TrunkSid"], form["VoiceUrl"]), ("TK1", "https://example.com/calls"));
        assert_eq!(before.service.as_deref(), Some("MG1"));
        number.trunk_sid = Some("TK2".into());
        before.add(&number, &Mend { service: Some("MG2".into()), ..mend });
        let form: BTreeMap<&str, &str> = before.form().collect();
        assert_eq!((form["TrunkSid"], before.service.as_deref()), ("TK1", Some("MG1")), "the first stays");
    }
}
