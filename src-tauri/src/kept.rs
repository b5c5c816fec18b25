//! Where an account's credentials are kept: in the password safe, or in a file under a passphrase's seal.

use crate::{
    choice::Chosen,
    front::{blocking, not_written, problem},
};
use ringdesk_desk::CommandError;
use ringdesk_inbox::Safe;
use ringdesk_machine::{AccountCredentials, Keychain, KeychainError, Sealed, SealedError};
use ringdesk_server::rotation::Keep;
use secrecy::{ExposeSecret, SecretString};
use std::{path::Path, sync::Arc};

/// Keeps what was typed: in the password safe, or sealed where there is a passphrase.
pub(crate) async fn keep(
    data_dir: &Path,
    credentials: &AccountCredentials,
    passphrase: Option<SecretString>,
) -> Result<Chosen, CommandError> {
    let keychain = Keychain::of(data_dir);
    let sealed = Sealed::of(data_dir);
    let credentials = credentials.clone();
    let Some(passphrase) = passphrase else {
        let kept = blocking(move || keychain.write(&credentials)).await?;
        return kept.map(|()| Chosen::Keychain).map_err(|error| match error {
            KeychainError::Absent => problem(
                "keychain_absent",
                "This computer has no password safe running.",
                "Install one, such as GNOME Keyring, or keep the token in a file sealed by a passphrase.",
            ),
            KeychainError::Locked => problem(
                "keychain_locked",
                "Your computer's password safe is locked.",
                "Unlock it and try again, or keep the token in a file sealed by a passphrase.",
            ),
            KeychainError::Failed(why) => {
                tracing::warn!(why, "the password safe failed");
                problem(
                    "keychain_locked",
                    "Your computer's password safe did not take it.",
                    "Unlock it and try again, or keep the token in a file sealed by a passphrase.",
                )
            }
        });
    };
    let write = move || -> Result<(), SealedError> {
        std::fs::create_dir_all(keychain.folder())?;
        sealed.write(&credentials, &passphrase)
    };
    blocking(write).await?.map(|()| Chosen::Sealed).map_err(|error| not_sealed(&error))
}

/// Forgets what is kept in the place that is used no more, so that no old token is left behind.
pub(crate) async fn forget_before(data_dir: &Path, before: Option<Chosen>, now: Chosen) {
    let (keychain, sealed) = (Keychain::of(data_dir), Sealed::of(data_dir));
    let forgotten = match (before, now) {
        (_, Chosen::Keychain) => blocking(move || sealed.forget().map_err(|error| error.to_string())).await,
        // Without need no safe is asked: it might ask its owner to unlock it.
        (Some(Chosen::Keychain), _) => {
            blocking(move || keychain.forget().map_err(|error| error.to_string())).await
        }
        _ => return,
    };
    if let Ok(Err(error)) = forgotten {
        tracing::warn!(error, "what was kept in the other place could not be forgotten");
    }
}

/// Forgets the credentials wherever they may be; `place` is where they are known to be.
pub(crate) async fn forget(data_dir: &Path, place: Option<Chosen>) -> Result<(), CommandError> {
    let (keychain, sealed) = (Keychain::of(data_dir), Sealed::of(data_dir));
    let forget = move || match keychain.forget() {
        Err(error) if place == Some(Chosen::Keychain) => {
            tracing::warn!(%error, "the password safe did not forget the token");
            Err(problem(
                "keychain_locked",
                "Your computer's password safe did not let go of the token.",
                "Unlock the safe, then try again.",
            ))
        }
        // Where it does not keep them, there is nothing it would have to forget.
        _ => sealed.forget().map_err(|error| {
            tracing::error!(%error, "the sealed file could not be removed");
            problem(
                "store",
                "The token's file could not be removed.",
                "Check the data folder, then try again.",
            )
        }),
    };
    blocking(forget).await?
}

/// Keeps the tokens of an account while one takes the place of another, where they are kept already.
pub(crate) async fn keeper(
    folder: &Path,
    safe: &Safe,
    passphrase: Option<SecretString>,
) -> Result<Keep, CommandError> {
    match safe {
        Safe::Sealed => under_seal(Sealed::of(folder), passphrase).await,
        _ => Ok(in_safe(Keychain::of(folder))),
    }
}

/// Keeps them in the password safe.
pub(crate) fn in_safe(keychain: Keychain) -> Keep {
    Arc::new(move |credentials: &AccountCredentials| {
        keychain.write(credentials).map_err(|error| {
            tracing::warn!(%error, "the tokens could not be kept");
            problem(
                "keychain_locked",
                "Your computer's password safe did not take the token.",
                "Unlock the safe, then try again.",
            )
        })
    })
}

/// Seals them anew. The passphrase has to be the one they are sealed by: the owner knows no other.
async fn under_seal(sealed: Sealed, passphrase: Option<SecretString>) -> Result<Keep, CommandError> {
    let typed = passphrase.filter(|passphrase| !passphrase.expose_secret().is_empty());
    let passphrase = typed.ok_or_else(|| {
        problem("passphrase_needed", "The token is sealed by your passphrase.", "Type it, then go on.")
    })?;
    let (file, same) = (sealed.clone(), passphrase.clone());
    blocking(move || file.read(&same)).await?.map_err(|error| not_unsealed(&error))?;
    Ok(Arc::new(move |credentials: &AccountCredentials| {
        sealed.write(credentials, &passphrase).map_err(|error| not_sealed(&error))
    }))
}

/// Why a sealed file was not opened.
pub(crate) fn not_unsealed(error: &SealedError) -> CommandError {
    match error {
        SealedError::Wrong => {
            problem("wrong_passphrase", "That passphrase doesn't open it.", "Try again, or connect anew.")
        }
        error => problem("sealed", &error.to_string(), "Connect your account anew."),
    }
}

fn not_sealed(error: &SealedError) -> CommandError {
    tracing::error!(%error, "the credentials could not be sealed");
    not_written()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(token: &str) -> AccountCredentials {
        AccountCredentials {
            account_sid: "AC1".into(),
            auth_token: token.to_owned().into(),
            secondary_auth_token: None,
            switched: false,
            api_key: None,
            kept_at_ms: None,
        }
    }

    #[tokio::test]
    async fn tokens_are_sealed_anew_only_by_the_passphrase_their_owner_knows() {
        let folder = tempfile::tempdir().expect("a folder");
        let right = SecretString::from("correct horse");
        Sealed::of(folder.path()).write(&account("old"), &right).expect("sealed");
        for (typed, code) in [
            (None, "passphrase_needed"),
            (Some(""), "passphrase_needed"),
            (Some("battery"), "wrong_passphrase"),
        ] {
            let refused = keeper(folder.path(), &Safe::Sealed, typed.map(SecretString::from)).await;
            assert_eq!(refused.err().map(|problem| problem.code).as_deref(), Some(code));
        }
        let keep = keeper(folder.path(), &Safe::Sealed, Some(right.clone())).await.expect("the right one");
        keep(&account("new")).expect("sealed");
        let now = Sealed::of(folder.path()).read(&right).expect("opened");
        assert_eq!(now.auth_token.expose_secret(), "new");
    }

    #[tokio::test]
    async fn a_sealed_file_goes_when_the_safe_takes_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("account.sealed");
        std::fs::write(&file, "sealed").expect("written");
        forget_before(folder.path(), Some(Chosen::Keychain), Chosen::Keychain).await;
        assert!(!file.exists());
    }
}
