//! Who works here: names a conversation can be assigned to.

use crate::ColleagueId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Characters of a name, at most.
pub const LONGEST_NAME: usize = 60;

/// Somebody a conversation can be assigned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Colleague {
    /// Our id.
    pub id: ColleagueId,
    /// As the owner calls them.
    pub name: String,
}

/// A name a colleague can have: 1 to 60 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// What somebody typed, with one space between its words; `None` where it is no name.
    pub fn typed(typed: &str) -> Option<Self> {
        if typed.trim().chars().any(char::is_control) {
            return None;
        }
        let words: Vec<&str> = typed.split_whitespace().collect();
        let name = words.join(" ");
        (1..=LONGEST_NAME).contains(&name.chars().count()).then_some(Self(name))
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for every way to write it in small and capital letters.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_was_typed_without_what_stands_around_it() {
        let longest = "ö".repeat(LONGEST_NAME);
        let longer = format!("{longest}x");
        for (typed, name) in [
            ("Sam", Some("Sam")),
            ("  Sam\u{a0} Ortiz \n", Some("Sam Ortiz")),
            ("Zoë (afternoons)", Some("Zoë (afternoons)")),
            (longest.as_str(), Some(longest.as_str())),
            (longer.as_str(), None),
            ("", None),
            (" \t ", None),
            ("Sam\nOrtiz", None),
            ("Sam\u{7}", None),
        ] {
            assert_eq!(Name::typed(typed).as_ref().map(Name::as_str), name, "{typed:?}");
        }
    }

    #[test]
    fn capitals_make_no_other_name() {
        let folded = |typed| Name::typed(typed).expect("a name").folded();
        assert_eq!(folded("ZOË Ortiz"), folded(" zoë  ortiz"));
        assert_ne!(folded("Zoe Ortiz"), folded("Zoë Ortiz"));
    }
}
