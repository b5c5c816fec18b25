//! TwiML as Twilio reads it: what is not well-formed is refused, what is unknown is passed over with
//! the warning Twilio would log. Running it is `leg.rs`'s business.

use super::register::Progress;
use crate::carrier::Method;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::ops::RangeInclusive;

/// The largest answer Twilio reads.
pub(crate) const MOST_BYTES: usize = 64 * 1024;
/// No document of ours comes near; what does is not worth a deep stack.
const DEEPEST: usize = 32;
/// What `loop="0"` comes to.
const FOR_EVER: u64 = 1_000;

const PARSE_FAILURE: u32 = 12100;
const SCHEMA_WARNING: u32 = 12200;
const TOO_LONG_TO_WRITE_DOWN: u32 = 13615;

/// What Twilio would log about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) code: u32,
    pub(crate) message: String,
}

/// A document that can be run.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) verbs: Vec<Verb>,
    pub(crate) complaints: Vec<Complaint>,
}

impl Document {
    /// A document that only lets somebody hear something.
    pub(crate) fn of(prompt: Prompt) -> Self {
        Self { verbs: vec![Verb::Prompt(prompt)], complaints: Vec::new() }
    }
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verb {
    Prompt(Prompt),
    Gather(Gather),
    Record(Record),
    Dial(Dial),
    Redirect(Link),
    Reject(Reason),
    Hangup,
    Leave,
}

/// What somebody is made to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prompt {
    Say { text: String, times: u64 },
    Play { what: Tune, times: u64 },
    Pause { seconds: u64 },
}

/// What is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tune {
    File(Link),
    /// What came as the answer to a question, by the address that was asked.
    Answer(String),
    Keys(String),
}

/// An address in a document; relative, as it was written. An empty one is the document itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) method: Method,
}

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Rejected,
    Busy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gather {
    pub(crate) action: Link,
    pub(crate) timeout_s: u64,
    /// How many keys are enough.
    pub(crate) digits: Option<usize>,
    pub(crate) finish_key: Option<char>,
    /// Whether keys count at all.
    pub(crate) keys: bool,
    /// Whether the action is asked although nothing was pressed.
    pub(crate) on_empty: bool,
    pub(crate) prompts: Vec<Prompt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) action: Link,
    /// How much silence ends it; 0 for none.
    pub(crate) silence_s: u64,
    pub(crate) finish_keys: String,
    pub(crate) max_s: u64,
    pub(crate) beep: bool,
    /// Who is told when the recording is ready.
    pub(crate) callback: Option<Link>,
    /// Whether it is written down.
    pub(crate) transcribe: bool,
    /// Who is told what was written down.
    pub(crate) transcript: Option<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dial {
    pub(crate) action: Option<Link>,
    pub(crate) timeout_s: u64,
    pub(crate) limit_s: u64,
    pub(crate) caller_id: Option<String>,
    pub(crate) answer_on_bridge: bool,
    pub(crate) sequential: bool,
    pub(crate) numbers: Vec<Number>,
}

/// Somebody to ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// As it was written.
    pub(crate) number: String,
    /// What they listen to before they are put through.
    pub(crate) screen: Option<Link>,
    pub(crate) callback: Option<(Link, Vec<Progress>)>,
}

/// Reads a document; one that is not well-formed cannot be run at all.
pub(crate) fn read(text: &str) -> Result<Document, Complaint> {
    let root = tree(text).map_err(|message| Complaint { code: PARSE_FAILURE, message })?;
    if root.name != "Response" {
        let message = format!("the root is <{}>, not <Response>", root.name);
        return Err(Complaint { code: PARSE_FAILURE, message });
    }
    let mut reading = Reading::default();
    reading.allow(&root, &[]);
    let elements = reading.elements(&root);
    let verbs = elements.into_iter().filter_map(|element| reading.verb(element)).collect();
    Ok(Document { verbs, complaints: reading.complaints })
}

/// An element as it was written.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    fn begin(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| error.to_string())?.into_owned();
            attributes.push((attribute.key.0.to_owned(), value));
        }
        Ok(Self { name: tag.name().0.to_owned(), attributes, children: Vec::new() })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The elements directly in it.
    fn inner(&self) -> Vec<&Self> {
        let elements = self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        elements.collect()
    }

    /// All the words within, with single spaces.
    fn text(&self) -> String {
        let mut all = String::new();
        self.collect(&mut all);
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn collect(&self, all: &mut String) {
        for child in &self.children {
            match child {
                Node::Text(text) => all.push_str(text),
                Node::Element(element) => {
                    all.push(' ');
                    element.collect(all);
                    all.push(' ');
                }
            }
        }
    }
}

/// The elements of a well-formed text, under its one root.
fn tree(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let words = match event {
            Event::Start(tag) => {
                if open.len() == DEEPEST {
                    return Err("too many elements in each other".into());
                }
                open.push(Element::begin(&tag)?);
                continue;
            }
            Event::Empty(tag) => {
                close(Element::begin(&tag)?, &mut open, &mut root)?;
                continue;
            }
            Event::End(_) => {
                // The parser has seen to it that this is the last one opened.
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root)?;
                }
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().map_err(|error| error.to_string())?;
                let predefined = || quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned);
                character
                    .map(String::from)
                    .or_else(predefined)
                    .ok_or_else(|| "an entity nobody declared".to_owned())?
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => continue,
        };
        match open.last_mut() {
            Some(element) => element.children.push(Node::Text(words)),
            None if words.trim().is_empty() => {}
            None => return Err("there is text outside the root".into()),
        }
    }
    match open.pop() {
        Some(element) => Err(format!("<{}> is not closed", element.name)),
        None => root.ok_or_else(|| "there is nothing in it".into()),
    }
}

/// An element is complete: it belongs to the one it is in, or is the root.
fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), String> {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None if root.is_some() => return Err("there is more than one root".into()),
        None => *root = Some(element),
    }
    Ok(())
}

/// From elements to verbs, with what is odd about them.
#[derive(Debug, Default)]
struct Reading {
    complaints: Vec<Complaint>,
}

/// What `<Say>` may have in it besides words.
const SPEECH: [&str; 11] =
    ["break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w", "amazon:effect"];
/// What a `<Gather>` says while it listens.
const PROMPTS: [&str; 3] = ["Say", "Play", "Pause"];
const KEYS: &str = "0123456789*#";

impl Reading {
    fn verb(&mut self, element: &Element) -> Option<Verb> {
        Some(match element.name.as_str() {
            "Say" | "Play" | "Pause" => Verb::Prompt(self.prompt(element)?),
            "Gather" => Verb::Gather(self.gather(element)),
            "Record" => Verb::Record(self.record(element)),
            "Dial" => Verb::Dial(self.dial(element)),
            "Redirect" => {
                self.allow(element, &["method"]);
                self.childless(element);
                Verb::Redirect(Link { url: element.text(), method: self.method(element, "method") })
            }
            "Reject" => {
                self.allow(element, &["reason"]);
                self.childless(element);
                let reasons = [("rejected", Reason::Rejected), ("busy", Reason::Busy)];
                Verb::Reject(self.word(element, "reason", &reasons, Reason::Rejected))
            }
            "Hangup" => {
                self.bare(element);
                Verb::Hangup
            }
            "Leave" => {
                self.bare(element);
                Verb::Leave
            }
            unknown => {
                self.warn(format!("<{unknown}> is not known here"));
                return None;
            }
        })
    }

    fn prompt(&mut self, element: &Element) -> Option<Prompt> {
        match element.name.as_str() {
            "Say" => {
                self.allow(element, &["voice", "language", "loop"]);
                for inner in element.inner() {
                    if !SPEECH.contains(&inner.name.as_str()) {
                        self.warn(format!("<{}> has no place in <Say>", inner.name));
                    }
                }
                Some(Prompt::Say { text: element.text(), times: self.times(element) })
            }
            "Play" => {
                self.allow(element, &["loop", "digits"]);
                self.childless(element);
                let what = match (element.text(), element.attribute("digits")) {
                    (_, Some(keys)) => Tune::Keys(keys.to_owned()),
                    (url, None) if !url.is_empty() => Tune::File(Link { url, method: Method::Get }),
                    _ => {
                        self.warn("<Play> has nothing to play".into());
                        return None;
                    }
                };
                Some(Prompt::Play { what, times: self.times(element) })
            }
            _ => {
                self.allow(element, &["length"]);
                self.childless(element);
                Some(Prompt::Pause { seconds: self.number(element, "length", 1..=86_400, 1) })
            }
        }
    }

    fn gather(&mut self, element: &Element) -> Gather {
        const SPEECH_ONLY: [&str; 12] = [
            "speechTimeout",
            "speechModel",
            "language",
            "hints",
            "profanityFilter",
            "enhanced",
            "partialResultCallback",
            "partialResultCallbackMethod",
            "bargeIn",
            "maxSpeechTime",
            "debug",
            "dtmfDetection",
        ];
        let own = ["input", "action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"];
        self.allow(element, &[&own[..], &SPEECH_ONLY[..]].concat());
        let mut prompts = Vec::new();
        for inner in self.elements(element) {
            if PROMPTS.contains(&inner.name.as_str()) {
                prompts.extend(self.prompt(inner));
            } else {
                self.warn(format!("<{}> has no place in <Gather>", inner.name));
            }
        }
        let inputs = [("dtmf", true), ("speech", false), ("dtmf speech", true), ("speech dtmf", true)];
        let digits = element.attribute("numDigits").map(|_| self.number(element, "numDigits", 1..=1_000, 1));
        let finish_key = match element.attribute("finishOnKey") {
            None => Some('#'),
            Some("") => None,
            Some(key) if key.len() == 1 && KEYS.contains(key) => key.chars().next(),
            Some(_) => {
                self.strange(element, "finishOnKey");
                Some('#')
            }
        };
        Gather {
            action: self.action(element).unwrap_or_else(|| self.itself(element)),
            timeout_s: self.number(element, "timeout", 0..=3_600, 5),
            digits: digits.and_then(|digits| usize::try_from(digits).ok()),
            finish_key,
            keys: self.word(element, "input", &inputs, true),
            on_empty: self.yes(element, "actionOnEmptyResult"),
            prompts,
        }
    }

    fn record(&mut self, element: &Element) -> Record {
        self.allow(
            element,
            &[
                "action",
                "method",
                "timeout",
                "finishOnKey",
                "maxLength",
                "playBeep",
                "trim",
                "recordingStatusCallback",
                "recordingStatusCallbackMethod",
                "recordingStatusCallbackEvent",
                "transcribe",
                "transcribeCallback",
                "recordingConfigurationId",
            ],
        );
        for inner in self.elements(element) {
            self.warn(format!("<{}> has no place in <Record>", inner.name));
        }
        self.word(element, "trim", &[("trim-silence", ()), ("do-not-trim", ())], ());
        let transcribe = self.yes(element, "transcribe");
        let max_s = self.number(element, "maxLength", 2..=14_400, if transcribe { 120 } else { 3_600 });
        if transcribe && max_s > 120 {
            let message = "<Record> may last longer than what can be transcribed".to_owned();
            self.complaints.push(Complaint { code: TOO_LONG_TO_WRITE_DOWN, message });
        }
        // By itself it means nothing, and it is always posted to.
        let transcript = element.attribute("transcribeCallback").filter(|url| transcribe && !url.is_empty());
        let finish_keys = match element.attribute("finishOnKey") {
            Some(keys) if keys.chars().all(|key| KEYS.contains(key)) => keys,
            Some(_) => {
                self.strange(element, "finishOnKey");
                KEYS
            }
            None => KEYS,
        };
        let events = [("in-progress", false), ("completed", true), ("absent", false)];
        let told = self.words(element, "recordingStatusCallbackEvent", &events);
        let callback = element.attribute("recordingStatusCallback").filter(|url| !url.is_empty());
        let callback = callback.map(|url| Link {
            url: url.to_owned(),
            method: self.method(element, "recordingStatusCallbackMethod"),
        });
        Record {
            action: self.action(element).unwrap_or_else(|| self.itself(element)),
            silence_s: self.number(element, "timeout", 0..=14_400, 5),
            finish_keys: finish_keys.to_owned(),
            max_s,
            beep: self.word(element, "playBeep", &[("true", true), ("false", false)], true),
            callback: callback.filter(|_| told.is_empty() || told.contains(&true)),
            transcribe,
            transcript: transcript.map(|url| Link { url: url.to_owned(), method: Method::Post }),
        }
    }

    fn dial(&mut self, element: &Element) -> Dial {
        self.allow(
            element,
            &[
                "action",
                "method",
                "timeout",
                "timeLimit",
                "callerId",
                "answerOnBridge",
                "hangupOnStar",
                "record",
                "recordingStatusCallback",
                "recordingStatusCallbackMethod",
                "recordingStatusCallbackEvent",
                "recordingTrack",
                "trim",
                "ringTone",
                "callReason",
                "sequential",
                "referUrl",
                "referMethod",
                "recordingConfigurationId",
                "events",
            ],
        );
        self.yes(element, "hangupOnStar");
        let mut numbers = Vec::new();
        for child in &element.children {
            match child {
                Node::Element(noun) if noun.name == "Number" => numbers.push(self.called(noun)),
                Node::Element(noun) => self.warn(format!("<{}> is not known in <Dial>", noun.name)),
                Node::Text(text) if text.trim().is_empty() => {}
                Node::Text(text) => {
                    numbers.push(Number { number: text.trim().to_owned(), screen: None, callback: None });
                }
            }
        }
        Dial {
            action: self.action(element),
            timeout_s: self.number(element, "timeout", 5..=600, 30),
            limit_s: self.number(element, "timeLimit", 1..=86_400, 14_400),
            caller_id: element.attribute("callerId").filter(|id| !id.is_empty()).map(str::to_owned),
            answer_on_bridge: self.yes(element, "answerOnBridge"),
            sequential: self.yes(element, "sequential"),
            numbers,
        }
    }

    fn called(&mut self, noun: &Element) -> Number {
        self.allow(
            noun,
            &[
                "url",
                "method",
                "sendDigits",
                "statusCallback",
                "statusCallbackMethod",
                "statusCallbackEvent",
                "machineDetection",
                "machineDetectionTimeout",
                "machineDetectionSpeechThreshold",
                "machineDetectionSpeechEndThreshold",
                "machineDetectionSilenceTimeout",
                "amdStatusCallback",
                "amdStatusCallbackMethod",
                "byoc",
            ],
        );
        self.childless(noun);
        let mut link = |url: &str, method: &str| {
            let url = noun.attribute(url).filter(|url| !url.is_empty())?;
            Some(Link { url: url.to_owned(), method: self.method(noun, method) })
        };
        let screen = link("url", "method");
        let callback = link("statusCallback", "statusCallbackMethod");
        let mut events = self.words(noun, "statusCallbackEvent", &Progress::WORDS);
        if events.is_empty() {
            events.push(Progress::Completed);
        }
        Number { number: noun.text(), screen, callback: callback.map(|link| (link, events)) }
    }

    /// Where the document goes on, if it says so.
    fn action(&mut self, element: &Element) -> Option<Link> {
        let url = element.attribute("action")?.trim().to_owned();
        Some(Link { url, method: self.method(element, "method") })
    }

    /// The document itself.
    fn itself(&mut self, element: &Element) -> Link {
        Link { url: String::new(), method: self.method(element, "method") }
    }

    /// The elements in an element that has no words of its own.
    fn elements<'a>(&mut self, element: &'a Element) -> Vec<&'a Element> {
        let words = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
        if element.children.iter().any(words) {
            self.warn(format!("<{}> has text in it", element.name));
        }
        element.inner()
    }

    fn childless(&mut self, element: &Element) {
        for inner in element.inner() {
            self.warn(format!("<{}> has no place in <{}>", inner.name, element.name));
        }
    }

    fn bare(&mut self, element: &Element) {
        self.allow(element, &[]);
        for inner in self.elements(element) {
            self.warn(format!("<{}> has no place in <{}>", inner.name, element.name));
        }
    }

    fn allow(&mut self, element: &Element, known: &[&str]) {
        for (name, _) in &element.attributes {
            if !known.contains(&name.as_str()) && !name.starts_with("xmlns") && !name.starts_with("xsi:") {
                self.warn(format!("<{}> has no attribute {name}", element.name));
            }
        }
    }

    fn times(&mut self, element: &Element) -> u64 {
        match self.number(element, "loop", 0..=FOR_EVER, 1) {
            0 => FOR_EVER,
            times => times,
        }
    }

    /// A whole number; one that is out of bounds counts as the nearest that is not.
    fn number(&mut self, element: &Element, name: &str, bounds: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(value) = element.attribute(name) else { return default };
        let Ok(number) = value.parse::<u64>() else {
            self.strange(element, name);
            return default;
        };
        let (least, most) = bounds.into_inner();
        if !(least..=most).contains(&number) {
            self.strange(element, name);
        }
        number.clamp(least, most)
    }

    fn yes(&mut self, element: &Element, name: &str) -> bool {
        self.word(element, name, &[("true", true), ("false", false)], false)
    }

    fn method(&mut self, element: &Element, name: &str) -> Method {
        self.word(element, name, &[("POST", Method::Post), ("GET", Method::Get)], Method::Post)
    }

    /// One of some words.
    fn word<T: Copy>(&mut self, element: &Element, name: &str, words: &[(&str, T)], default: T) -> T {
        let Some(value) = element.attribute(name) else { return default };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == value) {
            return *meaning;
        }
        self.strange(element, name);
        default
    }

    /// Several of some words.
    fn words<T: Copy>(&mut self, element: &Element, name: &str, words: &[(&str, T)]) -> Vec<T> {
        let mut found = Vec::new();
        for value in element.attribute(name).unwrap_or("").split_whitespace() {
            match words.iter().find(|(word, _)| *word == value) {
                Some((_, meaning)) => found.push(*meaning),
                None => self.strange(element, name),
            }
        }
        found
    }

    fn strange(&mut self, element: &Element, attribute: &str) {
        self.warn(format!("<{}> has a strange {attribute}", element.name));
    }

    fn warn(&mut self, message: String) {
        self.complaints.push(Complaint { code: SCHEMA_WARNING, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(inner: &str) -> Document {
        read(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{inner}</Response>")).expect(inner)
    }

    fn only(inner: &str) -> Verb {
        let document = response(inner);
        assert!(document.complaints.is_empty(), "{inner}: {:?}", document.complaints);
        assert_eq!(document.verbs.len(), 1, "{inner}");
        document.verbs.into_iter().next().expect("a verb")
    }

    fn link(url: &str) -> Link {
        Link { url: url.into(), method: Method::Post }
    }

    #[test]
    fn what_is_not_well_formed_cannot_be_run() {
        for text in [
            "",
            "   ",
            "hello",
            "<Response>",
            "<Response></Respons>",
            "<Response><Say>a & b</Say></Response>",
            "<Response><Say>&nbsp;</Say></Response>",
            "<Response><Say loop=2>a</Say></Response>",
            "<Response/><Response/>",
            "<Response/>more",
            "<response/>",
            "<html><body>502</body></html>",
        ] {
            let complaint = read(text).err();
            assert_eq!(complaint.map(|complaint| complaint.code), Some(12100), "{text}");
        }
    }

    #[test]
    fn an_empty_document_is_one() {
        for text in ["<Response/>", "\u{feff}<Response></Response>", "<!-- hi --><Response> </Response>\n"] {
            let document = read(text).expect(text);
            assert_eq!((document.verbs.len(), document.complaints.len()), (0, 0), "{text}");
        }
    }

    #[test]
    fn what_is_unknown_is_passed_over_with_a_warning() {
        for (inner, verbs, warnings) in [
            ("<Enqueue>x</Enqueue>", 0, 1),
            ("<say>a</say>", 0, 1),
            ("<Say Voice=\"man\">a</Say>", 1, 1),
            ("<Say loop=\"often\">a</Say>", 1, 1),
            ("<Say><Play>x</Play></Say>", 1, 1),
            ("<Say>a<break strength=\"weak\"/>b</Say>", 1, 0),
            ("words", 0, 1),
            ("<Play/>", 0, 1),
            ("<Play digits=\"1w2\"/>", 1, 0),
            ("<Hangup now=\"true\"/>", 1, 1),
            ("<Pause length=\"0\"/>", 1, 1),
            ("<Reject reason=\"tired\"/>", 1, 1),
            ("<Redirect method=\"PUT\">/x</Redirect>", 1, 1),
            ("<Gather><Record/></Gather>", 1, 1),
            ("<Gather><Dial>+15550100001</Dial></Gather>", 1, 1),
            ("<Gather finishOnKey=\"12\"/>", 1, 1),
            ("<Gather numDigits=\"0\"/>", 1, 1),
            ("<Record><Say>a</Say></Record>", 1, 1),
            ("<Record maxLength=\"1\"/>", 1, 1),
            ("<Record trim=\"a-bit\"/>", 1, 1),
            ("<Record transcribe=\"fast\" transcribeCallback=\"/words\"/>", 1, 1),
            ("<Record transcribe=\"true\" transcribeCallbackMethod=\"GET\"/>", 1, 1),
            ("<Dial timeout=\"2\">+15550100001</Dial>", 1, 1),
            ("<Dial><Conference>room</Conference></Dial>", 1, 1),
            ("<Dial><Number statusCallbackEvent=\"begun\">+15550100001</Number></Dial>", 1, 1),
            ("<Leave/>", 1, 0),
        ] {
            let document = response(inner);
            assert_eq!((document.verbs.len(), document.complaints.len()), (verbs, warnings), "{inner}");
            assert!(document.complaints.iter().all(|complaint| complaint.code == 12200), "{inner}");
        }
    }

    #[test]
    fn what_is_left_out_has_twilios_values() {
        let gather = Gather {
            action: link(""),
            timeout_s: 5,
            digits: None,
            finish_key: Some('#'),
            keys: true,
            on_empty: false,
            prompts: Vec::new(),
        };
        let record = Record {
            action: link(""),
            silence_s: 5,
            finish_keys: KEYS.into(),
            max_s: 3_600,
            beep: true,
            callback: None,
            transcribe: false,
            transcript: None,
        };
        let written_down = Record { max_s: 120, transcribe: true, ..record.clone() };
        let dial = Dial {
            action: None,
            timeout_s: 30,
            limit_s: 14_400,
            caller_id: None,
            answer_on_bridge: false,
            sequential: false,
            numbers: vec![Number { number: "+15550100001".into(), screen: None, callback: None }],
        };
        for (inner, verb) in [
            ("<Gather/>", Verb::Gather(gather)),
            ("<Record/>", Verb::Record(record.clone())),
            ("<Record transcribeCallback=\"/words\"/>", Verb::Record(record)),
            ("<Record transcribe=\"true\"/>", Verb::Record(written_down)),
            ("<Dial> +15550100001 </Dial>", Verb::Dial(dial)),
            ("<Pause/>", Verb::Prompt(Prompt::Pause { seconds: 1 })),
            ("<Say> Hi\n there </Say>", Verb::Prompt(Prompt::Say { text: "Hi there".into(), times: 1 })),
            ("<Say loop=\"0\">a</Say>", Verb::Prompt(Prompt::Say { text: "a".into(), times: 1_000 })),
            ("<Redirect/>", Verb::Redirect(link(""))),
            ("<Reject/>", Verb::Reject(Reason::Rejected)),
            ("<Hangup/>", Verb::Hangup),
        ] {
            assert_eq!(only(inner), verb, "{inner}");
        }
    }

    #[test]
    fn what_is_written_counts() {
        let Verb::Dial(dial) = only(concat!(
            "<Dial action=\"/after?a=1&amp;b=2\" method=\"GET\" timeout=\"20\" timeLimit=\"60\" ",
            "callerId=\"+15005550006\" answerOnBridge=\"true\" sequential=\"true\">\n",
            "<Number url=\"/screen\" statusCallback=\"/told\" ",
            "statusCallbackEvent=\"initiated ringing answered completed\">+1 (555) 010-0001</Number>\n",
            "<Number>+15550100002</Number></Dial>"
        )) else {
            panic!("a Dial")
        };
        let after = Link { url: "/after?a=1&b=2".into(), method: Method::Get };
        assert_eq!((dial.action, dial.timeout_s, dial.limit_s), (Some(after), 20, 60));
        assert!(dial.answer_on_bridge && dial.sequential);
        assert_eq!(dial.caller_id.as_deref(), Some("+15005550006"));
        let [first, second] = &dial.numbers[..] else { panic!("two numbers") };
        assert_eq!(first.number, "+1 (555) 010-0001");
        assert_eq!(first.screen, Some(link("/screen")));
        let (told, events) = first.callback.clone().expect("a callback");
        assert_eq!((told, events.len()), (link("/told"), 4));
        assert_eq!(second.number, "+15550100002");

        let Verb::Gather(gather) = only(concat!(
            "<Gather numDigits=\"1\" timeout=\"8\" finishOnKey=\"\" actionOnEmptyResult=\"true\" ",
            "action=\"/keys\"><Say>Press &lt;1&gt;&#33;</Say><Pause/><Play>/tune.mp3</Play></Gather>"
        )) else {
            panic!("a Gather")
        };
        assert_eq!((gather.digits, gather.timeout_s, gather.finish_key), (Some(1), 8, None));
        assert!(gather.on_empty && gather.keys);
        assert_eq!(gather.prompts.len(), 3);
        assert_eq!(gather.prompts[0], Prompt::Say { text: "Press <1>!".into(), times: 1 });

        let Verb::Record(record) = only(concat!(
            "<Record action=\"done\" maxLength=\"119\" finishOnKey=\"#\" timeout=\"0\" playBeep=\"false\" ",
            "recordingStatusCallback=\"/ready\" recordingStatusCallbackEvent=\"completed absent\"/>"
        )) else {
            panic!("a Record")
        };
        assert_eq!((record.action, record.max_s, record.silence_s), (link("done"), 119, 0));
        assert_eq!((record.finish_keys.as_str(), record.beep), ("#", false));
        assert_eq!(record.callback, Some(link("/ready")));

        let Verb::Record(record) =
            only("<Record maxLength=\"119\" transcribe=\"true\" transcribeCallback=\"/words\"/>")
        else {
            panic!("a Record")
        };
        assert_eq!((record.max_s, record.transcribe, record.transcript), (119, true, Some(link("/words"))));
    }

    #[test]
    fn what_lasts_too_long_to_be_written_down_is_warned_of() {
        for (length, codes) in [("120", &[][..]), ("121", &[13615][..]), ("1", &[12200][..])] {
            let document = response(&format!("<Record transcribe=\"true\" maxLength=\"{length}\"/>"));
            let found: Vec<u32> = document.complaints.iter().map(|complaint| complaint.code).collect();
            assert_eq!(found, codes, "{length}");
        }
    }
}
