//! Who is at the other end: a phone number, a short code, a name, or nobody we can see.

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region, get_national_significant_number_owned,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// The other end of a text or call, normalised where a normal form exists and kept as received
/// where it does not. Prints only its last four characters; use [`Address::as_str`] for the whole.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct Address(String);

/// What kind of address it is, and so what can be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// `+` and up to fifteen digits.
    Number,
    /// Three to eight digits: a service, not a person.
    ShortCode,
    /// Letters, as airlines and banks use; cannot be answered.
    Name,
    /// The caller hid the number.
    Hidden,
}

/// Words the network uses for a caller without a number.
const HIDDEN: [&str; 6] = ["anonymous", "unknown", "restricted", "private", "unavailable", "+266696687"];

impl Address {
    /// Reads what Twilio sent. Never fails: whatever is not a number survives as it is.
    pub fn received(raw: &str) -> Self {
        Self(normal(raw).unwrap_or_else(|| raw.to_owned()))
    }

    /// Reads what a person typed, with `region` (two letters, such as `US`) for local numbers.
    /// `None` when it is no number that could be dialled.
    pub fn typed(raw: &str, region: &str) -> Option<Self> {
        let raw = raw.trim();
        if raw.chars().all(|c| c.is_ascii_digit()) && (3..=6).contains(&raw.len()) {
            return Some(Self(raw.to_owned()));
        }
        let number = PHONE_NUMBER_UTIL.parse(raw, Region::from_code(region).ok()).ok()?;
        let possible = PHONE_NUMBER_UTIL.is_possible_number(&number);
        possible.then(|| Self(written(&number, PhoneNumberFormat::E164)))
    }

    /// How the normal form of a number begins that a person has begun to type as it is written at home in
    /// `region`: `+44207` for `020 7`. `None` where it does not begin as numbers do there.
    pub fn begun(typed: &str, region: &str) -> Option<String> {
        let region = Region::from_code(region).ok()?;
        let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        let example = PHONE_NUMBER_UTIL.get_example_number(region).ok()?;
        let home = written(&example, PhoneNumberFormat::National);
        let home: String = home.chars().filter(char::is_ascii_digit).collect();
        // What goes before a number at home, and is no part of it.
        let trunk = home.strip_suffix(&get_national_significant_number_owned(&example))?;
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let rest = digits.strip_prefix(trunk)?;
        let here = !trunk.is_empty() && !rest.is_empty() && !typed.trim_start().starts_with('+');
        here.then(|| format!("+{code}{rest}"))
    }

    /// The whole address. Not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of address it is.
    pub fn kind(&self) -> AddressKind {
        let text = self.0.as_str();
        if HIDDEN.iter().any(|word| text.eq_ignore_ascii_case(word)) || text.is_empty() {
            AddressKind::Hidden
        } else if text.strip_prefix('+').is_some_and(|digits| !digits.is_empty() && all_digits(digits)) {
            AddressKind::Number
        } else if all_digits(text) && (3..=8).contains(&text.len()) {
            AddressKind::ShortCode
        } else {
            AddressKind::Name
        }
    }

    /// Whether a text sent there can arrive at all.
    pub fn takes_texts(&self) -> bool {
        matches!(self.kind(), AddressKind::Number | AddressKind::ShortCode)
    }

    /// The last four characters, for logs and tight places.
    pub fn tail(&self) -> String {
        let tail: Vec<char> = self.0.chars().rev().take(4).collect();
        tail.into_iter().rev().collect()
    }

    /// As people write it: `(415) 555-0142` at home in `region`, `+44 20 7946 0018` abroad.
    pub fn display(&self, region: &str) -> String {
        if self.kind() != AddressKind::Number {
            return self.0.clone();
        }
        let Ok(number) = PHONE_NUMBER_UTIL.parse(&self.0, None) else {
            return self.0.clone();
        };
        let home = Region::from_code(region)
            .ok()
            .and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region))
            .is_some_and(|code| code == number.country_code);
        let format = if home { PhoneNumberFormat::National } else { PhoneNumberFormat::International };
        written(&number, format)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.tail())
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The E.164 form of a number that carries its own country code. What is already in that form stays
/// as it is, valid or not: Twilio's word on who wrote wins over ours.
fn normal(raw: &str) -> Option<String> {
    if raw.strip_prefix('+').is_some_and(|d| (7..=15).contains(&d.len()) && all_digits(d)) {
        return Some(raw.to_owned());
    }
    if !raw.starts_with('+') {
        return None;
    }
    let number = PHONE_NUMBER_UTIL.parse(raw, None).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| written(&number, PhoneNumberFormat::E164))
}

fn written(number: &PhoneNumber, format: PhoneNumberFormat) -> String {
    PHONE_NUMBER_UTIL.format(number, format).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn received(raw: &str, kept: &str, kind: AddressKind) {
        let address = Address::received(raw);
        assert_eq!((address.as_str(), address.kind()), (kept, kind));
    }

    #[test]
    fn what_twilio_sends_survives() {
        use AddressKind::{Hidden, Name, Number, ShortCode};
        received("+14155550142", "+14155550142", Number);
        received("+1 (415) 555-2671", "+14155552671", Number);
        received("72645", "72645", ShortCode);
        received("BritishGas", "BritishGas", Name);
        received("anonymous", "anonymous", Hidden);
        received("Anonymous", "Anonymous", Hidden);
        received("+266696687", "+266696687", Hidden);
        received("", "", Hidden);
        received("whatsapp:+14155550142", "whatsapp:+14155550142", Name);
        received("+3367a829916", "+3367a829916", Name);
    }

    #[test]
    fn what_people_type_becomes_a_number_or_nothing() {
        let number = |raw: &str| Address::typed(raw, "US").map(|a| a.as_str().to_owned());
        assert_eq!(number("(415) 555-2671").as_deref(), Some("+14155552671"));
        assert_eq!(number(" 415 555 2671 ").as_deref(), Some("+14155552671"));
        assert_eq!(number("+44 20 7946 0018").as_deref(), Some("+442079460018"));
        assert_eq!(number("72645").as_deref(), Some("72645"));
        assert_eq!(number("hello"), None);
        assert_eq!(number("12"), None);
    }

    #[test]
    fn a_number_begins_as_it_is_written_at_home() {
        for (typed, region, begins) in [
            ("020 79", "GB", Some("+442079")),
            ("(020) 7946 0018", "GB", Some("+442079460018")),
            ("01 23", "FR", Some("+33123")),
            ("0", "GB", None),
            ("79 46", "GB", None),
            ("+44 20", "GB", None),
            ("(415) 5", "US", None),
            ("1 415", "US", None),
            ("06 12", "IT", None),
            ("020 79", "", None),
        ] {
            assert_eq!(Address::begun(typed, region).as_deref(), begins, "{typed} in {region}");
        }
        // However much of it is typed, it is the beginning of what is shown.
        for (number, region) in [("+442079460018", "GB"), ("+33123456789", "FR")] {
            let shown = Address::received(number).display(region);
            for end in 3..=shown.len() {
                let begins = Address::begun(&shown[..end], region).expect("as at home");
                assert!(number.starts_with(&begins), "{begins}");
            }
        }
    }

    #[test]
    fn home_numbers_read_as_at_home() {
        assert_eq!(Address::received("+14155552671").display("US"), "(415) 555-2671");
        assert_eq!(Address::received("+442079460018").display("US"), "+44 20 7946 0018");
        assert_eq!(Address::received("72645").display("US"), "72645");
    }

    #[test]
    fn printing_shows_the_last_four_only() {
        assert_eq!(format!("{:?}", Address::received("+14155552671")), "…2671");
    }
}
