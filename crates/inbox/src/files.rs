//! The media folder: files named by the hash of their content, private to their owner.

use crate::{Inbox, from_twilio::hex};
use ringdesk_domain::AttachmentId;
use sha2::{Digest, Sha256};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::{fs, io::AsyncWriteExt};

impl Inbox {
    /// Where a kept file is.
    pub(crate) fn kept(&self, sha256: &str) -> PathBuf {
        self.0.media.join(sha256)
    }

    /// Keeps a file under the hash of its content; the hash.
    pub(crate) async fn keep_bytes(&self, bytes: Vec<u8>) -> io::Result<String> {
        let (bytes, sha256) = tokio::task::spawn_blocking(move || {
            let sha256 = hex(&Sha256::digest(&bytes));
            (bytes, sha256)
        })
        .await
        .map_err(io::Error::other)?;
        fs::create_dir_all(&self.0.media).await?;
        let partial = self.0.media.join(format!("{sha256}.{}.part", AttachmentId::new(self.now())));
        let written = async {
            let mut file = private_file(&partial, false).await?;
            file.write_all(&bytes).await?;
            // A write that failed late is told by the flush only.
            file.flush().await?;
            file.sync_all().await?;
            self.file_away(&partial, &sha256).await
        }
        .await;
        if written.is_err() {
            let _ = fs::remove_file(&partial).await;
        }
        written.map(|()| sha256)
    }

    /// Gives a whole file its name, and the name to the disk: the database will say it is there.
    pub(crate) async fn file_away(&self, partial: &Path, sha256: &str) -> io::Result<()> {
        fs::rename(partial, self.kept(sha256)).await?;
        #[cfg(unix)]
        fs::File::open(&self.0.media).await?.sync_all().await?;
        Ok(())
    }
}

/// A file only its owner can read; what it held before goes, or is written on after (`on`).
pub(crate) async fn private_file(path: &Path, on: bool) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(!on).append(on);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}
