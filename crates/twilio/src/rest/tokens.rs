//! A new Auth Token in place of the old: a second one is made, promoted, and the first is no more. Each step
//! needs the account's own token; an API key is refused. Source: Twilio's OpenAPI document accounts v1.

use super::Client;
use crate::error::RestError;
use secrecy::SecretString;
use serde::Deserialize;

const PRODUCT: &str = "accounts";
const SECONDARY: &str = "/v1/AuthTokens/Secondary";

#[derive(Deserialize)]
struct Made {
    secondary_auth_token: String,
}

#[derive(Deserialize)]
struct Promoted {
    auth_token: String,
}

impl Client {
    /// Makes a second token, which REST takes beside the first from now on. Webhooks are still signed with
    /// the first. Sent once; Twilio refuses where there is a second one already.
    pub async fn make_secondary_token(&self) -> Result<SecretString, RestError> {
        let made: Made = self.make(&format!("{}{SECONDARY}", self.product(PRODUCT)), &[]).await?;
        Ok(made.secondary_auth_token.into())
    }

    /// Makes the second token the first, which it answers; the one that was the first is worth nothing any
    /// more, and webhooks are signed with the new one. Sent once.
    pub async fn promote_secondary_token(&self) -> Result<SecretString, RestError> {
        let url = format!("{}/v1/AuthTokens/Promote", self.product(PRODUCT));
        let promoted: Promoted = self.make(&url, &[]).await?;
        Ok(promoted.auth_token.into())
    }

    /// Removes the second token; one that is not there counts as removed.
    pub async fn drop_secondary_token(&self) -> Result<(), RestError> {
        self.remove_at(&format!("{}{SECONDARY}", self.product(PRODUCT))).await
    }
}

#[cfg(test)]
mod tests {
    use crate::rest::pretend::{Answer, answering, client};
    use secrecy::ExposeSecret;

    #[tokio::test]
    async fn a_token_takes_the_place_of_another() {
        let (base, asked) = answering(vec![
            Answer::new("201 Created", r#"{"secondary_auth_token":"the second"}"#),
            Answer::ok(r#"{"auth_token":"the second"}"#),
            Answer::new("404 Not Found", r#"{"code":20404}"#),
        ])
        .await;
        let client = client(&base);
        let made = client.make_secondary_token().await.expect("a token");
        let promoted = client.promote_secondary_token().await.expect("a token");
        assert_eq!((made.expose_secret(), promoted.expose_secret()), ("the second", "the second"));
        assert_eq!(client.drop_secondary_token().await, Ok(()));
        let asked = asked.await.expect("asked");
        let lines: Vec<&str> = asked.iter().filter_map(|asked| asked.head.lines().next()).collect();
        assert_eq!(
            lines,
            [
                "POST /v1/AuthTokens/Secondary HTTP/1.1",
                "POST /v1/AuthTokens/Promote HTTP/1.1",
                "DELETE /v1/AuthTokens/Secondary HTTP/1.1"
            ]
        );
        assert!(asked.iter().all(|asked| asked.body.is_empty()));
    }
}
