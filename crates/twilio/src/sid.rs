//! The shape of Twilio's identifiers: two capital letters and 32 lower-case hex digits.

/// Whether `text` is a SID with one of these prefixes.
pub fn is_sid(text: &str, prefixes: &[&str]) -> bool {
    text.len() == 34
        && text.is_char_boundary(2)
        && prefixes.contains(&&text[..2])
        && text[2..].bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether `text` names a message (`SM…` or `MM…`).
pub fn is_message(text: &str) -> bool {
    is_sid(text, &["SM", "MM"])
}

/// Whether `text` names a call (`CA…`).
pub fn is_call(text: &str) -> bool {
    is_sid(text, &["CA"])
}

/// Whether `text` names a recording (`RE…`).
pub fn is_recording(text: &str) -> bool {
    is_sid(text, &["RE"])
}

/// Whether `text` names what was written down of a recording (`TR…`).
pub fn is_transcription(text: &str) -> bool {
    is_sid(text, &["TR"])
}

/// Whether `text` names a number of ours (`PN…`).
pub fn is_number(text: &str) -> bool {
    is_sid(text, &["PN"])
}

/// Whether `text` names a Messaging Service (`MG…`).
pub fn is_messaging_service(text: &str) -> bool {
    is_sid(text, &["MG"])
}

/// Whether `text` names a Studio flow (`FW…`).
pub fn is_flow(text: &str) -> bool {
    is_sid(text, &["FW"])
}
