//! A page, written piece by piece. What is markup is known when this is compiled; everything else is escaped.

use crate::from_twilio::hex;
use base64::{engine::general_purpose::STANDARD, write::EncoderWriter};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
};

/// Bytes of a file read at once.
const CHUNK: usize = 64 * 1024;

/// A page on its way.
pub(crate) struct Html<W: Write>(BufWriter<W>);

impl<W: Write> Html<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(BufWriter::new(out))
    }

    /// Markup of ours.
    pub(crate) fn raw(&mut self, markup: &'static str) -> io::Result<()> {
        self.0.write_all(markup.as_bytes())
    }

    /// Anybody's words, between tags or in an attribute.
    pub(crate) fn text(&mut self, words: &str) -> io::Result<()> {
        self.0.write_all(escaped(words).as_bytes())
    }

    /// A whole file as the address of itself; the SHA-256 of what it holds.
    pub(crate) fn data(&mut self, content_type: &str, mut file: File) -> io::Result<String> {
        self.raw("data:")?;
        self.text(content_type)?;
        self.raw(";base64,")?;
        let mut encoder = EncoderWriter::new(&mut self.0, &STANDARD);
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => &chunk[..read],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(read);
            encoder.write_all(read)?;
        }
        encoder.finish()?;
        Ok(hex(&hash.finalize()))
    }

    /// Everything is written.
    pub(crate) fn end(self) -> io::Result<W> {
        self.0.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// Words as they stand in a page. Signs that cannot be seen and that no page can hold are drawn.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + words.len() / 8);
    let mut all = words.chars().peekable();
    while let Some(c) = all.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            // A page has one kind of line end.
            '\r' => {
                all.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{7f}' => out.push('\u{2421}'),
            // Each has a picture of its own, 0x2400 further on.
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;

    #[test]
    fn nobodys_words_become_markup() {
        for (words, written) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onerror='x'", "&quot; onerror=&#39;x&#39;"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("before\0after\u{1b}\u{7f}\u{85}", "before\u{2400}after\u{241b}\u{2421}\u{fffd}"),
            ("مرحبا 👋🏽", "مرحبا 👋🏽"),
        ] {
            assert_eq!(escaped(words), written, "{words:?}");
        }
    }

    #[test]
    fn a_file_is_its_own_address() {
        let mut file = tempfile::tempfile().expect("a file");
        // Longer than what is read at once, and no multiple of three.
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        file.write_all(&bytes).expect("written");
        io::Seek::rewind(&mut file).expect("rewound");
        let mut page = Html::new(Vec::new());
        let sha256 = page.data("image/png", file).expect("read");
        let written = String::from_utf8(page.end().expect("written")).expect("text");
        let data = written.strip_prefix("data:image/png;base64,").expect("an address");
        assert_eq!(STANDARD.decode(data).expect("well formed"), bytes);
        assert_eq!(sha256, hex(&Sha256::digest(&bytes)));
    }
}
