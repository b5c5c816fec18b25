//! Credentials in a file sealed by a passphrase, for computers without a password safe: Argon2id makes the
//! key, XChaCha20-Poly1305 seals.

use crate::{AccountCredentials, keychain::Item};
use argon2::Argon2;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// First bytes of the file: what it is, and how it was made.
const MAGIC: &[u8; 8] = b"RDSEAL01";
const SALT: usize = 16;
const NONCE: usize = 24;

/// Why a sealed file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// Another passphrase sealed it, or somebody changed it.
    #[error("the passphrase does not open it")]
    Wrong,
    /// It is not one of ours.
    #[error("it is not a sealed file of Ringdesk's")]
    Unreadable,
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The sealed file of a data folder.
#[derive(Debug, Clone)]
pub struct Sealed {
    file: PathBuf,
}

impl Sealed {
    /// The sealed file of a data folder.
    pub fn of(folder: &Path) -> Self {
        Self { file: folder.join("account.sealed") }
    }

    /// Opens it; takes about a second, on purpose.
    pub fn read(&self, passphrase: &SecretString) -> Result<AccountCredentials, SealedError> {
        let bytes = fs::read(&self.file)?;
        let body = bytes.strip_prefix(MAGIC).ok_or(SealedError::Unreadable)?;
        let (salt, body) = body.split_first_chunk::<SALT>().ok_or(SealedError::Unreadable)?;
        let (nonce, body) = body.split_first_chunk::<NONCE>().ok_or(SealedError::Unreadable)?;
        let plain =
            cipher(passphrase, salt)?.decrypt(&XNonce::from(*nonce), body).map_err(|_| SealedError::Wrong)?;
        let item: Item = serde_json::from_slice(&plain).map_err(|_| SealedError::Unreadable)?;
        Ok(item.into())
    }

    /// Seals the credentials, instead of what was there.
    pub fn write(
        &self,
        credentials: &AccountCredentials,
        passphrase: &SecretString,
    ) -> Result<(), SealedError> {
        let (mut salt, mut nonce) = ([0_u8; SALT], [0_u8; NONCE]);
        rand::rng().fill(&mut salt);
        rand::rng().fill(&mut nonce);
        let plain = serde_json::to_vec(&Item::from(credentials)).map_err(io::Error::other)?;
        let sealed = cipher(passphrase, &salt)?
            .encrypt(&XNonce::from(nonce), plain.as_slice())
            .map_err(|_| SealedError::Unreadable)?;
        let whole = [MAGIC.as_slice(), &salt, &nonce, &sealed].concat();
        crate::folder::write_private(&self.file, &whole)?;
        Ok(())
    }

    /// Forgets it.
    pub fn forget(&self) -> io::Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Argon2id with its authors' second recommendation (RFC 9106, 4): 64 MiB, three passes, four lanes.
fn cipher(passphrase: &SecretString, salt: &[u8]) -> Result<XChaCha20Poly1305, SealedError> {
    let params = argon2::Params::new(64 * 1024, 3, 4, Some(32)).map_err(|_| SealedError::Unreadable)?;
    let hash = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut key = [0_u8; 32];
    hash.hash_password_into(passphrase.expose_secret().as_bytes(), salt, &mut key)
        .map_err(|_| SealedError::Wrong)?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_it() {
        let folder = tempfile::tempdir().expect("a place");
        let sealed = Sealed::of(folder.path());
        let credentials = AccountCredentials {
            account_sid: "AC1".into(),
            auth_token: "a secret token".to_owned().into(),
            secondary_auth_token: None,
            switched: false,
            api_key: Some(("SK1".into(), "another".to_owned().into())),
            kept_at_ms: Some(1_795_197_600_000),
        };
        let right = SecretString::from("correct horse");
        sealed.write(&credentials, &right).expect("sealed");
        let bytes = fs::read(folder.path().join("account.sealed")).expect("bytes");
        assert!(!String::from_utf8_lossy(&bytes).contains("secret"));
        let opened = sealed.read(&right).expect("opened");
        assert_eq!(opened.auth_token.expose_secret(), "a secret token");
        assert_eq!(opened.api_key.expect("key").1.expose_secret(), "another");
        assert_eq!(opened.kept_at_ms, Some(1_795_197_600_000));
        assert!(matches!(sealed.read(&SecretString::from("battery")), Err(SealedError::Wrong)));
        let mut changed = bytes;
        *changed.last_mut().expect("a byte") ^= 1;
        fs::write(folder.path().join("account.sealed"), changed).expect("changed");
        assert!(matches!(sealed.read(&right), Err(SealedError::Wrong)));
    }
}
