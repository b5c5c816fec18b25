//! Everything that is kept, in a folder: one JSON object a line for programs, tables for people, pictures and
//! sounds.

use super::{PREFIX, SUFFIX, blocking, csv, make_ready, names, private_folder, sheet::Counts, words};
use crate::{Inbox, Problem, view};
use jiff::tz::TimeZone;
use ringdesk_domain::Moment;
use ringdesk_store::{ExportFrom, Kept};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::{Builder, TempDir};

const TEXTS: [&str; 11] =
    ["at", "direction", "from", "to", "name", "body", "status", "error_code", "files", "by", "provider_sid"];
const CALLS: [&str; 10] =
    ["at", "direction", "from", "to", "name", "ending", "duration_s", "phone", "by", "provider_sid"];
const CONTACTS: [&str; 4] = ["name", "numbers", "tags", "notes"];

/// What was copied of the media folder.
#[derive(Debug, Default)]
pub(super) struct Copied {
    pub(super) files: u32,
    bytes: u64,
    /// Names of those that are not there.
    missing: Vec<String>,
}

/// The files of an export, while they are written.
struct Writing {
    folder: TempDir,
    zone: TimeZone,
    everything: BufWriter<File>,
    texts: BufWriter<File>,
    calls: BufWriter<File>,
    contacts: BufWriter<File>,
    /// What people are called, by their numbers.
    names: HashMap<String, String>,
    counts: Counts,
    people: u32,
}

/// A field as text; empty where there is none.
fn field<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number as text; empty where there is none.
fn number(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(Value::as_i64).map(|number| number.to_string()).unwrap_or_default()
}

/// What the customer of a text or call is called, where the owner gave them a name.
fn name<'a>(names: &'a HashMap<String, String>, object: &Map<String, Value>) -> &'a str {
    let customer = if field(object, "direction") == "in" { "from" } else { "to" };
    names.get(field(object, customer)).map_or("", String::as_str)
}

/// A file of an export, only for its owner.
fn file(folder: &Path, name: &str) -> io::Result<BufWriter<File>> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(BufWriter::new(options.open(folder.join(name))?))
}

fn table(folder: &Path, name: &str, columns: &[&str]) -> io::Result<BufWriter<File>> {
    let mut out = file(folder, name)?;
    csv::begin(&mut out, columns)?;
    Ok(out)
}

impl Writing {
    fn begin(place: &Path, zone: TimeZone) -> io::Result<Self> {
        make_ready(place)?;
        let mut new = Builder::new();
        new.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        new.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
        let folder = new.tempdir_in(place)?;
        private_folder(&folder.path().join("media"))?;
        Ok(Self {
            everything: file(folder.path(), "everything.jsonl")?,
            texts: table(folder.path(), "texts.csv", &TEXTS)?,
            calls: table(folder.path(), "calls.csv", &CALLS)?,
            contacts: table(folder.path(), "contacts.csv", &CONTACTS)?,
            folder,
            zone,
            names: HashMap::new(),
            counts: Counts::default(),
            people: 0,
        })
    }

    fn take(&mut self, object: &Map<String, Value>) -> io::Result<()> {
        serde_json::to_writer(&mut self.everything, object)?;
        self.everything.write_all(b"\n")?;
        match field(object, "type") {
            "contact" => self.contact(object),
            "text" => self.text(object),
            "call" => self.call(object),
            "voicemail" => {
                self.counts.voicemails += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn contact(&mut self, object: &Map<String, Value>) -> io::Result<()> {
        let (name, numbers) = (field(object, "name"), field(object, "numbers"));
        for number in numbers.split(',').filter(|number| !number.is_empty()) {
            self.names.insert(number.to_owned(), name.to_owned());
        }
        self.people += 1;
        csv::row(&mut self.contacts, [name, numbers, field(object, "tags"), field(object, "notes")])
    }

    fn text(&mut self, object: &Map<String, Value>) -> io::Result<()> {
        self.counts.texts += 1;
        let files = object.get("attachments").and_then(Value::as_array).into_iter().flatten();
        let files: Vec<String> = files
            .filter_map(|one| {
                let (sha256, kind) = (one["sha256"].as_str()?, one["content_type"].as_str().unwrap_or(""));
                Some(format!("media/{}", words::file_name(sha256, kind)))
            })
            .collect();
        let cells: [&str; TEXTS.len()] = [
            &self.at(object),
            field(object, "direction"),
            field(object, "from"),
            field(object, "to"),
            name(&self.names, object),
            field(object, "body"),
            field(object, "status"),
            &number(object, "error_code"),
            &files.join(" "),
            field(object, "actor"),
            field(object, "provider_sid"),
        ];
        csv::row(&mut self.texts, cells)
    }

    fn call(&mut self, object: &Map<String, Value>) -> io::Result<()> {
        self.counts.calls += 1;
        let cells: [&str; CALLS.len()] = [
            &self.at(object),
            field(object, "direction"),
            field(object, "from"),
            field(object, "to"),
            name(&self.names, object),
            field(object, "ending"),
            &number(object, "duration_s"),
            field(object, "phone"),
            field(object, "actor"),
            field(object, "provider_sid"),
        ];
        csv::row(&mut self.calls, cells)
    }

    /// On the business's clock.
    fn at(&self, object: &Map<String, Value>) -> String {
        let at = object.get("at").and_then(Value::as_i64);
        at.map(|at| words::iso(Moment(at), &self.zone)).unwrap_or_default()
    }

    /// Ends the files, says what they are, and gives the folder its own name.
    fn end(self, about: &About, copied: &Copied) -> io::Result<view::Exported> {
        let Self { folder, zone, everything, texts, calls, contacts, counts, people, .. } = self;
        let counts = Counts { files: copied.files, ..counts };
        let zone = zone.iana_name().unwrap_or("this computer");
        let mut readme = file(folder.path(), "README.txt")?;
        readme.write_all(about.readme(counts, people, &copied.missing, zone).as_bytes())?;
        let mut bytes = copied.bytes;
        for out in [everything, texts, calls, contacts, readme] {
            let out = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            out.sync_all()?;
            bytes += out.metadata()?.len();
        }
        Ok(counts.exported(&named(folder, &about.place, &about.stem)?, bytes))
    }
}

/// Gives a whole folder the first free name.
fn named(folder: TempDir, place: &Path, stem: &str) -> io::Result<PathBuf> {
    for name in names(stem) {
        let target = place.join(name);
        if target.try_exists()? {
            continue;
        }
        fs::rename(folder.path(), &target)?;
        // Where it was there is nothing to tidy up any more.
        let _ = folder.keep();
        return Ok(target);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// What the folder is called, and what is said of it.
struct About {
    place: PathBuf,
    stem: String,
    business: String,
    made_at: String,
}

impl About {
    fn readme(&self, counts: Counts, people: u32, missing: &[String], zone: &str) -> String {
        let Counts { texts, calls, voicemails, files } = counts;
        let of = if self.business.is_empty() { String::new() } else { format!(" of {}", self.business) };
        let mut said = format!(
            "Everything Ringdesk keeps{of}\nMade on {}\n\n\
             texts.csv         Texts, oldest first: {texts}\n\
             calls.csv         Calls, oldest first: {calls}\n\
             contacts.csv      People with names, notes or tags: {people}\n\
             media             Pictures and sounds: {files}\n\
             everything.jsonl  All of it for other programs, one thing a line: also voicemails ({voicemails})\n\
             \u{20}                 with what was said, notes, opt-outs, blocked callers, drafts and settings\n\n\
             The tables open in any spreadsheet. Their times are those of {zone}. Where a text, or what follows a\n\
             semicolon, tab or line end in it, begins like a formula, a ' stands before it, so that no\n\
             spreadsheet calculates it; everything.jsonl has each text exactly as it came. A file in media is\n\
             named by the SHA-256 of what it holds; the tables say which text it belongs to.\n\n\
             This folder holds your customers' names, numbers and words. Keep it where only you can read it.\n",
            self.made_at
        );
        if !missing.is_empty() {
            said.push_str("\nThese files could not be found on this computer:\n");
            for name in missing {
                said.push_str(name);
                said.push('\n');
            }
        }
        said
    }
}

impl Inbox {
    pub(super) async fn write_everything(&self, place: PathBuf) -> Result<view::Exported, Problem> {
        let rules = self.rules();
        let now = self.now();
        let about = About {
            stem: format!("Ringdesk export {}", words::stamp(now, &rules.zone)),
            business: rules.settings.business_name.clone(),
            made_at: words::human(now, &rules.zone),
            place: place.clone(),
        };
        let zone = rules.zone.clone();
        let mut writing = blocking(move || Writing::begin(&place, zone)).await?;
        let mut from = Some(ExportFrom::default());
        while let Some(part) = from {
            let (objects, next) = self.store().export_part(part).await?;
            writing = blocking(move || {
                for object in &objects {
                    writing.take(object)?;
                }
                Ok(writing)
            })
            .await?;
            from = next;
        }
        let copied = self.copy_files(writing.folder.path().join("media")).await?;
        blocking(move || writing.end(&about, &copied)).await
    }

    /// Copies every picture and sound that is kept into a folder. What is not there any more is left out.
    pub(super) async fn copy_files(&self, into: PathBuf) -> Result<Copied, Problem> {
        let mut files = self.store().kept_files().await?;
        let rules = self.rules();
        let said = &rules.settings.calls.greetings;
        let own = [&said.open, &said.closed, &said.message].map(|greeting| greeting.recording.clone());
        let sound = |sha256| Kept { content_type: "audio/wav".into(), bytes: 0, sha256 };
        files.extend(own.into_iter().flatten().map(sound));
        files.sort_by(|a, b| a.sha256.cmp(&b.sha256));
        files.dedup_by(|a, b| a.sha256 == b.sha256);
        let media = self.0.media.clone();
        blocking(move || {
            let mut copied = Copied::default();
            for kept in files {
                let name = words::file_name(&kept.sha256, &kept.content_type);
                match fs::copy(media.join(&kept.sha256), into.join(&name)) {
                    Ok(bytes) => {
                        copied.files += 1;
                        copied.bytes += bytes;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => copied.missing.push(name),
                    Err(error) => return Err(error),
                }
            }
            Ok(copied)
        })
        .await
    }
}
