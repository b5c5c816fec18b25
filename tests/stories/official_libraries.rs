use crate::twilios_document::message_left;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use ringdesk_tests::{
    office::{LINES, Office},
    programs::repository,
};
use ringdesk_twilio::twiml::{Dial, DialNumber, Gather, Record, Say, Verb, document};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::process::Command;

fn python() -> PathBuf {
    repository().join("target/tools/python/bin/python")
}

/// What a script that uses Twilio's own package prints.
async fn run(program: &Path, script: &str, environment: &[(&str, &str)]) -> String {
    let run = Command::new(program)
        .arg(repository().join("tests/official").join(script))
        .envs(environment.iter().copied())
        .env("NODE_PATH", repository().join("target/tools/node/node_modules"))
        .env("no_proxy", "127.0.0.1,localhost")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(120), run).await.expect("it ends");
    let output = output
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` installs it", program.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a script against the practice line and the door.
async fn check(office: &Office, program: &Path, script: &str) {
    let (sid, token) = office.sandbox.credentials();
    let door = office.door("/sms/inbound");
    let base = office.sandbox.url();
    let call = message_left(office).await;
    let environment = [
        ("BASE", base),
        ("SID", sid),
        ("TOKEN", token),
        ("OURS", LINES[0]),
        ("DOOR", &door),
        ("CALL", &call),
    ];
    run(program, script, &environment).await;
    let report = office.sandbox.report();
    assert_eq!(report.unknown.len(), 0, "the practice line knew every path");
    assert_eq!(report.leaked_credentials, 0, "credentials stay at Twilio's host");
    assert!(office.sandbox.recordings().iter().all(|recording| recording.deleted));
}

#[tokio::test]
async fn twilios_python_package_works_against_the_practice_line_and_the_door() {
    let office = Office::open().await;
    check(&office, &python(), "client.py").await;
    let texts = office.texts_with(&office.phone("+14155551002")).await;
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].body, "Signed by Twilio's own package: grüße 👋 & more");
}

#[tokio::test]
async fn twilios_node_package_works_against_the_practice_line_and_the_door() {
    let office = Office::open().await;
    check(&office, Path::new("node"), "client.cjs").await;
    assert_eq!(office.texts_with(&office.phone("+14155551004")).await[0].body, "Von Node");
}

#[tokio::test]
async fn twilios_builders_write_the_same_ten_documents_as_ours() {
    let theirs = run(&python(), "twiml.py", &[]).await;
    let theirs: BTreeMap<String, String> = serde_json::from_str(&theirs).expect("names and documents");
    let ours = documents();
    let names: Vec<&str> = ours.keys().copied().collect();
    assert_eq!(theirs.keys().collect::<Vec<_>>(), names);
    assert_eq!(names.len(), 10);
    for (name, verbs) in ours {
        assert_eq!(tree(&document(&verbs)), tree(&theirs[name]), "ours and theirs of: {name}");
    }
}

/// The ten documents of `twiml.py`, by their names there.
fn documents() -> BTreeMap<&'static str, Vec<Verb>> {
    let door = |path: &str| format!("https://phone.example.test/phone/twilio/voice{path}");
    let say = |text: &str| Say { text: text.into(), voice: "Polly.Joanna".into(), language: "en-US".into() };
    let said = Say {
        text: "\"Smith & Söhne\" <Bäder>: it's 5 > 4, grüße 👋".into(),
        voice: "Polly.Vicki".into(),
        language: "de-DE".into(),
    };
    let numbers = |screen: Option<&str>| {
        let number = |number: &str| DialNumber {
            number: number.into(),
            screen: screen.map(door),
            status_callback: door("/status"),
        };
        ["+14155550107", "+14155550108"].map(number).to_vec()
    };
    let in_order = Dial {
        action: door("/dial-status"),
        timeout: 20,
        caller_id: Some("+15005550006".into()),
        answer_on_bridge: true,
        sequential: true,
        numbers: numbers(Some("/screen?for=\"Bell & Töchter\"")),
    };
    let at_once = Dial {
        timeout: 5,
        caller_id: None,
        answer_on_bridge: false,
        sequential: false,
        numbers: numbers(None),
        ..in_order.clone()
    };
    let record = Record {
        action: door("/voicemail-done"),
        max_length: 119,
        finish_on_key: '#',
        timeout: 10,
        recording_status_callback: door("/recording/voicemail"),
        transcribe_callback: Some(door("/transcription")),
    };
    let press = say("A call for Bell & Daughter. To take it, press 1.");
    let asking = Gather {
        action: door("/screen-result?a=1&b='2'"),
        num_digits: 1,
        timeout: 8,
        says: vec![press.clone(), press],
    };
    BTreeMap::from([
        ("empty", Vec::new()),
        ("refused", vec![Verb::Reject]),
        ("said", vec![Verb::Say(said), Verb::Hangup]),
        (
            "played",
            vec![Verb::Play { url: "https://phone.example.test/greeting/1?a=1&b=2".into() }, Verb::Hangup],
        ),
        ("in order", vec![Verb::Dial(in_order)]),
        ("at once", vec![Verb::Dial(at_once)]),
        (
            "voicemail",
            vec![
                Verb::Say(say("Please leave a message after the tone.")),
                Verb::Record(record),
                Verb::Say(say("We did not hear anything. Goodbye.")),
                Verb::Hangup,
            ],
        ),
        ("asking", vec![Verb::Gather(asking), Verb::Hangup]),
        ("elsewhere", vec![Verb::Redirect(door("/inbound?again=yes&line=1"))]),
        ("rehearsal", vec![Verb::Pause(1), Verb::Say(say("We are closed right now.")), Verb::Hangup]),
    ])
}

/// An element as XML means it: the order of its attributes does not count, nor how a character is written.
#[derive(Debug, Default, PartialEq)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    inside: Vec<Element>,
}

impl Element {
    fn begin(tag: &BytesStart<'_>) -> Self {
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).expect("its value");
            (attribute.key.0.to_owned(), value.into_owned())
        });
        Self { name: tag.name().0.to_owned(), attributes: attributes.collect(), ..Self::default() }
    }
}

/// A nameless element with the document's root in it.
fn tree(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let (mut open, mut inner) = (Vec::new(), Element::default());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Start(tag) => open.push(std::mem::replace(&mut inner, Element::begin(&tag))),
            Event::Empty(tag) => inner.inside.push(Element::begin(&tag)),
            Event::End(_) => {
                let outer = open.pop().expect("the parser knows what is open");
                let closed = std::mem::replace(&mut inner, outer);
                inner.inside.push(closed);
            }
            Event::Text(words) => inner.text.push_str(&words.xml10_content()),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().expect("a character").map(String::from);
                let entity = || quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned);
                inner.text.push_str(&character.or_else(entity).expect("an entity everybody knows"));
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("nobody writes {other:?}: {text}"),
        }
    }
    assert!(open.is_empty(), "something is not closed: {text}");
    inner
}
