//! The system's own password safe: one item with all secrets of an account and one with the password of the
//! mail account, named after the data folder.

use crate::AccountCredentials;
use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

/// The items' service.
const SERVICE: &str = "Ringdesk";
/// How long the safe may take: it may be asking its owner for a password.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the safe could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This computer has none, or it does not run.
    #[error("no password safe answers")]
    Absent,
    /// It is locked, and nobody unlocked it.
    #[error("the password safe is locked")]
    Locked,
    /// It failed in another way.
    #[error("the password safe failed: {0}")]
    Failed(String),
}

/// The items of one data folder. Its calls wait for the safe, up to twenty seconds: not for an async task, which
/// has [`Keychain::ask`].
#[derive(Debug, Clone)]
pub struct Keychain {
    folder: PathBuf,
}

/// Credentials as they are written down, in the safe or under a seal; never shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct Item {
    account_sid: String,
    auth_token: String,
    secondary_auth_token: Option<String>,
    #[serde(default)]
    switched: bool,
    api_key: Option<(String, String)>,
    kept_at_ms: Option<i64>,
}

impl From<&AccountCredentials> for Item {
    fn from(credentials: &AccountCredentials) -> Self {
        let open = |secret: &SecretString| secret.expose_secret().to_owned();
        Self {
            account_sid: credentials.account_sid.clone(),
            auth_token: open(&credentials.auth_token),
            secondary_auth_token: credentials.secondary_auth_token.as_ref().map(open),
            switched: credentials.switched,
            api_key: credentials.api_key.as_ref().map(|(sid, secret)| (sid.clone(), open(secret))),
            kept_at_ms: credentials.kept_at_ms,
        }
    }
}

impl From<Item> for AccountCredentials {
    fn from(item: Item) -> Self {
        Self {
            account_sid: item.account_sid,
            auth_token: item.auth_token.into(),
            secondary_auth_token: item.secondary_auth_token.map(SecretString::from),
            switched: item.switched,
            api_key: item.api_key.map(|(sid, secret)| (sid, secret.into())),
            kept_at_ms: item.kept_at_ms,
        }
    }
}

impl Keychain {
    /// The items of a data folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The data folder they are named after.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The account's credentials; `None` when the safe has none for this folder.
    pub fn read(&self) -> Result<Option<AccountCredentials>, KeychainError> {
        credentials_in(look_up(self.account())?)
    }

    /// The account's credentials, however long the safe takes: somebody may type its password in an hour.
    /// Whoever asks may stop waiting for it.
    pub fn ask(
        &self,
    ) -> impl Future<Output = Result<Option<AccountCredentials>, KeychainError>> + Send + 'static + use<>
    {
        let user = self.account();
        let (done, outcome) = oneshot::channel();
        std::thread::spawn(move || {
            // Whoever asked may have stopped waiting.
            let _ = done.send(at_entry(&user, in_entry).and_then(credentials_in));
        });
        async move {
            outcome.await.unwrap_or_else(|_| Err(KeychainError::Failed("it was not read to the end".into())))
        }
    }

    /// Keeps the account's credentials.
    pub fn write(&self, credentials: &AccountCredentials) -> Result<(), KeychainError> {
        let item = serde_json::to_string(&Item::from(credentials))
            .map_err(|error| KeychainError::Failed(error.to_string()))?;
        keep(self.account(), item.into())
    }

    /// Forgets them.
    pub fn forget(&self) -> Result<(), KeychainError> {
        remove(self.account())
    }

    /// The mail account's password; `None` when the safe has none for this folder.
    pub fn read_mail_password(&self) -> Result<Option<SecretString>, KeychainError> {
        look_up(self.mail())
    }

    /// Keeps the mail account's password.
    pub fn write_mail_password(&self, password: &SecretString) -> Result<(), KeychainError> {
        keep(self.mail(), password.clone())
    }

    /// Forgets it.
    pub fn forget_mail_password(&self) -> Result<(), KeychainError> {
        remove(self.mail())
    }

    /// The user of the account's item.
    fn account(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    /// The user of the mail password's item. A folder's whole path does not begin like this.
    fn mail(&self) -> String {
        format!("mail {}", self.folder.to_string_lossy())
    }
}

fn credentials_in(found: Option<SecretString>) -> Result<Option<AccountCredentials>, KeychainError> {
    let Some(found) = found else { return Ok(None) };
    let item: Item = serde_json::from_str(found.expose_secret())
        .map_err(|_| KeychainError::Failed("what it keeps is not ours".into()))?;
    Ok(Some(item.into()))
}

fn in_entry(entry: &Entry) -> keyring_core::Result<Option<SecretString>> {
    match entry.get_password() {
        Ok(found) => Ok(Some(SecretString::from(found))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

fn look_up(user: String) -> Result<Option<SecretString>, KeychainError> {
    patiently(user, in_entry)
}

fn keep(user: String, secret: SecretString) -> Result<(), KeychainError> {
    patiently(user, move |entry| entry.set_password(secret.expose_secret()))
}

fn remove(user: String) -> Result<(), KeychainError> {
    patiently(user, |entry| match entry.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        other => other,
    })
}

/// On a thread of its own: a safe that waits for its owner's password must not hold us up for ever.
fn patiently<T: Send + 'static>(
    user: String,
    act: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> Result<T, KeychainError> {
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || {
        // Whoever asked may have given up.
        let _ = done.send(at_entry(&user, act));
    });
    outcome.recv_timeout(PATIENCE).unwrap_or(Err(KeychainError::Locked))
}

fn at_entry<T>(user: &str, act: impl FnOnce(&Entry) -> keyring_core::Result<T>) -> Result<T, KeychainError> {
    let store = store().map_err(|error| {
        tracing::info!(%error, "no password safe answers");
        KeychainError::Absent
    })?;
    let entry = store.build(SERVICE, user, None).map_err(|error| meaning(&error))?;
    act(&entry).map_err(|error| meaning(&error))
}

fn meaning(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        other => KeychainError::Failed(other.to_string()),
    }
}

#[cfg(target_os = "linux")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}
