//! This computer: the data folder and its lock, and where an account's credentials are kept.

mod credentials;
mod folder;
mod keychain;
mod sealed;

pub use credentials::{AccountCredentials, from_environment};
pub use folder::{DataFolder, FolderError, new_api_token, write_private};
pub use keychain::{Keychain, KeychainError};
pub use sealed::{Sealed, SealedError};
