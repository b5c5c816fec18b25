use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_inbox::view::{AudioState, EmailState, Voicemail, Writing};
use ringdesk_sandbox::{Config, Fault, Sandbox};
use ringdesk_tests::{
    host::{ACCOUNT, Host, TOKEN, client, post_signed},
    office::Office,
    smtp::{LetterIn, Options, Part, Smtp, message_id, parts, subject},
    voicemail::{
        HELEN, HELEN_DISPLAY, HELEN_SAYS, Told, at_last, calls, does, helen, helen_calls, leaves, set, shown,
        sound, untold, voicemail,
    },
};
use serde_json::{Value, json};
use std::{fs, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpSocket},
};

const OWNER: &str = "nora@example.com";
const DESK: &str = "desk@example.com";
const PASSWORD: &str = "open sesame, please";
/// Longest wait for a program of its own; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest pause between two looks.
const AGAIN: Duration = Duration::from_millis(50);

fn by(port: u16) -> Value {
    json!({ "email": { "on": true, "to": OWNER, "from": DESK, "host": "127.0.0.1", "port": port,
        "security": "none" } })
}

/// Voicemails go to the owner through this server.
async fn sent_by(office: &Office, server: &Smtp) {
    set(office, by(server.address().port())).await;
}

fn is(state: EmailState) -> impl Fn(&Voicemail) -> bool {
    move |one| one.email == Some(state)
}

/// The words of a letter, and the files with it.
fn read(letter: &LetterIn) -> (String, Vec<Part>) {
    let mut parts = parts(&letter.raw);
    let words = parts.remove(0);
    assert_eq!(words.content_type, "text/plain");
    (String::from_utf8(words.bytes).expect("UTF-8"), parts)
}

#[tokio::test]
async fn a_voicemail_arrives_with_its_sound_and_its_words_once() {
    let office = Office::open().await;
    let server = Smtp::start(Options::default()).await;
    set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
    sent_by(&office, &server).await;
    leaves(&office, helen_calls()).await;
    let letter = server.wait_for(1).await.remove(0);
    assert_eq!((letter.from.as_str(), letter.to.as_slice()), (DESK, &[OWNER.to_owned()][..]));
    assert_eq!(subject(&letter.raw), format!("Voicemail from {HELEN_DISPLAY}"));
    let (words, files) = read(&letter);
    for part in [HELEN_DISPLAY, "Friday 20 November 2026 at 10:00", "0:08 long", HELEN_SAYS, "attached"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].content_type, "audio/wav");
    assert_eq!(files[0].filename.as_deref(), Some("(415) 555-0801 2026-11-20 10.00.wav"));
    assert!(files[0].bytes == sound("helen.wav"), "byte by byte");
    let one = shown(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(one.email_problem, None);
    assert!(!one.heard, "sent is not heard");

    // Whoever has a name is called by it. And the first does not come again.
    does(&office, "save_contact", json!({ "id": one.conversation, "name": "Helen Okafor" })).await;
    office.minutes_pass(60);
    leaves(&office, helen_calls()).await;
    let letters = server.wait_for(2).await;
    assert_eq!(subject(&letters[1].raw), "Voicemail from Helen Okafor");
    let (words, _) = read(&letters[1]);
    assert!(words.starts_with("Helen Okafor") && words.contains(HELEN_DISPLAY), "{words}");
    assert_ne!(message_id(&letters[0].raw), message_id(&letters[1].raw));
    shown(&office, "it was sent, too", is(EmailState::Sent)).await;
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn a_letter_waits_for_the_words_but_not_for_ever() {
    for (fault, says) in [
        (Fault::LostTranscription, HELEN_SAYS),
        (Fault::SilentTranscription, "There are no words written down"),
    ] {
        let office = Office::open().await;
        let server = Smtp::start(Options::default()).await;
        set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
        sent_by(&office, &server).await;
        office.fault(fault.clone());
        leaves(&office, helen_calls()).await;
        let one = shown(&office, "the sound", |one| one.audio == AudioState::Kept).await;
        assert_eq!((one.email, one.writing), (Some(EmailState::Waiting), Writing::Writing), "{fault:?}");
        let began = office.clock.now();
        at_last(&office, "it was sent", is(EmailState::Sent)).await;
        assert!(office.clock.now().since(began) >= 5 * 60_000, "{fault:?}");
        let letters = server.letters();
        assert_eq!(letters.len(), 1, "{fault:?}");
        let (words, files) = read(&letters[0]);
        assert!(words.contains(says) && files.len() == 1, "{fault:?}: {words}");
    }
}

#[tokio::test]
async fn a_letter_does_not_wait_for_sound_that_never_comes() {
    let office = Office::open().await;
    let server = Smtp::start(Options::default()).await;
    sent_by(&office, &server).await;
    office.fault(Fault::RecordingNotAudio);
    leaves(&office, helen_calls()).await;
    shown(&office, "it was sent", is(EmailState::Sent)).await;
    let (words, files) = read(&server.letters()[0]);
    assert!(words.contains(HELEN_DISPLAY) && !words.contains("attached"), "{words}");
    assert!(files.is_empty(), "{files:?}");
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again() {
    let office = Office::open().await;
    let server = Smtp::start(Options { busy: 2, ..Options::default() }).await;
    sent_by(&office, &server).await;
    leaves(&office, helen_calls()).await;
    let busy =
        |one: &Voicemail| one.email_problem.as_deref().is_some_and(|why| why.contains("Come back later"));
    let one = shown(&office, "its words", busy).await;
    assert_eq!(one.email, Some(EmailState::Waiting));
    assert_eq!(server.letters().len(), 0);
    let one = at_last(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(one.email_problem, None);
    assert_eq!(server.letters().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_shown_and_the_owner_sends_again() {
    let office = Office::open().await;
    let server = Smtp::start(Options { refuse_recipient: true, ..Options::default() }).await;
    sent_by(&office, &server).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "it failed", is(EmailState::Failed)).await;
    let why = one.email_problem.expect("a reason");
    assert!(why.contains("Nobody of that name here"), "{why}");
    server.change(|mood| mood.refuse_recipient = false);
    does(&office, "email_voicemail", json!({ "voicemail": one.id })).await;
    let one = shown(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(one.email_problem, None);
    // Also what was sent before.
    does(&office, "email_voicemail", json!({ "voicemail": one.id })).await;
    let letters = server.wait_for(2).await;
    assert_eq!(message_id(&letters[0].raw), message_id(&letters[1].raw), "the same letter");
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_in_words() {
    let office = Office::open().await;
    let login = Some(("nora".to_owned(), PASSWORD.to_owned()));
    let server = Smtp::start(Options { login, refuse_login: true, ..Options::default() }).await;
    sent_by(&office, &server).await;
    set(&office, json!({ "email": { "user": "nora" } })).await;
    office.desk.inbox.set_mail_password(Some(PASSWORD.into()));
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "it failed", is(EmailState::Failed)).await;
    let why = one.email_problem.expect("a reason");
    assert!(why.contains("user name and password"), "{why}");
    let refused = office.desk.call("test_email", json!({})).await.expect_err("it is refused");
    assert_eq!((refused.code.as_str(), refused.message), ("email", why));
    assert_eq!(server.letters().len(), 0);
    server.change(|mood| mood.refuse_login = false);
    does(&office, "test_email", json!({})).await;
    does(&office, "email_voicemail", json!({ "voicemail": one.id })).await;
    shown(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn a_letter_waits_for_the_password() {
    let office = Office::open().await;
    let login = Some(("nora".to_owned(), PASSWORD.to_owned()));
    let server = Smtp::start(Options { login, ..Options::default() }).await;
    sent_by(&office, &server).await;
    set(&office, json!({ "email": { "user": "nora" } })).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "it wants the password", |one| one.email_problem.is_some()).await;
    assert_eq!(one.email, Some(EmailState::Waiting));
    assert!(one.email_problem.is_some_and(|why| why.contains("password isn't known")), "in words");
    office.desk.inbox.set_mail_password(Some(PASSWORD.into()));
    at_last(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(server.letters().len(), 1);
}

#[tokio::test]
async fn a_letter_whose_answer_is_lost_is_sent_again_as_the_same_one() {
    let office = Office::open().await;
    let server = Smtp::start(Options { hang_up: 1, ..Options::default() }).await;
    sent_by(&office, &server).await;
    leaves(&office, helen_calls()).await;
    server.wait_for(1).await;
    let one = shown(&office, "nobody knows", |one| one.email_problem.is_some()).await;
    assert_eq!(one.email, Some(EmailState::Waiting));
    let one = at_last(&office, "it was sent", is(EmailState::Sent)).await;
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    let id = message_id(&letters[0].raw);
    assert!(id.contains(&one.id.to_string()), "{id}");
    assert_eq!(id, message_id(&letters[1].raw), "a mailbox knows one that it has");
    assert_eq!(read(&letters[0]), read(&letters[1]));
}

#[tokio::test]
async fn a_restart_in_the_middle_of_sending_loses_no_letter() {
    let mut office = Office::open().await;
    // A server that picks up and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    set(&office, by(address.port())).await;
    leaves(&office, helen_calls()).await;
    let (stream, _) = listener.accept().await.expect("it is being sent");
    drop(listener);
    // Nobody listens there from now on, nor does another story.
    let held = TcpSocket::new_v4().expect("a socket");
    held.set_reuseaddr(true).expect("set");
    held.bind(address).expect("its port");
    office.restart().await;
    let one = shown(&office, "nobody is there", |one| one.email_problem.is_some()).await;
    assert_eq!(one.email, Some(EmailState::Waiting));
    let server = Smtp::start(Options::default()).await;
    sent_by(&office, &server).await;
    at_last(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(server.letters().len(), 1);
    drop((stream, held));
}

#[tokio::test]
async fn where_it_is_off_nothing_is_sent_but_what_the_owner_sends() {
    let office = Office::open().await;
    let server = Smtp::start(Options::default()).await;
    let refused = office.desk.call("test_email", json!({})).await.expect_err("to whom?");
    assert_eq!(refused.code, "email");
    sent_by(&office, &server).await;
    set(&office, json!({ "email": { "on": false } })).await;
    leaves(&office, helen_calls()).await;
    let first = shown(&office, "its sound", |one| one.audio == AudioState::Kept).await;
    assert_eq!((first.email, first.email_problem), (None, None));
    office.minutes_pass(60);
    leaves(&office, calls("+14155550802", helen())).await;
    let second =
        shown(&office, "the second", |one| one.id != first.id && one.audio == AudioState::Kept).await;
    does(&office, "email_voicemail", json!({ "voicemail": second.id })).await;
    shown(&office, "it was sent", is(EmailState::Sent)).await;
    assert_eq!(voicemail(&office, first.id).await.email, None);
    let letters = server.letters();
    assert_eq!(letters.len(), 1);
    assert!(message_id(&letters[0].raw).contains(&second.id.to_string()));

    // What is set later is for what comes later.
    set(&office, json!({ "email": { "on": true } })).await;
    does(&office, "test_email", json!({})).await;
    let letters = server.wait_for(2).await;
    let (words, files) = read(&letters[1]);
    assert!(subject(&letters[1].raw).starts_with("Voicemails of"), "{words}");
    assert!(words.contains("This is a test") && files.is_empty(), "{words}");
    assert_eq!(voicemail(&office, first.id).await.email, None);
}

#[tokio::test]
async fn the_headless_host_sends_letters_and_logs_nothing_that_is_nobodys_business() {
    let config =
        Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), pace: 0.0, ..Config::practice() };
    let twilio = Sandbox::start(config).await.expect("a practice line");
    let login = Some(("nora".to_owned(), PASSWORD.to_owned()));
    let server = Smtp::start(Options { login, ..Options::default() }).await;
    let mut host = Host::start(twilio.url()).await.expect("a host");
    host.stop().await.expect("stopped");

    // Once more, as talkative as it gets, with the password in its environment.
    let log = host.data_dir().with_file_name("log");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--twilio-url", twilio.url()];
    let mut child = host
        .command(&serve)
        .env("RINGDESK_SMTP_PASSWORD", PASSWORD)
        .env("RINGDESK_LOG", "debug")
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log).expect("a file"))
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let ready = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("read");
    let ready: Value = serde_json::from_str(&ready.expect("a line")).expect("JSON");
    let at = |name: &str| ready[name].as_str().expect("an address").to_owned();
    let (api, door) = (at("api"), at("webhooks"));
    let token = fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let ask = async |name: &str, request: Value| -> Value {
        let url = format!("http://{api}/api/{name}");
        let answer = client().post(url).bearer_auth(&token).json(&request).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{name}");
        answer.json().await.expect("JSON")
    };
    let mut settings = by(server.address().port());
    settings["email"]["user"] = json!("nora");
    ask("apply_settings", settings).await;
    ask("test_email", json!({})).await;
    // What is told here is not what Twilio lists.
    let changes = client().get(format!("http://{api}/api/changes?after=0")).bearer_auth(&token);
    let mut changes = changes.send().await.expect("a stream");
    let caught_up = async {
        loop {
            let state = ask("catch_up_state", json!({})).await;
            let done = state["history"]["state"] == "done" && state["running"] == false;
            if done && !state["complete_to"].is_null() {
                break;
            }
            if let Ok(chunk) = tokio::time::timeout(AGAIN, changes.chunk()).await {
                chunk.expect("goes on").expect("not over");
            }
        }
    };
    tokio::time::timeout(PATIENCE, caught_up).await.expect("everything is here");
    let recording = untold(&twilio, helen_calls()).await;
    let told = Told::of(&twilio, HELEN, &recording);
    for post in [told.rings(), told.written(HELEN_SAYS), told.left(), told.over(), told.ready()] {
        let url = format!("http://{door}/phone/twilio{}", post.path());
        let status = post_signed(&url, &post.fields()).await;
        assert!(status.is_some_and(|status| (200..300).contains(&status)), "{}: {status:?}", post.path());
    }
    let letters = server.wait_for(2).await;
    let (words, files) = read(&letters[1]);
    assert!(words.contains(HELEN_SAYS) && files[0].bytes == sound("helen.wav"), "{words}");
    child.kill().await.expect("killed");

    let logged = fs::read_to_string(&log).expect("the log");
    assert!(logged.lines().count() > 3, "it says what it does: {logged}");
    let as_it_goes = STANDARD.encode(format!("\0nora\0{PASSWORD}"));
    let basic = STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    for secret in [PASSWORD, &as_it_goes, &basic, TOKEN, &token, HELEN, &HELEN[2..], "radiator"] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
    twilio.stop().await;
}
