//! `application/x-www-form-urlencoded` bodies, decoded strictly and kept in wire order.

use std::{borrow::Cow, collections::BTreeMap};

/// Most fields a body may have; Twilio sends some thirty.
pub const MAX_FIELDS: usize = 256;

/// A decoded body: names and values as bytes, in the order they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Why a body is not a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A `%` without two hex digits.
    #[error("broken percent escape")]
    Escape,
    /// More than [`MAX_FIELDS`] fields.
    #[error("too many fields")]
    TooMany,
}

impl Form {
    /// Decodes a body.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Vec::with_capacity(32);
        for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err(Malformed::TooMany);
            }
            let cut = pair.iter().position(|b| *b == b'=');
            let (name, value) = cut.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            fields.push((decode(name)?, decode(value)?));
        }
        Ok(Self { fields })
    }

    /// A form from pairs, for whoever signs one.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Self { fields: pairs.into_iter().map(|(n, v)| (bytes(n.as_ref()), bytes(v.as_ref()))).collect() }
    }

    /// The body that decodes to this form.
    pub fn encode(&self) -> String {
        let encode = |bytes: &[u8]| {
            percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
                .replace("%20", "+")
        };
        let pairs: Vec<_> =
            self.fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.join("&")
    }

    /// Names with their distinct values, both in byte order: the order Twilio signs in.
    pub fn signing_order(&self) -> BTreeMap<&[u8], Vec<&[u8]>> {
        let mut sorted: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        for (name, value) in &self.fields {
            sorted.entry(name).or_default().push(value);
        }
        for values in sorted.values_mut() {
            values.sort_unstable();
            values.dedup();
        }
        sorted
    }

    /// A field's first value, where it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(n, _)| n == name.as_bytes())?;
        std::str::from_utf8(value).ok()
    }

    /// A field's first value, `None` also when it is empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|value| !value.is_empty())
    }

    /// All values of a field, lossily, for comparing.
    pub fn all(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.fields.iter().filter(move |(n, _)| n == name.as_bytes()).map(|(_, v)| String::from_utf8_lossy(v))
    }

    /// The name of a field that was sent twice with different values.
    pub fn contradiction(&self) -> Option<String> {
        self.fields.iter().enumerate().find_map(|(at, (name, value))| {
            let contradicts = self.fields[..at].iter().any(|(n, v)| n == name && v != value);
            contradicts.then(|| String::from_utf8_lossy(name).into_owned())
        })
    }

    /// Whether every name and value is UTF-8.
    pub fn is_utf8(&self) -> bool {
        self.fields.iter().all(|(n, v)| std::str::from_utf8(n).is_ok() && std::str::from_utf8(v).is_ok())
    }
}

fn decode(raw: &[u8]) -> Result<Vec<u8>, Malformed> {
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let (high, low) = (bytes.next().and_then(hex), bytes.next().and_then(hex));
                let (Some(high), Some(low)) = (high, low) else { return Err(Malformed::Escape) };
                out.push(high << 4 | low);
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_broken_escape_is_no_form() {
        for body in ["a=%", "a=%4", "a=%zz", "%=1", "a=%+1"] {
            assert_eq!(Form::parse(body.as_bytes()), Err(Malformed::Escape), "{body}");
        }
    }

    #[test]
    fn doubles_contradict_only_when_they_differ() {
        let form = |body: &str| Form::parse(body.as_bytes()).expect("form");
        assert_eq!(form("From=1&To=2&From=1").contradiction(), None);
        assert_eq!(form("From=1&To=2&From=3").contradiction().as_deref(), Some("From"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(pairs in proptest::collection::vec((".{0,12}", ".{0,40}"), 0..8)) {
            let form = Form::from_pairs(pairs.iter().map(|(n, v)| (n, v)));
            let back = Form::parse(form.encode().as_bytes()).expect("own encoding");
            // A pair without name and value writes nothing, so it does not come back.
            prop_assert_eq!(back.fields.len(), pairs.len());
            prop_assert_eq!(back, form);
        }
    }
}
