//! The carrier: brings texts in and out, and posts signed webhooks about it.

use crate::{
    Fault, World,
    town::{Direction, Media, Message, sid},
};
use bytes::Bytes;
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use std::{collections::BTreeMap, time::Duration};

/// Words that opt a customer out of and into texts from a number, and what Twilio answers by itself.
const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// A customer texts one of our numbers.
pub(crate) async fn text_in(
    world: &World,
    from: &str,
    to: &str,
    body: &str,
    pictures: Vec<(String, Vec<u8>)>,
) -> (String, Option<u16>) {
    let now = (world.config.now)();
    let account = &world.config.account_sid;
    let message_sid = sid(if pictures.is_empty() { "SM" } else { "MM" });
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut media = Vec::new();
    let number = {
        let mut town = world.town();
        for (at, (content_type, bytes)) in pictures.into_iter().enumerate() {
            let media_sid = sid("ME");
            let url = format!(
                "{}/2010-04-01/Accounts/{account}/Messages/{message_sid}/Media/{media_sid}",
                world.base
            );
            fields.push((format!("MediaContentType{at}"), content_type.clone()));
            fields.push((format!("MediaUrl{at}"), url));
            let bytes = Bytes::from(bytes);
            town.media.insert(media_sid.clone(), Media { content_type, bytes, message: message_sid.clone() });
            media.push(media_sid);
        }
        town.add(Message {
            sid: message_sid.clone(),
            direction: Direction::Inbound,
            from: Some(from.to_owned()),
            to: to.to_owned(),
            service: None,
            body: body.to_owned(),
            status: "received".into(),
            error_code: None,
            media: media.clone(),
            created_ms: now,
            updated_ms: now,
            hidden: false,
        });
        let word = body.trim().to_uppercase();
        let pair = (from.to_owned(), to.to_owned());
        if STOP.contains(&word.as_str()) {
            town.opted_out.insert(pair);
        } else if START.contains(&word.as_str()) {
            town.opted_out.remove(&pair);
        }
        town.numbers.iter().find(|number| number.number == to).cloned()
    };
    let Some(number) = number else { return (message_sid, None) };
    let url = number.set.get("SmsUrl").filter(|url| !url.is_empty()).cloned();
    let Some(url) = url else { return (message_sid, None) };
    let plain = [
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", &message_sid),
        ("NumMedia", &media.len().to_string()),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", &message_sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", body),
        ("FromCountry", "US"),
        ("To", to),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", &message_sid),
        ("AccountSid", account),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    fields.extend(plain.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut status = post(world, &url, &fields, false).await;
    if !status.is_some_and(|status| (200..300).contains(&status))
        && let Some(fallback) = number.set.get("SmsFallbackUrl").filter(|url| !url.is_empty())
    {
        fields.push(("ErrorCode".into(), "11200".into()));
        fields.push(("ErrorUrl".into(), url.split('#').next().unwrap_or("").to_owned()));
        status = post(world, fallback, &fields, false).await;
    }
    (message_sid, status)
}

/// What becomes of a text of ours after it was taken: the reports, in the order they are posted.
pub(crate) async fn deliver(world: World, message_sid: String, callback: Option<String>) {
    let outcome = {
        let town = world.town();
        let Some(message) = town.message(&message_sid) else { return };
        tail_code(&message.to).filter(|code| (30_000..31_000).contains(code))
    };
    let mut steps: Vec<(String, Option<u32>)> = vec![("sent".into(), None)];
    let strange = world.town().faults.strikes(&Fault::UnknownStatus);
    if strange {
        steps.push(("teleported".into(), None));
    }
    steps.push(match outcome {
        Some(code) => ("undelivered".into(), Some(code)),
        None => ("delivered".into(), None),
    });
    if world.town().faults.strikes(&Fault::ReorderedCallbacks) {
        steps.reverse();
    }
    for (status, code) in steps {
        tokio::time::sleep(Duration::from_secs_f64(0.6 * world.config.pace)).await;
        report(&world, &message_sid, &status, code, callback.as_deref()).await;
    }
}

/// Moves a message on and tells whoever asked to be told.
pub(crate) async fn report(
    world: &World,
    message_sid: &str,
    status: &str,
    code: Option<u32>,
    callback: Option<&str>,
) {
    let (fields, mishap) = {
        let mut town = world.town();
        let now = (world.config.now)();
        let Some(message) = town.message_mut(message_sid) else { return };
        let ended = matches!(message.status.as_str(), "delivered" | "undelivered" | "failed");
        if !ended && status != "teleported" {
            status.clone_into(&mut message.status);
            message.error_code = code;
            message.updated_ms = now;
        }
        let mut fields = vec![
            ("MessageSid".to_owned(), message_sid.to_owned()),
            ("SmsSid".to_owned(), message_sid.to_owned()),
            ("MessageStatus".to_owned(), status.to_owned()),
            ("SmsStatus".to_owned(), status.to_owned()),
            ("To".to_owned(), message.to.clone()),
            ("From".to_owned(), message.from.clone().unwrap_or_default()),
            ("AccountSid".to_owned(), world.config.account_sid.clone()),
            ("ApiVersion".to_owned(), "2010-04-01".to_owned()),
        ];
        if let Some(code) = code {
            fields.push(("ErrorCode".to_owned(), code.to_string()));
        }
        let Some(mishap) = town.faults.callback() else { return };
        (fields, mishap)
    };
    let Some(callback) = callback else { return };
    if let Some(late_ms) = mishap.late_ms {
        tokio::time::sleep(Duration::from_millis(late_ms)).await;
    }
    for _ in 0..mishap.times {
        post(world, callback, &fields, mishap.wrong).await;
    }
}

/// Posts a text's form; the answer's status, where there was one.
async fn post(world: &World, url: &str, fields: &[(String, String)], wrong: bool) -> Option<u16> {
    let webhook =
        Webhook { url: url.to_owned(), method: Method::Post, fields: fields.to_vec(), voice: false };
    send(world, &webhook, wrong).await.ok().map(|answer| answer.status().as_u16())
}

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// A request to the app.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) method: Method,
    pub(crate) fields: Vec<(String, String)>,
    /// About a call: over https its address is signed without the port.
    pub(crate) voice: bool,
}

/// Signs and sends a request, trying again as the URL's fragment says. Twilio's default is one more
/// try after a failed connect; `rc` and `rp` change that, and neither is sent nor signed.
pub(crate) async fn send(
    world: &World,
    webhook: &Webhook,
    wrong: bool,
) -> reqwest::Result<reqwest::Response> {
    let (address, fragment) = webhook.url.split_once('#').unwrap_or((webhook.url.as_str(), ""));
    let overrides: BTreeMap<&str, &str> =
        fragment.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let tries = overrides.get("rc").and_then(|rc| rc.parse::<u32>().ok()).unwrap_or(1).min(5);
    let policy = overrides.get("rp").copied().unwrap_or("ct");
    let fields = Form::from_pairs(webhook.fields.iter().map(|(n, v)| (n, v)));
    let encoded = fields.encode();
    let (address, body) = match webhook.method {
        Method::Post => (address.to_owned(), fields),
        // The fields are part of the address then, and nothing else is signed.
        Method::Get => {
            let join = if address.contains('?') { '&' } else { '?' };
            let nothing = Form::from_pairs(std::iter::empty::<(&str, &str)>());
            (format!("{address}{join}{encoded}"), nothing)
        }
    };
    let signed = if webhook.voice { without_https_port(&address) } else { address.clone() };
    let token = if wrong { "not-the-token" } else { &world.config.auth_token };
    let signature = sign(token, Algorithm::HmacSha1, &signed_string(&signed, &body));
    let key = crate::town::hex(16);
    let mut attempt = 0;
    let answer = loop {
        let request = match webhook.method {
            Method::Get => world.http.get(address.as_str()),
            Method::Post => world
                .http
                .post(address.as_str())
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .body(encoded.clone()),
        };
        let answer = request
            .header("X-Twilio-Signature", &signature)
            .header("I-Twilio-Idempotency-Token", &key)
            .header("X-Home-Region", "us1")
            .send()
            .await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        *world.town().report.webhooks.entry(status).or_default() += 1;
        let again = match (&answer, policy) {
            (Ok(answer), "all" | "5xx") => answer.status().is_server_error(),
            (Ok(_), _) => false,
            (Err(error), "ct") => error.is_connect(),
            (Err(_), _) => true,
        };
        if !again || attempt == tries {
            break answer;
        }
        attempt += 1;
        tokio::time::sleep(Duration::from_millis(50 * u64::from(attempt))).await;
    };
    let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    if !status.is_some_and(|status| (200..300).contains(&status)) {
        tracing::warn!(?status, "a webhook was not answered well");
    }
    answer
}

/// An https address as it is signed for a call: without its port.
fn without_https_port(address: &str) -> String {
    let Some(rest) = address.strip_prefix("https://") else { return address.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    format!("https://{host}{path}")
}

/// The error a recipient's last five digits ask for.
pub(crate) fn tail_code(number: &str) -> Option<u32> {
    let digits = number.strip_prefix('+')?;
    let tail = digits.get(digits.len().checked_sub(5)?..)?;
    tail.parse().ok().filter(|code| ringdesk_twilio::meaning::known_codes().any(|known| known == *code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_over_https_is_signed_without_the_port() {
        for (address, signed) in [
            ("https://a.example:8443/x?y=1", "https://a.example/x?y=1"),
            ("https://a.example/x", "https://a.example/x"),
            ("https://a.example:8443", "https://a.example"),
            ("https://u:1@a.example:8443/x:9", "https://u:1@a.example/x:9"),
            ("https://[::1]/x", "https://[::1]/x"),
            ("http://127.0.0.1:8787/x", "http://127.0.0.1:8787/x"),
        ] {
            assert_eq!(without_https_port(address), signed);
        }
    }
}
