//! The data folder: private to its owner, and owned by one process at a time.

use rand::Rng;
use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A data folder owned by this process until it is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    // The lock lives as long as the file is open.
    lock: File,
}

/// Why a data folder cannot be owned.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process owns it.
    #[error("another Ringdesk is using {0}")]
    Taken(PathBuf),
    /// Another process owns it and is about to let go.
    #[error("another Ringdesk is still closing {0}")]
    Closing(PathBuf),
    /// It cannot be made or written.
    #[error("{0} cannot be used: {1}")]
    Unusable(PathBuf, io::Error),
}

impl DataFolder {
    /// Owns a folder, making it with its parts where needed (directories 0700, files 0600).
    pub fn own(path: &Path) -> Result<Self, FolderError> {
        let unusable = |error| FolderError::Unusable(path.to_owned(), error);
        for part in ["", "media", "backups", "logs"] {
            private_dir(&path.join(part)).map_err(unusable)?;
        }
        let lock = private_file(&path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                lock.set_len(0).map_err(unusable)?;
                let folder = Self { path: path.to_owned(), lock };
                // Left behind by an owner that was cut off; nobody listens there now.
                folder.close_api();
                Ok(folder)
            }
            Err(TryLockError::WouldBlock) => {
                let closing = lock.metadata().is_ok_and(|lock| lock.len() > 0);
                let taken = if closing { FolderError::Closing } else { FolderError::Taken };
                Err(taken(path.to_owned()))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Tells who wants the folder next that it is worth waiting for.
    pub fn closing(&self) {
        // Without it they are told to close us first.
        let _ = (&self.lock).write_all(b"closing");
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets where an HTTP desk listened that no longer runs.
    pub fn close_api(&self) {
        // Not there is as good.
        let _ = fs::remove_file(self.path.join("api-address"));
    }

    /// Writes where the HTTP desk listens, and gives its token; both are readable by the owner only.
    /// `kept`: the token of before, where there is one, so that a browser is asked for it once.
    pub fn open_api(&self, address: &str, kept: bool) -> io::Result<String> {
        write_private(&self.path.join("api-address"), address.as_bytes())?;
        let file = self.path.join("api-token");
        let is_token = |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let known = fs::read_to_string(&file).ok().filter(|text| kept && is_token(text));
        let token = known.unwrap_or_else(new_api_token);
        write_private(&file, token.as_bytes())?;
        Ok(token)
    }
}

/// Writes a file that only its owner can read, instead of what was there.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    // A fresh file, put into place whole: an old one might have been opened to others.
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private_file(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

/// A token nobody can guess: 256 bits in hex.
fn new_api_token() -> String {
    use std::fmt::Write;
    let bytes: [u8; 32] = rand::rng().random();
    bytes.iter().fold(String::with_capacity(64), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time_and_is_private() {
        let temp = tempfile::tempdir().expect("a place");
        let path = temp.path().join("office");
        let owner = DataFolder::own(&path).expect("free");
        assert!(matches!(DataFolder::own(&path), Err(FolderError::Taken(_))));
        let token = owner.open_api("127.0.0.1:1", false).expect("written");
        assert_eq!(owner.open_api("127.0.0.1:1", true).expect("written"), token, "asked for once");
        assert_ne!(owner.open_api("127.0.0.1:2", false).expect("written"), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |part: &str| fs::metadata(path.join(part)).expect("there").permissions().mode() & 0o777;
            assert_eq!(
                (mode(""), mode("media"), mode("lock"), mode("api-token")),
                (0o700, 0o700, 0o600, 0o600)
            );
        }
        owner.closing();
        assert!(matches!(DataFolder::own(&path), Err(FolderError::Closing(_))));
        drop(owner);
        let _owner = DataFolder::own(&path).expect("free again");
        assert!(matches!(DataFolder::own(&path), Err(FolderError::Taken(_))));
    }
}
