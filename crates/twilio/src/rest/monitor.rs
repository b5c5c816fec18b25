//! What Twilio says about an account when asked: its alerts and its balance, and whether a number can be one.
//! Source: Twilio's OpenAPI documents monitor v1, api 2010-04-01 and lookups v2.

use super::{
    Client,
    client::{filled, or_default},
};
use crate::error::RestError;
use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;

/// Money on the account.
#[derive(Debug, Clone, Deserialize)]
pub struct Balance {
    /// A decimal number as text, such as `12.34`; negative where something is owed.
    pub balance: String,
    /// `USD` and so on.
    pub currency: String,
}

/// Something Twilio found wrong. Its own words may hold what a customer wrote: they are not read.
#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    /// `NO…`.
    pub sid: String,
    /// Twilio's error code, as text.
    #[serde(default, deserialize_with = "or_default")]
    pub error_code: String,
    /// ISO 8601.
    #[serde(default, deserialize_with = "or_default")]
    pub date_generated: String,
    /// What it is about: `SM…`, `CA…` and so on.
    #[serde(default, deserialize_with = "filled")]
    pub resource_sid: Option<String>,
    /// Where Twilio posted to, where that went wrong.
    #[serde(default, deserialize_with = "filled")]
    pub request_url: Option<String>,
}

/// A request of Twilio's that went wrong, as its alert keeps it.
#[derive(Deserialize)]
struct Failed {
    #[serde(default, deserialize_with = "filled")]
    request_variables: Option<String>,
}

impl Alert {
    /// Twilio's error code.
    pub fn code(&self) -> Option<u32> {
        self.error_code.parse().ok()
    }

    /// When it happened, in UTC milliseconds.
    pub fn generated_ms(&self) -> Option<i64> {
        self.date_generated.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
    }
}

/// What Twilio says about a number without charging for it.
#[derive(Deserialize)]
struct Looked {
    valid: bool,
}

impl Client {
    /// The money on the account.
    pub async fn balance(&self) -> Result<Balance, RestError> {
        self.ask(Method::GET, &self.url("/Balance.json"), &[]).await
    }

    /// Errors and warnings since `since_ms` (UTC milliseconds), newest first, `at_most` of them. Twilio keeps
    /// them for 30 days.
    pub async fn alerts(&self, since_ms: i64, at_most: usize) -> Result<Vec<Alert>, RestError> {
        let since = Timestamp::from_second(since_ms.div_euclid(1000)).unwrap_or_default();
        let page = at_most.clamp(1, 1000);
        let path = format!("/v1/Alerts?StartDate={since}&PageSize={page}");
        let mut alerts: Vec<Alert> = self.list("monitor", &path, "alerts", at_most).await?;
        alerts.sort_by_key(|alert| std::cmp::Reverse(alert.generated_ms()));
        Ok(alerts)
    }

    /// The form Twilio posted in vain, of one alert (`NO…`); none where it was no post.
    pub async fn failed_request(&self, alert_sid: &str) -> Result<Option<Vec<u8>>, RestError> {
        if !crate::sid::is_sid(alert_sid, &["NO"]) {
            return Err(RestError::NotTwilio);
        }
        let url = format!("{}/v1/Alerts/{alert_sid}", self.product("monitor"));
        let failed: Failed = self.ask(Method::GET, &url, &[]).await?;
        Ok(failed.request_variables.map(String::into_bytes))
    }

    /// Whether a number can be anybody's; `e164` begins with `+`. Only what is free is asked for.
    pub async fn look_up(&self, e164: &str) -> Result<bool, RestError> {
        let digits = e164.strip_prefix('+').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let digits = digits.filter(|digits| !digits.is_empty()).ok_or(RestError::NotTwilio)?;
        let url = format!("{}/v2/PhoneNumbers/%2B{digits}", self.product("lookups"));
        self.ask::<Looked>(Method::GET, &url, &[]).await.map(|looked| looked.valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{Answer, answering, client};

    #[tokio::test]
    async fn alerts_come_newest_first_whatever_they_leave_out() {
        let page = r#"{"alerts":[
            {"sid":"NO1","error_code":"11200","date_generated":"2026-03-01T10:00:00Z"},
            {"sid":"NO2","error_code":null,"alert_text":"Body=secret","date_generated":null},
            {"sid":"NO3","error_code":"12100","date_generated":"2026-03-02T10:00:00Z"}
            ],"meta":{"next_page_url":null}}"#;
        let (base, asked) = answering(vec![Answer::ok(page)]).await;
        let alerts = client(&base).alerts(1_767_225_600_999, 50).await.expect("alerts");
        let sids: Vec<&str> = alerts.iter().map(|alert| alert.sid.as_str()).collect();
        assert_eq!(sids, ["NO3", "NO1", "NO2"]);
        assert_eq!((alerts[0].code(), alerts[0].generated_ms()), (Some(12_100), Some(1_772_445_600_000)));
        assert_eq!((alerts[2].code(), alerts[2].generated_ms()), (None, None));
        assert!(!format!("{alerts:?}").contains("secret"), "{alerts:?}");
        let asked = &asked.await.expect("asked")[0].head;
        assert!(asked.starts_with("GET /v1/Alerts?StartDate=2026-01-01T00:00:00Z&PageSize=50 "), "{asked}");
    }

    #[tokio::test]
    async fn a_number_is_looked_up_without_anything_that_costs() {
        let invalid = r#"{"phone_number":"+1415","valid":false,"validation_errors":["TOO_SHORT"],
            "national_format":null,"country_code":null}"#;
        let valid = r#"{"phone_number":"+14159929960","valid":true,"validation_errors":null,
            "national_format":"(415) 992-9960","country_code":"US"}"#;
        let (base, asked) = answering(vec![Answer::ok(invalid), Answer::ok(valid)]).await;
        let client = client(&base);
        assert_eq!(client.look_up("+1415").await, Ok(false));
        assert_eq!(client.look_up("+14159929960").await, Ok(true));
        let asked = asked.await.expect("asked");
        assert!(asked[0].head.starts_with("GET /v2/PhoneNumbers/%2B1415 "), "{}", asked[0].head);
        for odd in ["", "+", "4159929960", "+1/../x", "+1?Fields=caller_name"] {
            assert_eq!(client.look_up(odd).await.err(), Some(RestError::NotTwilio), "{odd}");
        }
    }
}
