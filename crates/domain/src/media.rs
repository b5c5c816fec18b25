//! Which pictures and files we keep, show and send.

/// Largest file kept from a customer, in bytes: Twilio delivers at most 5 MB a message.
pub const MAX_INCOMING_BYTES: u64 = 6 * 1024 * 1024;
/// Largest picture Twilio takes from us, in bytes (jpeg, png, gif).
pub const MAX_PICTURE_BYTES: u64 = 5 * 1024 * 1024;
/// Above this many bytes some carriers refuse a picture.
pub const CAREFUL_PICTURE_BYTES: u64 = 600 * 1024;
/// Pictures in one text, at most.
pub const MAX_PICTURES: usize = 10;

/// The type of a file whose bytes do not show what it is.
pub const UNKNOWN: &str = "application/octet-stream";

/// What to do with a file of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Safe to show in the conversation.
    Show,
    /// Kept, offered to be saved, never opened by us.
    Keep,
    /// Not kept: a program or a page that could run.
    Refuse,
}

/// How a file is used, by the type its bytes show (`None` when they show none).
pub fn treat(found: Option<&str>) -> Use {
    match found {
        Some("image/jpeg" | "image/png" | "image/gif" | "image/webp") => Use::Show,
        Some(kind) => {
            let runs = [
                "application/x-executable",
                "application/x-mach-binary",
                "application/vnd.microsoft.portable-executable",
                "application/x-msdownload",
                "text/html",
                "text/x-shellscript",
                "application/wasm",
                "application/java",
                "application/x-elf",
                "application/llvm",
            ];
            if runs.contains(&kind) { Use::Refuse } else { Use::Keep }
        }
        None => Use::Keep,
    }
}

/// Whether Twilio takes this type from us as a picture.
pub fn can_send(found: Option<&str>) -> bool {
    matches!(found, Some("image/jpeg" | "image/png" | "image/gif"))
}

/// What a file of this type is called at its end; nothing that a system would run.
pub fn extension(content_type: &str) -> &'static str {
    match content_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/heif" | "image/heic" => "heic",
        "image/tiff" => "tiff",
        "image/bmp" => "bmp",
        "audio/wav" | "audio/x-wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/amr" => "amr",
        "audio/ogg" => "ogg",
        "audio/m4a" | "audio/mp4" => "m4a",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "video/3gpp" => "3gp",
        "video/webm" => "webm",
        "application/pdf" => "pdf",
        "application/rtf" => "rtf",
        "application/zip" => "zip",
        "application/msword" => "doc",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.oasis.opendocument.text" => "odt",
        "application/vnd.oasis.opendocument.spreadsheet" => "ods",
        "text/plain" => "txt",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        card if is_card(card) => "vcf",
        _ => "bin",
    }
}

/// Whether a type is a contact card's.
pub fn is_card(content_type: &str) -> bool {
    matches!(content_type, "text/vcard" | "text/x-vcard")
}

/// The type a file is saved under: the one its bytes show, or else the one its sender claimed.
pub fn saved_as<'a>(found: &'a str, declared: &'a str) -> &'a str {
    if found == UNKNOWN { declared } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_its_bytes_and_else_after_what_its_sender_says() {
        for (found, declared, end) in [
            ("image/jpeg", "image/png", "jpg"),
            ("application/pdf", "image/jpeg", "pdf"),
            // The bytes of a contact card do not show that they are one.
            (UNKNOWN, "text/x-vcard", "vcf"),
            (UNKNOWN, "text/plain", "txt"),
            (UNKNOWN, UNKNOWN, "bin"),
            (UNKNOWN, "application/x-msdownload", "bin"),
            (UNKNOWN, "../../image/jpeg", "bin"),
            ("text/xml", "image/jpeg", "bin"),
        ] {
            assert_eq!(extension(saved_as(found, declared)), end, "{found}, said to be {declared}");
        }
    }
}
