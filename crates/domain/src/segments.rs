//! How many parts a text is sent and billed in.
//! Source: GSM 03.38; agrees with Twilio's `sms-segments-calculator` 1.3.0 on its vectors.

use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::LazyLock};
use ts_rs::TS;

const BASIC: &str = "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz\
    ¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ";
const EXTENSION: &str = "\u{c}[\\]^{|}~€";

/// Longest body Twilio takes, in characters (error 21617 beyond).
pub const MAX_CHARACTERS: usize = 1_600;

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Encoding {
    /// Seven bits: 160 alone, 153 in a part.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Sixteen bits: 70 alone, 67 in a part.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

/// What a text would cost in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Length {
    /// How it travels; one unusual character turns the whole text to UCS-2.
    pub encoding: Encoding,
    /// Parts it is sent in; 0 for an empty text.
    pub segments: u32,
    /// Units (septets or UTF-16 units) that still fit in the last part.
    pub left: u32,
    /// Characters, as Twilio's limit of 1,600 counts them.
    pub characters: u32,
}

/// Measures a text as it is.
pub fn measure(body: &str) -> Length {
    let gsm = body.chars().all(|c| BASIC.contains(c) || EXTENSION.contains(c));
    let (encoding, single, part) = if gsm { (Encoding::Gsm7, 160, 153) } else { (Encoding::Ucs2, 70, 67) };
    let width = |c: char| -> u32 {
        if gsm {
            if EXTENSION.contains(c) { 2 } else { 1 }
        } else {
            u32::try_from(c.len_utf16()).unwrap_or(2)
        }
    };
    let characters = u32::try_from(body.chars().count()).unwrap_or(u32::MAX);
    let total: u32 = body.chars().map(width).sum();
    if total <= single {
        let segments = u32::from(total > 0);
        return Length { encoding, segments, left: single - total, characters };
    }
    // A two-unit character is never cut: it moves whole to the next part.
    let (mut segments, mut used) = (1, 0);
    for c in body.chars() {
        let width = width(c);
        if used + width > part {
            segments += 1;
            used = 0;
        }
        used += width;
    }
    Length { encoding, segments, left: part - used, characters }
}

static SMART: LazyLock<HashMap<char, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Pairs {
        smart_encoding_map: HashMap<char, String>,
    }
    serde_json::from_str::<Pairs>(include_str!("../data/smart-encoding.json"))
        .expect("the shipped pairs are well formed")
        .smart_encoding_map
});

/// The text with look-alikes replaced as Twilio's smart encoding does (curly quotes, dashes, …).
pub fn smart(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for c in body.chars() {
        match SMART.get(&c) {
            Some(plain) => out.push_str(plain),
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        text: String,
        encoding: Encoding,
        segments: u32,
        smart_encoded: Smart,
    }
    #[derive(Deserialize)]
    struct Smart {
        encoding: Encoding,
        segments: u32,
    }
    #[derive(Deserialize)]
    struct File {
        vectors: Vec<Vector>,
    }

    #[test]
    fn agrees_with_the_public_calculator() {
        let file: File = serde_json::from_str(include_str!("../tests/sms-segments.json")).expect("vectors");
        assert!(file.vectors.len() >= 34);
        for v in file.vectors {
            // The calculator says one part for an empty text; nobody pays for sending nothing.
            let expected = if v.text.is_empty() { 0 } else { v.segments };
            let got = measure(&v.text);
            assert_eq!((got.encoding, got.segments), (v.encoding, expected), "{}", v.name);
            let expected = if v.text.is_empty() { 0 } else { v.smart_encoded.segments };
            let got = measure(&smart(&v.text));
            assert_eq!(
                (got.encoding, got.segments),
                (v.smart_encoded.encoding, expected),
                "{} smart",
                v.name
            );
        }
    }

    #[test]
    fn what_is_left_counts_down_to_the_next_part() {
        assert_eq!(measure("").left, 160);
        assert_eq!(measure("hello").left, 155);
        assert_eq!(measure(&"a".repeat(161)).left, 306 - 161);
        assert_eq!(measure("👋").left, 68);
    }
}
