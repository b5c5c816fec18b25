//! Files poured from one place into another, hashed on the way, and sealed or opened where that is wanted.

use super::trouble::BackupProblem;
use crate::from_twilio::hex;
use age::{
    DecryptError, Decryptor, Encryptor,
    x25519::{Identity, Recipient},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    iter,
    path::Path,
};
use tokio_util::sync::CancellationToken;

/// Bytes that are read at once.
const PORTION: usize = 64 * 1024;

/// What was written, as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Poured {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Why something could not be poured.
#[derive(Debug)]
pub(super) enum Spilled {
    /// The side it comes from, or the way: it cannot be read or opened.
    Source(io::Error),
    /// The side it goes to.
    Target(io::Error),
    /// The code opens something else.
    WrongCode,
    /// It was sealed once and is no more what it was.
    Unreadable,
    /// Somebody wants to end.
    Stopped,
}

impl Spilled {
    /// In words: what came from `from` (a backup is called `name`) to `to`.
    pub(super) fn told(self, name: &str, from: &Path, to: &Path) -> BackupProblem {
        match self {
            Self::Source(error) if error.kind() == io::ErrorKind::NotFound => {
                BackupProblem::damaged(name, "a file of it is missing")
            }
            Self::Source(error) => BackupProblem::disk(from)(error),
            Self::Target(error) => BackupProblem::disk(to)(error),
            Self::WrongCode => BackupProblem::WrongCode,
            Self::Unreadable => BackupProblem::damaged(name, "a file of it cannot be opened"),
            Self::Stopped => BackupProblem::Stopped,
        }
    }
}

/// Counts and hashes what goes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn poured(self) -> (W, Poured) {
        (self.inner, Poured { bytes: self.bytes, sha256: hex(&self.hash.finalize()) })
    }
}

/// Copies a file to a new one, sealed where a recipient is given; what lies there then is on the disk.
pub(super) fn seal(
    from: &Path,
    to: &Path,
    recipient: Option<&Recipient>,
    stop: &CancellationToken,
) -> Result<Poured, Spilled> {
    let source = File::open(from).map_err(Spilled::Source)?;
    let target = Hashing::new(new_file(to).map_err(Spilled::Target)?);
    let filled = match recipient {
        None => pour(source, target, stop),
        Some(recipient) => {
            let sealing = Encryptor::with_recipients(iter::once(recipient as &dyn age::Recipient))
                .map_err(|error| Spilled::Target(io::Error::other(error.to_string())))?;
            let sealing = sealing.wrap_output(target).map_err(Spilled::Target)?;
            pour(source, sealing, stop).and_then(|sealing| sealing.finish().map_err(Spilled::Target))
        }
    };
    let synced = filled.and_then(|target| {
        let (file, poured) = target.poured();
        file.sync_all().map_err(Spilled::Target)?;
        Ok(poured)
    });
    tidy(synced, to)
}

/// Copies a file to a new one, opened where an identity is given; the hash is that of what lies there then.
pub(super) fn unseal(from: &Path, to: &Path, identity: Option<&Identity>) -> Result<Poured, Spilled> {
    let target = Hashing::new(new_file(to).map_err(Spilled::Target)?);
    let never = CancellationToken::new();
    let synced = opened(from, identity).and_then(|source| pour(source, target, &never)).and_then(|target| {
        let (file, poured) = target.poured();
        file.sync_all().map_err(Spilled::Target)?;
        Ok(poured)
    });
    tidy(synced, to)
}

/// Reads a file through, opened where an identity is given.
pub(super) fn read_through(from: &Path, identity: Option<&Identity>) -> Result<Poured, Spilled> {
    let read = pour(opened(from, identity)?, Hashing::new(io::sink()), &CancellationToken::new())?;
    Ok(read.poured().1)
}

/// A new file only its owner can read.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// A folder only its owner can read, made where it is not there.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Gives names to the disk; not every file system knows how.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            return Err(error);
        }
        _ => {}
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn opened(from: &Path, identity: Option<&Identity>) -> Result<Box<dyn Read>, Spilled> {
    let file = File::open(from).map_err(Spilled::Source)?;
    let Some(identity) = identity else { return Ok(Box::new(file)) };
    let sealed = Decryptor::new_buffered(BufReader::with_capacity(PORTION, file));
    let opened = sealed.and_then(|sealed| sealed.decrypt(iter::once(identity as &dyn age::Identity)));
    match opened {
        Ok(plain) => Ok(Box::new(Unsealing(plain))),
        Err(DecryptError::NoMatchingKeys) => Err(Spilled::WrongCode),
        Err(DecryptError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            Err(Spilled::Source(error))
        }
        Err(_) => Err(Spilled::Unreadable),
    }
}

/// What comes out of a seal; that it was broken is told as such.
struct Unsealing<R>(R);

impl<R: Read> Read for Unsealing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(io::ErrorKind::InvalidData, "it ends too early"),
            _ => error,
        })
    }
}

fn pour<W: Write>(mut from: impl Read, mut to: W, stop: &CancellationToken) -> Result<W, Spilled> {
    let mut portion = vec![0_u8; PORTION];
    loop {
        if stop.is_cancelled() {
            return Err(Spilled::Stopped);
        }
        match from.read(&mut portion) {
            Ok(0) => break,
            Ok(read) => to.write_all(&portion[..read]).map_err(Spilled::Target)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(Spilled::Unreadable),
            Err(error) => return Err(Spilled::Source(error)),
        }
    }
    to.flush().map_err(Spilled::Target)?;
    Ok(to)
}

/// Half a file is none.
fn tidy(poured: Result<Poured, Spilled>, to: &Path) -> Result<Poured, Spilled> {
    if poured.is_err() {
        // Swept up later where that cannot be now.
        let _ = fs::remove_file(to);
    }
    poured
}
