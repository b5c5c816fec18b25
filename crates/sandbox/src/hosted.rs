//! What the account can have hosted at Twilio: TwiML Bins, and the pages a new number is pointed at. Their
//! addresses at Twilio mean the practice line's own; nobody outside of it is ever asked for them.

use crate::World;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use quick_xml::escape::escape;
use ringdesk_twilio::Form;
use std::collections::BTreeMap;

/// Hosts of Twilio's that are played here, each with what a path there begins with.
const HOSTS: [(&str, &str); 3] = [
    ("https://webhooks.twilio.com", "/v1/Accounts/"),
    ("https://handler.twilio.com", "/twiml/"),
    ("https://demo.twilio.com", "/welcome/"),
];
/// What a number that was never set up says.
const WELCOME: &str = "<Response><Say>Congratulations. You have a number of your own.</Say></Response>";

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/twiml/{sid}", get(bin).post(bin))
        .route("/welcome/voice/", get(welcome).post(welcome))
        .route("/welcome/sms/reply", get(silence).post(silence))
}

/// What a number is pointed at when it is bought.
pub(crate) fn demo_urls() -> BTreeMap<String, String> {
    let urls = [
        ("VoiceUrl", "https://demo.twilio.com/welcome/voice/"),
        ("SmsUrl", "https://demo.twilio.com/welcome/sms/reply"),
    ];
    urls.map(|(name, url)| (name.to_owned(), url.to_owned())).into()
}

/// Where an address is really asked.
pub(crate) fn place(world: &World, url: &str) -> String {
    let played = HOSTS.iter().find_map(|(host, path)| {
        let there = url.strip_prefix(host)?;
        there.starts_with(path).then(|| format!("{}{there}", world.base))
    });
    played.unwrap_or_else(|| url.to_owned())
}

/// What is asked for, by name, in the address and in the body.
pub(crate) fn fields(query: BTreeMap<String, String>, body: &[u8]) -> BTreeMap<String, String> {
    let mut fields = query;
    if let Ok(form) = Form::parse(body) {
        for name in form.signing_order().into_keys() {
            let Ok(name) = std::str::from_utf8(name) else { continue };
            fields.insert(name.to_owned(), form.text(name).unwrap_or("").to_owned());
        }
    }
    fields
}

/// A document as an answer.
pub(crate) fn xml(document: String) -> Response {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response()
}

/// What is in a TwiML Bin, with the names in double braces filled in.
async fn bin(
    State(world): State<World>,
    Path(sid): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    let Some(mut document) = world.town().bins.get(&sid).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fields: Vec<_> = fields(query, &body).into_iter().collect();
    let is_there =
        |name: &str| fields.iter().any(|(known, value)| known.as_str() == name && !value.is_empty());
    // A section of a template: it is there where its field is.
    while let Some((before, name, inner, after)) = section(&document) {
        let inner = if is_there(&name) { inner } else { String::new() };
        document = format!("{before}{inner}{after}");
    }
    for (name, value) in fields {
        document = document.replace(&format!("{{{{{name}}}}}"), &escape(value.as_str()));
    }
    xml(document)
}

/// The first `{{#Name}}…{{/Name}}` of a template: what is before it, its name, what is in it, and after it.
fn section(document: &str) -> Option<(String, String, String, String)> {
    let (before, rest) = document.split_once("{{#")?;
    let (name, rest) = rest.split_once("}}")?;
    let (inner, after) = rest.split_once(&format!("{{{{/{name}}}}}"))?;
    Some((before.to_owned(), name.to_owned(), inner.to_owned(), after.to_owned()))
}

async fn welcome() -> Response {
    xml(WELCOME.to_owned())
}

async fn silence() -> Response {
    xml("<Response/>".to_owned())
}
