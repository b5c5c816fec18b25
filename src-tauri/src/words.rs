//! Every English word Ringdesk says outside its window: notifications and the tray.

use ringdesk_domain::calls::Ending;
use ringdesk_inbox::{News, Piece};
use ringdesk_machine::Note;

pub(crate) const OPEN: &str = "Open Ringdesk";
pub(crate) const NEW_TEXT: &str = "New text…";
pub(crate) const PAUSE: &str = "Pause notifications";
pub(crate) const PAUSES: [(&str, Option<u32>); 3] =
    [("For 30 minutes", Some(30)), ("For 1 hour", Some(60)), ("Until tomorrow morning", None)];
pub(crate) const RESUME: &str = "Resume notifications";
pub(crate) const CHECK: &str = "Check the line";
pub(crate) const CLOSE_EARLY: &str = "Close early today";
pub(crate) const OPEN_AGAIN: &str = "Open again";
pub(crate) const QUIT: &str = "Quit (calls and texts stop arriving)";
pub(crate) const QUIT_BACKED: &str = "Quit (texts stop arriving, voicemail stays on)";
pub(crate) const QUIT_UNSURE: &str = "Quit (texts stop arriving)";

/// How the line is, for the tray.
pub(crate) const NO_LINE: &str = "No line is open";
pub(crate) const NO_WAY: &str = "Customers can’t reach you yet";
pub(crate) const UNREACHABLE: &str = "Customers can’t reach you";
pub(crate) const OPENING: &str = "Connecting…";
pub(crate) const OFFLINE: &str = "Not connected";
pub(crate) const SIGN_IN_REFUSED: &str = "Twilio no longer accepts your sign-in";
pub(crate) const MOVED: &str = "Calls go to an old address";
pub(crate) const ELSEWHERE: &str = "Another computer answers";
pub(crate) const LOCKED: &str = "Nothing is sent until you say so";
pub(crate) const PRACTICE: &str = "Practice line";
pub(crate) const CONNECTED: &str = "Connected";

/// The first line of the tray's menu. `asks`: something about the line waits for its owner.
pub(crate) fn status(line: &str, unread: u32, asks: bool) -> String {
    let unread = if unread == 0 { String::new() } else { format!(" · {unread} unread") };
    let asks = if asks { " · something needs you" } else { "" };
    format!("{line}{unread}{asks}")
}

/// What the icon says of itself: the menu's first line, and whose it is.
pub(crate) fn tooltip(status: &str) -> String {
    format!("Ringdesk: {status}")
}

pub(crate) fn title(unread: u32) -> String {
    match unread {
        0 => "Ringdesk".to_owned(),
        unread => format!("({unread}) Ringdesk"),
    }
}

/// What a notification of some news says.
pub(crate) fn note(news: &News) -> Note {
    let (title, body) = match news {
        News::Texts(piece) => texts(piece),
        News::Missed(piece, ending) => (
            match &piece.who {
                Some(who) => format!("Missed call from {who}"),
                None => "Missed call".to_owned(),
            },
            match ending {
                Some(Ending::Voicemail) => "They left a message.".to_owned(),
                _ => "Open Ringdesk to call back or to text.".to_owned(),
            },
        ),
        News::Voicemail { piece, seconds } => voicemail(piece, *seconds),
        News::Failure(piece) => (
            match &piece.who {
                Some(who) => format!("Not delivered to {who}"),
                None => "A text was not delivered".to_owned(),
            },
            "Open the conversation to see why and what to do.".to_owned(),
        ),
        News::Away { texts, people, missed, voicemails, .. } => away((*texts, *people), *missed, *voicemails),
        News::Digest { texts, people, calls, failed, .. } => digest((*texts, *people), *calls, *failed),
    };
    Note { title, body, urgent: false }
}

fn texts(piece: &Piece) -> (String, String) {
    let title = match (&piece.who, piece.unread) {
        (Some(who), 0 | 1) => who.clone(),
        (Some(who), unread) => format!("{who} ({unread} new)"),
        (None, 0 | 1) => "New text".to_owned(),
        (None, unread) => format!("{unread} new texts"),
    };
    let body = match (&piece.words, piece.pictures) {
        (Some(words), 0) => words.clone(),
        (Some(words), 1) if words.is_empty() => "Sent a photo".to_owned(),
        (Some(words), many) if words.is_empty() => format!("Sent {many} photos"),
        (Some(words), _) => format!("Photo: {words}"),
        (None, _) if piece.who.is_some() => "Sent you a text.".to_owned(),
        (None, _) => "Open Ringdesk to read it.".to_owned(),
    };
    (title, body)
}

fn voicemail(piece: &Piece, seconds: Option<u32>) -> (String, String) {
    let Some(who) = &piece.who else {
        return ("New voicemail".to_owned(), "Somebody left a message.".to_owned());
    };
    let long = seconds.map(|seconds| format!("{}:{:02}", seconds / 60, seconds % 60));
    let words = piece.words.as_deref().filter(|words| !words.is_empty());
    let body = match (long, words) {
        (Some(long), Some(words)) => format!("Left a message ({long}): {words}"),
        (Some(long), None) => format!("Left a message, {long} long."),
        (None, Some(words)) => format!("Left a message: {words}"),
        (None, None) => "Left a message.".to_owned(),
    };
    (who.clone(), body)
}

fn away(texts: (u32, u32), missed: u32, voicemails: u32) -> (String, String) {
    let left = (voicemails > 0).then(|| counted(voicemails, "voicemail", "voicemails"));
    let said: Vec<String> = [arrived(texts), calls_missed(missed), left].into_iter().flatten().collect();
    ("While you were away".to_owned(), format!("{}.", said.join(", ")))
}

fn arrived((texts, people): (u32, u32)) -> Option<String> {
    let from = || counted(people, "person", "people");
    (texts > 0).then(|| format!("{} from {}", counted(texts, "text", "texts"), from()))
}

fn calls_missed(calls: u32) -> Option<String> {
    (calls > 0).then(|| counted(calls, "missed call", "missed calls"))
}

fn digest(texts: (u32, u32), calls: u32, failed: u32) -> (String, String) {
    let lost = (failed > 0).then(|| format!("{} not delivered", counted(failed, "text was", "texts were")));
    // Some of them left a message.
    let calls = (calls > 0).then(|| counted(calls, "call nobody took", "calls nobody took"));
    let said: Vec<String> = [arrived(texts), calls, lost].into_iter().flatten().collect();
    ("While you were away".to_owned(), format!("{}.", said.join(". ")))
}

fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What is said of a line without its connection.
pub(crate) fn lost() -> Note {
    Note {
        title: "Your line is not connected".to_owned(),
        body: "Ringdesk can’t reach Twilio. Check this computer’s internet connection; texts you write wait until it is back."
            .to_owned(),
        urgent: true,
    }
}

/// What is said when Twilio refuses our token.
pub(crate) fn refused() -> Note {
    Note {
        title: SIGN_IN_REFUSED.to_owned(),
        body: "The token may have been changed. Open Ringdesk to connect again.".to_owned(),
        urgent: true,
    }
}

/// What is said of a line customers do not get through to. `backup`: whether a sleep backup answers, where
/// that is known.
pub(crate) fn unreachable(backup: Option<bool>) -> Note {
    let callers = match backup {
        Some(true) => "Callers hear your voicemail.",
        Some(false) => "Callers hear an error.",
        None => "Calls and texts don’t reach this computer.",
    };
    Note {
        title: "Your line is not reachable".to_owned(),
        body: format!("{callers} Open Ringdesk to fix it."),
        urgent: true,
    }
}

/// What is said when there is a new address and the lines may not follow by themselves.
pub(crate) fn moved() -> Note {
    Note {
        title: "Your line moved".to_owned(),
        body: "This computer has a new address. Open Ringdesk to point your line there.".to_owned(),
        urgent: true,
    }
}

/// What is said when another computer answers a line.
pub(crate) fn elsewhere() -> Note {
    Note {
        title: "Another computer answers now".to_owned(),
        body: "Texts and calls go to Ringdesk on another computer. Open Ringdesk to answer here instead."
            .to_owned(),
        urgent: true,
    }
}

/// What is said when the lines followed to a new address.
pub(crate) fn followed() -> Note {
    Note {
        title: "Your line is back".to_owned(),
        body: "This computer has a new address, and your line already points there. There is nothing to do."
            .to_owned(),
        urgent: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::{ConversationId, Moment};

    fn about(who: Option<&str>, words: Option<&str>, pictures: u32, unread: u32) -> Piece {
        Piece {
            conversation: ConversationId::new(Moment(0)),
            who: who.map(Into::into),
            words: words.map(Into::into),
            pictures,
            unread,
        }
    }

    fn piece(who: Option<&str>, words: Option<&str>, pictures: u32, unread: u32) -> News {
        News::Texts(about(who, words, pictures, unread))
    }

    fn away(texts: u32, people: u32, missed: u32, voicemails: u32) -> News {
        let (from, to) = (Moment(0), Moment(8 * 60 * 60_000));
        News::Away { from, to, texts, people, calls: missed + voicemails, missed, voicemails }
    }

    fn digested(texts: u32, people: u32, calls: u32, failed: u32) -> News {
        News::Digest { texts, people, calls, failed, failed_in: Vec::new() }
    }

    #[test]
    fn a_notification_says_who_and_what_or_only_as_much_as_is_wanted() {
        for (news, title, body) in [
            (piece(Some("Priya"), Some("Are you open?"), 0, 1), "Priya", "Are you open?"),
            (piece(Some("Priya"), Some("Hello?"), 0, 3), "Priya (3 new)", "Hello?"),
            (piece(Some("Priya"), Some(""), 1, 1), "Priya", "Sent a photo"),
            (piece(Some("Priya"), Some("This one"), 2, 1), "Priya", "Photo: This one"),
            (piece(Some("Priya"), None, 0, 1), "Priya", "Sent you a text."),
            (piece(None, None, 0, 2), "2 new texts", "Open Ringdesk to read it."),
            (
                away(12, 5, 3, 1),
                "While you were away",
                "12 texts from 5 people, 3 missed calls, 1 voicemail.",
            ),
            (away(0, 0, 1, 0), "While you were away", "1 missed call."),
            (
                digested(12, 5, 2, 1),
                "While you were away",
                "12 texts from 5 people. 2 calls nobody took. 1 text was not delivered.",
            ),
            (digested(4, 1, 0, 0), "While you were away", "4 texts from 1 person."),
        ] {
            let note = note(&news);
            assert_eq!((note.title.as_str(), note.body.as_str()), (title, body));
        }
    }

    #[test]
    fn the_tray_says_how_the_line_is_what_is_unread_and_whether_something_waits() {
        assert_eq!(status(CONNECTED, 0, false), "Connected");
        assert_eq!(status(CONNECTED, 5, false), "Connected · 5 unread");
        assert_eq!(status(CONNECTED, 5, true), "Connected · 5 unread · something needs you");
    }

    #[test]
    fn a_voicemail_says_who_how_long_and_what_or_only_as_much_as_is_wanted() {
        let helen = "Hi Nora, it's Helen at number nine…";
        for (who, words, seconds, title, body) in [
            (
                Some("Helen"),
                Some(helen),
                Some(42),
                "Helen",
                "Left a message (0:42): Hi Nora, it's Helen at number nine…",
            ),
            (Some("Helen"), Some("Call me."), None, "Helen", "Left a message: Call me."),
            (Some("Helen"), Some(""), Some(125), "Helen", "Left a message, 2:05 long."),
            (Some("Helen"), None, Some(7), "Helen", "Left a message, 0:07 long."),
            (Some("Helen"), None, None, "Helen", "Left a message."),
            (None, None, Some(42), "New voicemail", "Somebody left a message."),
        ] {
            let note = note(&News::Voicemail { piece: about(who, words, 0, 1), seconds });
            assert_eq!((note.title.as_str(), note.body.as_str()), (title, body));
        }
    }
}
