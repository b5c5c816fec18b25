//! Credentials for headless hosts: the environment wins and is never written anywhere.

use secrecy::SecretString;

/// A Twilio account and what proves it is ours. Prints nothing secret.
#[derive(Debug, Clone)]
pub struct AccountCredentials {
    /// `AC…`.
    pub account_sid: String,
    /// Signs webhooks, and REST calls where no key is given.
    pub auth_token: SecretString,
    /// A second token while one is being rotated in.
    pub secondary_auth_token: Option<SecretString>,
    /// Whether the second token is the one that was replaced, and the first the new one.
    pub switched: bool,
    /// `SK…` and its secret, for REST calls.
    pub api_key: Option<(String, SecretString)>,
    /// Since when this token is kept, in UTC milliseconds, where that is known.
    pub kept_at_ms: Option<i64>,
}

/// Reads `RINGDESK_ACCOUNT_SID`, `RINGDESK_AUTH_TOKEN`, `RINGDESK_AUTH_TOKEN_SECONDARY`,
/// `RINGDESK_API_KEY_SID` and `RINGDESK_API_KEY_SECRET`.
pub fn from_environment() -> Option<AccountCredentials> {
    read(variable)
}

/// Reads `RINGDESK_SMTP_PASSWORD`, the password of the mail account that sends the owner's letters.
pub fn mail_password_from_environment() -> Option<SecretString> {
    variable("RINGDESK_SMTP_PASSWORD").map(SecretString::from)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn read(get: impl Fn(&str) -> Option<String>) -> Option<AccountCredentials> {
    let secret = |name: &str| get(name).map(SecretString::from);
    Some(AccountCredentials {
        account_sid: get("RINGDESK_ACCOUNT_SID")?,
        auth_token: secret("RINGDESK_AUTH_TOKEN")?,
        secondary_auth_token: secret("RINGDESK_AUTH_TOKEN_SECONDARY"),
        switched: false,
        api_key: get("RINGDESK_API_KEY_SID").zip(secret("RINGDESK_API_KEY_SECRET")),
        kept_at_ms: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_credentials_shows_no_secret() {
        let found = read(|name| Some(format!("value-of-{name}"))).expect("all set");
        let printed = format!("{found:?}");
        assert!(!printed.contains("TOKEN") && !printed.contains("KEY_SECRET"), "{printed}");
    }

    #[test]
    fn an_account_needs_both_sid_and_token() {
        assert!(read(|name| (name != "RINGDESK_AUTH_TOKEN").then(|| "x".into())).is_none());
    }
}
