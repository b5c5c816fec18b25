//! What the owner can set. One value, validated as a whole, changed by merge patch (RFC 7396).

use crate::{
    Notifications,
    address::{Address, AddressKind},
    hours::Hours,
    keep::Keep,
    public::{PublicAddress, SleepBackup, Way},
    quiet::QuietHours,
    routing::{Calls, LineRules, Phone},
    voicemail::Engine,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

/// Everything the owner can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The name at the top of the window.
    pub business_name: String,
    /// Two letters of the country whose numbers are written the short way.
    pub region: String,
    /// The business's time zone as IANA names it; the computer's own when left out.
    pub time_zone: Option<String>,
    /// When the business is open.
    pub hours: Hours,
    /// How calls are taken.
    pub calls: Calls,
    /// What lines do otherwise than all lines, by their numbers in E.164.
    pub lines: BTreeMap<String, LineRules>,
    /// How texts are sent.
    pub texts: Texts,
    /// What the owner is told of outside the window.
    pub notifications: Notifications,
    /// How the window behaves.
    pub window: Window,
    /// How voicemails are played.
    pub playback: Playback,
    /// Who writes voicemails down.
    pub transcripts: Transcripts,
    /// Voicemails as letters to the owner.
    pub email: Email,
    /// How long things are kept.
    pub keep: Keep,
    /// How Twilio finds the way to this computer.
    pub address: PublicAddress,
    /// What answers while this computer is off.
    pub sleep_backup: SleepBackup,
    /// Copies of the data.
    pub backups: Backups,
}

/// Copies of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Backups {
    /// Whether one is made every day.
    pub daily: bool,
    /// Where they are kept, such as a folder on another disk; beside the data when left out.
    pub folder: Option<String>,
}

impl Default for Backups {
    fn default() -> Self {
        Self { daily: true, folder: None }
    }
}

/// How voicemails are played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Playback {
    /// How fast, in percent: 100, 125, 150 or 200. The voice keeps its pitch.
    pub speed_percent: u32,
    /// Which sound output; the computer's own choice when left out.
    pub device: Option<String>,
}

impl Default for Playback {
    fn default() -> Self {
        Self { speed_percent: 100, device: None }
    }
}

/// Who writes voicemails down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Transcripts {
    /// Nobody, Twilio or a program.
    pub engine: Engine,
    /// Where the program is.
    pub program: String,
    /// What it is called with; `{file}` stands for the sound file, which comes last where it is not named.
    pub arguments: Vec<String>,
}

/// Voicemails as letters to the owner. The password is not a setting: it is in the password safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Email {
    /// Whether each voicemail is sent.
    pub on: bool,
    /// Who gets them.
    pub to: String,
    /// Who sends them; the first address when left empty.
    pub from: String,
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is secured.
    pub security: MailSecurity,
    /// Who logs in; nobody when left empty.
    pub user: String,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            on: false,
            to: String::new(),
            from: String::new(),
            host: String::new(),
            port: 465,
            security: MailSecurity::Tls,
            user: String::new(),
        }
    }
}

/// How the way to the mail server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// From the first byte on.
    #[default]
    Tls,
    /// From the server's word on.
    Starttls,
    /// Not at all.
    None,
}

/// How the window behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Window {
    /// What closing it means.
    pub on_close: OnClose,
    /// Light or dark.
    pub theme: Theme,
    /// How large its words are, in percent of the usual size: 80 to 200.
    pub text_percent: u32,
    /// Single letters do nothing.
    pub letters_off: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { on_close: OnClose::default(), theme: Theme::default(), text_percent: 100, letters_off: false }
    }
}

/// What closing the window means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// The owner is asked.
    #[default]
    Ask,
    /// Texts go on arriving.
    Keep,
    /// Ringdesk ends, and nothing arrives.
    Quit,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How texts are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// Seconds in which a text can be taken back, 0 to 60.
    pub undo_seconds: u32,
    /// Enter sends; otherwise Ctrl or Cmd with Enter.
    pub enter_sends: bool,
    /// Let Twilio replace look-alike characters so that a text stays in fewer parts.
    pub smart_encoding: bool,
    /// A Messaging Service (`MG…`) for lines that cannot send texts themselves.
    pub messaging_service_sid: Option<String>,
    /// When a text asks before it leaves, unless the customer wrote within the hour.
    pub quiet_hours: Option<QuietHours>,
    /// From how many parts on a text asks before it leaves, for each one costs; 0 never asks.
    pub ask_from_parts: u32,
    /// Texts that are written often, in the owner's order.
    pub templates: Vec<Template>,
}

/// A text that is written often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is called.
    pub name: String,
    /// The words; `{name}` stands for the customer's first name.
    pub body: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            business_name: String::new(),
            region: "US".into(),
            time_zone: None,
            hours: Hours::default(),
            calls: Calls::default(),
            lines: BTreeMap::new(),
            texts: Texts::default(),
            notifications: Notifications::default(),
            window: Window::default(),
            playback: Playback::default(),
            transcripts: Transcripts::default(),
            email: Email::default(),
            keep: Keep::default(),
            address: PublicAddress::default(),
            sleep_backup: SleepBackup::default(),
            backups: Backups::default(),
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            undo_seconds: 5,
            enter_sends: true,
            smart_encoding: false,
            messaging_service_sid: None,
            quiet_hours: Some(QuietHours::USUAL),
            ask_from_parts: 5,
            templates: Vec::new(),
        }
    }
}

/// Why settings were not taken; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not the shape of settings.
    #[error("{0}")]
    Shape(String),
    /// Something that is no phone number.
    #[error("{field}: a phone number that can be dialled")]
    Number {
        /// Dotted path of the field.
        field: &'static str,
    },
    /// A value outside what makes sense.
    #[error("{field}: {why}")]
    Value {
        /// Dotted path of the field.
        field: &'static str,
        /// What would be accepted.
        why: &'static str,
    },
}

impl Settings {
    /// The settings after a merge patch: `null` puts a field back to its default.
    pub fn patched(&self, patch: &Value) -> Result<Self, Invalid> {
        if !patch.is_object() {
            return Err(Invalid::Shape("expected a JSON object".into()));
        }
        let mut whole = serde_json::to_value(self).map_err(|e| Invalid::Shape(e.to_string()))?;
        merge(&mut whole, patch);
        let mut next: Self = serde_json::from_value(whole).map_err(|e| Invalid::Shape(e.to_string()))?;
        next.write_numbers()?;
        next.check()?;
        Ok(next)
    }

    fn check(&self) -> Result<(), Invalid> {
        let bad = |field, why| Err(Invalid::Value { field, why });
        if self.business_name.chars().count() > 80 {
            return bad("business_name", "at most 80 characters");
        }
        if self.region.len() != 2 || !self.region.bytes().all(|b| b.is_ascii_uppercase()) {
            return bad("region", "two capital letters, such as US");
        }
        if self.texts.undo_seconds > 60 {
            return bad("texts.undo_seconds", "0 to 60");
        }
        if !(80..=200).contains(&self.window.text_percent) {
            return bad("window.text_percent", "80 to 200");
        }
        if self.texts.templates.len() > 100 {
            return bad("texts.templates", "at most 100");
        }
        let fits = |one: &Template| {
            (1..=60).contains(&one.name.chars().count()) && (1..=1_600).contains(&one.body.chars().count())
        };
        if !self.texts.templates.iter().all(fits) {
            return bad(
                "texts.templates",
                "a name of at most 60 characters, and 1 to 1,600 characters of text",
            );
        }
        self.check_calls()?;
        self.check_voicemail()?;
        self.check_address()?;
        let whole = |folder: &String| folder.len() <= 1_000 && std::path::Path::new(folder).is_absolute();
        if !self.backups.folder.as_ref().is_none_or(whole) {
            return Err(Invalid::Value {
                field: "backups.folder",
                why: "a whole path, such as /media/disk/Ringdesk",
            });
        }
        let is_service = |sid: &String| sid.len() == 34 && sid.starts_with("MG");
        if self.texts.messaging_service_sid.as_ref().is_some_and(|sid| !is_service(sid)) {
            return bad("texts.messaging_service_sid", "MG and 32 characters");
        }
        Ok(())
    }
}

impl Settings {
    /// Writes the numbers of phones as they are dialled, whatever way they were typed.
    fn write_numbers(&mut self) -> Result<(), Invalid> {
        let region = self.region.clone();
        let written = |field: &'static str, phones: &mut Vec<Phone>| {
            for phone in phones {
                let number = Address::typed(&phone.number, &region)
                    .filter(|number| number.kind() == AddressKind::Number)
                    .ok_or(Invalid::Number { field })?;
                number.as_str().clone_into(&mut phone.number);
            }
            Ok(())
        };
        written("calls.phones", &mut self.calls.phones)?;
        written("calls.after_hours_phones", &mut self.calls.after_hours_phones)?;
        let line =
            |number: &str| Address::typed(number, &region).filter(|line| line.kind() == AddressKind::Number);
        let why = "the numbers of lines, such as +14155550142";
        self.lines = std::mem::take(&mut self.lines)
            .into_iter()
            .map(|(number, rules)| {
                let number = line(&number).ok_or(Invalid::Value { field: "lines", why })?;
                Ok((number.as_str().to_owned(), rules))
            })
            .collect::<Result<_, Invalid>>()?;
        for rules in self.lines.values_mut() {
            rules.phones.as_mut().map_or(Ok(()), |phones| written("lines.phones", phones))?;
        }
        Ok(())
    }

    fn check_address(&self) -> Result<(), Invalid> {
        let bad = |field, why| Err(Invalid::Value { field, why });
        let PublicAddress { way, address, tunnel, .. } = &self.address;
        let label = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
        let is_host = |host: &str| (1..=253).contains(&host.len()) && host.bytes().all(label);
        let is_url = |url: &str| {
            let plain = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\?#@".contains(&b);
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.is_empty() && url.len() <= 300 && rest.bytes().all(plain))
        };
        let fits = match way {
            Way::Own => is_url(address),
            Way::CloudflareNamed => is_host(address),
            Way::Ngrok => address.is_empty() || is_host(address),
            Way::Unset | Way::CloudflareQuick | Way::Tailscale => {
                address.is_empty() || is_url(address) || is_host(address)
            }
        };
        if !fits {
            return bad(
                "address.address",
                "an address such as https://phone.example.com, or a tunnel's host name",
            );
        }
        let named = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let named = !tunnel.starts_with('-') && tunnel.len() <= 100 && tunnel.bytes().all(named);
        if !named || (*way == Way::CloudflareNamed && tunnel.is_empty()) {
            return bad("address.tunnel", "the name of the tunnel: letters, digits, - and _");
        }
        Ok(())
    }

    fn check_voicemail(&self) -> Result<(), Invalid> {
        let bad = |field, why| Err(Invalid::Value { field, why });
        if ![100, 125, 150, 200].contains(&self.playback.speed_percent) {
            return bad("playback.speed_percent", "100, 125, 150 or 200");
        }
        let Transcripts { engine, program, arguments } = &self.transcripts;
        if *engine == Engine::Command && program.trim().is_empty() {
            return bad("transcripts.program", "the path of a program on this computer");
        }
        let tidy = |text: &String| text.len() <= 4_096 && !text.contains('\0');
        if !tidy(program) || arguments.len() > 64 || !arguments.iter().all(tidy) {
            return bad("transcripts.arguments", "at most 64 of 4,096 characters");
        }
        let email = &self.email;
        let is_address = |text: &str| {
            let parts = text.trim().rsplit_once('@');
            text.len() <= 254
                && !text.chars().any(char::is_control)
                && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        };
        if !(email.to.is_empty() && !email.on || is_address(&email.to)) {
            return bad("email.to", "an email address");
        }
        if !(email.from.is_empty() || is_address(&email.from)) {
            return bad("email.from", "an email address");
        }
        let is_host = |host: &str| {
            host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b))
        };
        if (email.on && email.host.is_empty()) || !is_host(&email.host) {
            return bad("email.host", "the name of a mail server, such as smtp.example.com");
        }
        let near = ["localhost", "127.0.0.1", "::1"].contains(&email.host.as_str());
        if email.security == MailSecurity::None && !email.user.is_empty() && !near {
            return bad("email.security", "a password is never sent unprotected to another computer");
        }
        if email.port == 0 {
            return bad("email.port", "1 to 65535");
        }
        self.keep.problem().map_or(Ok(()), |why| bad("keep", why))
    }

    fn check_calls(&self) -> Result<(), Invalid> {
        let bad = |field, why| Err(Invalid::Value { field, why });
        if let Some(why) = self.hours.problem() {
            return bad("hours", why);
        }
        if let Some(why) = self.lines.values().find_map(|rules| rules.week.as_ref()?.problem()) {
            return bad("lines.week", why);
        }
        let own = self.lines.values().filter_map(|rules| rules.phones.as_ref());
        let mut lists = own.chain([&self.calls.phones, &self.calls.after_hours_phones]);
        if lists.any(|phones| phones.len() > crate::routing::MOST_PHONES) {
            return bad("calls.phones", "at most 10");
        }
        let own = self.lines.values().filter_map(|rules| rules.phones.as_ref());
        let mut named = own.chain([&self.calls.phones, &self.calls.after_hours_phones]).flatten();
        if named.any(|phone| phone.name.chars().count() > 60) {
            return bad("calls.phones", "names of at most 60 characters");
        }
        if !(5..=60).contains(&self.calls.ring_seconds) {
            return bad("calls.ring_seconds", "5 to 60");
        }
        let said = &self.calls.greetings;
        let fits = |words: &str| (1..=1_000).contains(&words.trim().chars().count());
        if ![&said.open, &said.closed, &said.message].into_iter().all(|greeting| fits(&greeting.text)) {
            return bad("calls.greetings", "1 to 1,000 characters");
        }
        let is_file = |sha256: &String| {
            sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let greetings = [&said.open, &said.closed, &said.message];
        if !greetings.into_iter().filter_map(|greeting| greeting.recording.as_ref()).all(is_file) {
            return bad("calls.greetings.recording", "the name of a sound file that was added");
        }
        let is_voice = |voice: &str| {
            (1..=60).contains(&voice.len())
                && voice.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        };
        if !is_voice(&self.calls.voice) || !is_voice(&self.calls.language) {
            return bad("calls.voice", "a voice and a language as Twilio names them");
        }
        if !(5..=300).contains(&self.calls.message_seconds) {
            return bad("calls.message_seconds", "5 to 300");
        }
        if !matches!(self.calls.finish_key, '0'..='9' | '*' | '#') {
            return bad("calls.finish_key", "a digit, * or #");
        }
        let back = &self.calls.text_back;
        if !(1..=720).contains(&back.hours) {
            return bad("calls.text_back.hours", "1 to 720");
        }
        if !(1..=120).contains(&back.within_minutes) {
            return bad("calls.text_back.within_minutes", "1 to 120");
        }
        if !(1..=1_000).contains(&back.body.trim().chars().count()) {
            return bad("calls.text_back.body", "1 to 1,000 characters");
        }
        Ok(())
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let before = Settings::default();
        let after = before.patched(&json!({"texts": {"undo_seconds": 9}})).expect("valid");
        assert_eq!(after.texts.undo_seconds, 9);
        assert_eq!(
            Settings { texts: Texts { undo_seconds: 5, ..after.texts.clone() }, ..after.clone() },
            before
        );
        assert_eq!(after.patched(&json!({"texts": {"undo_seconds": null}})).expect("valid"), before);
    }

    #[test]
    fn phones_are_written_as_they_are_dialled() {
        let patch = json!({"calls": {"phones": [{"name": "Nora", "number": "(415) 555-2671"}]}});
        let phones = Settings::default().patched(&patch).expect("valid").calls.phones;
        assert_eq!(phones[0].number, "+14155552671");
    }

    #[test]
    fn a_wrong_patch_is_refused_whole() {
        for patch in [
            json!({"texts": {"undo_seconds": 61}}),
            json!({"nonsense": 1}),
            json!({"window": {"text_percent": 300}}),
            json!({"notifications": {"shows": "everything"}}),
            json!({"region": "us"}),
            json!([1]),
            json!({"texts": {"messaging_service_sid": "X"}}),
            json!({"texts": {"quiet_hours": {"from": "25:00", "to": "08:00"}}}),
            json!({"hours": {"week": {"monday": [{"from": "09:00", "to": "09:00"}]}}}),
            json!({"hours": {"week": {"monday": [{"from": "24:00", "to": "09:00"}]}}}),
            json!({"hours": {"holidays": [{"name": "No day", "day": {"rule": "yearly", "month": 2, "day": 30}}]}}),
            json!({"hours": {"holidays": [{"name": "", "day": {"rule": "easter", "offset": 1}}]}}),
            json!({"calls": {"ring_seconds": 4}}),
            json!({"calls": {"greetings": {"open": {"text": "Hello", "recording": "../../etc/passwd"}}}}),
            json!({"lines": {"reception": {"forwarding": false}}}),
            json!({"calls": {"phones": [{"number": "hello"}]}}),
            json!({"calls": {"greetings": {"open": {"text": " "}}}}),
            json!({"playback": {"speed_percent": 110}}),
            json!({"transcripts": {"engine": "command"}}),
            json!({"email": {"on": true}}),
            json!({"email": {"on": true, "to": "nora@example.com"}}),
            json!({"email": {"to": "nobody"}}),
            json!({"email": {"host": "a b"}}),
            json!({"email": {"host": "mail.example.com", "user": "nora", "security": "none"}}),
            json!({"keep": {"texts_days": 1}}),
            json!({"address": {"way": "own", "address": "phone"}}),
            json!({"address": {"way": "cloudflare_named", "address": "phone.example.com"}}),
            json!({"address": {"way": "cloudflare_named", "address": "phone.example.com", "tunnel": "--url"}}),
            json!({"address": {"way": "ngrok", "address": "phone example"}}),
            json!({"lines": {"+15005550006": {"week": {"friday": [{"from": "08:00", "to": "08:00"}]}}}}),
        ] {
            assert!(Settings::default().patched(&patch).is_err(), "{patch}");
        }
    }
}
