//! Twilio's error codes in words an owner understands.
//! Source: `data/errors.json`, from public copies of Twilio's error dictionary.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

/// What a code means and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Twilio's code.
    pub code: u32,
    /// What happened.
    pub what: String,
    /// What the owner can do.
    pub next: String,
    /// Whether sending the same text again can help.
    pub retry: Retry,
    /// Whether the code means the customer opted out.
    pub opted_out: bool,
    /// Twilio's own page about it.
    pub help_url: String,
}

/// Whether sending the same thing again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Never.
    No,
    /// One more time, by hand.
    Once,
    /// After a while.
    Later,
    /// After the owner changed something.
    AfterFix,
}

#[derive(Deserialize)]
struct File {
    codes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: u32,
    meaning: String,
    owner_action: String,
    retryable: Retry,
    recipient_opted_out: bool,
}

static ENTRIES: LazyLock<BTreeMap<u32, Entry>> = LazyLock::new(|| {
    let file: File =
        serde_json::from_str(include_str!("../data/errors.json")).expect("the shipped table is well formed");
    file.codes.into_iter().map(|entry| (entry.code, entry)).collect()
});

/// Explains a code; an unknown one is named with the page that explains it.
pub fn explain(code: u32) -> Explanation {
    let help_url = format!("https://www.twilio.com/docs/errors/{code}");
    match ENTRIES.get(&code) {
        Some(entry) => Explanation {
            code,
            what: entry.meaning.clone(),
            next: entry.owner_action.replace("{code}", &code.to_string()),
            retry: entry.retryable,
            opted_out: entry.recipient_opted_out,
            help_url,
        },
        None => Explanation {
            code,
            what: format!("Twilio reported error {code}."),
            next: "Twilio's page about it says more.".into(),
            retry: Retry::Once,
            opted_out: false,
            help_url,
        },
    }
}

/// Every code that has an explanation of its own.
pub fn known_codes() -> impl Iterator<Item = u32> {
    ENTRIES.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_WORDS: [&str; 17] = [
        "app bug",
        "the app ",
        "10DLC",
        "webhook",
        "resource",
        "HTTP",
        "NOT ",
        "WebSocket",
        "relay",
        "parameter",
        "projected",
        "deprecated",
        "URL",
        "TwiML",
        "UTC",
        "Brand",
        "Campaign",
    ];

    #[test]
    fn every_known_code_says_what_happened_and_what_to_do() {
        assert!(known_codes().count() >= 160);
        for code in known_codes() {
            let told = explain(code);
            assert!(told.what.ends_with('.') && told.what.len() > 8, "{code}: {}", told.what);
            assert!(told.next.len() > 4, "{code}: {}", told.next);
        }
    }

    #[test]
    fn what_is_said_is_no_programmers_talk() {
        for code in known_codes() {
            let told = explain(code);
            let said = format!("{} {}", told.what, told.next);
            for word in NO_WORDS {
                assert!(!said.contains(word), "{code}: {said}");
            }
        }
    }

    #[test]
    fn what_is_to_be_reported_has_the_code_in_it() {
        for code in known_codes() {
            let told = explain(code);
            let said = format!("{} {}", told.what, told.next);
            assert!(!said.contains(['{', '}']), "{code}: {said}");
            let reported = said.to_lowercase().contains("report it");
            assert!(!reported || said.contains(&format!("eport it with code {code}.")), "{code}: {said}");
        }
        assert!(explain(11_206).next.ends_with("Report it with code 11206."));
        assert!(explain(21_620).next.ends_with("report it with code 21620."));
    }

    #[test]
    fn only_real_opt_outs_count_as_one() {
        let opt_outs: Vec<u32> = known_codes().filter(|code| explain(*code).opted_out).collect();
        assert!(opt_outs.contains(&21610));
        assert!(!opt_outs.contains(&30007) && !opt_outs.contains(&30004));
    }

    #[test]
    fn a_new_code_is_named_not_hidden() {
        assert!(explain(99_999).what.contains("99999"));
    }
}
