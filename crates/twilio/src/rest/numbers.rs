//! Our numbers and where Twilio sends what arrives on them.

use super::Client;
use crate::error::RestError;
use reqwest::Method;
use serde::Deserialize;

/// A number the account owns.
#[derive(Debug, Clone, Deserialize)]
pub struct Number {
    /// `PN…`.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
    /// As the owner named it; often the number again.
    pub friendly_name: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Where texts are posted.
    pub sms_url: Option<String>,
    /// Where calls are posted.
    pub voice_url: Option<String>,
    /// Where the end of a call is posted.
    pub status_callback: Option<String>,
}

/// What a number can do.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Capabilities {
    /// Sends and takes texts.
    #[serde(default, alias = "SMS")]
    pub sms: bool,
}

/// Where Twilio should post what arrives on a number.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// Texts.
    pub sms_url: String,
    /// Texts, when the first address fails.
    pub sms_fallback_url: String,
    /// Calls.
    pub voice_url: String,
    /// Calls, when the first address fails.
    pub voice_fallback_url: String,
    /// The end of calls.
    pub status_callback: String,
}

#[derive(Deserialize)]
struct Page {
    incoming_phone_numbers: Vec<Number>,
    next_page_uri: Option<String>,
}

impl Client {
    /// All numbers of the account.
    pub async fn numbers(&self) -> Result<Vec<Number>, RestError> {
        let mut all = Vec::new();
        let mut url = self.url("/IncomingPhoneNumbers.json?PageSize=100");
        loop {
            let page: Page = self.ask(Method::GET, &url, &[]).await?;
            all.extend(page.incoming_phone_numbers);
            match page.next_page_uri {
                Some(next) => url = format!("{}{next}", self.base.as_str().trim_end_matches('/')),
                None => return Ok(all),
            }
        }
    }

    /// Tells Twilio where to post a number's texts and calls.
    pub async fn set_webhooks(&self, number_sid: &str, webhooks: &Webhooks) -> Result<(), RestError> {
        let url = self.url(&format!("/IncomingPhoneNumbers/{number_sid}.json"));
        let form = [
            ("SmsUrl", webhooks.sms_url.as_str()),
            ("SmsMethod", "POST"),
            ("SmsFallbackUrl", webhooks.sms_fallback_url.as_str()),
            ("SmsFallbackMethod", "POST"),
            ("VoiceUrl", webhooks.voice_url.as_str()),
            ("VoiceMethod", "POST"),
            ("VoiceFallbackUrl", webhooks.voice_fallback_url.as_str()),
            ("VoiceFallbackMethod", "POST"),
            ("StatusCallback", webhooks.status_callback.as_str()),
            ("StatusCallbackMethod", "POST"),
        ];
        self.ask::<serde::de::IgnoredAny>(Method::POST, &url, &form).await.map(|_| ())
    }
}
