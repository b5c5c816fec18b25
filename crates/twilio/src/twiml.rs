//! Answers to TwiML webhooks, built from verbs, never from text. Names, values and defaults are Twilio's.
//! Source: Twilio's "TwiML for Programmable Voice".

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io;

/// "Do nothing more": the answer to a text that gets no automatic reply, and to a call that is over.
pub const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Characters Twilio speaks in one go. Source: Twilio's `<Say>` page.
const MOST_SPOKEN: usize = 4_096;

/// A step of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Words, spoken.
    Say(Say),
    /// A sound file.
    Play {
        /// Where it is.
        url: String,
    },
    /// Silence, in seconds.
    Pause(u32),
    /// Rings other phones.
    Dial(Dial),
    /// Takes a message.
    Record(Record),
    /// Waits for keys.
    Gather(Gather),
    /// Goes on with another document.
    Redirect(String),
    /// Refuses the call before it is answered; nothing is charged.
    Reject,
    /// Ends the call.
    Hangup,
}

/// Words, spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// The words; what is over 4,096 characters is not said.
    pub text: String,
    /// Such as `Polly.Joanna`.
    pub voice: String,
    /// Such as `en-US`; must be one the voice speaks.
    pub language: String,
}

/// Rings other phones until one takes the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// Where Twilio asks how to go on, whatever came of it.
    pub action: String,
    /// Seconds each rings; Twilio adds five.
    pub timeout: u32,
    /// The number they see; the caller's when left out.
    pub caller_id: Option<String>,
    /// The caller hears ringing, and is not charged, until somebody has taken the call.
    pub answer_on_bridge: bool,
    /// One after another instead of all at once.
    pub sequential: bool,
    /// At most ten.
    pub numbers: Vec<DialNumber>,
}

/// A phone that is rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialNumber {
    /// E.164.
    pub number: String,
    /// The document whoever picks up hears first.
    pub screen: Option<String>,
    /// Where its progress is posted.
    pub status_callback: String,
}

/// Takes a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where Twilio asks how to go on; without it the same document would begin anew.
    pub action: String,
    /// Seconds of message at most.
    pub max_length: u32,
    /// The key that ends it.
    pub finish_on_key: char,
    /// Seconds of silence that end it.
    pub timeout: u32,
    /// Where Twilio tells that the recording can be had, or that there is none.
    pub recording_status_callback: String,
    /// Where Twilio posts what was said; nothing is written down when left out. Twilio charges for it,
    /// understands English only, and wants more than 2 and fewer than 120 seconds.
    pub transcribe_callback: Option<String>,
}

/// Waits for keys; when none comes, the document goes on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Where the keys are posted.
    pub action: String,
    /// How many.
    pub num_digits: u32,
    /// Seconds without a key.
    pub timeout: u32,
    /// What is said meanwhile.
    pub says: Vec<Say>,
}

/// A document.
pub fn document(verbs: &[Verb]) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let response = writer.create_element("Response");
    let _ = if verbs.is_empty() {
        response.write_empty()
    } else {
        response.write_inner_content(|writer| verbs.iter().try_for_each(|verb| write(writer, verb)))
    };
    String::from_utf8(writer.into_inner()).unwrap_or_else(|_| EMPTY.to_owned())
}

fn write(writer: &mut Writer<Vec<u8>>, verb: &Verb) -> io::Result<()> {
    match verb {
        Verb::Say(say) => write_say(writer, say)?,
        Verb::Play { url } => text(writer, "Play", &[], url)?,
        Verb::Pause(seconds) => empty(writer, "Pause", &[("length", &seconds.to_string())])?,
        Verb::Dial(dial) => write_dial(writer, dial)?,
        Verb::Record(record) => write_record(writer, record)?,
        Verb::Gather(gather) => {
            let (digits, timeout) = (gather.num_digits.to_string(), gather.timeout.to_string());
            let attributes =
                [("action", gather.action.as_str()), ("numDigits", &digits), ("timeout", &timeout)];
            writer.create_element("Gather").with_attributes(attributes).write_inner_content(|writer| {
                gather.says.iter().try_for_each(|say| write_say(writer, say))
            })?;
        }
        Verb::Redirect(url) => text(writer, "Redirect", &[], url)?,
        Verb::Reject => empty(writer, "Reject", &[])?,
        Verb::Hangup => empty(writer, "Hangup", &[])?,
    }
    Ok(())
}

fn write_say(writer: &mut Writer<Vec<u8>>, say: &Say) -> io::Result<()> {
    let words: String = say.text.chars().take(MOST_SPOKEN).collect();
    text(writer, "Say", &[("voice", &say.voice), ("language", &say.language)], &words)
}

fn write_dial(writer: &mut Writer<Vec<u8>>, dial: &Dial) -> io::Result<()> {
    let timeout = dial.timeout.to_string();
    let mut attributes = vec![("action", dial.action.as_str()), ("timeout", &timeout)];
    if let Some(caller_id) = &dial.caller_id {
        attributes.push(("callerId", caller_id));
    }
    if dial.answer_on_bridge {
        attributes.push(("answerOnBridge", "true"));
    }
    if dial.sequential {
        attributes.push(("sequential", "true"));
    }
    writer.create_element("Dial").with_attributes(attributes).write_inner_content(|writer| {
        dial.numbers.iter().try_for_each(|number| {
            let mut attributes = Vec::new();
            if let Some(screen) = &number.screen {
                attributes.push(("url", screen.as_str()));
            }
            attributes.push(("statusCallback", &number.status_callback));
            attributes.push(("statusCallbackEvent", "initiated ringing answered completed"));
            text(writer, "Number", &attributes, &number.number)
        })
    })?;
    Ok(())
}

fn write_record(writer: &mut Writer<Vec<u8>>, record: &Record) -> io::Result<()> {
    let (longest, timeout) = (record.max_length.to_string(), record.timeout.to_string());
    let finish_key = record.finish_on_key.to_string();
    let mut attributes = vec![
        ("action", record.action.as_str()),
        ("maxLength", &longest),
        ("finishOnKey", &finish_key),
        ("timeout", &timeout),
        ("recordingStatusCallback", &record.recording_status_callback),
        ("recordingStatusCallbackEvent", "completed absent"),
    ];
    if let Some(callback) = &record.transcribe_callback {
        attributes.push(("transcribe", "true"));
        attributes.push(("transcribeCallback", callback));
    }
    empty(writer, "Record", &attributes)
}

fn text(
    writer: &mut Writer<Vec<u8>>,
    name: &str,
    attributes: &[(&str, &str)],
    content: &str,
) -> io::Result<()> {
    let element = writer.create_element(name).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::new(content)).map(|_| ())
}

fn empty(writer: &mut Writer<Vec<u8>>, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    writer.create_element(name).with_attributes(attributes.iter().copied()).write_empty().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> Say {
        Say { text: text.into(), voice: "Polly.Joanna".into(), language: "en-US".into() }
    }

    #[test]
    fn nothing_to_do_is_an_empty_response() {
        assert_eq!(document(&[]), EMPTY);
    }

    #[test]
    fn what_a_business_is_called_cannot_become_a_verb() {
        let said = document(&[Verb::Say(say("Smith & Sons <Hangup/> \"Plumbing\""))]);
        assert!(said.contains("Smith &amp; Sons &lt;Hangup/&gt;"), "{said}");
        assert!(!said.contains("<Hangup/>"), "{said}");
        let url = "https://phone.example.test/a?b=1&c=\"2\"";
        let dialed = document(&[Verb::Gather(Gather {
            action: url.into(),
            num_digits: 1,
            timeout: 5,
            says: vec![say("Press 1.")],
        })]);
        assert!(
            dialed.contains("action=\"https://phone.example.test/a?b=1&amp;c=&quot;2&quot;\""),
            "{dialed}"
        );
    }

    #[test]
    fn a_screened_forward_reads_as_twilio_wants_it() {
        let forward = document(&[Verb::Dial(Dial {
            action: "https://p.test/after".into(),
            timeout: 20,
            caller_id: Some("+15005550006".into()),
            answer_on_bridge: true,
            sequential: true,
            numbers: vec![DialNumber {
                number: "+14155550107".into(),
                screen: Some("https://p.test/screen".into()),
                status_callback: "https://p.test/status".into(),
            }],
        })]);
        assert_eq!(
            forward,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Dial action=\"https://p.test/after\" timeout=\"20\" callerId=\"+15005550006\" answerOnBridge=\"true\" sequential=\"true\"><Number url=\"https://p.test/screen\" statusCallback=\"https://p.test/status\" statusCallbackEvent=\"initiated ringing answered completed\">+14155550107</Number></Dial></Response>"
        );
    }

    #[test]
    fn a_message_is_written_down_only_where_that_is_asked_for() {
        let mut record = Record {
            action: "https://p.test/done".into(),
            max_length: 119,
            finish_on_key: '#',
            timeout: 10,
            recording_status_callback: "https://p.test/recording".into(),
            transcribe_callback: None,
        };
        let plain = concat!(
            "<Record action=\"https://p.test/done\" maxLength=\"119\" finishOnKey=\"#\" timeout=\"10\" ",
            "recordingStatusCallback=\"https://p.test/recording\" ",
            "recordingStatusCallbackEvent=\"completed absent\"",
        );
        let recorded = document(&[Verb::Record(record.clone())]);
        assert!(recorded.contains(&format!("{plain}/>")), "{recorded}");
        record.transcribe_callback = Some("https://p.test/words".into());
        let written = document(&[Verb::Record(record)]);
        let words = " transcribe=\"true\" transcribeCallback=\"https://p.test/words\"/>";
        assert!(written.contains(&format!("{plain}{words}")), "{written}");
    }

    #[test]
    fn words_without_end_are_cut_where_twilio_would_refuse_them() {
        let said = document(&[Verb::Say(say(&"é".repeat(5_000)))]);
        assert_eq!(said.matches('é').count(), MOST_SPOKEN);
    }
}
