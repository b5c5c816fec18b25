//! `<Play>`: a file on this computer is fetched, as Twilio would, and has to be sound that Twilio plays.
//! Source of the types: Twilio's `<Play>` page.

use super::{
    leg::{Cut, FILE_MS, Leg},
    letters::{content_type, unreachable},
    register::Heard,
    tape,
};
use crate::World;
use bytes::Bytes;
use reqwest::Url;
use serde::Serialize;
use std::net::IpAddr;

/// What Twilio plays.
const PLAYED: [&str; 10] = [
    "audio/mpeg",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/aiff",
    "audio/x-aifc",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
    "audio/ulaw",
];

/// A file that was fetched to be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetched {
    /// From where.
    pub url: String,
    /// The answer's status; none where there was no answer.
    pub status: Option<u16>,
    /// What it was said to be, without parameters, in lower case.
    pub content_type: String,
    /// How large it is.
    pub bytes: u64,
    /// Whether Twilio would have played it.
    pub played: bool,
}

impl Leg {
    /// Lets the person hear a file. What is elsewhere is believed to be there; what is on this computer
    /// and cannot be had, or is no sound, is passed over with Twilio's alert.
    pub(super) async fn play(&mut self, url: &str, times: u64) -> Result<(), Cut> {
        if !is_here(url) {
            return self.voice(Heard::Played, url, FILE_MS * times).await;
        }
        self.answer();
        let (fetched, sound) = {
            // As long as it takes, no time passes.
            let _hold = self.scene.time.hold();
            fetch(&self.scene.world, url).await
        };
        self.scene.change(&self.sid, |call, _| call.fetched.push(fetched));
        // Whoever hung up meanwhile does not hear it.
        self.wait(0).await?;
        match sound {
            Ok(sound) => {
                let length_ms = tape::length_ms(&sound).unwrap_or(FILE_MS);
                self.voice(Heard::Played, url, length_ms.saturating_mul(times)).await
            }
            Err((code, message)) => {
                self.alert(code, message);
                Ok(())
            }
        }
    }
}

/// Whether an address is of this very computer: nobody else is ever asked.
fn is_here(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn fetch(world: &World, url: &str) -> (Fetched, Result<Bytes, (u32, String)>) {
    let mut fetched =
        Fetched { url: url.to_owned(), status: None, content_type: String::new(), bytes: 0, played: false };
    let answer = match world.http.get(url).send().await {
        Ok(answer) => answer,
        Err(error) => return (fetched, Err(unreachable(&error))),
    };
    let status = answer.status();
    fetched.status = Some(status.as_u16());
    fetched.content_type = content_type(&answer);
    let sound = match answer.bytes().await {
        Ok(sound) => sound,
        Err(error) => return (fetched, Err(unreachable(&error))),
    };
    fetched.bytes = u64::try_from(sound.len()).unwrap_or(u64::MAX);
    if !status.is_success() {
        return (fetched, Err((11200, format!("HTTP {}", status.as_u16()))));
    }
    let looked_at = look_at(&fetched.content_type, &sound);
    fetched.played = looked_at.is_ok();
    (fetched, looked_at.map(|()| sound))
}

/// Whether a file is what it is said to be, and that something Twilio plays.
fn look_at(content_type: &str, sound: &[u8]) -> Result<(), (u32, String)> {
    if !PLAYED.contains(&content_type) {
        return Err((13420, "what shall be played has no content type of sound".to_owned()));
    }
    let is_it = match content_type {
        "audio/mpeg" => tape::is_mp3(sound),
        "audio/wav" | "audio/wave" | "audio/x-wav" => tape::is_wav(sound),
        _ => !sound.is_empty(),
    };
    if is_it { Ok(()) } else { Err((12400, "what shall be played is not what it is said to be".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_is_asked() {
        for (url, here) in [
            ("http://127.0.0.1:8787/greeting", true),
            ("http://127.9.9.9/x.wav", true),
            ("https://localhost/x.wav", true),
            ("http://[::1]:8787/x.wav", true),
            ("http://192.0.2.1/x.wav", false),
            ("http://[2001:db8::1]/x.wav", false),
            ("https://phone.example.test/127.0.0.1", false),
            ("https://localhost.example.test/", false),
            ("x.wav", false),
        ] {
            assert_eq!(is_here(url), here, "{url}");
        }
    }

    #[test]
    fn what_is_played_is_what_it_is_said_to_be() {
        for (content_type, file, code) in [
            ("audio/wav", &b"RIFF\x04\0\0\0WAVE"[..], None),
            ("audio/mpeg", b"ID3", None),
            ("audio/gsm", b"anything", None),
            ("audio/wav", b"ID3", Some(12400)),
            ("audio/mpeg", b"<html>", Some(12400)),
            ("text/html", b"<html>", Some(13420)),
            ("audio/ogg", b"OggS", Some(13420)),
            ("", b"ID3", Some(13420)),
        ] {
            let found = look_at(content_type, file).err().map(|(code, _)| code);
            assert_eq!(found, code, "{content_type}");
        }
    }
}
