//! What an export says of texts, calls and consent, for people who never saw the window.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use ringdesk_domain::{
    Arrival, Moment, Status,
    calls::Ending,
    media::{self, is_card},
};

/// What a file of the media folder is called outside it.
pub(crate) fn file_name(sha256: &str, content_type: &str) -> String {
    format!("{sha256}.{}", media::extension(content_type))
}

/// What saves a file of this type.
pub(crate) fn save(content_type: &str) -> &'static str {
    match content_type.split_once('/') {
        Some(("image", _)) => "Save this picture",
        Some(("audio", _)) => "Save this sound",
        Some(("video", _)) => "Save this video",
        Some(("application", "pdf")) => "Save this document",
        _ if is_card(content_type) => "Save this contact card",
        _ => "Save this file",
    }
}

/// A moment on the business's clock.
pub(crate) fn zoned(at: Moment, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

/// For programs: `2026-11-20T10:00:00-08:00`.
pub(crate) fn iso(at: Moment, zone: &TimeZone) -> String {
    zoned(at, zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// For people: `Fri 20 Nov 2026, 10:00:00 PST (UTC-08:00)`.
pub(crate) fn human(at: Moment, zone: &TimeZone) -> String {
    zoned(at, zone).strftime("%a %-d %b %Y, %H:%M:%S %Z (UTC%:z)").to_string()
}

/// In the name of a file: `2026-11-22 1805`.
pub(crate) fn stamp(at: Moment, zone: &TimeZone) -> String {
    zoned(at, zone).strftime("%Y-%m-%d %H%M").to_string()
}

/// How far a text got.
pub(crate) fn status(status: &Status) -> &str {
    match status {
        Status::Waiting => "waiting to be sent",
        Status::SendUnknown => "may have been sent",
        Status::TakenBack => "taken back",
        Status::Twilio(status) => status.word(),
    }
}

/// Why something is here later than it came, if it is.
pub(crate) const fn late(arrival: Arrival) -> Option<&'static str> {
    match arrival {
        Arrival::Live => None,
        Arrival::Missed => Some("Fetched from Twilio later"),
        Arrival::Asleep => Some("Fetched from Twilio after the computer was off"),
        Arrival::History => Some("Brought in from Twilio's records"),
    }
}

/// How a call ended.
pub(crate) const fn ending(ending: Option<Ending>) -> &'static str {
    match ending {
        Some(Ending::Answered) => "Answered",
        Some(Ending::Voicemail) => "Left a voicemail",
        Some(Ending::HungUpRinging) => "Hung up while it rang",
        Some(Ending::HungUpGreeting) => "Hung up without leaving a message",
        Some(Ending::ScreenedOut) => "Nobody took the call",
        Some(Ending::HeardMessage) => "Heard that the business is closed",
        Some(Ending::Blocked) => "Refused: the caller is blocked",
        Some(Ending::Busy) => "Busy",
        Some(Ending::NoAnswer) => "No answer",
        Some(Ending::Canceled) => "Ended before anybody picked up",
        Some(Ending::Failed) => "Could not be put through",
        None => "Not known yet",
    }
}

/// A line of the consent ledger; one that a later release wrote stays as it is.
pub(crate) fn consent(event: &str) -> &str {
    match event {
        "stop_word" => "The customer opted out of texts",
        "start_word" => "The customer opted in again",
        "yes_while_out" => "The customer wrote YES after opting out",
        "stop_suggested" => "The customer's words sounded like opting out",
        "twilio_refused" => "Twilio refused a text: the customer had opted out",
        "owner_opted_out" => "We marked the customer as opted out",
        "owner_took_back" => "We took our mark back",
        "owner_confirmed" => "We confirmed that the customer wants texts",
        other => other,
    }
}

/// Seconds as people say them: `1 min 5 s`.
pub(crate) fn seconds(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_its_zone() {
        let zone = TimeZone::get("America/Los_Angeles").expect("a zone");
        let at = Moment(1_795_197_600_000);
        assert_eq!(iso(at, &zone), "2026-11-20T10:00:00-08:00");
        assert_eq!(human(at, &zone), "Fri 20 Nov 2026, 10:00:00 PST (UTC-08:00)");
        assert_eq!(stamp(at, &zone), "2026-11-20 1000");
        let summer = at.plus_ms(-120 * 24 * 60 * 60_000);
        assert_eq!(iso(summer, &zone), "2026-07-23T11:00:00-07:00");
        let all = [59, 60, 65].map(seconds);
        assert_eq!(all, ["59 s", "1 min", "1 min 5 s"]);
    }
}
