//! This computer: the data folder and its lock, and credentials from the environment.

mod credentials;
mod folder;

pub use credentials::{AccountCredentials, from_environment};
pub use folder::{DataFolder, FolderError, new_api_token};
