//! Messaging Services, and what becomes of texts to numbers that belong to one.
//! Source: Twilio's OpenAPI document for messaging v1, and its error dictionary.

use crate::{
    Fault, World,
    numbers::{is_web, link},
    paging::listed,
    rest::{Params, answered, error, known, not_found},
    town::{Number, Town, iso, sid},
    voice::Link,
};
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const URLS: [&str; 3] = ["InboundRequestUrl", "FallbackUrl", "StatusCallback"];
const METHODS: [&str; 2] = ["InboundMethod", "FallbackMethod"];
/// What is on or off, and which of it where nothing was set.
const FLAGS: [(&str, &str, bool); 7] = [
    ("StickySender", "sticky_sender", true),
    ("MmsConverter", "mms_converter", true),
    ("SmartEncoding", "smart_encoding", true),
    ("FallbackToLongCode", "fallback_to_long_code", true),
    ("AreaCodeGeomatch", "area_code_geomatch", true),
    ("SynchronousValidation", "synchronous_validation", false),
    ("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", false),
];
/// How long a text may wait in the queue, in seconds.
const VALIDITY_S: u32 = 36_000;

pub(crate) fn routes() -> Router<World> {
    let services = "/v1/Services";
    Router::new()
        .route(services, get(list).post(create))
        .route(&format!("{services}/{{sid}}"), get(fetch).post(update).delete(delete))
        .route(&format!("{services}/{{sid}}/PhoneNumbers"), get(list_senders).post(add_sender))
        .route(
            &format!("{services}/{{sid}}/PhoneNumbers/{{number}}"),
            get(fetch_sender).delete(remove_sender),
        )
}

/// A Messaging Service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) sid: String,
    pub(crate) set: BTreeMap<String, String>,
    /// SIDs of numbers.
    pub(crate) senders: Vec<String>,
    created_ms: i64,
    updated_ms: i64,
}

impl Service {
    pub(crate) fn new(name: &str, now_ms: i64) -> Self {
        Self {
            sid: sid("MG"),
            set: BTreeMap::from([("FriendlyName".to_owned(), name.to_owned())]),
            senders: Vec::new(),
            created_ms: now_ms,
            updated_ms: now_ms,
        }
    }

    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn name(&self) -> &str {
        self.filled("FriendlyName").unwrap_or("")
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.filled(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// The number a text goes out from.
    pub(crate) fn first_sender(&self, town: &Town) -> Option<String> {
        let mut numbers = town.numbers.iter();
        numbers.find(|number| self.senders.contains(&number.sid)).map(|number| number.number.clone())
    }
}

/// Where a text to one of our numbers goes.
#[derive(Debug)]
pub(crate) enum Way {
    /// To the account: this address is asked, where there is one.
    Account { link: Option<Link>, fallback: Option<Link>, service: Option<String> },
    /// To something else of the account's, named by its SID.
    Elsewhere(String),
    /// It is not received at all, because of the Messaging Service named.
    Unseen(String),
}

/// What becomes of a text to this number: a Messaging Service beats an application, and that the number.
pub(crate) fn way(town: &Town, number: &Number) -> Way {
    let service = town.services.iter().find(|service| service.senders.contains(&number.sid));
    if let Some(service) = service.filter(|service| !service.flag("UseInboundWebhookOnNumber", false)) {
        let Some(link_in) = link(&service.set, "InboundRequestUrl", "InboundMethod") else {
            return Way::Unseen(service.sid.clone());
        };
        return Way::Account {
            link: Some(link_in),
            fallback: link(&service.set, "FallbackUrl", "FallbackMethod"),
            service: Some(service.sid.clone()),
        };
    }
    if let Some(application) = number.sms_override() {
        return Way::Elsewhere(application.to_owned());
    }
    Way::Account {
        link: number.link("SmsUrl"),
        fallback: number.link("SmsFallbackUrl"),
        service: service.map(|service| service.sid.clone()),
    }
}

/// Checks HTTP Basic, and that the product is there.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
pub(crate) fn messaging(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    known(world, headers)?;
    if world.town().faults.strikes(&Fault::MessagingAway) {
        return Err(error(503, 20503, "Service Unavailable"));
    }
    Ok(())
}

fn service_json(world: &World, town: &Town, service: &Service) -> Value {
    let url = format!("{}/v1/Services/{}", world.base, service.sid);
    let validity_s: Option<u32> = service.filled("ValidityPeriod").and_then(|seconds| seconds.parse().ok());
    let mut shape = json!({
        "sid": service.sid, "account_sid": world.config.account_sid, "friendly_name": service.name(),
        "date_created": iso(service.created_ms), "date_updated": iso(service.updated_ms),
        "inbound_request_url": service.filled("InboundRequestUrl"),
        "inbound_method": service.filled("InboundMethod").unwrap_or("POST"),
        "fallback_url": service.filled("FallbackUrl"),
        "fallback_method": service.filled("FallbackMethod").unwrap_or("POST"),
        "status_callback": service.filled("StatusCallback"),
        "scan_message_content": "inherit",
        "validity_period": validity_s.unwrap_or(VALIDITY_S),
        "usecase": service.filled("Usecase").unwrap_or("undeclared"),
        "us_app_to_person_registered": town.compliance.registered(&service.sid),
        "links": {
            "phone_numbers": format!("{url}/PhoneNumbers"),
            "short_codes": format!("{url}/ShortCodes"),
            "alpha_senders": format!("{url}/AlphaSenders"),
            "messages": format!("{url}/Messages"),
            "us_app_to_person": format!("{url}/Compliance/Usa2p"),
            "us_app_to_person_usecases": format!("{url}/Compliance/Usa2p/Usecases"),
            "channel_senders": format!("{url}/ChannelSenders"),
        },
        "url": url,
    });
    for (name, key, default) in FLAGS {
        shape[key] = service.flag(name, default).into();
    }
    shape
}

/// Sets what a form names, or answers Twilio's refusal.
fn put(service: &mut Service, form: &Form) -> Result<(), String> {
    let mut set = service.set.clone();
    for name in form.signing_order().into_keys() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let value = form.text(name).unwrap_or("");
        let fits = if URLS.contains(&name) {
            is_web(value)
        } else if METHODS.contains(&name) {
            matches!(value, "GET" | "POST")
        } else if FLAGS.iter().any(|(flag, ..)| *flag == name) {
            ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word))
        } else if name == "ValidityPeriod" {
            value.parse().is_ok_and(|seconds: u32| (1..=VALIDITY_S).contains(&seconds))
        } else {
            matches!(name, "FriendlyName" | "Usecase" | "ScanMessageContent")
        };
        // Nothing at all takes away what was set before; what is not known is passed over.
        let known = fits || value.is_empty();
        if !known && is_parameter(name) {
            return Err(format!("{name} is not valid"));
        }
        if known {
            set.insert(name.to_owned(), value.to_owned());
        }
    }
    service.set = set;
    Ok(())
}

fn is_parameter(name: &str) -> bool {
    let flag = FLAGS.iter().any(|(flag, ..)| *flag == name);
    flag || URLS.contains(&name) || METHODS.contains(&name) || name == "ValidityPeriod"
}

async fn list(
    State(world): State<World>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let shape = |service: &Service| service_json(&world, &town, service);
    answered(StatusCode::OK, listed(&world, &uri, &query, "services", &town.services, shape))
}

async fn create(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let Some(name) = form.filled("FriendlyName") else {
        return error(400, 20001, "Missing required parameter FriendlyName in the post body");
    };
    let mut service = Service::new(name, (world.config.now)());
    if let Err(message) = put(&mut service, &form) {
        return error(400, 20001, &message);
    }
    let mut town = world.town();
    let shape = service_json(&world, &town, &service);
    town.services.push(service);
    answered(StatusCode::CREATED, shape)
}

async fn fetch(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    match town.services.iter().find(|service| service.sid == sid) {
        Some(service) => answered(StatusCode::OK, service_json(&world, &town, service)),
        None => not_found("Messaging Service"),
    }
}

async fn update(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let mut town = world.town();
    let Some(at) = town.services.iter().position(|service| service.sid == sid) else {
        return not_found("Messaging Service");
    };
    if let Err(message) = put(&mut town.services[at], &form) {
        return error(400, 20001, &message);
    }
    town.services[at].updated_ms = (world.config.now)();
    answered(StatusCode::OK, service_json(&world, &town, &town.services[at]))
}

async fn delete(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let mut town = world.town();
    let before = town.services.len();
    town.services.retain(|service| service.sid != sid);
    if town.services.len() == before {
        return not_found("Messaging Service");
    }
    StatusCode::NO_CONTENT.into_response()
}

fn sender_json(world: &World, service: &Service, number: &Number) -> Value {
    json!({
        "sid": number.sid, "account_sid": world.config.account_sid, "service_sid": service.sid,
        "date_created": iso(service.created_ms), "date_updated": iso(service.updated_ms),
        "phone_number": number.number, "country_code": "US", "capabilities": ["MMS", "SMS", "Voice"],
        "url": format!("{}/v1/Services/{}/PhoneNumbers/{}", world.base, service.sid, number.sid),
    })
}

async fn list_senders(
    State(world): State<World>,
    Path(sid): Path<String>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let Some(service) = town.services.iter().find(|service| service.sid == sid) else {
        return not_found("Messaging Service");
    };
    let senders = town.numbers.iter().filter(|number| service.senders.contains(&number.sid));
    let all: Vec<&Number> = senders.collect();
    let shape = |number: &&Number| sender_json(&world, service, number);
    answered(StatusCode::OK, listed(&world, &uri, &query, "phone_numbers", &all, shape))
}

async fn add_sender(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let mut town = world.town();
    let Some(at) = town.services.iter().position(|service| service.sid == sid) else {
        return not_found("Messaging Service");
    };
    let wanted = form.filled("PhoneNumberSid");
    let Some(number) = town.numbers.iter().find(|number| Some(number.sid.as_str()) == wanted).cloned() else {
        return not_found("number");
    };
    match town.services.iter().position(|service| service.senders.contains(&number.sid)) {
        Some(there) if there == at => {
            return error(409, 21710, "Phone Number or Short Code is already in the Messaging Service.");
        }
        Some(_) => {
            return error(409, 21712, "Phone Number or Short Code is in another Messaging Service.");
        }
        None => {}
    }
    town.services[at].senders.push(number.sid.clone());
    answered(StatusCode::CREATED, sender_json(&world, &town.services[at], &number))
}

async fn fetch_sender(
    State(world): State<World>,
    Path((sid, number_sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let service = town.services.iter().find(|service| service.sid == sid);
    let service = service.filter(|service| service.senders.contains(&number_sid));
    match (service, town.numbers.iter().find(|number| number.sid == number_sid)) {
        (Some(service), Some(number)) => answered(StatusCode::OK, sender_json(&world, service, number)),
        _ => not_found("number"),
    }
}

async fn remove_sender(
    State(world): State<World>,
    Path((sid, number_sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let mut town = world.town();
    let service = town.services.iter_mut().find(|service| service.sid == sid);
    match service.filter(|service| service.senders.contains(&number_sid)) {
        Some(service) => {
            service.senders.retain(|sender| *sender != number_sid);
            StatusCode::NO_CONTENT.into_response()
        }
        None => not_found("number"),
    }
}
