//! Messaging Services, which may take a number's texts elsewhere, and what carriers know of us: brand,
//! campaigns and the verification of toll-free numbers. Source: Twilio's OpenAPI document messaging v1.

use super::{
    Client,
    client::{filled, or_default},
};
use crate::{error::RestError, sid};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

const PRODUCT: &str = "messaging";
/// More of anything than an office has.
const ENOUGH: usize = 1000;

/// A Messaging Service: numbers that share where their texts go.
#[derive(Debug, Clone, Deserialize)]
pub struct MessagingService {
    /// `MG…`.
    pub sid: String,
    /// As the owner named it.
    #[serde(default, deserialize_with = "or_default")]
    pub friendly_name: String,
    /// Where texts are posted. Where there is none and the number's own does not count, texts are neither
    /// received nor logged.
    #[serde(default, deserialize_with = "filled")]
    pub inbound_request_url: Option<String>,
    /// Whether the number's own address counts instead.
    #[serde(default, deserialize_with = "or_default")]
    pub use_inbound_webhook_on_number: bool,
}

/// A number in a Messaging Service.
#[derive(Debug, Clone, Deserialize)]
pub struct Sender {
    /// `PN…`, the number's own.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
}

/// What carriers were told a Messaging Service is used for (A2P 10DLC).
#[derive(Debug, Clone, Deserialize)]
pub struct Campaign {
    /// `QE…`.
    pub sid: String,
    /// `PENDING`, `IN_PROGRESS`, `VERIFIED`, `FAILED`, `SUSPENDED` and so on.
    #[serde(default, deserialize_with = "or_default")]
    pub campaign_status: String,
    /// Why it was refused: Twilio's code and words, as far as they can be read.
    #[serde(default, deserialize_with = "reasons")]
    pub errors: Vec<String>,
}

/// Who carriers were told we are (A2P 10DLC).
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "BrandAnswer")]
pub struct Brand {
    /// `BN…`.
    pub sid: String,
    /// `PENDING`, `APPROVED`, `FAILED`, `IN_REVIEW`, `SUSPENDED` and so on.
    pub status: String,
    /// Why it was refused.
    pub failure_reason: Option<String>,
}

/// The verification of a toll-free number.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "TollFreeAnswer")]
pub struct TollFree {
    /// `HH…`.
    pub sid: String,
    /// `PN…`.
    pub tollfree_phone_number_sid: String,
    /// `PENDING_REVIEW`, `IN_REVIEW`, `TWILIO_APPROVED` or `TWILIO_REJECTED`.
    pub status: String,
    /// Why it was refused.
    pub rejection_reason: Option<String>,
}

#[derive(Deserialize)]
struct BrandAnswer {
    sid: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    #[serde(default, deserialize_with = "filled")]
    failure_reason: Option<String>,
    #[serde(default, deserialize_with = "reasons")]
    errors: Vec<String>,
}

impl From<BrandAnswer> for Brand {
    fn from(answer: BrandAnswer) -> Self {
        // The text is on its way out; the list takes its place.
        let failure_reason = answer.failure_reason.or_else(|| together(&answer.errors));
        Self { sid: answer.sid, status: answer.status, failure_reason }
    }
}

#[derive(Deserialize)]
struct TollFreeAnswer {
    sid: String,
    #[serde(default, deserialize_with = "or_default")]
    tollfree_phone_number_sid: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    #[serde(default, deserialize_with = "filled")]
    rejection_reason: Option<String>,
    #[serde(default, deserialize_with = "reasons")]
    rejection_reasons: Vec<String>,
}

impl From<TollFreeAnswer> for TollFree {
    fn from(answer: TollFreeAnswer) -> Self {
        Self {
            sid: answer.sid,
            tollfree_phone_number_sid: answer.tollfree_phone_number_sid,
            status: answer.status,
            rejection_reason: answer.rejection_reason.or_else(|| together(&answer.rejection_reasons)),
        }
    }
}

/// Reads a list whose entries the document leaves open; in its examples they have a code and a text.
fn reasons<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    let listed = Option::<Vec<Value>>::deserialize(value)?.unwrap_or_default();
    Ok(listed.iter().filter_map(reason).collect())
}

fn reason(entry: &Value) -> Option<String> {
    let text = |names: [&str; 3]| names.iter().find_map(|name| entry[*name].as_str());
    let words = entry.as_str().or_else(|| text(["description", "reason", "message"]));
    let code = ["error_code", "code"].iter().find_map(|name| entry[*name].as_u64());
    match (code, words) {
        (Some(code), Some(words)) => Some(format!("{code}: {words}")),
        (Some(code), None) => Some(code.to_string()),
        (None, words) => words.filter(|words| !words.is_empty()).map(str::to_owned),
    }
}

fn together(reasons: &[String]) -> Option<String> {
    Some(reasons.join("; ")).filter(|whole| !whole.is_empty())
}

impl Client {
    /// All Messaging Services of the account.
    pub async fn messaging_services(&self) -> Result<Vec<MessagingService>, RestError> {
        self.list(PRODUCT, "/v1/Services?PageSize=100", "services", ENOUGH).await
    }

    /// The numbers in a Messaging Service. A number is in one at most.
    pub async fn messaging_service_senders(&self, service_sid: &str) -> Result<Vec<Sender>, RestError> {
        let path = format!("{}/PhoneNumbers?PageSize=100", service(service_sid)?);
        self.list(PRODUCT, &path, "phone_numbers", ENOUGH).await
    }

    /// Changes a Messaging Service, with Twilio's own names; an empty value clears, what is not named stays.
    pub async fn update_messaging_service(
        &self,
        service_sid: &str,
        form: &[(&str, &str)],
    ) -> Result<MessagingService, RestError> {
        let url = format!("{}{}", self.product(PRODUCT), service(service_sid)?);
        self.ask(Method::POST, &url, form).await
    }

    /// The campaigns of a Messaging Service.
    pub async fn campaigns(&self, service_sid: &str) -> Result<Vec<Campaign>, RestError> {
        let path = format!("{}/Compliance/Usa2p?PageSize=50", service(service_sid)?);
        self.list(PRODUCT, &path, "compliance", ENOUGH).await
    }

    /// The account's brands.
    pub async fn brands(&self) -> Result<Vec<Brand>, RestError> {
        self.list(PRODUCT, "/v1/a2p/BrandRegistrations?PageSize=50", "data", ENOUGH).await
    }

    /// The verifications of the account's toll-free numbers.
    pub async fn toll_free_verifications(&self) -> Result<Vec<TollFree>, RestError> {
        self.list(PRODUCT, "/v1/Tollfree/Verifications?PageSize=50", "verifications", ENOUGH).await
    }
}

/// The path of a Messaging Service.
fn service(service_sid: &str) -> Result<String, RestError> {
    if !sid::is_messaging_service(service_sid) {
        return Err(RestError::NotTwilio);
    }
    Ok(format!("/v1/Services/{service_sid}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{Answer, answering, client};

    const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";
    const NUMBER: &str = "PN0123456789abcdef0123456789abcdef";

    #[tokio::test]
    async fn a_service_says_where_its_texts_go() {
        let page = format!(
            r#"{{"services":[{{"sid":"{SERVICE}","friendly_name":null,
            "inbound_request_url":"","use_inbound_webhook_on_number":null}}],
            "meta":{{"next_page_url":null}}}}"#
        );
        let (base, _) = answering(vec![Answer::ok(&page)]).await;
        let services = client(&base).messaging_services().await.expect("services");
        let [service] = services.as_slice() else { panic!("{services:?}") };
        assert_eq!((service.sid.as_str(), service.friendly_name.as_str()), (SERVICE, ""));
        assert_eq!(service.inbound_request_url, None);
        assert!(!service.use_inbound_webhook_on_number);
    }

    #[tokio::test]
    async fn nothing_is_asked_under_what_is_no_sid() {
        let client = client("http://127.0.0.1:9");
        for odd in ["", "MG1", "MG../x", NUMBER] {
            assert_eq!(client.campaigns(odd).await.err(), Some(RestError::NotTwilio), "{odd}");
            let senders = client.messaging_service_senders(odd).await;
            assert_eq!(senders.err(), Some(RestError::NotTwilio), "{odd}");
        }
    }

    #[test]
    fn why_carriers_refused_is_read_as_far_as_it_can_be() {
        let campaign: Campaign = serde_json::from_str(
            r#"{"sid":"QE1","campaign_status":"FAILED","errors":[
            {"error_code":30897,"fields":["MESSAGE_FLOW"],"description":"Disallowed content."},
            {"code":"x","reason":"Too short."},"Plainly","",7,{"error_code":30701}]}"#,
        )
        .expect("a campaign");
        assert_eq!(campaign.errors, ["30897: Disallowed content.", "Too short.", "Plainly", "30701"]);

        let brand = |rest: &str| {
            let brand: Brand = serde_json::from_str(&format!(r#"{{"sid":"BN1"{rest}}}"#)).expect("a brand");
            (brand.status, brand.failure_reason)
        };
        assert_eq!(brand(r#","status":"APPROVED","errors":[]"#), ("APPROVED".into(), None));
        let listed = r#","status":"FAILED","failure_reason":null,
            "errors":[{"error_code":1,"description":"No"},"x"]"#;
        assert_eq!(brand(listed), ("FAILED".into(), Some("1: No; x".into())));
        let told = r#","status":"FAILED","failure_reason":"Name","errors":["x"]"#;
        assert_eq!(brand(told).1.as_deref(), Some("Name"));

        let toll_free: TollFree = serde_json::from_str(
            r#"{"sid":"HH1","tollfree_phone_number_sid":"PN1","status":"TWILIO_REJECTED",
            "rejection_reason":null,"rejection_reasons":[{"code":30475,"reason":"Opt-in"}]}"#,
        )
        .expect("a verification");
        assert_eq!(toll_free.rejection_reason.as_deref(), Some("30475: Opt-in"));
    }
}
