//! Copies the owner takes along: of everything, for programs and spreadsheets, and of one conversation, for
//! people. They are written under another name and get their own once they are whole.

mod csv;
mod everything;
mod html;
mod page;
mod sheet;
mod table;
mod words;

pub use csv::csv_cell;

use crate::{Inbox, Problem, view};
use ringdesk_domain::ConversationId;
use sheet::{Counts, Subject};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
    time::Duration,
};
use tempfile::{Builder, TempPath};

/// What is not whole yet is called so.
const PREFIX: &str = ".ringdesk-export-";
const SUFFIX: &str = ".part";
/// What is still not whole after this long was left behind by a crash.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);
/// How many of one name there may be.
const SAME_NAME: u32 = 1_000;
/// Characters of a customer's name in a file's name, at most.
const NAME: usize = 60;

/// Where exports go, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    folder: RwLock<Option<PathBuf>>,
    turn: tokio::sync::Mutex<()>,
}

/// What a conversation is written as.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Page,
    Table,
}

impl Inbox {
    /// From now on exports go into this folder, such as the owner's downloads. By themselves they go into
    /// `exports` in the data folder.
    pub fn exports_to(&self, folder: &Path) {
        let folder = Some(folder.to_owned());
        *self.0.exports.folder.write().unwrap_or_else(PoisonError::into_inner) = folder;
    }

    /// Writes everything that is kept into a folder of its own: tables, one JSON object a line, pictures
    /// and sounds.
    pub async fn export_everything(&self) -> Result<view::Exported, Problem> {
        let _turn = self.0.exports.turn.lock().await;
        self.write_everything(self.exports_folder()).await.map_err(told)
    }

    /// Writes a conversation as one page that needs nothing beside it, pictures and sounds included.
    pub async fn export_page(&self, id: ConversationId) -> Result<view::Exported, Problem> {
        self.conversation_file(id, Shape::Page).await.map_err(told)
    }

    /// Writes a conversation as a table.
    pub async fn export_table(&self, id: ConversationId) -> Result<view::Exported, Problem> {
        self.conversation_file(id, Shape::Table).await.map_err(told)
    }

    /// Writes a conversation as a page to wherever the caller wants it; `out` when all of it is written.
    pub async fn write_page<W: Write + Send + 'static>(
        &self,
        id: ConversationId,
        out: W,
    ) -> Result<W, Problem> {
        let subject = self.subject(id).await?;
        Ok(self.write_conversation(subject, Shape::Page, out).await?.0)
    }

    /// Likewise as a table.
    pub async fn write_table<W: Write + Send + 'static>(
        &self,
        id: ConversationId,
        out: W,
    ) -> Result<W, Problem> {
        let subject = self.subject(id).await?;
        Ok(self.write_conversation(subject, Shape::Table, out).await?.0)
    }

    /// Copies every picture and sound into a folder, made where it is missing, each named by the SHA-256 of
    /// what it holds; answers how many.
    pub async fn export_media(&self, folder: &Path) -> Result<u32, Problem> {
        let into = folder.to_owned();
        blocking(move || private_folder(&into)).await?;
        Ok(self.copy_files(folder.to_owned()).await?.files)
    }

    fn exports_folder(&self) -> PathBuf {
        let chosen = self.0.exports.folder.read().unwrap_or_else(PoisonError::into_inner).clone();
        chosen.unwrap_or_else(|| self.0.media.with_file_name("exports"))
    }

    async fn conversation_file(&self, id: ConversationId, shape: Shape) -> Result<view::Exported, Problem> {
        let _turn = self.0.exports.turn.lock().await;
        let subject = self.subject(id).await?;
        let stem = format!("Conversation with {} {}", plain(&subject.who()), subject.stamp());
        let folder = self.exports_folder();
        let place = folder.clone();
        let (file, path) = blocking(move || begin_file(&place)).await?;
        let (file, counts) = self.write_conversation(subject, shape, file).await?;
        let ending = match shape {
            Shape::Page => "html",
            Shape::Table => "csv",
        };
        let (path, bytes) = blocking(move || end_file(&file, path, &folder, &stem, ending)).await?;
        Ok(counts.exported(&path, bytes))
    }

    async fn write_conversation<W: Write + Send + 'static>(
        &self,
        subject: Subject,
        shape: Shape,
        out: W,
    ) -> Result<(W, Counts), Problem> {
        match shape {
            Shape::Page => self.fill::<page::Page<W>, W>(subject, out).await,
            Shape::Table => self.fill::<table::Table<W>, W>(subject, out).await,
        }
    }
}

/// Files are worked on where they keep nobody waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??)
}

/// What the owner is told where a file could not be written.
fn told(problem: Problem) -> Problem {
    match problem {
        Problem::File(error) => {
            // Its words may name a file, which is named after a customer.
            tracing::warn!(kind = %error.kind(), "an export could not be written");
            let hint = "Check that the disk has room and that you may write to the folder, then try again.";
            Problem::Told {
                code: "not_exported",
                message: "The export could not be written.".into(),
                hint: hint.into(),
            }
        }
        other => other,
    }
}

/// A folder only its owner can read, unless it is there already.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut new = fs::DirBuilder::new();
    new.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut new, 0o700);
    new.create(folder)
}

/// Makes room for something new: the folder, and none of what crashes left in it.
fn make_ready(folder: &Path) -> io::Result<()> {
    private_folder(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if !ours {
            continue;
        }
        let about = entry.metadata()?;
        if about.modified()?.elapsed().unwrap_or_default() < LEFT_BEHIND {
            continue;
        }
        if about.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn begin_file(folder: &Path) -> io::Result<(File, TempPath)> {
    make_ready(folder)?;
    Ok(Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?.into_parts())
}

/// Gives a whole file the first free name; where it is now, and its size in bytes.
fn end_file(
    file: &File,
    mut path: TempPath,
    folder: &Path,
    stem: &str,
    ending: &str,
) -> io::Result<(PathBuf, u64)> {
    file.sync_all()?;
    let bytes = file.metadata()?.len();
    for name in names(stem) {
        let target = folder.join(format!("{name}.{ending}"));
        match path.persist_noclobber(&target) {
            Ok(()) => return Ok((target, bytes)),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => path = taken.path,
            Err(other) => return Err(other.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name, and what follows where it is taken: `name (2)`.
fn names(stem: &str) -> impl Iterator<Item = String> {
    let more = (2..SAME_NAME).map(move |n| format!("{stem} ({n})"));
    std::iter::once(stem.to_owned()).chain(more)
}

/// Somebody's name in the name of a file: letters and digits of any script, and what every system takes.
fn plain(name: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || "+-_'()".contains(c);
    let words: String = name.chars().map(|c| if kept(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let short: String = words.join(" ").chars().take(NAME).collect();
    let short = short.trim();
    if short.is_empty() { "a customer".into() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_name_is_a_files_name_everywhere() {
        for (name, plain_name) in [
            ("Maria López", "Maria López"),
            ("../../etc/passwd", "etc passwd"),
            ("C:\\con\u{202e}fdp.exe", "C con fdp exe"),
            ("(415) 555-0101", "(415) 555-0101"),
            ("\u{0}\n👋", "a customer"),
        ] {
            assert_eq!(plain(name), plain_name, "{name:?}");
        }
        assert_eq!(plain(&"a".repeat(500)).len(), NAME);
    }

    #[test]
    fn nothing_is_written_over_and_what_a_crash_left_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = folder.path().join(".ringdesk-export-abc.part");
        fs::create_dir(&old).expect("left behind");
        File::open(&old).and_then(|old| old.set_modified(std::time::SystemTime::UNIX_EPOCH)).expect("aged");
        let fresh = folder.path().join(".ringdesk-export-def.part");
        fs::write(&fresh, "on its way").expect("written");
        let mut written = Vec::new();
        for words in ["one", "two"] {
            let (mut file, path) = begin_file(folder.path()).expect("a file");
            file.write_all(words.as_bytes()).expect("written");
            let (path, bytes) = end_file(&file, path, folder.path(), "Name", "html").expect("named");
            assert_eq!((bytes, fs::read_to_string(&path).expect("there").as_str()), (3, words));
            written.push(path.file_name().expect("a name").to_owned());
        }
        assert_eq!(written, ["Name.html", "Name (2).html"]);
        assert!(!old.exists() && fresh.exists());
    }
}
