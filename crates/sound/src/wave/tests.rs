use super::*;
use crate::testing::{crossings_a_second, speech, tone, wav};
use std::fs;

/// The bytes of samples in one coding, and what number and how many bits a WAV file gives it.
fn coded(name: &str, samples: &[f32]) -> (u16, u16, Vec<u8>) {
    let all = |one: fn(f32) -> Vec<u8>| samples.iter().flat_map(|sample| one(*sample)).collect();
    match name {
        "8 bits" => (1, 8, all(|s| vec![(s * 127.0 + 128.0) as u8])),
        "16 bits" => (1, 16, all(|s| quantised(s).to_le_bytes().to_vec())),
        "24 bits" => (1, 24, all(|s| ((s * 8_388_607.0) as i32).to_le_bytes()[..3].to_vec())),
        "32 bits" => (1, 32, all(|s| ((s * 2_147_483_000.0) as i32).to_le_bytes().to_vec())),
        "float" => (3, 32, all(|s| s.to_le_bytes().to_vec())),
        "double" => (3, 64, all(|s| f64::from(s).to_le_bytes().to_vec())),
        _ => panic!("{name}"),
    }
}

fn whole(format: u16, bits: u16, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    wav(format, bits, channels, rate, data, u32::try_from(data.len()).expect("short"))
}

fn check_like(read: &[f32], meant: &[f32], off: f32) {
    assert_eq!(read.len(), meant.len());
    for (at, (read, meant)) in read.iter().zip(meant).enumerate() {
        assert!((read - meant).abs() <= off, "sample {at}: {read} for {meant}");
    }
}

#[test]
fn every_coding_of_a_wav_file_is_read() {
    let meant = tone(8_000, 300.0, 0.5);
    for name in ["8 bits", "16 bits", "24 bits", "32 bits", "float", "double"] {
        let (format, bits, data) = coded(name, &meant);
        let sound = read_bytes(whole(format, bits, 1, 8_000, &data)).expect(name);
        assert_eq!((sound.rate, sound.length_ms()), (8_000, 500), "{name}");
        check_like(&sound.samples, &meant, if bits == 8 { 0.01 } else { 0.000_1 });
    }
}

#[test]
fn telephone_codings_are_read_by_their_tables() {
    // ITU-T G.711: the loudest, the softest, silence.
    for (format, byte, value) in [
        (7, 0x80, 32_124),
        (7, 0x00, -32_124),
        (7, 0xFF, 0),
        (7, 0xFE, 8),
        (7, 0xEF, 132),
        (6, 0xAA, 32_256),
        (6, 0x2A, -32_256),
        (6, 0xD5, 8),
        (6, 0x55, -8),
        (6, 0xC5, 264),
    ] {
        let sound = read_bytes(whole(format, 8, 1, 8_000, &[byte])).expect("a sample");
        let read = sound.samples[0] * 32_768.0;
        assert!((read - value as f32).abs() < 0.5, "{format}/{byte:#x}: {read} for {value}");
    }
}

#[test]
fn channels_become_one() {
    let frames: Vec<u8> =
        [0.5_f32, -0.25, 1.0, 1.0, -1.0, 1.0].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let sound = read_bytes(whole(3, 32, 2, 44_100, &frames)).expect("stereo");
    check_like(&sound.samples, &[0.125, 1.0, 0.0], 0.000_001);
}

#[test]
fn the_extensible_header_is_read_by_its_guid() {
    let (_, bits, data) = coded("16 bits", &tone(16_000, 300.0, 0.1));
    let plain = whole(1, bits, 1, 16_000, &data);
    let mut file = plain[..16].to_vec();
    file.extend(40_u32.to_le_bytes());
    file.extend(0xFFFE_u16.to_le_bytes());
    file.extend(&plain[22..36]);
    file.extend([22_u8, 0, 16, 0, 4, 0, 0, 0, 1, 0]);
    file.extend(b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71");
    file.extend(&plain[36..]);
    let sound = read_bytes(file).expect("an extensible header");
    assert_eq!((sound.rate, sound.length_ms()), (16_000, 100));
}

#[test]
fn what_a_file_holds_beside_the_sound_is_left_out() {
    let (format, bits, data) = coded("16 bits", &tone(8_000, 300.0, 0.25));
    let plain = whole(format, bits, 1, 8_000, &data);
    let mut file = plain[..12].to_vec();
    // Of odd length, with the byte that does not count.
    file.extend(b"LIST\x05\0\0\0hello\0");
    file.extend(&plain[12..]);
    file.extend(b"LIST\x04\0\0\0more");
    assert_eq!(read_bytes(file).expect("with notes").length_ms(), 250);
    // Sound of odd length, without that byte.
    assert_eq!(read_bytes(whole(7, 8, 1, 8_000, &[0xFF; 4_001])).expect("odd").samples.len(), 4_001);
}

#[test]
fn a_file_that_was_cut_off_is_broken() {
    let (format, bits, data) = coded("16 bits", &tone(8_000, 300.0, 1.0));
    let file = whole(format, bits, 1, 8_000, &data);
    for length in [12, 20, 30, 36, 43, 44, 1_000, file.len() - 2, file.len() - 1] {
        let cut = read_bytes(file[..length].to_vec());
        assert!(matches!(cut, Err(Unreadable::Broken)), "{length} bytes: {cut:?}");
    }
}

#[test]
fn a_stream_that_did_not_know_its_length_is_whole() {
    let (format, bits, data) = coded("16 bits", &tone(8_000, 300.0, 1.0));
    for promised in [0, u32::MAX, u32::MAX - 36, 0x7FFF_F000, 0x8000_0000] {
        let file = wav(format, bits, 1, 8_000, &data, promised);
        assert_eq!(read_bytes(file).expect("a stream").length_ms(), 1_000, "{promised:#x}");
    }
}

#[test]
fn what_is_no_sound_is_told_apart() {
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let files: [&[u8]; 9] = [
        b"",
        b"R",
        b"RIFF\0\0\0\0AVI LIST",
        b"<!DOCTYPE html><html><body>Not found</body></html>",
        br#"{"code": 20404, "message": "not found"}"#,
        b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01 a picture",
        b"\xFF\xFE<\0h\0t\0m\0l\0>\0",
        b"OggS\0\x02\0\0\0\0\0\0\0\0",
        &noise,
    ];
    for file in files {
        let read = read_bytes(file.to_vec());
        assert!(matches!(read, Err(Unreadable::NotSound)), "{:?}: {read:?}", file.get(..12));
    }
    // What only begins like an MP3 file.
    for head in [b"\xFF\xFB\x90\x00".as_slice(), b"ID3\x04\0\0\0\0\0\0".as_slice()] {
        let read = read_bytes([head, &noise].concat());
        assert!(!matches!(read, Err(Unreadable::Io(_))), "{read:?}");
    }
}

#[test]
fn a_header_that_cannot_be_true_is_no_sound() {
    for (format, bits, channels, rate) in [
        (1, 16, 0, 8_000),
        (1, 16, 9, 8_000),
        (1, 16, 1, 0),
        (1, 16, 1, 100),
        (1, 16, 1, 2_000_000),
        (1, 12, 1, 8_000),
        (2, 4, 1, 8_000),
        (0x55, 16, 1, 8_000),
    ] {
        let file = wav(format, bits, channels, rate, &[0; 64], 64);
        let read = read_bytes(file);
        assert!(matches!(read, Err(Unreadable::NotSound)), "{format} {bits} {channels} {rate}: {read:?}");
    }
    let (format, bits, data) = coded("float", &[f32::NAN, f32::INFINITY, -9.0, 0.5]);
    let sound = read_bytes(whole(format, bits, 1, 8_000, &data)).expect("wild values");
    check_like(&sound.samples, &[0.0, 0.0, -1.0, 0.5], 0.000_001);
}

#[test]
fn more_than_four_hours_are_too_long() {
    let longest = 4 * 60 * 60 * 8_000;
    for (promised, too_long) in [(longest + 1, true), (longest, false)] {
        let read = read_bytes(wav(7, 8, 1, 8_000, &[0xFF; 64], promised));
        assert_eq!(matches!(read, Err(Unreadable::TooLong)), too_long, "{promised}: {read:?}");
    }
}

#[test]
fn a_spoken_recording_is_read_from_each_kind_of_file() {
    let pcm = read(&speech("helen.wav")).expect("PCM");
    let mu_law = read(&speech("helen-mulaw.wav")).expect("μ-law");
    let mp3 = read(&speech("helen.mp3")).expect("MP3");
    assert_eq!((pcm.rate, mu_law.rate, mp3.rate), (8_000, 8_000, 8_000));
    assert_eq!(pcm.length_ms(), 7_995);
    check_like(&mu_law.samples[..pcm.samples.len()], &pcm.samples, 0.02);
    // With what the encoder padded it with.
    assert!((7_995..8_400).contains(&mp3.length_ms()), "{}", mp3.length_ms());
    let pitch = |sound: &Sound| crossings_a_second(&sound.samples, sound.rate);
    assert!((pitch(&mp3) / pitch(&pcm) - 1.0).abs() < 0.2, "{} for {}", pitch(&mp3), pitch(&pcm));

    for (name, kind) in [("helen.wav", Kind::Wav), ("helen-mulaw.wav", Kind::Wav), ("helen.mp3", Kind::Mp3)] {
        let inspected = inspect(&speech(name)).expect(name);
        assert_eq!(inspected.kind, kind);
        assert!((7_990..8_400).contains(&inspected.length_ms), "{name}: {}", inspected.length_ms);
        assert_eq!(inspected.peaks.len(), PEAKS);
        assert_eq!(inspected.peaks.iter().max(), Some(&255));
        assert!(!inspected.silent);
    }
}

#[test]
fn an_mp3_file_that_ends_within_a_frame_is_as_long_as_what_came() {
    let file = fs::read(speech("helen.mp3")).expect("the file");
    let all = read_bytes(file.clone()).expect("whole").length_ms();
    let part = read_bytes(file[..file.len() / 2 + 7].to_vec()).expect("the half").length_ms();
    assert!((all * 4 / 10..all * 6 / 10).contains(&part), "{part} of {all}");
    let mut damaged = file.clone();
    damaged[9_000..9_600].fill(0);
    assert!(read_bytes(damaged).expect("damaged").length_ms() > all * 8 / 10);
    let tagged = [b"ID3\x04\0\0\0\0\x01\x00".as_slice(), &[0xFF; 128], &file].concat();
    assert_eq!(read_bytes(tagged).expect("tagged").length_ms(), all);
}

#[test]
fn a_file_that_is_not_there_is_the_disks_matter() {
    assert!(matches!(inspect(&speech("nobody.wav")), Err(Unreadable::Io(_))));
}

#[test]
fn columns_show_where_it_is_loud() {
    // Half of it silent, then a quarter soft and a quarter loud.
    let mut samples = vec![0.0; 8_000];
    samples.extend(tone(8_000, 300.0, 0.5).iter().map(|sample| sample / 5.0));
    samples.extend(tone(8_000, 300.0, 0.5));
    let (format, bits, data) = coded("16 bits", &samples);
    let found = inspected(Cursor::new(whole(format, bits, 1, 8_000, &data))).expect("sound");
    assert_eq!((found.length_ms, found.silent), (2_000, false));
    assert!(found.peaks[..99].iter().all(|peak| *peak == 0));
    assert!(found.peaks[102..148].iter().all(|peak| (40..=60).contains(peak)), "{:?}", found.peaks);
    assert!(found.peaks[152..].iter().all(|peak| *peak > 240), "{:?}", found.peaks);
}

#[test]
fn short_and_silent_recordings_have_their_columns_too() {
    for samples in [0, 1, 80, 8_000] {
        let (format, bits, data) = coded("16 bits", &vec![0.001; samples]);
        let found = inspected(Cursor::new(whole(format, bits, 1, 8_000, &data))).expect("sound");
        assert!(found.silent);
        assert_eq!(found.peaks, vec![0; PEAKS], "{samples} samples");
    }
    let (format, bits, data) = coded("16 bits", &tone(8_000, 300.0, 0.02));
    let found = inspected(Cursor::new(whole(format, bits, 1, 8_000, &data))).expect("sound");
    assert!(found.peaks.iter().all(|peak| *peak > 200), "{:?}", found.peaks);
}

#[test]
fn what_is_written_is_read_again() {
    let sound = Sound { rate: 8_000, samples: tone(8_000, 440.0, 1.0) };
    let same = read_bytes(sound.to_wav(8_000)).expect("the same");
    assert_eq!(same.rate, 8_000);
    check_like(&same.samples, &sound.samples, 0.000_02);

    let finer = read_bytes(sound.to_wav(16_000)).expect("finer");
    assert_eq!((finer.rate, finer.length_ms()), (16_000, 1_000));
    assert!((crossings_a_second(&finer.samples, 16_000) - 880.0).abs() < 4.0);

    let recorded = Sound { rate: 48_000, samples: tone(48_000, 440.0, 1.0) };
    let kept = read_bytes(recorded.to_wav(16_000)).expect("kept");
    assert_eq!((kept.rate, kept.length_ms()), (16_000, 1_000));
    assert!((crossings_a_second(&kept.samples, 16_000) - 880.0).abs() < 4.0);
}
