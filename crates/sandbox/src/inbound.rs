//! Texts from customers: taken in, put away, and asked about, in Twilio's order.

use crate::{
    World,
    carrier::{Webhook, send},
    monitor::{self, Asked},
    services::{self, Way},
    town::{Direction, Media, Message, Town, sid},
    voice::{self, Link},
};
use bytes::Bytes;
use std::collections::BTreeSet;

/// Words that opt a customer out of and into texts from a number, and what Twilio answers by itself.
const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// A text from a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextIn {
    /// Who writes.
    pub from: String,
    /// To which of our numbers.
    pub to: String,
    /// The words.
    pub body: String,
    /// Content type and bytes of each.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// What its webhook says besides, by Twilio's parameters such as `OptOutType`. No list ever tells.
    pub besides: Vec<(String, String)>,
}

impl TextIn {
    /// Nothing but words.
    pub fn new(from: &str, to: &str, body: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), body: body.to_owned(), ..Self::default() }
    }
}

/// A text that was taken in, and who is asked about it.
struct Taken {
    sid: String,
    fields: Vec<(String, String)>,
    link: Option<Link>,
    fallback: Option<Link>,
}

impl Taken {
    fn webhook(&self, link: &Link) -> Webhook {
        Webhook { url: link.url.clone(), method: link.method, fields: self.fields.clone(), voice: false }
    }
}

/// A customer texts one of our numbers. Its SID, and the status of the answer to its webhook.
pub(crate) async fn text_in(world: &World, text: TextIn) -> (String, Option<u16>) {
    let mut taken = take_in(world, text, (world.config.now)());
    let Some(link) = taken.link.take() else { return (taken.sid, None) };
    let (mut status, wrong) = ask(world, &taken.sid, &taken.webhook(&link)).await;
    if let (Some(code), Some(fallback)) = (wrong, taken.fallback.take()) {
        taken.fields.push(("ErrorCode".into(), code.to_string()));
        taken.fields.push(("ErrorUrl".into(), link.url.split('#').next().unwrap_or("").to_owned()));
        (status, _) = ask(world, &taken.sid, &taken.webhook(&fallback)).await;
    }
    (taken.sid, status)
}

/// A customer texted one of our numbers at a moment when nobody was there to be asked. Its SID.
pub(crate) fn unheard(world: &World, text: TextIn, at_ms: i64) -> String {
    let taken = take_in(world, text, at_ms);
    if let Some(link) = &taken.link {
        let asked = Asked::from(&taken.webhook(link));
        monitor::enter(world, 11200, "HTTP 502", Some(&taken.sid), Some(asked), at_ms);
    }
    taken.sid
}

/// Heeds the words of a text, puts it away, and finds out who is asked what about it.
fn take_in(world: &World, text: TextIn, at_ms: i64) -> Taken {
    let message_sid = sid(if text.pictures.is_empty() { "SM" } else { "MM" });
    let mut town = world.town();
    opt(&mut town.opted_out, &text.from, &text.to, &text.body);
    let way = town.number(&text.to).map(|number| services::way(&town, number));
    if let Some(Way::Elsewhere(other) | Way::Unseen(other)) = &way {
        town.report.elsewhere.push((message_sid.clone(), other.clone()));
    }
    let (link, fallback, service) = match way {
        Some(Way::Account { link, fallback, service }) => (link, fallback, service),
        Some(Way::Unseen(_)) => {
            return Taken { sid: message_sid, fields: Vec::new(), link: None, fallback: None };
        }
        Some(Way::Elsewhere(_)) | None => (None, None, None),
    };
    let fields = keep(world, &mut town, text, &message_sid, service, at_ms);
    Taken { sid: message_sid, fields, link, fallback }
}

/// Twilio heeds its words whatever the account does about them.
fn opt(opted_out: &mut BTreeSet<(String, String)>, from: &str, to: &str, body: &str) {
    let word = body.trim().to_uppercase();
    let pair = (from.to_owned(), to.to_owned());
    if STOP.contains(&word.as_str()) {
        opted_out.insert(pair);
    } else if START.contains(&word.as_str()) {
        opted_out.remove(&pair);
    }
}

/// Puts a text away, and its pictures. What is told about it.
fn keep(
    world: &World,
    town: &mut Town,
    text: TextIn,
    message_sid: &str,
    service: Option<String>,
    at_ms: i64,
) -> Vec<(String, String)> {
    let account = &world.config.account_sid;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut media = Vec::with_capacity(text.pictures.len());
    for (at, (content_type, bytes)) in text.pictures.into_iter().enumerate() {
        let media_sid = sid("ME");
        let message = format!("{}/2010-04-01/Accounts/{account}/Messages/{message_sid}", world.base);
        fields.push((format!("MediaContentType{at}"), content_type.clone()));
        fields.push((format!("MediaUrl{at}"), format!("{message}/Media/{media_sid}")));
        let bytes = Bytes::from(bytes);
        town.media.insert(media_sid.clone(), Media { content_type, bytes, message: message_sid.to_owned() });
        media.push(media_sid);
    }
    let pictures = media.len().to_string();
    let plain = [
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", message_sid),
        ("NumMedia", &pictures),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", message_sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", &text.body),
        ("FromCountry", "US"),
        ("To", &text.to),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", message_sid),
        ("AccountSid", account),
        ("From", &text.from),
        ("ApiVersion", "2010-04-01"),
    ];
    fields.extend(plain.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields.extend(service.iter().map(|service| ("MessagingServiceSid".to_owned(), service.clone())));
    fields.extend(text.besides);
    let late_ms = town.faults.late_in_list();
    town.add(Message {
        sid: message_sid.to_owned(),
        direction: Direction::Inbound,
        from: Some(text.from),
        to: text.to,
        service,
        body: text.body,
        status: "received".into(),
        error_code: None,
        media,
        created_ms: at_ms,
        updated_ms: at_ms,
        listed_ms: at_ms.saturating_add(late_ms),
        hidden: false,
    });
    fields
}

/// Asks what shall become of a text: the answer's status, where there was one, and Twilio's code for what
/// was wrong with it, where anything was.
async fn ask(world: &World, message_sid: &str, webhook: &Webhook) -> (Option<u16>, Option<u32>) {
    let (status, wrong) = match send(world, webhook, false).await {
        Err(error) => (None, Some(told(monitor::unreachable(&error)))),
        Ok(answer) => {
            let status = answer.status();
            let content_type = voice::content_type(&answer);
            let wrong = if status.is_success() {
                match answer.text().await {
                    Ok(body) => voice::wrong_with(&content_type, &body),
                    Err(error) => Some(told(monitor::unreachable(&error))),
                }
            } else {
                Some((11200, format!("HTTP {}", status.as_u16())))
            };
            (Some(status.as_u16()), wrong)
        }
    };
    let code = wrong.map(|(code, message)| {
        monitor::raise(world, code, &message, Some(message_sid), Some(Asked::from(webhook)));
        code
    });
    (status, code)
}

/// What was wrong, as it is told.
pub(crate) fn told((code, what): (u32, &str)) -> (u32, String) {
    (code, what.to_owned())
}
