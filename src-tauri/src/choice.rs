//! What the owner chose at the first start, as it is kept in the folder. No secret is in it.

use crate::front::not_written;
use ringdesk_desk::CommandError;
use ringdesk_machine::write_private;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// What is opened at the next start; none where nobody has chosen.
    pub(crate) line: Option<Chosen>,
    /// The account that is connected, and where its credentials are.
    pub(crate) account: Option<(String, Chosen)>,
    /// Whether its owner is to be led to a working line, and that was not begun yet.
    #[serde(default)]
    pub(crate) to_set_up: bool,
}

/// Which line, and where its credentials are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Chosen {
    Practice,
    /// The owner's; in the password safe.
    Keychain,
    /// The owner's; in a file under a passphrase's seal.
    Sealed,
}

impl Choice {
    /// As it is kept. One that cannot be read is as good as none.
    pub(crate) fn read(data_dir: &Path) -> Self {
        let text = std::fs::read_to_string(file(data_dir)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Keeps it, instead of what was there.
    pub(crate) fn write(&self, data_dir: &Path) -> Result<(), CommandError> {
        let text = serde_json::to_vec(self).map_err(|_| not_written())?;
        let written = std::fs::create_dir_all(data_dir).and_then(|()| write_private(&file(data_dir), &text));
        written.map_err(|error| {
            tracing::error!(%error, "the choice could not be kept");
            not_written()
        })
    }
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("line.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_kept_and_one_of_before_is_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Choice::read(folder.path()), Choice::default());
        let account = Some(("AC1".to_owned(), Chosen::Keychain));
        let chosen = Choice { line: Some(Chosen::Practice), account: account.clone(), to_set_up: true };
        chosen.write(folder.path()).expect("kept");
        assert_eq!(Choice::read(folder.path()), chosen);
        let before = r#"{"line":"keychain","account":["AC1","keychain"]}"#;
        std::fs::write(file(folder.path()), before).expect("written");
        let understood = Choice { line: Some(Chosen::Keychain), account, to_set_up: false };
        assert_eq!(Choice::read(folder.path()), understood);
    }
}
