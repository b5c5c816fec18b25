//! Whether the credentials work.

use super::Client;
use crate::error::RestError;
use reqwest::Method;
use serde::Deserialize;

/// The account, without its token.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// `Trial` or `Full`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As the owner named it.
    pub friendly_name: String,
}

impl Client {
    /// Fetches the account; 20003 means the credentials are wrong.
    pub async fn account(&self) -> Result<Account, RestError> {
        let url = self.url("").trim_end_matches('/').to_owned() + ".json";
        self.ask(Method::GET, &url, &[]).await
    }
}
