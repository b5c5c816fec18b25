//! Which computer this is: told apart from others, and not known by it.

use sha2::{Digest, Sha256};
use std::{fmt::Write, fs};

/// Where Linux keeps an id of the installation. Source: machine-id(5), which asks not to give it out.
const MACHINE_ID: &str = "/etc/machine-id";
/// Makes it an id of ours: nobody else's can be compared with it.
const OURS: &str = "ringdesk computer ";

/// A name of this computer, in hex, that says nothing of it; none where it has no id of its own.
pub fn computer_id() -> Option<String> {
    named(&fs::read_to_string(MACHINE_ID).ok()?)
}

fn named(id: &str) -> Option<String> {
    let id = id.trim();
    // While the system is made ready there is another word in its place, or nothing.
    if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut name = String::new();
    for byte in Sha256::digest(format!("{OURS}{id}")) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_is_told_apart_and_not_given_away() {
        let id = "0123456789abcdef0123456789abcdef";
        let name = named(&format!("{id}\n")).expect("a name");
        assert_eq!(name.len(), 64);
        assert!(!name.contains(id) && named(id).as_ref() == Some(&name), "{name}");
        assert_ne!(named("0123456789abcdef0123456789abcde0"), Some(name));
        for none in ["", "uninitialized\n", "0123456789abcdef"] {
            assert_eq!(named(none), None, "{none:?}");
        }
    }
}
