//! Whether the account may text people in the US: brands, campaigns and toll-free verifications, as they are
//! read over REST. They are decided by whoever tells the story.
//! Source: Twilio's OpenAPI document for messaging v1.

use crate::{
    World,
    paging::listed,
    rest::{Params, answered, not_found},
    services::messaging,
    town::{iso, sid},
};
use axum::{
    Router,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<World> {
    let campaigns = "/v1/Services/{service}/Compliance/Usa2p";
    Router::new()
        .route(campaigns, get(list_campaigns))
        .route(&format!("{campaigns}/{{sid}}"), get(fetch_campaign))
        .route("/v1/a2p/BrandRegistrations", get(list_brands))
        .route("/v1/a2p/BrandRegistrations/{sid}", get(fetch_brand))
        .route("/v1/Tollfree/Verifications", get(list_verifications))
        .route("/v1/Tollfree/Verifications/{sid}", get(fetch_verification))
}

/// What was registered and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Compliance {
    brands: Vec<Brand>,
    campaigns: Vec<Campaign>,
    verifications: Vec<Verification>,
}

#[derive(Debug)]
struct Brand {
    sid: String,
    status: String,
    failure: Option<String>,
    at_ms: i64,
}

#[derive(Debug)]
struct Campaign {
    sid: String,
    service_sid: String,
    status: String,
    errors: Vec<(u32, String)>,
    at_ms: i64,
}

#[derive(Debug)]
struct Verification {
    sid: String,
    number_sid: String,
    number: String,
    status: String,
    rejection: Option<String>,
    at_ms: i64,
}

impl Compliance {
    /// The account's brand has come so far; its SID stays the same.
    pub(crate) fn set_brand(&mut self, status: &str, failure: Option<&str>, at_ms: i64) -> String {
        let sid = self.brands.pop().map_or_else(|| sid("BN"), |brand| brand.sid);
        let failure = failure.map(str::to_owned);
        self.brands.push(Brand { sid: sid.clone(), status: status.to_owned(), failure, at_ms });
        sid
    }

    /// The campaign of a Messaging Service has come so far; its SID stays the same.
    pub(crate) fn set_campaign(
        &mut self,
        service_sid: &str,
        status: &str,
        errors: &[(u32, &str)],
        at_ms: i64,
    ) -> String {
        let before = self.campaigns.iter().position(|campaign| campaign.service_sid == service_sid);
        let sid = before.map_or_else(|| sid("QE"), |at| self.campaigns.remove(at).sid);
        self.campaigns.push(Campaign {
            sid: sid.clone(),
            service_sid: service_sid.to_owned(),
            status: status.to_owned(),
            errors: errors.iter().map(|(code, what)| (*code, (*what).to_owned())).collect(),
            at_ms,
        });
        sid
    }

    /// The verification of a toll-free number has come so far; its SID stays the same.
    pub(crate) fn set_verification(
        &mut self,
        number_sid: &str,
        number: &str,
        status: &str,
        rejection: Option<&str>,
        at_ms: i64,
    ) -> String {
        let before = self.verifications.iter().position(|known| known.number_sid == number_sid);
        let sid = before.map_or_else(|| sid("HH"), |at| self.verifications.remove(at).sid);
        self.verifications.push(Verification {
            sid: sid.clone(),
            number_sid: number_sid.to_owned(),
            number: number.to_owned(),
            status: status.to_owned(),
            rejection: rejection.map(str::to_owned),
            at_ms,
        });
        sid
    }

    /// Whether texts of a Messaging Service may go to people in the US.
    pub(crate) fn registered(&self, service_sid: &str) -> bool {
        let mut campaigns = self.campaigns.iter();
        campaigns.any(|campaign| campaign.service_sid == service_sid && campaign.status == "VERIFIED")
    }
}

fn brand_json(world: &World, brand: &Brand) -> Value {
    let url = format!("{}/v1/a2p/BrandRegistrations/{}", world.base, brand.sid);
    let errors: Vec<Value> = brand.failure.iter().map(|what| json!({ "description": what })).collect();
    let approved = brand.status == "APPROVED";
    json!({
        "sid": brand.sid, "account_sid": world.config.account_sid,
        "customer_profile_bundle_sid": format!("BU{}", "1".repeat(32)),
        "a2p_profile_bundle_sid": format!("BU{}", "2".repeat(32)),
        "date_created": iso(brand.at_ms), "date_updated": iso(brand.at_ms), "brand_type": "STANDARD",
        "status": brand.status, "tcr_id": approved.then_some("BPRACT"), "failure_reason": brand.failure,
        "errors": errors, "brand_score": approved.then_some(42), "brand_feedback": [],
        "identity_status": if approved { "VERIFIED" } else { "UNVERIFIED" }, "russell_3000": false,
        "government_entity": false, "tax_exempt_status": null, "skip_automatic_sec_vet": false, "mock": false,
        "links": {
            "brand_vettings": format!("{url}/Vettings"),
            "brand_registration_otps": format!("{url}/SmsOtp"),
        },
        "url": url,
    })
}

fn campaign_json(world: &World, compliance: &Compliance, campaign: &Campaign) -> Value {
    let service_sid = &campaign.service_sid;
    let errors = campaign.errors.iter().map(|(code, what)| {
        let url = format!("https://www.twilio.com/docs/api/errors/{code}");
        json!({ "error_code": code, "description": what, "fields": [], "url": url })
    });
    let errors: Vec<Value> = errors.collect();
    let verified = campaign.status == "VERIFIED";
    json!({
        "sid": campaign.sid, "account_sid": world.config.account_sid,
        "brand_registration_sid": compliance.brands.last().map(|brand| &brand.sid),
        "messaging_service_sid": service_sid, "description": "Answers to customers who wrote first.",
        "message_samples": ["Yes, we are open until six.", "Your order is ready."],
        "us_app_to_person_usecase": "CUSTOMER_CARE", "has_embedded_links": false, "has_embedded_phone": false,
        "subscriber_opt_in": true, "age_gated": false, "direct_lending": false,
        "campaign_status": campaign.status, "campaign_id": verified.then_some("CPRACT"),
        "is_externally_registered": false, "rate_limits": null,
        "message_flow": "Customers text the number on the shop's door.", "opt_in_message": null,
        "opt_out_message": null, "help_message": null, "opt_in_keywords": ["START"],
        "opt_out_keywords": ["STOP"], "help_keywords": ["HELP"], "date_created": iso(campaign.at_ms),
        "date_updated": iso(campaign.at_ms), "mock": false, "errors": errors,
        "url": format!("{}/v1/Services/{service_sid}/Compliance/Usa2p/{}", world.base, campaign.sid),
    })
}

fn verification_json(world: &World, known: &Verification) -> Value {
    let mut shape = json!({
        "sid": known.sid, "account_sid": world.config.account_sid,
        "customer_profile_sid": format!("BU{}", "1".repeat(32)),
        "trust_product_sid": format!("BU{}", "3".repeat(32)),
        "date_created": iso(known.at_ms), "date_updated": iso(known.at_ms),
        "regulated_item_sid": format!("RA{}", "1".repeat(32)), "business_name": "Practice Shop",
        "business_street_address": "1 Main Street", "business_street_address2": null,
        "business_city": "Anytown", "business_state_province_region": "CA", "business_postal_code": "94103",
        "business_country": "US", "business_website": "https://shop.example.com",
        "business_contact_first_name": "Kim", "business_contact_last_name": "Doe",
        "business_contact_email": "kim@shop.example.com", "business_contact_phone": "+14155550100",
        "notification_email": "kim@shop.example.com", "use_case_categories": ["CUSTOMER_CARE"],
        "use_case_summary": "Answers to customers who wrote first.",
        "production_message_sample": "Yes, we are open until six.", "opt_in_image_urls": [],
        "opt_in_type": "VIA_TEXT", "message_volume": "1,000", "additional_information": null,
        "tollfree_phone_number_sid": known.number_sid, "tollfree_phone_number": known.number,
        "status": known.status, "rejection_reason": known.rejection, "error_code": null,
        "edit_expiration": null, "edit_allowed": known.rejection.is_some(),
        "url": format!("{}/v1/Tollfree/Verifications/{}", world.base, known.sid),
    });
    // What practising has no use for.
    for key in [
        "business_registration_number",
        "business_registration_authority",
        "business_registration_country",
        "business_type",
        "business_registration_phone_number",
        "doing_business_as",
        "opt_in_confirmation_message",
        "help_message_sample",
        "privacy_policy_url",
        "terms_and_conditions_url",
        "age_gated_content",
        "opt_in_keywords",
        "rejection_reasons",
        "resource_links",
        "external_reference_id",
        "vetting_id",
        "vetting_provider",
        "vetting_id_expiration",
    ] {
        shape[key] = Value::Null;
    }
    shape
}

async fn list_campaigns(
    State(world): State<World>,
    Path(service_sid): Path<String>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    if !town.services.iter().any(|service| service.sid == service_sid) {
        return not_found("Messaging Service");
    }
    let campaigns = town.compliance.campaigns.iter();
    let of_it = campaigns.filter(|campaign| campaign.service_sid == service_sid);
    let all: Vec<&Campaign> = of_it.collect();
    let shape = |campaign: &&Campaign| campaign_json(&world, &town.compliance, campaign);
    answered(StatusCode::OK, listed(&world, &uri, &query, "compliance", &all, shape))
}

async fn fetch_campaign(
    State(world): State<World>,
    Path((service_sid, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let mut campaigns = town.compliance.campaigns.iter();
    match campaigns.find(|campaign| campaign.service_sid == service_sid && campaign.sid == sid) {
        Some(campaign) => answered(StatusCode::OK, campaign_json(&world, &town.compliance, campaign)),
        None => not_found("campaign"),
    }
}

async fn list_brands(
    State(world): State<World>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let shape = |brand: &Brand| brand_json(&world, brand);
    answered(StatusCode::OK, listed(&world, &uri, &query, "data", &town.compliance.brands, shape))
}

async fn fetch_brand(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    match town.compliance.brands.iter().find(|brand| brand.sid == sid) {
        Some(brand) => answered(StatusCode::OK, brand_json(&world, brand)),
        None => not_found("brand"),
    }
}

async fn list_verifications(
    State(world): State<World>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let is = |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted == value);
    let fits =
        |one: &&Verification| is("Status", &one.status) && is("TollfreePhoneNumberSid", &one.number_sid);
    let town = world.town();
    let all: Vec<&Verification> = town.compliance.verifications.iter().filter(fits).collect();
    let shape = |known: &&Verification| verification_json(&world, known);
    answered(StatusCode::OK, listed(&world, &uri, &query, "verifications", &all, shape))
}

async fn fetch_verification(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = messaging(&world, &headers) {
        return refused;
    }
    let town = world.town();
    match town.compliance.verifications.iter().find(|known| known.sid == sid) {
        Some(known) => answered(StatusCode::OK, verification_json(&world, known)),
        None => not_found("verification"),
    }
}
