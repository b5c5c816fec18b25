//! MP3 files. What encoders pad a sound with, about a tenth of a second, stays: not every file says how much
//! that is.

use super::{RATES, Take, Unreadable, fill, skip, tamed};
use std::io::{Chain, Cursor, ErrorKind, Read};
use symphonia::{
    core::{
        audio::SampleBuffer,
        codecs::{Decoder, DecoderOptions},
        errors::Error,
        formats::{FormatOptions, FormatReader},
        io::{MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource},
    },
    default::{codecs::MpaDecoder, formats::MpaReader},
};

/// Decodes an MP3 file; answers how many samples a second it has. Half a frame at the end does not count.
pub(super) fn decode<R>(from: R, take: Take<'_>) -> Result<u32, Unreadable>
where
    R: Read + Send + Sync + 'static,
{
    let source = Box::new(ReadOnlySource::new(past_tag(from)?));
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    // Without trimming the padding: a tag that claims more of it than there is sound would be a panic
    // (Symphonia's issue 439).
    let mut frames = MpaReader::try_new(stream, &FormatOptions::default()).map_err(unreadable)?;
    let track = frames.tracks().first().ok_or(Unreadable::NotSound)?;
    let rate = track.codec_params.sample_rate.filter(|rate| RATES.contains(rate));
    let rate = rate.ok_or(Unreadable::NotSound)?;
    let mut decoder =
        MpaDecoder::try_new(&track.codec_params, &DecoderOptions::default()).map_err(unreadable)?;
    let mut piece: Option<SampleBuffer<f32>> = None;
    let mut mixed = Vec::new();
    loop {
        let packet = match frames.next_packet() {
            Ok(packet) => packet,
            Err(Error::IoError(error)) if error.kind() != ErrorKind::UnexpectedEof => {
                return Err(error.into());
            }
            Err(_) => break,
        };
        // One damaged frame is no reason to lose the others.
        let Ok(decoded) = decoder.decode(&packet) else { continue };
        let spec = *decoded.spec();
        let piece = piece.get_or_insert_with(|| SampleBuffer::new(decoded.capacity() as u64, spec));
        piece.copy_interleaved_ref(decoded);
        let channels = spec.channels.count().max(1);
        mixed.clear();
        mixed.extend(
            piece
                .samples()
                .chunks_exact(channels)
                .map(|frame| tamed(frame.iter().sum::<f32>() / channels as f32)),
        );
        take(rate, &mixed)?;
    }
    // Something that only begins like it.
    if piece.is_none() { Err(Unreadable::NotSound) } else { Ok(rate) }
}

/// What follows an `ID3v2` tag (its version 2.4.0, 3.1), which may hold pictures that look like sound.
fn past_tag<R: Read>(mut from: R) -> Result<Chain<Cursor<Vec<u8>>, R>, Unreadable> {
    let mut head = vec![0; 10];
    let read = fill(&mut from, &mut head)?;
    head.truncate(read);
    if let [b'I', b'D', b'3', _, _, flags, a, b, c, d] = *head {
        // Seven bits of each byte count.
        let length =
            [a, b, c, d].into_iter().fold(0_u64, |length, byte| (length << 7) | u64::from(byte & 0x7F));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        skip(&mut from, length + footer)?;
        head.clear();
    }
    Ok(Cursor::new(head).chain(from))
}

fn unreadable(error: Error) -> Unreadable {
    match error {
        Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => Unreadable::Io(error),
        _ => Unreadable::NotSound,
    }
}
