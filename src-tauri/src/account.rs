//! Whether Twilio takes what the owner typed: the account with its token, and the key where there is one.

use crate::front::problem;
use ringdesk_desk::CommandError;
use ringdesk_machine::AccountCredentials;
use ringdesk_twilio::{Client, Credentials, error::RestError};

/// Insufficient permissions of a restricted key. Source: Twilio's error dictionary.
const RESTRICTED: u32 = 70_051;

/// Credentials as they were typed, or pasted with spaces around.
pub(crate) fn typed(
    sid: &str,
    token: &str,
    key: Option<(String, String)>,
    now_ms: i64,
) -> Result<AccountCredentials, CommandError> {
    let key = key.map(|(sid, secret)| (sid.trim().to_owned(), secret.trim().to_owned()));
    let credentials = AccountCredentials {
        account_sid: sid.trim().to_owned(),
        auth_token: token.trim().to_owned().into(),
        secondary_auth_token: None,
        switched: false,
        api_key: key.map(|(sid, secret)| (sid, secret.into())),
        kept_at_ms: Some(now_ms),
    };
    if !is_sid("AC", &credentials.account_sid) {
        return Err(problem(
            "wrong_sid",
            "That doesn't look like an Account SID.",
            "It starts with AC and has 34 letters and digits. Copy it from your Twilio home page.",
        ));
    }
    if credentials.api_key.as_ref().is_some_and(|(sid, _)| !is_sid("SK", sid)) {
        return Err(problem(
            "wrong_key_sid",
            "That doesn't look like the SID of an API key.",
            "It starts with SK and has 34 letters and digits. Copy it from API keys & tokens at Twilio.",
        ));
    }
    Ok(credentials)
}

fn is_sid(kind: &str, sid: &str) -> bool {
    let rest = sid.strip_prefix(kind).unwrap_or_default();
    rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Asks Twilio whether it takes them: the token, which proves that what arrives is Twilio's, and the key, which
/// asks and sends in its place.
pub(crate) async fn accepted(twilio_url: &str, typed: &AccountCredentials) -> Result<(), CommandError> {
    let sid = &typed.account_sid;
    let token = Credentials::account(sid, typed.auth_token.clone());
    let asked = match Client::new(twilio_url, token) {
        Ok(client) => client.account().await,
        Err(error) => Err(error),
    };
    let account = asked.map_err(|error| match error {
        RestError::Refused { status: 401 | 403 | 404, .. } => problem(
            "refused",
            "Twilio doesn't accept this account and token together.",
            "Copy both again from your Twilio home page: press “Show” next to the token first.",
        ),
        error => not_asked(&error),
    })?;
    if account.status != "active" {
        return Err(problem(
            "not_active",
            "This Twilio account is not active.",
            "Twilio's home page says why, and how to open it again.",
        ));
    }
    let Some((key, secret)) = &typed.api_key else { return Ok(()) };
    let key = Credentials { account_sid: sid.clone(), user: key.clone(), secret: secret.clone() };
    let asked = match Client::new(twilio_url, key) {
        Ok(client) => client.knows_us().await,
        Err(error) => Err(error),
    };
    asked.map_err(|error| match error {
        RestError::Refused { status: 403, .. } | RestError::Refused { code: RESTRICTED, .. } => problem(
            "restricted_key",
            "This API key may not look after your numbers.",
            "Make a key of the kind “Standard” at Twilio, or leave the key out.",
        ),
        RestError::Refused { status: 401 | 404, .. } => problem(
            "wrong_key",
            "Twilio doesn't accept this API key. The account and its token are fine.",
            "Copy the key's SID and secret again. The secret is shown once: make a new key where it is lost.",
        ),
        error => not_asked(&error),
    })
}

fn not_asked(error: &RestError) -> CommandError {
    tracing::warn!(%error, "Twilio could not be asked");
    problem(
        "unreachable",
        "Twilio could not be asked just now.",
        "Check the internet connection and try again. Nothing was changed.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn what_is_pasted_is_taken_without_the_spaces_around() {
        let (account, key) = (format!(" AC{}\n", "a".repeat(32)), format!("SK{} ", "b".repeat(32)));
        let typed = typed(&account, " token ", Some((key, " secret\n".into())), 7).expect("taken");
        assert_eq!(typed.account_sid, account.trim());
        assert_eq!(typed.auth_token.expose_secret(), "token");
        assert_eq!(typed.api_key.expect("a key").1.expose_secret(), "secret");
        assert_eq!(typed.kept_at_ms, Some(7));
    }

    #[test]
    fn what_is_no_sid_is_said_before_anybody_is_asked() {
        let right = format!("AC{}", "a".repeat(32));
        let code = |sid: &str, key: Option<&str>| {
            let key = key.map(|key| (key.to_owned(), "secret".to_owned()));
            typed(sid, "token", key, 0).map_err(|problem| problem.code).err()
        };
        for wrong in ["", "AC12", &right.replace("AC", "SK"), &format!("{right}a"), &right.replace('a', "x")]
        {
            assert_eq!(code(wrong, None).as_deref(), Some("wrong_sid"), "{wrong}");
        }
        assert_eq!(code(&right, None), None);
        assert_eq!(code(&right, Some(&right)).as_deref(), Some("wrong_key_sid"));
    }
}
