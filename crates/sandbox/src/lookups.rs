//! Whether something is a phone number, and how it is written: the part of Lookup that costs nothing; and
//! what is left of the account's money. Source: Twilio's OpenAPI documents for lookups v2 and 2010-04-01.

use crate::{
    World,
    rest::{Params, answered, error, known, signed_in},
    voice::formatted,
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde_json::{Map, Value, json};

/// Countries by how their numbers begin; enough to practise with.
const COUNTRIES: [(&str, &str); 6] =
    [("1", "US"), ("33", "FR"), ("41", "CH"), ("43", "AT"), ("44", "GB"), ("49", "DE")];
/// What is known of a number for money only.
const PAID: [&str; 10] = [
    "caller_name",
    "sim_swap",
    "call_forwarding",
    "line_type_intelligence",
    "line_status",
    "identity_match",
    "reassigned_number",
    "sms_pumping_risk",
    "phone_number_quality_score",
    "pre_fill",
];

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/v2/PhoneNumbers/{number}", get(look_up))
        .route("/2010-04-01/Accounts/{account}/Balance.json", get(balance))
}

/// What is wrong with a number, by Twilio's words.
fn wrong_with(number: &str) -> Option<&'static str> {
    let Some(digits) = number.strip_prefix('+') else { return Some("NOT_A_NUMBER") };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some("NOT_A_NUMBER");
    }
    if digits.starts_with('0') {
        return Some("INVALID_COUNTRY_CODE");
    }
    let lengths = if digits.starts_with('1') { 11..=11 } else { 8..=15 };
    match digits.len() {
        length if length < *lengths.start() => Some("TOO_SHORT"),
        length if length > *lengths.end() => Some("TOO_LONG"),
        // No area code begins like that.
        _ if digits.starts_with("10") || digits.starts_with("11") => Some("INVALID_BUT_POSSIBLE"),
        _ => None,
    }
}

async fn look_up(
    State(world): State<World>,
    Path(number): Path<String>,
    Query(query): Query<Params>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = known(&world, &headers) {
        return refused;
    }
    if query.get("Fields").is_some_and(|fields| !fields.is_empty()) {
        return error(403, 20403, "The practice line looks up nothing that costs money.");
    }
    let wrong = wrong_with(&number);
    let digits = number.trim_start_matches('+');
    let country = COUNTRIES.iter().find(|(prefix, _)| digits.starts_with(prefix)).filter(|_| wrong.is_none());
    let mut shape: Map<String, Value> = PAID.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    for (key, value) in [
        ("calling_country_code", json!(country.map(|(prefix, _)| prefix))),
        ("country_code", json!(country.map(|(_, name)| name))),
        ("phone_number", json!(number)),
        ("national_format", json!(formatted(&number))),
        ("valid", json!(wrong.is_none())),
        ("validation_errors", json!(wrong.into_iter().collect::<Vec<_>>())),
        ("url", json!(format!("{}/v2/PhoneNumbers/{number}", world.base))),
    ] {
        shape.insert(key.to_owned(), value);
    }
    answered(StatusCode::OK, shape.into())
}

async fn balance(State(world): State<World>, Path(account): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let (balance, currency) = world.town().balance.clone();
    let shape = json!({ "account_sid": account, "balance": balance, "currency": currency });
    answered(StatusCode::OK, shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_told_in_twilios_words() {
        for (number, wrong) in [
            ("+14155550123", None),
            ("+442079460958", None),
            ("+1415555012", Some("TOO_SHORT")),
            ("+141555501234", Some("TOO_LONG")),
            ("+10155550123", Some("INVALID_BUT_POSSIBLE")),
            ("+0155550123", Some("INVALID_COUNTRY_CODE")),
            ("4155550123", Some("NOT_A_NUMBER")),
            ("+", Some("NOT_A_NUMBER")),
            ("+1415CALLME1", Some("NOT_A_NUMBER")),
        ] {
            assert_eq!(wrong_with(number), wrong, "{number}");
        }
    }
}
