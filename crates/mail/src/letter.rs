//! What is sent: a text, and files with it, as mail programs everywhere read it.
//! Source: RFC 5322, 2045 to 2047 and 2231, which the builder knows.

use crate::MailError;
use lettre::{
    Message,
    error::Error,
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
};

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is known by everywhere, such as `<1@example.com>`: the same whenever it is sent again. The
    /// angle brackets may be left out.
    pub message_id: String,
    /// Who it is from: an address, or `Name <address>`.
    pub from: String,
    /// Who gets it, likewise.
    pub to: String,
    /// Its subject, one line.
    pub subject: String,
    /// Its words.
    pub body: String,
    /// What comes with it.
    pub files: Vec<File>,
}

/// A file that comes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Such as `audio/wav`; what is no type is sent as plain bytes.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The letter as it goes over the wire, dated now.
pub(crate) fn written(letter: Letter) -> Result<Message, MailError> {
    let from = letter.from.trim().parse::<Mailbox>().map_err(|_| MailError::Address("from"))?;
    let to = letter.to.trim().parse::<Mailbox>().map_err(|_| MailError::Address("to"))?;
    let id = letter.message_id.trim_start_matches('<').trim_end_matches('>');
    let message = Message::builder()
        .message_id(Some(format!("<{id}>")))
        .from(from)
        .to(to)
        .subject(one_line(&letter.subject))
        .date_now();
    let words = SinglePart::plain(letter.body);
    let whole = if letter.files.is_empty() {
        message.singlepart(words)
    } else {
        let parts = MultiPart::mixed().singlepart(words);
        let parts = letter.files.into_iter().map(attached).fold(parts, MultiPart::singlepart);
        message.multipart(parts)
    };
    // It can only be an address whose name does not survive being written down.
    whole.map_err(|error| match error {
        Error::MissingTo => MailError::Address("to"),
        _ => MailError::Address("from"),
    })
}

fn attached(file: File) -> SinglePart {
    let plain_bytes = || ContentType::parse("application/octet-stream").expect("well formed");
    let content_type = ContentType::parse(&file.content_type).unwrap_or_else(|_| plain_bytes());
    // Anything else would change line ends in what happens to look like text.
    let body = Body::new_with_encoding(file.bytes, ContentTransferEncoding::Base64);
    let body = body.expect("any bytes can be written so");
    Attachment::new(one_line(&file.name)).body(body, content_type)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};

    fn letter() -> Letter {
        Letter {
            message_id: "0199-voicemail@ringdesk.invalid".into(),
            from: "Müller & Söhne <office@example.com>".into(),
            to: "nora@example.com".into(),
            subject: "Voicemail from José: 0:42".into(),
            body: "Grüße 👋\n.\n\nFrom (415) 555-0142.\n".into(),
            files: Vec::new(),
        }
    }

    fn file(name: &str, content_type: &str, bytes: &[u8]) -> File {
        File { name: name.into(), content_type: content_type.into(), bytes: bytes.to_vec() }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let sound: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let files = vec![
            file("Voicemail José 2026-11-20.wav", "audio/wav", &sound),
            file("notes.txt", "text/plain", b"a\nb\r\nc"),
            file("what.bin", "no type at all", b"\0"),
        ];
        let raw = written(Letter { files, ..letter() }).expect("a letter").formatted();
        assert!(raw.is_ascii());
        assert!(raw.split(|b| *b == b'\n').all(|line| line.len() <= 998), "lines mail servers take");
        let read = MessageParser::default().parse(&raw).expect("readable");
        assert_eq!(read.message_id(), Some("0199-voicemail@ringdesk.invalid"));
        assert_eq!(read.subject(), Some("Voicemail from José: 0:42"));
        assert!(read.date().is_some());
        let from = read.from().and_then(|from| from.first()).expect("somebody");
        let parts = (from.name.as_deref(), from.address.as_deref());
        assert_eq!(parts, (Some("Müller & Söhne"), Some("office@example.com")));
        let words = read.body_text(0).expect("words").replace("\r\n", "\n");
        assert_eq!(words.trim_end(), letter().body.trim_end());
        let files = read.attachments().map(|part| (part.attachment_name(), part.contents()));
        let files: Vec<_> = files.collect();
        assert_eq!(files[0], (Some("Voicemail José 2026-11-20.wav"), &sound[..]));
        assert_eq!(files[1], (Some("notes.txt"), &b"a\nb\r\nc"[..]));
        assert_eq!(files[2], (Some("what.bin"), &b"\0"[..]));
        assert!(read.attachment(2).is_some_and(|part| part.is_content_type("application", "octet-stream")));
    }

    #[test]
    fn a_letter_without_files_is_a_plain_text() {
        let raw = written(letter()).expect("a letter").formatted();
        let text = String::from_utf8(raw).expect("text");
        assert!(text.contains("Content-Type: text/plain; charset=utf-8"), "{text}");
        assert!(!text.contains("multipart"), "{text}");
    }

    #[test]
    fn nothing_a_customer_is_called_adds_a_line_to_the_head() {
        let subject = "From Eve\r\nBcc: everybody@example.com".into();
        let files = vec![file("a\"\r\nX-Evil: 1\r\n\r\n.wav", "audio/wav", b"x")];
        let raw = written(Letter { subject, files, ..letter() }).expect("a letter").formatted();
        let text = String::from_utf8(raw).expect("text");
        assert!(!text.contains("\r\nBcc:") && !text.contains("\r\nX-Evil:"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_told_apart() {
        for (from, to, which) in [
            ("nobody", "nora@example.com", "from"),
            ("", "nora@example.com", "from"),
            ("office@example.com", "nora at example.com", "to"),
            ("office@example.com", "nora@example.com\r\nBcc: x@example.com", "to"),
        ] {
            let letter = Letter { from: from.into(), to: to.into(), ..letter() };
            assert_eq!(written(letter).err(), Some(MailError::Address(which)), "{from} {to}");
        }
    }
}
