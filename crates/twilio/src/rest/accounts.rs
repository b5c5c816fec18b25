//! Whether the credentials work.

use super::Client;
use crate::error::RestError;
use reqwest::Method;
use serde::{Deserialize, de::IgnoredAny};

/// The account, without its token.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// `active`, `suspended` or `closed`.
    pub status: String,
}

impl Client {
    /// Fetches the account; 20003 means the credentials are wrong, or are those of an API key, which may not
    /// see it.
    pub async fn account(&self) -> Result<Account, RestError> {
        let url = self.url("").trim_end_matches('/').to_owned() + ".json";
        self.ask(Method::GET, &url, &[]).await
    }

    /// Whether Twilio takes these credentials, be they the account's own or those of a Standard API key.
    pub async fn knows_us(&self) -> Result<(), RestError> {
        let url = self.url("/IncomingPhoneNumbers.json?PageSize=1");
        self.ask::<IgnoredAny>(Method::GET, &url, &[]).await.map(|_| ())
    }
}
