//! The words of Helen's message in `tests/data/speech`, when each is said, and who writes them down.

use ringdesk_tests::{loudspeaker::ear::Sound, voicemail::sound};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Each word, and from when to when it is said, in seconds.
pub(crate) const SAID: [(&str, f32, f32); 30] = [
    ("Hi,", 0.162, 0.459),
    ("this", 0.660, 0.842),
    ("is", 0.842, 0.986),
    ("Helen", 0.986, 1.249),
    ("at", 1.249, 1.397),
    ("number", 1.397, 1.711),
    ("nine.", 1.711, 2.157),
    ("The", 2.262, 2.343),
    ("radiator", 2.343, 2.994),
    ("in", 2.994, 3.078),
    ("the", 3.078, 3.136),
    ("hall", 3.136, 3.369),
    ("has", 3.369, 3.582),
    ("gone", 3.582, 3.895),
    ("cold", 3.895, 4.227),
    ("at", 4.227, 4.355),
    ("the", 4.355, 4.403),
    ("top", 4.403, 4.702),
    ("again.", 4.702, 4.929),
    ("I", 5.042, 5.211),
    ("am", 5.211, 5.351),
    ("home", 5.351, 5.607),
    ("on", 5.607, 5.791),
    ("Monday", 5.791, 6.082),
    ("after", 6.082, 6.373),
    ("three.", 6.373, 6.626),
    ("Please", 6.815, 7.117),
    ("call", 7.117, 7.398),
    ("me", 7.398, 7.526),
    ("back.", 7.526, 7.861),
];
/// Where among them a word is.
pub(crate) const RADIATOR: usize = 8;
pub(crate) const MONDAY: usize = 23;

/// How it sounds, whole.
pub(crate) fn spoken() -> anyhow::Result<Sound> {
    Sound::read(&sound("helen.wav"))
}

/// Makes a program that prints her words with their times, if it is given a WAV. It is not sure of the
/// radiator.
pub(crate) fn writes_down(program: &Path) -> anyhow::Result<()> {
    let word = |(n, (word, start, end)): (usize, &(&str, f32, f32))| {
        let confidence = if n == RADIATOR { 0.3 } else { 0.9 };
        json!({ "word": word, "start": start, "end": end, "probability": confidence })
    };
    let words: Vec<Value> = SAID.iter().enumerate().map(word).collect();
    let printed = json!({ "words": words });
    let script = format!("[ \"$(head -c 4 \"$1\")\" = RIFF ] || exit 1\ncat <<'END'\n{printed}\nEND\n");
    fs::write(program, format!("#!/bin/sh\n{script}"))?;
    Ok(fs::set_permissions(program, fs::Permissions::from_mode(0o700))?)
}
