use base64::{Engine, engine::general_purpose::STANDARD};
use quick_xml::{Reader, XmlVersion, events::Event};
use ringdesk_domain::{ConversationId, Moment};
use ringdesk_inbox::{
    StoreError,
    view::{AttachmentState, Conversation, Exported, Writing},
};
use ringdesk_sandbox::{CallIn, Speech};
use ringdesk_tests::{
    host::{ACCOUNT, Host},
    office::{LINES, Office, png},
    voicemail::{
        HELEN, HELEN_SAYS, Told, calls, does, files, helen, kept, leaves, set, shown, silence, sound, untold,
    },
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What breaks careless pages.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"></p><iframe src=\"https://example.test/\"></iframe>",
    "</style></body></html>",
    "&lt;b&gt; &amp;amp; &#39;",
    "<!-- ]]> -->",
    "=HYPERLINK(\"https://example.test\")",
    "\u{202e}gnitirw sdrawkcab",
    "مرحبا 👨‍👩‍👧‍👦 你好",
];

/// Where exports go in these stories.
fn folder(office: &Office) -> PathBuf {
    office.data_folder().join("exports")
}

async fn exports(office: &Office, command: &str, request: Value) -> Exported {
    serde_json::from_value(does(office, command, request).await).expect("what was written")
}

/// Helen texts a picture, is answered, and leaves a message that is written down.
async fn helen_was_here(office: &Office) -> Conversation {
    set(office, json!({ "transcripts": { "engine": "twilio" }, "business_name": "Bell & Daughter" })).await;
    let phone = office.phone(HELEN);
    phone.texts_file("Look at this", "image/png", &png()).await;
    office
        .until("the picture", || async {
            let texts = office.texts_with(&phone).await;
            (texts[0].attachments[0].state == AttachmentState::Kept).then_some(())
        })
        .await;
    let conversation = office.conversation_with(&phone).await.conversation;
    does(office, "save_contact", json!({ "id": conversation.id, "name": "Helen <Okafor>" })).await;
    does(office, "add_note", json!({ "id": conversation.id, "body": "Gate code 12" })).await;
    let answer = office.answers(&phone, "We are on our way").await;
    office.reaches(&phone, answer, "delivered").await;
    office.minutes_pass(1);
    leaves(office, calls(HELEN, helen())).await;
    shown(office, "the words", |one| one.writing == Writing::Text).await;
    kept(office).await;
    office.minutes_pass(1);
    office.conversation_with(&phone).await.conversation
}

/// Everything that is kept, a line each.
async fn lines(office: &Office) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let mut take = |object| {
        all.push(object);
        Ok::<(), StoreError>(())
    };
    office.desk.inbox.export(&mut take).await.expect("export");
    all
}

#[tokio::test]
async fn everything_comes_into_one_folder() {
    let office = Office::open().await;
    let conversation = helen_was_here(&office).await;
    office.phone("+14155550802").texts("=1+1").await;
    let all = lines(&office).await;
    let exported = exports(&office, "export_everything", json!({})).await;
    assert_eq!((exported.texts, exported.calls, exported.voicemails, exported.files), (3, 1, 1, 2));
    let path = Path::new(&exported.path);
    assert_eq!(path, folder(&office).join("Ringdesk export 2026-11-20 1002"));
    let names = ["README.txt", "calls.csv", "contacts.csv", "everything.jsonl", "media", "texts.csv"];
    assert_eq!(files(path), names);

    let read = |name: &str| fs::read_to_string(path.join(name)).expect("text");
    let jsonl = read("everything.jsonl");
    let written: Vec<Map<String, Value>> =
        jsonl.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(written, all, "the same as by `ringdeskd export`");
    let texts = read("texts.csv");
    assert!(texts.starts_with("\u{feff}at,direction,from,to,name,body,"), "{texts}");
    assert!(texts.contains("\"2026-11-20T10:00:00-08:00\",\"in\",\"+14155550801\""), "{texts}");
    assert!(texts.contains("\"Helen <Okafor>\",\"Look at this\"") && texts.contains("\"'=1+1\""), "{texts}");
    assert!(read("calls.csv").contains("\"voicemail\""));
    assert!(read("contacts.csv").contains("\"Helen <Okafor>\",\"+14155550801\""));
    assert!(read("README.txt").contains("Bell & Daughter") && read("README.txt").contains("texts.csv"));

    let media = files(&path.join("media"));
    let mut endings: Vec<&str> = media.iter().filter_map(|name| Some(name.split_once('.')?.1)).collect();
    endings.sort_unstable();
    assert_eq!(endings, ["png", "wav"]);
    for name in &media {
        let (sha256, _) = name.split_once('.').expect("an ending");
        let ours = fs::read(office.desk.inbox.media_folder().join(sha256)).expect("ours");
        assert_eq!(fs::read(path.join("media").join(name)).expect("the copy"), ours);
        assert!(texts.contains(name) || jsonl.contains(sha256), "{name}");
    }
    assert!(exported.bytes > 8_000, "{}", exported.bytes);
    // Nothing is written over, and nothing unfinished lies about.
    let second = exports(&office, "export_everything", json!({})).await;
    assert_eq!(second.path, format!("{} (2)", exported.path));
    let page = json!({ "conversation": conversation.id, "format": "html" });
    exports(&office, "export_conversation", page).await;
    assert_eq!(files(&folder(&office)).len(), 3, "{:?}", files(&folder(&office)));
}

/// An element's name and its attributes.
type Element = (String, BTreeMap<String, String>);

/// A page as a browser would read it: its elements, and all its words.
fn read(page: &str) -> (Vec<Element>, String) {
    let mut reader = Reader::from_str(page);
    let (mut elements, mut words) = (Vec::new(), String::new());
    loop {
        match reader.read_event().expect("a page is well formed") {
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("an attribute");
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).expect("its value");
                    (attribute.key.0.to_owned(), value.into_owned())
                });
                elements.push((tag.name().0.to_owned(), attributes.collect()));
            }
            Event::Text(text) => words.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().expect("a character").map(String::from);
                let entity = || quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned);
                words.push_str(&character.or_else(entity).expect("an entity everybody knows"));
            }
            Event::Eof => return (elements, words),
            Event::End(_) | Event::DocType(_) => {}
            other => panic!("a page of ours has no {other:?}"),
        }
    }
}

/// Nothing in a page is loaded from elsewhere, and nothing runs.
fn keeps_to_itself(elements: &[Element]) {
    let ours = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "dl",
        "div",
        "dt",
        "dd",
        "main",
        "ol",
        "li",
        "time",
        "p",
        "figure",
        "img",
        "figcaption",
        "code",
        "audio",
        "a",
        "blockquote",
        "footer",
    ];
    for (name, attributes) in elements {
        assert!(ours.contains(&name.as_str()), "<{name}>");
        for (attribute, value) in attributes {
            assert!(!attribute.starts_with("on") && attribute != "style", "{attribute}");
            assert!(attribute != "src" || value.starts_with("data:"), "{value}");
            let saves = name == "a" && attributes.contains_key("download");
            let opens_nowhere = saves && value.starts_with("data:application/octet-stream;base64,");
            assert!(attribute != "href" || opens_nowhere, "{name}: {value}");
        }
    }
    let policy = elements.iter().find_map(|(_, of)| {
        let policy = of.get("http-equiv").is_some_and(|name| name == "Content-Security-Policy");
        policy.then(|| of["content"].clone())
    });
    let policy = policy.expect("a policy");
    assert!(policy.starts_with("default-src 'none'; img-src data:; media-src data:;"), "{policy}");
    assert!(!policy.contains("script") && !policy.contains("unsafe"), "{policy}");
}

/// What an address of its own holds.
fn holds(address: &str) -> Vec<u8> {
    let (_, data) = address.split_once(";base64,").expect("its own address");
    STANDARD.decode(data).expect("well formed")
}

/// What an element's `src` holds.
fn held(elements: &[Element], name: &str) -> Vec<u8> {
    let (_, attributes) = elements.iter().find(|(of, _)| of == name).expect("an element");
    holds(&attributes["src"])
}

#[tokio::test]
async fn a_conversation_is_a_page_that_needs_nothing_beside_it() {
    let office = Office::open().await;
    let conversation = helen_was_here(&office).await;
    let phone = office.phone(HELEN);
    for body in HOSTILE {
        phone.texts(body).await;
    }
    phone.texts("STOP").await;
    let page = json!({ "conversation": conversation.id, "format": "html" });
    let exported = exports(&office, "export_conversation", page).await;
    assert_eq!((exported.texts, exported.calls, exported.voicemails, exported.files), (12, 1, 1, 2));
    let path = Path::new(&exported.path);
    assert_eq!(path, folder(&office).join("Conversation with Helen Okafor 2026-11-20 1002.html"));
    let page = fs::read_to_string(path).expect("a page");
    assert_eq!(page.len() as u64, exported.bytes);

    let (elements, words) = read(&page);
    keeps_to_itself(&elements);
    for body in HOSTILE {
        assert!(words.contains(body), "{body}");
    }
    let order = ["Look at this", "We are on our way", "Voicemail", HELEN_SAYS, HOSTILE[0], "opted out"];
    let places: Vec<usize> = order.iter().map(|said| words.find(said).expect(said)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for said in [
        "Bell & Daughter",
        "Helen <Okafor>",
        "(415) 555-0801",
        "(500) 555-0006",
        "Fri 20 Nov 2026, 10:00:00 PST (UTC-08:00)",
        "America/Los_Angeles",
        "Gate code 12",
        "delivered",
        "Left a voicemail",
    ] {
        assert!(words.contains(said), "{said}");
    }
    for kind in ["text", "call", "recording"] {
        for one in office.kept(kind).await {
            assert!(words.contains(one["provider_sid"].as_str().expect("a SID")), "{kind}");
        }
    }
    let names = files(office.desk.inbox.media_folder());
    assert!(names.len() == 2 && names.iter().all(|sha256| words.contains(sha256)), "{names:?}");
    assert_eq!(held(&elements, "img"), png());
    assert!(held(&elements, "audio").starts_with(b"RIFF"));
}

#[tokio::test]
async fn a_conversation_is_a_table_without_formulas() {
    let office = Office::open().await;
    let conversation = helen_was_here(&office).await;
    office.phone(HELEN).texts(HOSTILE[6]).await;
    let table = json!({ "conversation": conversation.id, "format": "csv" });
    let exported = exports(&office, "export_conversation", table).await;
    assert_eq!(exported.path.rsplit('.').next(), Some("csv"), "{}", exported.path);
    let table = fs::read_to_string(&exported.path).expect("a table");
    let rows: Vec<&str> = table.trim_start_matches('\u{feff}').split_terminator("\r\n").collect();
    assert!(rows[0].starts_with("at,what,direction,from,to,words,"), "{}", rows[0]);
    let what: Vec<&str> = rows[1..].iter().filter_map(|row| row.split(',').nth(1)).collect();
    let mut sorted = what.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["\"call\"", "\"note\"", "\"text\"", "\"text\"", "\"text\"", "\"voicemail\""]);
    assert!(table.contains("\"'=HYPERLINK(\"\"https://example.test\"\")\""), "{table}");
    assert!(table.contains(HELEN_SAYS) && table.contains(".wav") && table.contains(".png"), "{table}");
}

#[tokio::test]
async fn what_customers_sent_and_what_was_recorded_of_calls_is_in_the_page() {
    let office = Office::open().await;
    let phone = office.phone(HELEN);
    // As phones name sounds: with a title, here an empty one.
    let song = [b"ID3\x04\0\0\0\0\0\0".to_vec(), sound("helen.mp3")].concat();
    let plan = b"%PDF-1.4\n% the cellar\n%%EOF\n".to_vec();
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:<b>Helen</b>\r\nEND:VCARD\r\n".to_vec();
    let sent = [
        ("Listen", "audio/mpeg", &song),
        ("The plan", "application/pdf", &plan),
        ("My card", "text/vcard", &card),
    ];
    for (words, kind, bytes) in sent {
        phone.texts_file(words, kind, bytes).await;
    }
    let speech = Speech::new(silence(9));
    let recording = untold(&office.sandbox, CallIn { to: LINES[1].into(), ..calls(HELEN, speech) }).await;
    let told = Told::of(&office.sandbox, HELEN, &recording);
    let ready = told.ready().at("/voice/recording").with("RecordingSource", "DialVerb");
    for post in [told.rings(), told.over(), ready] {
        post.to(&office).await;
    }
    let all_here = || async {
        let texts = office.kept("text").await;
        let files = texts.iter().flat_map(|text| text["attachments"].as_array().expect("a list"));
        let recordings = office.kept("recording").await;
        let states: Vec<&Value> =
            files.map(|file| &file["state"]).chain(recordings.iter().map(|one| &one["state"])).collect();
        (states.len() == 4 && states.iter().all(|state| **state == json!("kept"))).then_some(())
    };
    office.until("the files and the recording", all_here).await;

    let conversation = office.conversation_with(&phone).await.conversation.id;
    let page = json!({ "conversation": conversation, "format": "html" });
    let page = exports(&office, "export_conversation", page).await;
    assert_eq!((page.texts, page.calls, page.voicemails, page.files), (3, 1, 0, 4));
    let (elements, words) = read(&fs::read_to_string(&page.path).expect("a page"));
    keeps_to_itself(&elements);
    let sounds: Vec<Vec<u8>> =
        elements.iter().filter(|(name, _)| name == "audio").map(|(_, of)| holds(&of["src"])).collect();
    assert_eq!(sounds.len(), 2, "what she sent, and what was recorded");
    assert!(sounds.contains(&song) && sounds.iter().any(|sound| sound.starts_with(b"RIFF")));
    let saved: Vec<(&str, Vec<u8>)> = elements
        .iter()
        .filter(|(name, _)| name == "a")
        .map(|(_, of)| (of["download"].split_once('.').expect("an ending").1, holds(&of["href"])))
        .collect();
    assert_eq!(saved, [("pdf", plan), ("vcf", card)]);
    for said in ["Save this document", "Save this contact card", "Recording of the call", &recording.sid] {
        assert!(words.contains(said), "{said}");
    }
    assert!(!words.contains("not on this computer") && !words.contains("not as it was"), "{words}");

    let table = json!({ "conversation": conversation, "format": "csv" });
    let table = exports(&office, "export_conversation", table).await;
    assert_eq!((table.calls, table.voicemails, table.files), (1, 0, 4));
    let table = fs::read_to_string(&table.path).expect("a table");
    let row = table.split("\r\n").find(|row| row.contains(&recording.sid)).expect("a row of its own");
    assert!(row.contains(",\"recording\",\"in\",") && row.contains(".wav\""), "{row}");
}

#[tokio::test]
async fn what_cannot_be_written_leaves_nothing_half() {
    let office = Office::open().await;
    let conversation = helen_was_here(&office).await;
    let picture = office.kept("text").await[0]["attachments"][0]["sha256"].as_str().expect("kept").to_owned();
    let media = office.desk.inbox.media_folder().to_owned();
    // What is not there is named, and does not keep the rest.
    fs::rename(media.join(&picture), media.join("elsewhere")).expect("moved");
    let exported = exports(&office, "export_everything", json!({})).await;
    assert_eq!(exported.files, 1);
    let said = fs::read_to_string(Path::new(&exported.path).join("README.txt")).expect("text");
    assert!(said.contains(&format!("{picture}.png")), "{said}");
    let page = json!({ "conversation": conversation.id, "format": "html" });
    let one = exports(&office, "export_conversation", page.clone()).await;
    assert!(fs::read_to_string(one.path).expect("a page").contains("not on this computer any more"));
    // What cannot be read ends it.
    fs::create_dir(media.join(&picture)).expect("in its way");
    let before = files(&folder(&office));
    for (command, request) in [("export_everything", json!({})), ("export_conversation", page)] {
        let refused = office.desk.call(command, request).await.expect_err("it cannot be read");
        assert_eq!(refused.code, "not_exported", "{command}");
    }
    assert_eq!(files(&folder(&office)), before);
    // Nor can anything be written into a file.
    let file = office.data_folder().join("a file");
    fs::write(&file, "").expect("written");
    office.desk.inbox.exports_to(&file);
    let refused = office.desk.call("export_everything", json!({})).await.expect_err("no folder");
    assert_eq!(refused.code, "not_exported");
}

#[tokio::test]
async fn exports_go_where_the_host_says() {
    let office = Office::open().await;
    let downloads = office.data_folder().join("Downloads");
    office.desk.inbox.exports_to(&downloads);
    let in_vain = CallIn::new(HELEN, LINES[0]);
    leaves(&office, CallIn { hangs_up_in_greeting_after_s: Some(1), ..in_vain }).await;
    let exported = exports(&office, "export_everything", json!({})).await;
    assert_eq!(Path::new(&exported.path).parent(), Some(downloads.as_path()));
    let nobody = ConversationId::new(office.clock.now());
    let unknown = json!({ "conversation": nobody, "format": "html" });
    let refused = office.desk.call("export_conversation", unknown).await.expect_err("nobody");
    assert_eq!(refused.code, "not_found");
}

#[tokio::test]
async fn the_headless_host_exports_beside_a_running_owner() {
    let host = Host::start("http://127.0.0.1:9").await.expect("a host");
    let fields = [
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("AccountSid", ACCOUNT),
        ("From", HELEN),
        ("To", LINES[0]),
        ("Body", HOSTILE[0]),
        ("NumMedia", "0"),
    ];
    assert_eq!(host.post("/sms/inbound", &fields).await.expect("posted"), Some(200));
    let list = host.call("conversations", json!({})).await.expect("a list");
    let id = list["conversations"][0]["id"].as_str().expect("an id").to_owned();
    let page = host.run(&["export", "--format", "html", "--conversation", &id]).await.expect("ran");
    assert!(page.status.success(), "{}", String::from_utf8_lossy(&page.stderr));
    let (elements, words) = read(&String::from_utf8(page.stdout).expect("text"));
    keeps_to_itself(&elements);
    assert!(words.contains(HOSTILE[0]) && words.contains("SM00000000000000000000000000000001"));
    let table = host.run(&["export", "--format", "csv", "--conversation", &id]).await.expect("ran");
    assert!(String::from_utf8_lossy(&table.stdout).contains(HOSTILE[0]));

    let kept = host.data_dir().join("media");
    fs::create_dir_all(&kept).expect("a folder");
    let media = host.data_dir().join("copies");
    let copied = host.run(&["export", "--media", media.to_str().expect("a path")]).await.expect("ran");
    assert!(copied.status.success() && !copied.stdout.is_empty());
    assert_eq!(files(&media), [""; 0], "there is no picture yet");
    for wrong in [
        vec!["export", "--format", "html"],
        vec!["export", "--conversation", &id],
        vec!["export", "--format", "csv", "--conversation", &id, "--media", "x"],
    ] {
        assert_eq!(host.run(&wrong).await.expect("ran").status.code(), Some(2), "{wrong:?}");
    }
    let nobody = ConversationId::new(Moment(0)).to_string();
    let unknown = host.run(&["export", "--format", "html", "--conversation", &nobody]).await.expect("ran");
    assert_eq!(unknown.status.code(), Some(1));
}
