//! A new auth token in place of the old, without missing a call: a second one is made and taken beside the
//! first, the two change places, the old one is forgotten. Both are kept before Twilio is told to change
//! anything, so that nothing that happens in between loses the line.

use crate::{InUse, api::problem};
use ringdesk_desk::CommandError;
use ringdesk_machine::AccountCredentials;
use ringdesk_twilio::{Client, Credentials, error::RestError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the owner does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Has Twilio make a second token.
    Begin,
    /// The new one takes the place of the old.
    Switch,
    /// The old one is taken no more.
    Retire,
    /// The new one is given up.
    Cancel,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// There is one token.
    One,
    /// There are two, and Twilio signs with the old one.
    Two,
    /// There are two, and Twilio signs with the new one.
    Switched,
}

impl Stage {
    /// Where these credentials stand.
    pub fn of(credentials: &AccountCredentials) -> Self {
        match (&credentials.secondary_auth_token, credentials.switched) {
            (None, _) => Self::One,
            (Some(_), false) => Self::Two,
            (Some(_), true) => Self::Switched,
        }
    }
}

/// How a host keeps credentials where they outlive it; called on a thread that may wait.
pub type Keep = Arc<dyn Fn(&AccountCredentials) -> Result<(), CommandError> + Send + Sync>;

/// The replacement of the token of an account in use. The host sees to it that there is one act at a time.
pub struct Rotation {
    in_use: InUse,
    keep: Keep,
}

impl std::fmt::Debug for Rotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rotation")
    }
}

impl Rotation {
    /// For an account in use, whose credentials are kept this way.
    pub fn new(in_use: InUse, keep: Keep) -> Self {
        Self { in_use, keep }
    }

    /// Goes a step on, or back. After a switch that failed, [`Rotation::settle`] tells what became of it.
    pub async fn go(&self, act: Act) -> Result<(), CommandError> {
        let now = self.in_use.credentials();
        match (act, Stage::of(&now), now.secondary_auth_token.clone()) {
            (Act::Begin, Stage::One, _) => self.begin(&now).await,
            (Act::Switch, Stage::Two, Some(second)) => self.switch(&now, second).await,
            (Act::Retire, Stage::Switched, Some(old)) => self.retire(&now, old).await,
            (Act::Cancel, Stage::Two, _) => self.cancel(&now).await,
            _ => Err(problem(
                "token_step",
                "The change of the token stands elsewhere by now.",
                "Look at it again and go on from there.",
            )),
        }
    }

    /// After a break in the middle, and after a change made at Twilio: finds which of two tokens Twilio uses.
    /// `false`: Twilio could not be asked, so nobody knows yet.
    pub async fn settle(&self) -> bool {
        let now = self.in_use.credentials();
        let Some(second) = now.secondary_auth_token.clone() else { return true };
        let other = match Stage::of(&now) {
            // The old one is still good: it never came to the change.
            Stage::Switched => self.takes(&now, &second).await,
            _ => match self.takes(&now, &now.auth_token).await {
                Some(false) => self.takes(&now, &second).await,
                first => first.map(|good| !good),
            },
        };
        if other == Some(true) {
            let next = self.changed_places(&now, second);
            // The other way round, both are kept all the same.
            if let Err(error) = self.keep(&next).await {
                tracing::warn!(code = error.code, "the order of the two tokens could not be kept");
            }
            if let Err(error) = self.take(next) {
                tracing::warn!(code = error.code, "the two tokens could not change places");
            }
        }
        other.is_some()
    }

    async fn begin(&self, now: &AccountCredentials) -> Result<(), CommandError> {
        let client = self.client(now, &now.auth_token)?;
        let second = client.make_secondary_token().await.map_err(|error| match error {
            RestError::Refused { status, .. } if !matches!(status, 401 | 403 | 429) => problem(
                "second_token",
                "Twilio did not make a second token. There may be one already.",
                "Delete it at Twilio, under API keys & tokens, then begin again.",
            ),
            error => refused(&error),
        })?;
        let next = AccountCredentials { secondary_auth_token: Some(second), switched: false, ..now.clone() };
        let kept = self.keep(&next).await;
        if kept.is_err()
            && let Err(error) = client.drop_secondary_token().await
        {
            tracing::warn!(%error, "a second token nobody knows is left at Twilio");
        }
        kept?;
        self.take(next)
    }

    async fn switch(&self, now: &AccountCredentials, second: SecretString) -> Result<(), CommandError> {
        let client = self.client(now, &now.auth_token)?;
        let mut next = self.changed_places(now, second);
        self.keep(&next).await?;
        match client.promote_secondary_token().await {
            Ok(promoted) => {
                if promoted.expose_secret() != next.auth_token.expose_secret() {
                    next.auth_token = promoted;
                    self.keep(&next).await?;
                }
            }
            // The answer may have been lost. The two tell: after the change Twilio takes the old one no more.
            Err(error) => {
                let changed = self.takes(now, &now.auth_token).await == Some(false)
                    && self.takes(now, &next.auth_token).await != Some(false);
                if !changed {
                    if let Err(kept) = self.keep(now).await {
                        // Both tokens are kept: which one counts is found out at the next start.
                        tracing::warn!(code = kept.code, "the tokens could not be kept as they were");
                    }
                    return Err(refused(&error));
                }
            }
        }
        self.take(next)
    }

    async fn retire(&self, now: &AccountCredentials, old: SecretString) -> Result<(), CommandError> {
        match self.takes(now, &old).await {
            Some(false) => {}
            Some(true) => {
                self.take_over(self.changed_places(now, old)).await?;
                return Err(problem(
                    "not_switched",
                    "Twilio still uses the old token.",
                    "Switch to the new one first.",
                ));
            }
            None => return Err(refused(&RestError::Unreachable("no answer"))),
        }
        self.take_over(alone(now)).await
    }

    async fn cancel(&self, now: &AccountCredentials) -> Result<(), CommandError> {
        let client = self.client(now, &now.auth_token)?;
        client.drop_secondary_token().await.map_err(|error| refused(&error))?;
        self.take_over(alone(now)).await
    }

    /// The second token first, and the first second. One that is first anew is kept since now.
    fn changed_places(&self, now: &AccountCredentials, second: SecretString) -> AccountCredentials {
        AccountCredentials {
            auth_token: second,
            secondary_auth_token: Some(now.auth_token.clone()),
            switched: !now.switched,
            kept_at_ms: if now.switched { now.kept_at_ms } else { Some(self.in_use.now_ms()) },
            ..now.clone()
        }
    }

    /// Whether Twilio takes a token; none where it could not be asked.
    async fn takes(&self, account: &AccountCredentials, token: &SecretString) -> Option<bool> {
        match self.client(account, token).ok()?.account().await {
            Ok(_) => Some(true),
            Err(RestError::Refused { status: 401, .. }) => Some(false),
            Err(_) => None,
        }
    }

    /// Tokens are no matter of a key's: the account itself asks.
    fn client(&self, account: &AccountCredentials, token: &SecretString) -> Result<Client, CommandError> {
        let credentials = Credentials::account(&account.account_sid, token.clone());
        Client::new(self.in_use.twilio_url(), credentials).map_err(|error| refused(&error))
    }

    async fn keep(&self, credentials: &AccountCredentials) -> Result<(), CommandError> {
        let (keep, credentials) = (self.keep.clone(), credentials.clone());
        let kept = tokio::task::spawn_blocking(move || keep(&credentials)).await;
        kept.unwrap_or_else(|error| {
            tracing::error!(%error, "keeping a token broke");
            Err(problem("internal", "Something went wrong inside Ringdesk.", "Try once more."))
        })
    }

    /// Uses them from now on: for questions, at the door, and for knocks.
    fn take(&self, credentials: AccountCredentials) -> Result<(), CommandError> {
        self.in_use.renew(credentials).map_err(|error| refused(&error))
    }

    async fn take_over(&self, credentials: AccountCredentials) -> Result<(), CommandError> {
        self.keep(&credentials).await?;
        self.take(credentials)
    }
}

/// The first token by itself.
fn alone(now: &AccountCredentials) -> AccountCredentials {
    AccountCredentials { secondary_auth_token: None, switched: false, ..now.clone() }
}

fn refused(error: &RestError) -> CommandError {
    tracing::warn!(%error, "Twilio did not change a token");
    match error {
        RestError::Refused { status: 401 | 403, .. } => problem(
            "refused",
            "Twilio no longer accepts the token in use.",
            "Connect your account again with the one Twilio shows now.",
        ),
        // 429 and 5xx pass: they say nothing about this step.
        RestError::Refused { status: 400..=428, .. } => problem(
            "token_refused",
            "Twilio did not allow this step.",
            "Look at API keys & tokens at Twilio, then try again.",
        ),
        _ => problem(
            "unreachable",
            "Twilio could not be asked just now.",
            "Check the internet connection and try again. Nothing was lost.",
        ),
    }
}
