//! The account's numbers over REST, with Twilio's refusals, and what decides where their calls and texts go.
//! Source: Twilio's OpenAPI document for 2010-04-01, and its error dictionary.

use crate::{
    Fault, World,
    carrier::Method,
    paging::page,
    rest::{Params, answered, error, not_found, signed_in},
    town::{Number, date},
    voice::Link,
};
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use reqwest::Url;
use ringdesk_twilio::{Form, sid::is_sid};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The longest name a number can have.
const MOST_NAME: usize = 64;

const URLS: [&str; 5] = ["SmsUrl", "SmsFallbackUrl", "VoiceUrl", "VoiceFallbackUrl", "StatusCallback"];
const METHODS: [&str; 5] =
    ["SmsMethod", "SmsFallbackMethod", "VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod"];
/// What is named by its SID, and how that begins.
const SIDS: [(&str, &str); 7] = [
    ("SmsApplicationSid", "AP"),
    ("VoiceApplicationSid", "AP"),
    ("TrunkSid", "TK"),
    ("AddressSid", "AD"),
    ("BundleSid", "BU"),
    ("IdentitySid", "RI"),
    ("EmergencyAddressSid", "AD"),
];
/// What is one of some words; the first where nothing was set.
const WORDS: [(&str, [&str; 2]); 3] = [
    ("VoiceReceiveMode", ["voice", "fax"]),
    ("VoiceCallerIdLookup", ["false", "true"]),
    ("EmergencyStatus", ["Active", "Inactive"]),
];

pub(crate) fn routes() -> Router<World> {
    let numbers = "/2010-04-01/Accounts/{account}/IncomingPhoneNumbers";
    Router::new()
        .route(&format!("{numbers}.json"), get(list))
        .route(&format!("{numbers}/{{sid}}"), get(fetch).post(update))
}

/// An address that was set and how it is asked, by the names of the two parameters.
pub(crate) fn link(set: &BTreeMap<String, String>, url: &str, method: &str) -> Option<Link> {
    let url = set.get(url).filter(|url| !url.is_empty())?;
    let get = set.get(method).is_some_and(|method| method.eq_ignore_ascii_case("GET"));
    Some(Link { url: url.clone(), method: if get { Method::Get } else { Method::Post } })
}

/// Whether Twilio takes this for an address it can ask.
pub(crate) fn is_web(url: &str) -> bool {
    let web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    Url::parse(url).is_ok_and(|url| web(&url))
}

impl Number {
    /// Where the account wants to be asked or told, by the parameter's name, and how.
    pub(crate) fn link(&self, name: &str) -> Option<Link> {
        link(&self.set, name, &format!("{}Method", name.trim_end_matches("Url")))
    }

    fn filled(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// What takes the calls to this number instead of its addresses.
    pub(crate) fn voice_override(&self) -> Option<&str> {
        let fax = || self.filled("VoiceReceiveMode").filter(|mode| *mode == "fax");
        self.filled("TrunkSid").or_else(|| self.filled("VoiceApplicationSid")).or_else(fax)
    }

    /// The application that takes the texts to this number instead of its addresses.
    pub(crate) fn sms_override(&self) -> Option<&str> {
        self.filled("SmsApplicationSid")
    }

    /// Everything that can be set, by the parameters' names.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        let value = |name: &str, default: &str| self.filled(name).unwrap_or(default).to_owned();
        let urls = URLS.iter().map(|name| (*name, value(name, "")));
        let methods = METHODS.iter().map(|name| (*name, value(name, "POST")));
        let sids = SIDS.iter().map(|(name, _)| (*name, value(name, "")));
        let words = WORDS.iter().map(|(name, words)| (*name, value(name, words[0])));
        let names = [("FriendlyName", self.name.clone()), ("Sid", self.sid.clone())];
        let all = urls.chain(methods).chain(sids).chain(words).chain(names);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Sets one thing, whatever it is.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        if name == "FriendlyName" {
            value.clone_into(&mut self.name);
            return;
        }
        self.set.insert(name.to_owned(), value.to_owned());
        // A trunk and an application never go together: the later one stays.
        let other = match name {
            "TrunkSid" => "VoiceApplicationSid",
            "VoiceApplicationSid" => "TrunkSid",
            _ => return,
        };
        if !value.is_empty() {
            self.set.remove(other);
        }
    }

    /// The number with what a form changes, or Twilio's refusal. What it does not know it passes over.
    fn changed(&self, form: &Form) -> Result<Self, (u32, String)> {
        let mut number = self.clone();
        for name in form.signing_order().into_keys() {
            let Ok(name) = std::str::from_utf8(name) else { continue };
            let value = form.text(name).unwrap_or("");
            if let Some(value) = acceptable(name, value)? {
                number.put(name, &value);
            }
        }
        let set = |name: &str| number.filled(name).is_some();
        if set("VoiceFallbackUrl") && !set("VoiceUrl") {
            return Err((21405, "VoiceFallbackUrl needs a VoiceUrl".to_owned()));
        }
        if set("SmsFallbackUrl") && !set("SmsUrl") {
            return Err((21406, "SmsFallbackUrl needs an SmsUrl".to_owned()));
        }
        Ok(number)
    }
}

/// A parameter's value as it is kept; none for a parameter nobody knows.
fn acceptable(name: &str, value: &str) -> Result<Option<String>, (u32, String)> {
    let method = METHODS.contains(&name);
    let value = if method { value.to_ascii_uppercase() } else { value.to_owned() };
    let (fits, code, wrong) = if URLS.contains(&name) {
        (is_web(&value), 21402, "is not a valid URL")
    } else if method {
        (matches!(value.as_str(), "GET" | "POST"), 21403, "must be GET or POST")
    } else if let Some((_, prefix)) = SIDS.iter().find(|(sid, _)| *sid == name) {
        let code = if *prefix == "AP" { 21218 } else { 20001 };
        (is_sid(&value, &[*prefix]), code, "is not valid")
    } else if let Some((_, words)) = WORDS.iter().find(|(word, _)| *word == name) {
        (words.contains(&value.as_str()), 20001, "is not valid")
    } else if name == "FriendlyName" {
        (value.chars().count() <= MOST_NAME, 20001, "is too long")
    } else {
        return Ok(None);
    };
    // Nothing at all takes away what was set before.
    if fits || value.is_empty() { Ok(Some(value)) } else { Err((code, format!("{name} {wrong}"))) }
}

fn number_json(account: &str, number: &Number) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json", number.sid);
    let mut shape = json!({
        "sid": number.sid, "account_sid": account, "friendly_name": number.name,
        "phone_number": number.number, "api_version": "2010-04-01", "beta": false, "origin": "twilio",
        "address_requirements": "none",
        "capabilities": { "voice": true, "sms": true, "mms": true, "fax": false },
        "date_created": date(0), "date_updated": date(0),
        "emergency_address_status": "unregistered", "type": "local", "status": "in-use", "uri": uri,
    });
    for (name, value) in number.settings() {
        let key = key(&name);
        shape[key.as_str()] = match name.as_str() {
            "Sid" | "FriendlyName" => continue,
            "VoiceCallerIdLookup" => (value == "true").into(),
            _ if value.is_empty() && name.ends_with("Sid") => Value::Null,
            _ => value.into(),
        };
    }
    shape
}

/// A parameter's name as it is in an answer: `SmsUrl` is `sms_url`.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

async fn list(
    State(world): State<World>,
    Path(account): Path<String>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let mut town = world.town();
    if town.faults.strikes(&Fault::AccountAway) {
        return error(503, 20503, "Service Unavailable");
    }
    let wanted = query.get("PhoneNumber").cloned().unwrap_or_default();
    let named = |number: &&Number| query.get("FriendlyName").is_none_or(|name| *name == number.name);
    let numbers = town.numbers.iter().filter(|number| number.number.contains(&wanted)).filter(named);
    let all: Vec<&Number> = numbers.collect();
    let shape = |number: &&Number| number_json(&account, number);
    answered(StatusCode::OK, page(&uri, &query, "incoming_phone_numbers", &all, shape))
}

async fn fetch(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    match sid.strip_suffix(".json").and_then(|sid| town.numbers.iter().find(|number| number.sid == sid)) {
        Some(number) => answered(StatusCode::OK, number_json(&account, number)),
        None => not_found("number"),
    }
}

async fn update(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let mut town = world.town();
    let Some(sid) = sid.strip_suffix(".json") else { return not_found("resource") };
    let Some(at) = town.numbers.iter().position(|number| number.sid == sid) else {
        return not_found("number");
    };
    if town.faults.strikes(&Fault::NumberUpdateRefused) {
        return error(400, 21402, "VoiceUrl is not a valid URL");
    }
    match town.numbers[at].changed(&form) {
        Ok(changed) => {
            let shape = number_json(&account, &changed);
            town.numbers[at] = changed;
            answered(StatusCode::OK, shape)
        }
        // Nothing of a form that is refused is kept.
        Err((code, message)) => error(400, code, &message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> Number {
        Number {
            sid: format!("PN{}", "1".repeat(32)),
            number: "+15005550006".into(),
            name: "Front desk".into(),
            set: BTreeMap::from([("VoiceUrl".to_owned(), "http://127.0.0.1/in".to_owned())]),
        }
    }

    fn change(fields: &[(&str, &str)]) -> Result<Number, u32> {
        number().changed(&Form::from_pairs(fields.iter().copied())).map_err(|(code, _)| code)
    }

    #[test]
    fn what_twilio_would_not_take_is_refused() {
        let application = format!("AP{}", "a".repeat(32));
        for (name, value, code) in [
            ("VoiceUrl", "not an address", Some(21402)),
            ("SmsUrl", "ftp://phone.example.test/sms", Some(21402)),
            ("StatusCallback", "/relative", Some(21402)),
            ("SmsUrl", "https://phone.example.test/sms#rc=5&rp=all", None),
            ("VoiceMethod", "PUT", Some(21403)),
            ("VoiceMethod", "get", None),
            ("SmsFallbackUrl", "https://phone.example.test/sms", Some(21406)),
            ("VoiceFallbackUrl", "https://phone.example.test/voice", None),
            ("VoiceUrl", "", None),
            ("SmsApplicationSid", "AP1", Some(21218)),
            ("SmsApplicationSid", application.as_str(), None),
            ("TrunkSid", application.as_str(), Some(20001)),
            ("VoiceReceiveMode", "telex", Some(20001)),
            ("Weather", "rain", None),
        ] {
            assert_eq!(change(&[(name, value)]).err(), code, "{name}={value}");
        }
        let both = [("VoiceUrl", ""), ("VoiceFallbackUrl", "https://phone.example.test/voice")];
        assert_eq!(change(&both).err(), Some(21405));
    }

    #[test]
    fn a_trunk_and_an_application_never_go_together() {
        let (trunk, application) = (format!("TK{}", "a".repeat(32)), format!("AP{}", "b".repeat(32)));
        let with_trunk = change(&[("TrunkSid", &trunk)]).expect("taken");
        assert_eq!(with_trunk.voice_override(), Some(trunk.as_str()));
        let form = Form::from_pairs([("VoiceApplicationSid", application.as_str())]);
        let with_application = with_trunk.changed(&form).expect("taken");
        assert_eq!(with_application.voice_override(), Some(application.as_str()));
        assert_eq!(with_application.settings()["TrunkSid"], "");
        let cleared = Form::from_pairs([("VoiceApplicationSid", "")]);
        assert_eq!(with_application.changed(&cleared).expect("taken").voice_override(), None);
    }

    #[test]
    fn a_parameter_has_its_name_in_an_answer() {
        for (name, name_there) in [
            ("SmsUrl", "sms_url"),
            ("VoiceCallerIdLookup", "voice_caller_id_lookup"),
            ("StatusCallbackMethod", "status_callback_method"),
        ] {
            assert_eq!(key(name), name_there);
        }
    }
}
