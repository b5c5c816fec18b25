//! The account's token as the window shows it, and its replacement from there.

use crate::{front::problem, kept, office::Open};
use ringdesk_desk::CommandError;
use ringdesk_inbox::Safe;
use ringdesk_machine::{AccountCredentials, Keychain};
use ringdesk_server::rotation::{Act, Keep, Rotation, Stage};
use secrecy::SecretString;
use serde::Serialize;
use std::sync::Arc;

/// What the page shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TokenState {
    state: Stage,
    /// Since when the first is kept, in UTC milliseconds.
    since: Option<i64>,
    /// Whether it can be replaced here.
    can: bool,
    /// Why not, in words.
    why: Option<&'static str>,
    /// Whether each step takes the passphrase the tokens are sealed by.
    asks_passphrase: bool,
}

/// How the account's token is.
pub(crate) fn state(open: &Open) -> TokenState {
    let credentials = open.in_use.credentials();
    let why = elsewhere(&open.safe);
    TokenState {
        state: Stage::of(&credentials),
        since: credentials.kept_at_ms,
        can: why.is_none(),
        why,
        asks_passphrase: open.safe == Safe::Sealed,
    }
}

/// Goes a step on, or back.
pub(crate) async fn go(
    open: &Open,
    act: Act,
    passphrase: Option<SecretString>,
) -> Result<TokenState, CommandError> {
    if let Some(why) = elsewhere(&open.safe) {
        return Err(problem("token_elsewhere", "The token can't be replaced here.", why));
    }
    let keep = kept::keeper(&open.folder, &open.safe, passphrase).await?;
    Rotation::new(open.in_use.clone(), keep).go(act).await?;
    Ok(state(open))
}

/// Finds which of two tokens Twilio uses. `false`: it could not be asked.
pub(crate) async fn settle(open: &Open) -> bool {
    if elsewhere(&open.safe).is_some() {
        return true;
    }
    let keep: Keep = match open.safe {
        // Nobody is there to type the passphrase. Both are sealed; it is found out again at the next start.
        Safe::Sealed => Arc::new(|_: &AccountCredentials| Ok(())),
        _ => kept::in_safe(Keychain::of(&open.folder)),
    };
    Rotation::new(open.in_use.clone(), keep).settle().await
}

/// Why the token cannot be replaced here, and what to do instead.
pub(crate) fn elsewhere(safe: &Safe) -> Option<&'static str> {
    match safe {
        Safe::Practice => Some("A practice line has no token of yours."),
        Safe::Environment => Some("It was given when Ringdesk was started. Change it where it comes from."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_kept_here_is_replaced_here() {
        for safe in [Safe::Practice, Safe::Environment] {
            assert!(elsewhere(&safe).is_some(), "{safe:?}");
        }
        for safe in [Safe::Keychain, Safe::Sealed] {
            assert!(elsewhere(&safe).is_none(), "{safe:?}");
        }
    }
}
