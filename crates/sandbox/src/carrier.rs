//! The carrier: brings our texts to customers, and posts signed webhooks about everything.

use crate::{
    Fault, World, hosted,
    inbound::told,
    monitor::{self, Asked},
};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use std::time::Duration;

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
    let webhook = Webhook { url: callback.to_owned(), method: Method::Post, fields, voice: false };
    for _ in 0..mishap.times {
        let (code, what) = match send(world, &webhook, mishap.wrong).await {
            Ok(answer) if answer.status().is_success() => continue,
            Ok(answer) => (11200, format!("HTTP {}", answer.status().as_u16())),
            Err(error) => told(monitor::unreachable(&error)),
        };
        // Who gets a wrong signature is right to refuse it.
        if !mishap.wrong {
            monitor::raise(world, code, &what, Some(message_sid), Some(Asked::from(&webhook)));
        }
    }
}

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

impl Method {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
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

/// How patient Twilio is, as the fragment of an address says; what it does not say is as Twilio has it.
/// Source: Twilio's page on connection overrides.
struct Patience<'a> {
    /// How often it tries again.
    tries: u32,
    policy: Vec<&'a str>,
    /// For one answer.
    read_ms: u64,
    /// For everything.
    total_ms: u64,
}

impl<'a> Patience<'a> {
    fn read(fragment: &'a str) -> Self {
        let pairs = || fragment.split('&').filter_map(|pair| pair.split_once('='));
        let value = |name: &str| pairs().find(|(key, _)| *key == name).map(|(_, value)| value);
        let ms = |name: &str| value(name).and_then(|ms| ms.parse().ok()).unwrap_or(15_000_u64);
        Self {
            tries: value("rc").and_then(|rc| rc.parse().ok()).unwrap_or(1_u32).min(5),
            policy: value("rp").unwrap_or("ct").split(',').collect(),
            read_ms: ms("rt").clamp(100, 15_000),
            total_ms: ms("tt").clamp(100, 15_000),
        }
    }

    fn again(&self, answer: &reqwest::Result<reqwest::Response>) -> bool {
        let on = |word: &str| self.policy.contains(&word);
        match answer {
            Ok(answer) if answer.status().is_server_error() => on("all") || on("5xx"),
            Ok(answer) if answer.status().is_client_error() => on("4xx"),
            Ok(_) => false,
            Err(error) => error.is_connect() || self.policy != ["ct"],
        }
    }
}

/// Signs and sends a request, trying again as the URL's fragment says. Twilio's default is one more
/// try after a failed connect; the fragment changes that, and is neither sent nor signed.
pub(crate) async fn send(
    world: &World,
    webhook: &Webhook,
    wrong: bool,
) -> reqwest::Result<reqwest::Response> {
    let (address, fragment) = webhook.url.split_once('#').unwrap_or((webhook.url.as_str(), ""));
    let patience = Patience::read(fragment);
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
    let token = if wrong { "not-the-token".to_owned() } else { world.town().tokens.primary().to_owned() };
    let signature = sign(&token, Algorithm::HmacSha1, &signed_string(&signed, &body));
    let place = hosted::place(world, &address);
    let began = tokio::time::Instant::now();
    let key = crate::town::hex(16);
    let mut attempt = 0;
    let answer = loop {
        let request = match webhook.method {
            Method::Get => world.http.get(place.as_str()),
            Method::Post => world
                .http
                .post(place.as_str())
                .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                .body(encoded.clone()),
        };
        let spent_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let left_ms = patience.total_ms.saturating_sub(spent_ms);
        let answer = request
            .timeout(Duration::from_millis(patience.read_ms.min(left_ms.max(1))))
            .header("X-Twilio-Signature", &signature)
            .header("I-Twilio-Idempotency-Token", &key)
            .header("X-Home-Region", "us1")
            .send()
            .await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        *world.town().report.webhooks.entry(status).or_default() += 1;
        if attempt == patience.tries || left_ms == 0 || !patience.again(&answer) {
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
    fn the_fragment_says_how_patient_twilio_is() {
        for (fragment, tries, policy, read_ms, total_ms) in [
            ("", 1, &["ct"][..], 15_000, 15_000),
            ("rc=2&rp=5xx,rt&rt=2000&tt=9000", 2, &["5xx", "rt"][..], 2_000, 9_000),
            ("rc=9&rp=all&rt=1&tt=60000", 5, &["all"][..], 100, 15_000),
            ("rc=x&rt=soon", 1, &["ct"][..], 15_000, 15_000),
        ] {
            let patience = Patience::read(fragment);
            assert_eq!((patience.tries, patience.policy.as_slice()), (tries, policy), "{fragment}");
            assert_eq!((patience.read_ms, patience.total_ms), (read_ms, total_ms), "{fragment}");
        }
    }

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
