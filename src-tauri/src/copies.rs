//! Copies the owner takes of recordings and of what customers sent: under a name every system takes, and never
//! over another file.

use crate::front::problem;
use ringdesk_desk::CommandError;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// How long a name may be, in characters; some file systems count bytes, up to 255.
const LONGEST: usize = 120;
const MOST_BYTES: usize = 200;
/// How many copies of one name there may be.
const COPIES: u32 = 1_000;

/// Copies the sound of a voicemail into a folder and says where the copy is; not for an async task.
pub(crate) fn save_sound(recording: &Path, folder: &Path, name: &str) -> Result<String, CommandError> {
    let gone = || {
        problem(
            "no_audio",
            "The sound of this message is not on this computer.",
            "Open the message and fetch its sound again.",
        )
    };
    save(recording, folder, name, gone)
}

/// The same for a file of a text.
pub(crate) fn save_file(file: &Path, folder: &Path, name: &str) -> Result<String, CommandError> {
    let gone = || {
        problem(
            "no_file",
            "This file is no longer on this computer.",
            "It may still be on the phone or computer it came from.",
        )
    };
    save(file, folder, name, gone)
}

fn save(
    kept: &Path,
    folder: &Path,
    name: &str,
    gone: impl FnOnce() -> CommandError,
) -> Result<String, CommandError> {
    let mut kept = File::open(kept).map_err(|error| {
        tracing::warn!(%error, "what was to be saved is not there");
        gone()
    })?;
    let copied = copy(&mut kept, folder, name).map_err(|error| {
        tracing::warn!(%error, "a copy could not be saved");
        problem(
            "not_copied",
            &format!("The copy could not be saved in {}.", folder.display()),
            "Check that the disk has room and that you may write there, then try again.",
        )
    })?;
    Ok(copied.display().to_string())
}

/// This computer names no folder for what its owner saves.
pub(crate) fn no_folder() -> CommandError {
    let hint = "Choose one in your system's settings, then try again.";
    problem("no_folder", "Ringdesk found no folder for your downloads.", hint)
}

fn copy(kept: &mut File, folder: &Path, name: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (path, mut copy) = new_file(folder, &safe_name(name))?;
    let filled = io::copy(kept, &mut copy).and_then(|_| copy.sync_all());
    if let Err(error) = filled {
        drop(copy);
        // Half of it under a good name would pass for the whole.
        let _ = fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

/// A file of that name, or of the first free one after it: `name (2).wav`.
fn new_file(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    let (stem, extension) = parts(name);
    for copy in 1..COPIES {
        let name = if copy == 1 { name.to_owned() } else { format!("{stem} ({copy}){extension}") };
        let path = folder.join(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (path, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name without what any system refuses or reads as something else.
fn safe_name(name: &str) -> String {
    let (stem, extension) = parts(name);
    let plain: String = stem
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_hidden(*c))
        .map(|c| if r#"/\:*?"<>|"#.contains(c) { '-' } else { c })
        .collect();
    let mut stem = plain.trim_start_matches(['.', ' ', '-']).to_owned();
    if is_reserved(&stem) {
        stem.insert(0, '_');
    }
    let characters = LONGEST - extension.len();
    let mut bytes = MOST_BYTES - extension.len();
    let short: String = stem
        .chars()
        .take(characters)
        .map_while(|c| {
            bytes = bytes.checked_sub(c.len_utf8())?;
            Some(c)
        })
        .collect();
    // Windows drops them silently, and the name would be another one.
    let stem = short.trim_end_matches(['.', ' ']);
    format!("{}{extension}", if stem.is_empty() { "Voicemail" } else { stem })
}

/// A name and its extension, dot included; at most five ASCII characters of it.
fn parts(name: &str) -> (&str, &str) {
    let is_extension =
        |text: &str| matches!(text.len(), 1..=4) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    match name.rfind('.') {
        Some(dot) if is_extension(&name[dot + 1..]) => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Takes no room and may turn the letters around it: `gpj.exe` would read `exe.jpg`.
fn is_hidden(c: char) -> bool {
    let ranges = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    ['\u{ad}', '\u{61c}', '\u{feff}'].contains(&c) || ranges.iter().any(|range| range.contains(&c))
}

/// Names of devices on Windows, whatever their extension.
/// Source: Microsoft, "Naming Files, Paths, and Namespaces".
fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim_end().to_uppercase();
    if let Some(port) = first.strip_prefix("COM").or_else(|| first.strip_prefix("LPT")) {
        let mut port = port.chars();
        return matches!((port.next(), port.next()), (Some('0'..='9' | '¹' | '²' | '³'), None));
    }
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Seek;

    #[test]
    fn a_name_is_one_that_every_system_takes() {
        for (name, safe) in [
            ("Helen Okafor 2026-11-22 08.31.wav", "Helen Okafor 2026-11-22 08.31.wav"),
            ("+1 (415) 555-0142 2026-11-22 08.31.mp3", "+1 (415) 555-0142 2026-11-22 08.31.mp3"),
            ("Zoë & 李 8.31.wav", "Zoë & 李 8.31.wav"),
            ("../../etc/passwd.wav", "etc-passwd.wav"),
            ("C:\\Users\\a.wav", "C--Users-a.wav"),
            ("Who? \"Me\" <a|b>.wav", "Who- -Me- -a-b-.wav"),
            (".hidden.wav", "hidden.wav"),
            ("one\ntwo\u{0}\u{202e}three\u{7f}.wav", "one twothree.wav"),
            ("con.wav", "_con.wav"),
            ("Lpt1 .2026.wav", "_Lpt1 .2026.wav"),
            ("COM¹.wav", "_COM¹.wav"),
            ("Comet.wav", "Comet.wav"),
            ("ends with a dot. .wav", "ends with a dot.wav"),
            ("  ...  .wav", "Voicemail.wav"),
            ("..", "Voicemail"),
            ("", "Voicemail"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_kind() {
        let plain = safe_name(&format!("{}.wav", "x".repeat(400)));
        assert_eq!((plain.chars().count(), plain.ends_with("x.wav")), (LONGEST, true));
        let wide = safe_name(&format!("{}.wav", "🐝".repeat(400)));
        assert!(wide.len() <= MOST_BYTES && wide.ends_with("🐝.wav"), "{wide}");
    }

    #[test]
    fn a_copy_never_replaces_another_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let downloads = folder.path().join("Downloads");
        let kept = folder.path().join("kept");
        fs::write(&kept, b"sound").expect("a file");
        let mut recording = File::open(&kept).expect("the file");
        for name in ["Helen.wav", "Helen (2).wav", "Helen (3).wav"] {
            recording.rewind().expect("the beginning");
            let path = copy(&mut recording, &downloads, "Helen.wav").expect("a copy");
            assert_eq!(path, downloads.join(name));
            assert_eq!(fs::read(path).expect("the copy"), b"sound");
        }
    }

    #[test]
    fn what_a_customer_sent_is_saved_and_said_to_be_gone_where_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, downloads) = (folder.path().join("kept"), folder.path().join("Downloads"));
        fs::write(&kept, b"leak").expect("a file");
        let name = "+1 (415) 555-0142 2026-11-22 08.31.jpg";
        let path = save_file(&kept, &downloads, name).expect("a copy");
        assert_eq!(path, downloads.join(name).display().to_string());
        assert_eq!(fs::read(path).expect("the copy"), b"leak");
        fs::remove_file(&kept).expect("gone");
        assert_eq!(save_file(&kept, &downloads, name).expect_err("nothing there").code, "no_file");
        assert_eq!(save_sound(&kept, &downloads, name).expect_err("nothing there").code, "no_audio");
        assert_eq!(fs::read_dir(&downloads).expect("the folder").count(), 1, "nothing is begun");
    }
}
