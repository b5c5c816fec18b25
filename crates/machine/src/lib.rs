//! This computer: the data folder and its lock, where an account's credentials are kept, and the
//! desktop's notifications.

mod computer;
mod credentials;
mod folder;
mod keychain;
mod notifications;
mod panel;
mod sealed;
pub mod tunnel;

pub use computer::computer_id;
pub use credentials::{AccountCredentials, from_environment, mail_password_from_environment};
pub use folder::{DataFolder, FolderError, write_private};
pub use keychain::{Keychain, KeychainError};
pub use notifications::{Note, Notifications};
pub use panel::panel_shows_icons;
pub use sealed::{Sealed, SealedError};
