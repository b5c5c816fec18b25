//! Which pictures and files we keep, show and send.

/// Largest file kept from a customer, in bytes: Twilio delivers at most 5 MB a message.
pub const MAX_INCOMING_BYTES: u64 = 6 * 1024 * 1024;
/// Largest picture Twilio takes from us, in bytes (jpeg, png, gif).
pub const MAX_PICTURE_BYTES: u64 = 5 * 1024 * 1024;
/// Above this many bytes some carriers refuse a picture.
pub const CAREFUL_PICTURE_BYTES: u64 = 600 * 1024;
/// Pictures in one text, at most.
pub const MAX_PICTURES: usize = 10;

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
