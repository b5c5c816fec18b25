//! The recovery code: 130 random bits, written so that people can copy them by hand. From it the key follows
//! that opens a backup; the computer keeps only the half that seals.

use age::x25519::Identity;
use hkdf::Hkdf;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use sha2::{Digest, Sha256};
use std::str::FromStr;

/// Letters and digits nobody takes for one another.
/// Source: Douglas Crockford, "Base 32", <https://www.crockford.com/base32.html>
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters that are random, five bits each; and those that tell a slip of the pen.
const RANDOM: usize = 26;
const CHECK: usize = 2;
/// Letters between two dashes.
const GROUP: usize = 5;
/// What the key is derived for; a code of another kind would give another key.
const PURPOSE: &[u8] = b"ringdesk recovery code v1";

/// A recovery code somebody wrote down.
#[derive(Clone)]
pub(crate) struct RecoveryCode {
    letters: SecretString,
}

/// What was typed is no recovery code: a letter is wrong, missing or too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mistyped;

impl RecoveryCode {
    /// A new one.
    pub(crate) fn random() -> Self {
        let mut rng = rand::rng();
        let mut letters = String::with_capacity(RANDOM);
        letters.extend((0..RANDOM).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])));
        Self { letters: letters.into() }
    }

    /// Reads what was typed: case, spaces and dashes do not matter, nor an O for a zero.
    pub(crate) fn typed(typed: &SecretString) -> Result<Self, Mistyped> {
        let mut all = String::with_capacity(RANDOM + CHECK);
        for typed in typed.expose_secret().chars().filter(|c| !c.is_whitespace() && !is_dash(*c)) {
            let letter = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let known = u8::try_from(letter).is_ok_and(|letter| LETTERS.contains(&letter));
            if !known || all.len() == RANDOM + CHECK {
                all.zeroize();
                return Err(Mistyped);
            }
            all.push(letter);
        }
        let whole = all.len() == RANDOM + CHECK && all[RANDOM..] == check(&all[..RANDOM]);
        let letters = whole.then(|| SecretString::from(all[..RANDOM].to_owned()));
        all.zeroize();
        Ok(Self { letters: letters.ok_or(Mistyped)? })
    }

    /// As it is shown: in groups.
    pub(crate) fn shown(&self) -> SecretString {
        let letters = self.letters.expose_secret();
        let all = letters.chars().chain(check(letters).chars().collect::<Vec<_>>());
        let mut shown = String::with_capacity(RANDOM + CHECK + RANDOM / GROUP);
        for (place, letter) in all.enumerate() {
            if place > 0 && place % GROUP == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown.into()
    }

    /// The key that opens what the code seals: HKDF with SHA-256 of its letters, as an identity of age's.
    /// Source: RFC 5869; <https://c2sp.org/age#x25519-recipient-stanza>
    pub(crate) fn identity(&self) -> Identity {
        let mut key = [0_u8; 32];
        let derived = Hkdf::<Sha256>::new(None, self.letters.expose_secret().as_bytes());
        derived.expand(PURPOSE, &mut key).expect("32 bytes are one block of SHA-256");
        let prefix = bech32::Hrp::parse_unchecked("age-secret-key-");
        let mut written =
            bech32::encode_upper::<bech32::Bech32>(prefix, &key).expect("32 bytes fit into Bech32");
        key.zeroize();
        let identity = Identity::from_str(&written).expect("any 32 bytes are a key");
        written.zeroize();
        identity
    }

    /// The half of the key that seals, as text. It is no secret.
    pub(crate) fn recipient(&self) -> String {
        self.identity().to_public().to_string()
    }
}

impl PartialEq for RecoveryCode {
    fn eq(&self, other: &Self) -> bool {
        self.letters.expose_secret() == other.letters.expose_secret()
    }
}

/// Any of the dashes keyboards and printers make of one.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Ten bits of a hash: of a thousand slips one is not noticed.
fn check(letters: &str) -> String {
    let hash = Sha256::digest(letters.as_bytes());
    hash.iter().take(CHECK).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<RecoveryCode, Mistyped> {
        RecoveryCode::typed(&text.to_owned().into())
    }

    #[test]
    fn a_code_is_read_however_it_was_copied() {
        let code = RecoveryCode::random();
        let shown = code.shown().expose_secret().to_owned();
        let groups: Vec<usize> = shown.split('-').map(str::len).collect();
        assert_eq!(groups, [5, 5, 5, 5, 5, 3]);
        for copied in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            shown.replace('-', "\u{2013}"),
            shown.replace('0', "o").replace('1', "l"),
            format!("  {}\n", shown.replace('-', "")),
        ] {
            assert!(typed(&copied).expect("the code") == code, "another code");
        }
        assert!(RecoveryCode::random() != code);
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_code() {
        let shown = RecoveryCode::random().shown().expose_secret().to_owned();
        let mut noticed = 0;
        for place in (0..shown.len()).filter(|place| shown.as_bytes()[*place] != b'-') {
            let mut slip = shown.clone().into_bytes();
            slip[place] = if slip[place] == b'7' { b'8' } else { b'7' };
            noticed += usize::from(typed(&String::from_utf8(slip).expect("letters")).is_err());
        }
        // Ten bits let one in a thousand pass.
        assert!(noticed >= RANDOM + CHECK - 2, "{noticed}");
        for wrong in ["", "7", &shown[1..], &format!("{shown}7"), &shown.replace('-', "U"), "ÄÖÜ"] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_code_gives_the_same_key_in_every_release() {
        let letters = "0123456789ABCDEFGHJKMNPQRS";
        let code = typed(&format!("{letters}{}", check(letters))).expect("a code");
        let other = typed(&code.shown().expose_secret().to_lowercase()).expect("the same");
        assert_eq!(code.recipient(), other.recipient());
        assert_eq!(code.recipient(), "age1366lscwem8zka3a33fe2jggda67e77f2sqmv6d6cx85w0hyexd9qzc30n5");
        let sealed = age::encrypt(&code.identity().to_public(), b"the data").expect("sealed");
        assert_eq!(age::decrypt(&other.identity(), &sealed).expect("opened"), b"the data");
        assert!(age::decrypt(&RecoveryCode::random().identity(), &sealed).is_err());
    }
}
