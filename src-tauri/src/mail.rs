//! The password of the mail account: kept in the computer's password safe, handed to the office.

use crate::{
    front::{blocking, problem},
    office::Open,
};
use ringdesk_desk::CommandError;
use ringdesk_machine::{Keychain, KeychainError};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// Between two looks into a safe that has not answered.
const AGAIN: Duration = Duration::from_secs(60);

/// Hands the office what is kept. The safe may ask its owner first, so nobody waits for this.
pub(crate) async fn hand_over(open: Arc<Open>) {
    let office = Arc::downgrade(&open);
    let (mut looked, mut wanted) = (open, true);
    loop {
        if wanted && known(&looked).await {
            return;
        }
        drop(looked);
        // A safe that is unlocked later answers later.
        tokio::time::sleep(AGAIN).await;
        let Some(open) = office.upgrade() else { return };
        let email = open.desk.inbox.settings().await.map(|settings| settings.email);
        wanted = email.is_ok_and(|email| email.on && !email.user.is_empty());
        looked = open;
    }
}

/// Whether the office has a password; looked for once more where it has none.
pub(crate) async fn known(open: &Open) -> bool {
    let mut known = open.mail_password_known.lock().await;
    if !*known && let Some(password) = kept(open).await {
        open.desk.inbox.set_mail_password(Some(password));
        *known = true;
    }
    *known
}

/// What is kept for this office; whatever the environment says wins, as for the account.
async fn kept(open: &Open) -> Option<SecretString> {
    let environment = ringdesk_machine::mail_password_from_environment();
    if environment.is_some() {
        return environment;
    }
    let keychain = Keychain::of(&open.folder);
    match blocking(move || keychain.read_mail_password()).await {
        Ok(Ok(password)) => password,
        Ok(Err(error)) => {
            tracing::info!(%error, "the mail password could not be read");
            None
        }
        // Said already.
        Err(_) => None,
    }
}

/// Keeps a password and hands it to the office, or forgets it. The office does as it is told also where
/// the safe does not.
pub(crate) async fn keep(open: &Open, password: Option<SecretString>) -> Result<(), CommandError> {
    let mut known = open.mail_password_known.lock().await;
    let keychain = Keychain::of(&open.folder);
    let (wanted, keeps) = (password.clone(), password.is_some());
    *known = keeps;
    open.desk.inbox.set_mail_password(password);
    let outcome = blocking(move || match &wanted {
        Some(password) => keychain.write_mail_password(password),
        None => keychain.forget_mail_password(),
    });
    match outcome.await? {
        Err(error) if keeps || error != KeychainError::Absent => Err(not_kept(&error, keeps)),
        // Where there is no safe, there is nothing to forget either.
        _ => Ok(()),
    }
}

fn not_kept(error: &KeychainError, keeps: bool) -> CommandError {
    tracing::warn!(%error, "the mail password could not be kept or forgotten");
    match (keeps, error) {
        (true, KeychainError::Absent) => problem(
            "keychain_absent",
            "The password works until Ringdesk is closed. This computer has no password safe to keep it in.",
            "Install one, such as GNOME Keyring, and enter the password once more.",
        ),
        (true, _) => problem(
            "keychain_locked",
            "The password works until Ringdesk is closed. Your computer's password safe did not take it.",
            "Unlock the safe and enter the password once more.",
        ),
        (false, _) => problem(
            "keychain_locked",
            "Ringdesk no longer uses the password, but your computer's password safe still has it.",
            "Unlock the safe and remove the password once more.",
        ),
    }
}
