//! What is said into a phone: a WAV or MP3 file, how long it lasts, and as much of it as was recorded.
//! Source of the WAV's layout: IBM and Microsoft, "Multimedia Programming Interface and Data
//! Specifications 1.0"; of the MP3's frames: ISO/IEC 11172-3.

use base64::{DecodeError, Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What callers say who were told nothing else: μ-law, 8 kHz, eight seconds.
const MESSAGE: &[u8] = include_bytes!("message.wav");
const MESSAGE_WORDS: &str = concat!(
    "Hi, this is Helen at number nine. The radiator in the hall has gone cold at the top again. ",
    "I am home on Monday after three. Please call me back.",
);

/// What somebody says into their phone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Speech {
    /// A WAV or MP3 file; base64 in JSON. A WAV of 16-bit PCM or μ-law is cut, or followed by silence, to
    /// what was recorded of it; anything else is served as it is.
    pub sound: Bytes,
    /// The same as MP3, for those who ask for that; base64 in JSON. Served as it is.
    pub mp3: Option<Bytes>,
    /// The words, for those who want them written down. Without any, nothing can be made out.
    pub words: Option<String>,
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Speech({} bytes)", self.sound.len())
    }
}

impl Speech {
    /// Sound of which nobody can make out the words.
    pub fn new(sound: impl Into<Bytes>) -> Self {
        Self { sound: sound.into(), mp3: None, words: None }
    }

    /// Eight seconds that callers say who were told nothing else.
    pub fn message() -> Self {
        Self::new(MESSAGE).saying(MESSAGE_WORDS)
    }

    /// The same, with these words.
    #[must_use]
    pub fn saying(self, words: &str) -> Self {
        Self { words: Some(words.to_owned()), ..self }
    }

    /// The same, to be had as MP3 too.
    #[must_use]
    pub fn with_mp3(self, mp3: impl Into<Bytes>) -> Self {
        Self { mp3: Some(mp3.into()), ..self }
    }

    /// How long it lasts, in milliseconds; none where that cannot be read off a WAV of 16-bit PCM or μ-law.
    pub fn length_ms(&self) -> Option<u64> {
        length_ms(&self.sound)
    }
}

/// Speech in JSON.
#[derive(Serialize, Deserialize)]
struct Written {
    sound: String,
    #[serde(default)]
    mp3: Option<String>,
    #[serde(default)]
    words: Option<String>,
}

impl From<Speech> for Written {
    fn from(speech: Speech) -> Self {
        let mp3 = speech.mp3.map(|mp3| STANDARD.encode(mp3));
        Self { sound: STANDARD.encode(speech.sound), mp3, words: speech.words }
    }
}

impl TryFrom<Written> for Speech {
    type Error = DecodeError;

    fn try_from(written: Written) -> Result<Self, DecodeError> {
        let file = |base64: String| STANDARD.decode(base64).map(Bytes::from);
        let mp3 = written.mp3.map(file).transpose()?;
        Ok(Self { sound: file(written.sound)?, mp3, words: written.words })
    }
}

/// What a recording can be had as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// What the phone network brought.
    Wav,
    /// Smaller.
    Mp3,
}

/// What was recorded.
#[derive(Debug)]
pub(crate) struct Tape {
    sound: Bytes,
    mp3: Option<Bytes>,
}

impl Tape {
    /// Records so much of what somebody says.
    pub(crate) fn record(speech: &Speech, ms: u64) -> Self {
        let mp3 = speech.mp3.clone().or_else(|| is_mp3(&speech.sound).then(|| speech.sound.clone()));
        Self { sound: fit(&speech.sound, ms), mp3 }
    }

    /// The file and its content type, as Twilio names it; none where there is no such file.
    pub(crate) fn file(&self, format: Format) -> Option<(&'static str, Bytes)> {
        match format {
            Format::Wav if is_mp3(&self.sound) => Some(("audio/mpeg", self.sound.clone())),
            Format::Wav => Some(("audio/x-wav", self.sound.clone())),
            Format::Mp3 => self.mp3.clone().map(|mp3| ("audio/mpeg", mp3)),
        }
    }
}

/// Whether a file begins as an MP3 does: with what is written about it, or with a frame of layer III.
pub(crate) fn is_mp3(file: &[u8]) -> bool {
    file.starts_with(b"ID3") || matches!(file, [0xff, second, ..] if second & 0xe6 == 0xe2)
}

/// Whether a file begins as a WAV does.
pub(crate) fn is_wav(file: &[u8]) -> bool {
    wave(file).is_some()
}

/// How long a WAV of 16-bit PCM or μ-law lasts, in milliseconds.
pub(crate) fn length_ms(file: &[u8]) -> Option<u64> {
    Wav::read(file).map(|wav| wav.length_ms())
}

/// As much of a WAV as lasts so long, with silence after it where it is shorter. What cannot be read is
/// left as it is.
fn fit(file: &Bytes, ms: u64) -> Bytes {
    let Some(wav) = Wav::read(file).filter(|wav| wav.length_ms() != ms) else { return file.clone() };
    wav.lasting(ms).map_or_else(|| file.clone(), Bytes::from)
}

/// The chunks of a WAV.
fn wave(file: &[u8]) -> Option<&[u8]> {
    file.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")
}

/// A WAV whose silence we know.
struct Wav<'a> {
    /// How it is coded, as it was written.
    form: &'a [u8],
    coding: u16,
    /// Frames in a second.
    rate: u32,
    /// Bytes in a frame.
    block: usize,
    silence: u8,
    data: &'a [u8],
}

impl<'a> Wav<'a> {
    const PCM: u16 = 1;
    const MU_LAW: u16 = 7;

    fn read(file: &'a [u8]) -> Option<Self> {
        let mut rest = wave(file)?;
        let mut form = None;
        loop {
            let (id, after) = rest.split_first_chunk::<4>()?;
            let (size, body) = after.split_first_chunk::<4>()?;
            let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
            // One that broke off promises more than there is.
            let content = &body[..size.min(body.len())];
            match id {
                b"fmt " => form = Some(content),
                b"data" => return Self::coded(form?, content),
                _ => {}
            }
            // Every chunk begins at an even place.
            rest = body.get(size.checked_add(size % 2)?..)?;
        }
    }

    fn coded(form: &'a [u8], data: &'a [u8]) -> Option<Self> {
        let number = |at: usize| Some(u16::from_le_bytes(*form.get(at..)?.first_chunk()?));
        let rate = u32::from_le_bytes(*form.get(4..)?.first_chunk()?);
        let (coding, block, bits) = (number(0)?, usize::from(number(12)?), number(14)?);
        let silence = match (coding, bits) {
            (Self::PCM, 16) => 0,
            (Self::MU_LAW, 8) => 0xff,
            _ => return None,
        };
        (rate > 0 && block > 0).then_some(Self { form, coding, rate, block, silence, data })
    }

    fn length_ms(&self) -> u64 {
        let frames = u64::try_from(self.data.len() / self.block).unwrap_or(u64::MAX);
        frames.saturating_mul(1_000) / u64::from(self.rate)
    }

    /// The same for so long; none where no WAV can be as large.
    fn lasting(&self, ms: u64) -> Option<Vec<u8>> {
        let frames = u32::try_from(u64::from(self.rate).checked_mul(ms)? / 1_000).ok()?;
        let length = usize::try_from(frames).ok()?.checked_mul(self.block)?;
        // All sizes in it have 32 bits, and so has the whole one's.
        u32::try_from(length.checked_add(1_000)?).ok()?;
        let mut data = self.data[..length.min(self.data.len())].to_vec();
        data.resize(length, self.silence);
        let mut body = b"WAVE".to_vec();
        chunk(&mut body, *b"fmt ", self.form);
        if self.coding != Self::PCM {
            chunk(&mut body, *b"fact", &frames.to_le_bytes());
        }
        chunk(&mut body, *b"data", &data);
        let mut file = Vec::with_capacity(body.len() + 8);
        chunk(&mut file, *b"RIFF", &body);
        Some(file)
    }
}

/// Adds a chunk; what is larger than a WAV can be was refused before.
fn chunk(file: &mut Vec<u8>, id: [u8; 4], content: &[u8]) {
    file.extend(id);
    file.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(content);
    if content.len() % 2 == 1 {
        file.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many milliseconds of 16-bit PCM at 8 kHz, all ones.
    fn pcm(ms: usize) -> Bytes {
        let form = [&[1, 0, 1, 0][..], &8_000_u32.to_le_bytes(), &16_000_u32.to_le_bytes(), &[2, 0, 16, 0]];
        let mut body = b"WAVE".to_vec();
        chunk(&mut body, *b"fmt ", &form.concat());
        chunk(&mut body, *b"LIST", b"odd");
        chunk(&mut body, *b"data", &vec![1; ms * 16]);
        let mut file = Vec::new();
        chunk(&mut file, *b"RIFF", &body);
        file.into()
    }

    /// The samples of a WAV, whose sizes must be right.
    fn samples(file: &[u8]) -> Vec<u8> {
        let size = u32::from_le_bytes(*file[4..].first_chunk().expect("a size"));
        assert_eq!(usize::try_from(size).expect("a size"), file.len() - 8);
        Wav::read(file).expect("a WAV").data.to_vec()
    }

    #[test]
    fn a_wav_says_how_long_it_lasts() {
        assert_eq!(Speech::message().length_ms(), Some(7_995));
        assert_eq!(Speech::new(pcm(1_250)).length_ms(), Some(1_250));
        let broken_off = pcm(1_000).slice(..8_000);
        assert!(length_ms(&broken_off).is_some_and(|ms| (400..500).contains(&ms)));
        for nonsense in [&b""[..], b"RIFF", b"ID3\x04 and so on", b"RIFF\0\0\0\0WAVEdata\0\0\0\0"] {
            assert_eq!(length_ms(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_tape_is_as_long_as_what_was_recorded() {
        let shorter = fit(&pcm(1_000), 250);
        assert_eq!(samples(&shorter), vec![1; 4_000]);
        let longer = fit(&pcm(1_000), 1_500);
        assert_eq!(samples(&longer), [vec![1; 16_000], vec![0; 8_000]].concat());
        assert_eq!(fit(&pcm(1_000), 1_000), pcm(1_000));

        let message = Speech::message().sound;
        let shorter = fit(&message, 2_001);
        assert_eq!(samples(&shorter), samples(&message)[..16_008]);
        let longer = fit(&message, 8_000);
        assert_eq!(samples(&longer)[63_960..], [0xff; 40]);
        assert_eq!(longer[20..22], [7, 0], "still μ-law");
        assert_eq!(longer[38..50], *b"fact\x04\0\0\0\0\xfa\0\0", "with the number of its samples");
    }

    #[test]
    fn what_is_no_wav_stays_as_it_is() {
        for file in [&b"\xff\xfb\x90\x64 and so on"[..], b"<html>"] {
            assert_eq!(fit(&Bytes::copy_from_slice(file), 4_000), file);
        }
    }

    #[test]
    fn a_tape_is_had_as_what_it_is() {
        let kinds = |speech: &Speech| {
            let tape = Tape::record(speech, 1_000);
            [Format::Wav, Format::Mp3].map(|format| tape.file(format).map(|(kind, _)| kind))
        };
        assert_eq!(kinds(&Speech::message()), [Some("audio/x-wav"), None]);
        assert_eq!(kinds(&Speech::new(&b"\xff\xf3\x44"[..])), [Some("audio/mpeg"); 2]);
        let both = Speech::message().with_mp3(&b"ID3"[..]);
        assert_eq!(kinds(&both), [Some("audio/x-wav"), Some("audio/mpeg")]);
    }

    #[test]
    fn speech_is_written_in_json() {
        let speech = Speech::new(&b"RIFF"[..]).saying("Hello");
        let json = serde_json::to_string(&speech).expect("JSON");
        assert_eq!(json, "{\"sound\":\"UklGRg==\",\"mp3\":null,\"words\":\"Hello\"}");
        assert_eq!(serde_json::from_str::<Speech>(&json).ok(), Some(speech));
        let least: Option<Speech> = serde_json::from_str("{\"sound\":\"UklGRg==\"}").ok();
        assert_eq!(least, Some(Speech::new(&b"RIFF"[..])));
        assert!(serde_json::from_str::<Speech>("{\"sound\":\"?\"}").is_err());
    }
}
