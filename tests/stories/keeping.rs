#![allow(clippy::large_futures, reason = "an office asked many things at once")]
use ringdesk_inbox::{
    CallFilter, Reach,
    view::{AgedKind, AudioState, Retention, Writing},
};
use ringdesk_sandbox::{CallIn, Speech};
use ringdesk_tests::{
    asleep::complete,
    host::client,
    office::{LINES, Office, png},
    voicemail::{
        HELEN, HELEN_SAYS, Told, calls, does, files, helen, helen_calls, kept, leaves, set, shown, silence,
        untold, voicemails,
    },
};
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpListener, sync::watch};

/// In minutes.
const DAY: i64 = 24 * 60;

/// What a dry run says would go.
async fn would_go(office: &Office, keep: Value) -> Retention {
    serde_json::from_value(does(office, "retention", json!({ "keep": keep })).await).expect("a dry run")
}

/// How many of each kind would go, and how many of them at Twilio.
fn counted(retention: &Retention) -> Vec<(AgedKind, u32, u32)> {
    retention.items.iter().map(|item| (item.kind, item.count, item.at_twilio)).collect()
}

/// Waits until something is gone; with each look so many minutes pass.
async fn gone_within<F: Future<Output = bool>>(
    office: &Office,
    minutes: i64,
    what: &str,
    mut is_gone: impl FnMut() -> F,
) {
    let look = || {
        let is_gone = is_gone();
        async move {
            let gone = is_gone.await;
            if !gone {
                office.minutes_pass(minutes);
            }
            gone.then_some(())
        }
    };
    office.until(what, look).await;
}

/// Likewise, while hours pass: things are looked through twice a day, and a day's worth goes at most.
async fn gone<F: Future<Output = bool>>(office: &Office, what: &str, is_gone: impl FnMut() -> F) {
    gone_within(office, DAY / 2 + 1, what, is_gone).await;
}

/// Lets the office do what is due now.
async fn settles(office: &Office) {
    let mut looks = 0;
    let look = || {
        looks += 1;
        let over = looks > 2;
        async move { over.then_some(()) }
    };
    office.until("a moment", look).await;
}

/// Lets things be looked through once more: what nobody has any more is swept up last of all.
async fn looked_through(office: &Office) {
    let left = office.desk.inbox.media_folder().join("left.part");
    let file = std::fs::File::create(&left).expect("a file");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("aged");
    gone(office, "what was left", || async { !left.exists() }).await;
}

/// Lets days pass one by one, and whatever is due each day be done.
async fn days_pass(office: &Office, days: i64) {
    for _ in 0..days {
        office.minutes_pass(DAY);
        settles(office).await;
    }
}

/// A day at the office: a text with a picture, a call in vain, a message, and a call that is recorded. `n`
/// tells its people and its files from those of other days.
struct Day {
    n: u8,
    texts: String,
    misses: String,
    leaves: String,
    recorded: String,
}

impl Day {
    fn new(n: u8) -> Self {
        let number = |kind: u8| format!("+141555509{kind}{n}");
        Self { n, texts: number(1), misses: number(2), leaves: number(3), recorded: number(4) }
    }

    /// It happens, and everything of it is here. Twilio writes the message down.
    async fn happens(&self, office: &Office) {
        // What is told here of a recording is not what Twilio lists.
        complete(office, office.clock.now()).await;
        set(office, json!({ "transcripts": { "engine": "twilio" } })).await;
        let before = files(office.desk.inbox.media_folder()).len();
        let picture = [png(), vec![self.n]].concat();
        office
            .phone(&self.texts)
            .texts_file(&format!("Look at number{}", self.n), "image/png", &picture)
            .await;
        let in_vain = CallIn::new(&self.misses, LINES[0]);
        leaves(office, CallIn { hangs_up_in_greeting_after_s: Some(1), ..in_vain }).await;
        let speech = helen().saying(&format!("Radiator{} is cold", self.n));
        leaves(office, CallIn { message_s: Some(8 + u32::from(self.n)), ..calls(&self.leaves, speech) })
            .await;
        let recorded = Speech::new(silence(10 + u32::from(self.n)));
        let recorded = CallIn { to: LINES[1].into(), ..calls(&self.recorded, recorded) };
        let told = Told::of(&office.sandbox, &self.recorded, &untold(&office.sandbox, recorded).await);
        let ready = told.ready().at("/voice/recording").with("RecordingSource", "DialVerb");
        for post in [told.rings(), told.over(), ready] {
            post.to(office).await;
        }
        shown(office, "its words", |one| one.customer == self.leaves && one.writing == Writing::Text).await;
        let all = || async {
            let names = files(office.desk.inbox.media_folder());
            (names.len() == before + 3 && names.iter().all(|name| name.len() == 64)).then_some(())
        };
        office.until("picture, message and recording", all).await;
    }

    /// How much of it is to be seen: texts, calls, voicemails, what search finds, and what is exported.
    async fn is_seen(&self, office: &Office) -> [usize; 5] {
        let texts = office.texts_with(&office.phone(&self.texts)).await.len();
        let ours = [&self.misses, &self.leaves, &self.recorded];
        let calls = office.desk.inbox.calls(CallFilter::All, None, None, 500).await.expect("calls");
        let calls = calls.iter().filter(|call| ours.contains(&&call.customer)).count();
        let left = voicemails(office, json!({ "limit": 500 })).await;
        let left = left.iter().filter(|one| one.customer == self.leaves).count();
        let words = json!({ "words": format!("number{}", self.n) });
        let found = does(office, "search", words).await["texts"].as_array().map_or(0, Vec::len);
        let words = json!({ "search": format!("radiator{}", self.n) });
        let heard = voicemails(office, words).await.len();
        let written = format!("Radiator{} is cold", self.n);
        let exported = office.kept("transcript").await;
        let exported = exported.iter().filter(|one| one["text"] == json!(written)).count();
        [texts, calls, left, found + heard, exported]
    }
}

const WHOLE_DAY: [usize; 5] = [1, 3, 1, 2, 1];
const NOTHING: [usize; 5] = [0; 5];

/// Whether Twilio still has something, by its path without ending.
async fn twilio_has(office: &Office, path: &str) -> bool {
    let (account, token) = office.sandbox.credentials();
    let url = format!("{}/2010-04-01/Accounts/{account}/{path}.json", office.sandbox.url());
    let answer = client().get(url).basic_auth(account, Some(token)).send().await.expect("an answer");
    answer.status().as_u16() == 200
}

#[tokio::test]
async fn nothing_goes_where_nothing_is_set() {
    let office = Office::open().await;
    let day = Day::new(1);
    day.happens(&office).await;
    days_pass(&office, 20).await;
    office.minutes_pass(400 * DAY);
    // A change of the settings has things looked through, too.
    set(&office, json!({ "business_name": "Bell & Daughter" })).await;
    days_pass(&office, 2).await;
    looked_through(&office).await;
    assert_eq!(day.is_seen(&office).await, WHOLE_DAY);
    assert_eq!(files(office.desk.inbox.media_folder()).len(), 3);
    assert_eq!(counted(&would_go(&office, json!(null)).await), []);
}

#[tokio::test]
async fn a_dry_run_counts_and_deletes_nothing() {
    let office = Office::open().await;
    let (old, new) = (Day::new(1), Day::new(2));
    let began = office.clock.now();
    old.happens(&office).await;
    office.minutes_pass(20 * DAY);
    new.happens(&office).await;
    let all = json!({ "texts_days": 10, "calls_days": 10, "voicemails_days": 10 });
    let here = would_go(&office, all).await;
    let counts = [
        (AgedKind::Texts, 1, 0),
        // The third one left a message, after which it goes.
        (AgedKind::Calls, 3, 0),
        (AgedKind::Voicemails, 1, 0),
        (AgedKind::Recordings, 1, 0),
    ];
    assert_eq!(counted(&here), counts);
    let oldest = here.items.iter().filter_map(|item| item.oldest).min();
    assert_eq!((oldest, here.held), (Some(began), 0));
    let there = json!({ "texts_days": 7, "voicemails_days": 30, "delete_at_twilio": true });
    let counts = [(AgedKind::Texts, 1, 1), (AgedKind::Voicemails, 0, 0), (AgedKind::Recordings, 0, 0)];
    assert_eq!(counted(&would_go(&office, there).await), counts);
    let too_soon = office.desk.call("retention", json!({ "keep": { "texts_days": 6 } })).await;
    assert_eq!(too_soon.expect_err("a slip of the finger").code, "invalid_settings");
    days_pass(&office, 2).await;
    looked_through(&office).await;
    assert_eq!((old.is_seen(&office).await, new.is_seen(&office).await), (WHOLE_DAY, WHOLE_DAY));
}

#[tokio::test]
async fn what_is_older_goes_with_its_files_and_can_no_longer_be_found() {
    let office = Office::open().await;
    let (old, new) = (Day::new(1), Day::new(2));
    old.happens(&office).await;
    let early = files(office.desk.inbox.media_folder());
    office.minutes_pass(20 * DAY);
    new.happens(&office).await;
    let late: Vec<String> =
        files(office.desk.inbox.media_folder()).into_iter().filter(|name| !early.contains(name)).collect();
    set(&office, json!({ "keep": { "texts_days": 10, "calls_days": 10, "voicemails_days": 10 } })).await;
    gone(&office, "the old day", || async { old.is_seen(&office).await == NOTHING }).await;
    assert_eq!(new.is_seen(&office).await, WHOLE_DAY);
    let only_late = || async { (files(office.desk.inbox.media_folder()) == late).then_some(()) };
    office.until("its files are gone", only_late).await;
    let one = voicemails(&office, json!({})).await.remove(0);
    does(&office, "voicemail_sound", json!({ "voicemail": one.id })).await;
    // Of what was recorded a stump is left, by which it is not taken for new.
    let recordings = office.kept("recording").await;
    let states: Vec<&Value> = recordings.iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["deleted", "deleted", "kept", "kept"]);
    assert!(recordings[..2].iter().all(|one| one["sha256"].is_null()), "{recordings:?}");
    // The people stay, and nothing went at Twilio.
    assert!(office.conversations().await.iter().any(|one| one.customer == old.texts));
    assert!(office.sandbox.recordings().iter().all(|recording| !recording.deleted));
}

#[tokio::test]
async fn each_kind_has_its_own_days() {
    let office = Office::open().await;
    let day = Day::new(1);
    day.happens(&office).await;
    office.minutes_pass(8 * DAY);
    set(&office, json!({ "keep": { "voicemails_days": 7 } })).await;
    gone(&office, "the message", || async { day.is_seen(&office).await[2] == 0 }).await;
    assert_eq!(day.is_seen(&office).await, [1, 3, 0, 1, 0], "texts and calls stay");
    set(&office, json!({ "keep": { "voicemails_days": null, "calls_days": 7 } })).await;
    gone(&office, "the calls", || async { day.is_seen(&office).await[1] == 0 }).await;
    assert_eq!(day.is_seen(&office).await, [1, 0, 0, 1, 0], "the text stays");
    set(&office, json!({ "keep": { "texts_days": 7 } })).await;
    gone(&office, "the text", || async { day.is_seen(&office).await == NOTHING }).await;
    let no_file = || async { files(office.desk.inbox.media_folder()).is_empty().then_some(()) };
    office.until("no file is left", no_file).await;
}

#[tokio::test]
async fn a_file_goes_with_the_last_who_has_it() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    kept(&office).await;
    office.minutes_pass(20 * DAY);
    leaves(&office, calls("+14155550802", helen())).await;
    let late =
        shown(&office, "the second", |one| one.customer != HELEN && one.audio == AudioState::Kept).await;
    assert_eq!(files(office.desk.inbox.media_folder()).len(), 1, "the same sound");
    set(&office, json!({ "keep": { "voicemails_days": 10 } })).await;
    gone(&office, "the first", || async { voicemails(&office, json!({})).await.len() == 1 }).await;
    does(&office, "voicemail_sound", json!({ "voicemail": late.id })).await;
    let none = || async { voicemails(&office, json!({})).await.is_empty() };
    gone_within(&office, DAY, "the second", none).await;
    let no_file = || async { files(office.desk.inbox.media_folder()).is_empty().then_some(()) };
    office.until("the file goes, too", no_file).await;
}

#[tokio::test]
async fn what_is_on_hold_stays() {
    const ZOE: &str = "+14155550802";
    let office = Office::open().await;
    for from in [HELEN, ZOE] {
        office.phone(from).texts("The radiator is cold").await;
        leaves(&office, calls(from, helen())).await;
    }
    let here = async |from: &str| {
        let texts = office.texts_with(&office.phone(from)).await.len();
        let left = voicemails(&office, json!({})).await.iter().filter(|one| one.customer == from).count();
        (texts, left)
    };
    let id = office.conversation_with(&office.phone(HELEN)).await.conversation.id;
    does(&office, "set_hold", json!({ "conversation": id, "hold": true })).await;
    assert!(office.conversation_with(&office.phone(HELEN)).await.conversation.held);
    assert!(voicemails(&office, json!({ "search": "0801" })).await[0].held);
    office.minutes_pass(10 * DAY);
    let all = json!({ "texts_days": 7, "calls_days": 7, "voicemails_days": 7 });
    let dry = would_go(&office, all.clone()).await;
    let count: u32 = dry.items.iter().map(|item| item.count).sum();
    assert_eq!((dry.held, count), (1, 3), "Zoë's text, call and message");
    // What its owner deleted stays as well.
    let helens = voicemails(&office, json!({ "search": "0801" })).await.remove(0);
    does(&office, "remove_voicemail", json!({ "voicemail": helens.id, "removed": true })).await;
    set(&office, json!({ "keep": all })).await;
    gone(&office, "Zoë's", || async { here(ZOE).await == (0, 0) }).await;
    days_pass(&office, 32).await;
    does(&office, "remove_voicemail", json!({ "voicemail": helens.id, "removed": false })).await;
    assert_eq!(here(HELEN).await, (1, 1));
    does(&office, "voicemail_sound", json!({ "voicemail": helens.id })).await;
    does(&office, "set_hold", json!({ "conversation": id, "hold": false })).await;
    gone(&office, "Helen's", || async { here(HELEN).await == (0, 0) }).await;
}

#[tokio::test]
async fn what_goes_here_goes_at_twilio_where_that_is_set() {
    let office = Office::open().await;
    let (old, new) = (Day::new(1), Day::new(2));
    old.happens(&office).await;
    let early = office.paths_at_twilio().await;
    assert_eq!(early.len(), 1 + 3 + 2 + 1);
    office.minutes_pass(20 * DAY);
    new.happens(&office).await;
    let mut late = office.paths_at_twilio().await;
    late.retain(|path| !early.contains(path));
    let days = json!({ "texts_days": 10, "calls_days": 10, "voicemails_days": 10, "delete_at_twilio": true });
    set(&office, json!({ "keep": days })).await;
    gone(&office, "the old day", || async { old.is_seen(&office).await == NOTHING }).await;
    for path in &early {
        // Not so long that the new day gets old, too.
        gone_within(&office, 1, path, || async { !twilio_has(&office, path).await }).await;
    }
    for path in &late {
        assert!(twilio_has(&office, path).await, "{path}");
    }
    assert_eq!(new.is_seen(&office).await, WHOLE_DAY);
}

/// How Twilio is reached at an address.
fn reach(office: &Office, twilio: &str) -> Reach {
    let (account, token) = office.sandbox.credentials();
    let credentials = Credentials::account(account, token.to_owned().into());
    let door = office.door("");
    let origin = door.strip_suffix("/phone/twilio").expect("the door's prefix");
    Reach {
        client: Client::new(twilio, credentials).expect("a client"),
        public: Some(PublicUrl::parse(origin).expect("an address")),
        prefix: "/phone/twilio".into(),
        signing: token.to_owned().into(),
    }
}

/// Somebody who hangs up on everybody, and counts who wanted something deleted.
async fn out_of_order() -> (String, watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (tell, counted) = watch::channel(0);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut method = [0; 7];
            if stream.read_exact(&mut method).await.is_ok() && method == *b"DELETE " {
                tell.send_modify(|count| *count += 1);
            }
        }
    });
    (url, counted)
}

#[tokio::test]
async fn what_cannot_be_deleted_at_twilio_now_is_deleted_later() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    kept(&office).await;
    office.minutes_pass(10 * DAY);
    let (url, mut asked) = out_of_order().await;
    office.desk.inbox.connect(reach(&office, &url));
    set(&office, json!({ "keep": { "voicemails_days": 7, "delete_at_twilio": true } })).await;
    gone(&office, "it went here", || async { voicemails(&office, json!({})).await.is_empty() }).await;
    asked.wait_for(|asked| *asked >= 4).await.expect("Twilio is asked, again and again");
    assert!(!office.sandbox.recordings()[0].deleted);
    office.desk.inbox.connect(reach(&office, office.sandbox.url()));
    gone(&office, "it went there", || async { office.sandbox.recordings()[0].deleted }).await;
}

#[tokio::test]
async fn a_clock_that_jumps_ten_years_costs_a_days_worth_at_most() {
    let office = Office::open().await;
    set(&office, json!({ "keep": { "texts_days": 7 } })).await;
    let maria = office.phone("+14155550805");
    // Four texts a day, for eight days.
    for n in 0..32 {
        maria.texts(&format!("Text {n}")).await;
        office.minutes_pass(DAY / 4);
    }
    let left = async || office.texts_with(&maria).await.len();
    gone(&office, "the first", || async { left().await < 32 }).await;
    settles(&office).await;
    let before = left().await;
    office.minutes_pass(10 * 365 * DAY);
    // A jump in the middle of a look does not begin another: that comes half a day later.
    gone(&office, "some more", || async { left().await < before }).await;
    let after = left().await;
    assert!(before - after <= 5, "{before} were there, and {after} are");
    settles(&office).await;
    assert_eq!(left().await, after, "and no more of them");
    // Somebody has the time to see that all of it would go.
    let dry = would_go(&office, json!({ "texts_days": 7 })).await;
    assert_eq!(counted(&dry), [(AgedKind::Texts, u32::try_from(after).expect("few"), 0)]);
    gone(&office, "the next day's worth", || async { left().await < after }).await;
    let next = left().await;
    assert!(after - next <= 5, "{after} were there, and {next} are");
}

#[tokio::test]
async fn what_was_deleted_can_be_had_back_for_a_month_and_then_never() {
    let office = Office::open().await;
    set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
    leaves(&office, helen_calls()).await;
    let one =
        shown(&office, "the words", |one| one.writing == Writing::Text && one.audio == AudioState::Kept)
            .await;
    let remove = async |removed: bool| {
        does(&office, "remove_voicemail", json!({ "voicemail": one.id, "removed": removed })).await;
    };
    remove(true).await;
    days_pass(&office, 29).await;
    remove(false).await;
    assert_eq!(voicemails(&office, json!({})).await[0].transcript.as_deref(), Some(HELEN_SAYS));
    does(&office, "voicemail_sound", json!({ "voicemail": one.id })).await;
    // What came back stays: nobody counts its days any more.
    days_pass(&office, 3).await;
    assert_eq!(voicemails(&office, json!({})).await.len(), 1);

    remove(true).await;
    let for_good = || async {
        let found = office.desk.call("voicemail", json!({ "voicemail": one.id })).await;
        found.is_err_and(|error| error.code == "not_found")
    };
    gone_within(&office, DAY, "it is gone for good", for_good).await;
    let refused =
        office.desk.call("remove_voicemail", json!({ "voicemail": one.id, "removed": false })).await;
    assert_eq!(refused.expect_err("it is gone").code, "not_found");
    let no_file = || async { files(office.desk.inbox.media_folder()).is_empty().then_some(()) };
    office.until("the file is gone", no_file).await;
    assert_eq!(office.kept("transcript").await.len(), 0);
    assert!(!office.sandbox.recordings()[0].deleted, "at Twilio nothing was to go");
}

/// A message that was fetched and deleted, and is gone for good.
async fn deleted_for_good(office: &Office) -> Told {
    leaves(office, helen_calls()).await;
    let one = kept(office).await;
    does(office, "remove_voicemail", json!({ "voicemail": one.id, "removed": true })).await;
    let for_good = || async { office.desk.call("voicemail", json!({ "voicemail": one.id })).await.is_err() };
    gone_within(office, DAY, "it is gone for good", for_good).await;
    Told::of(&office.sandbox, HELEN, &office.sandbox.recordings()[0])
}

#[tokio::test]
async fn what_is_told_late_of_a_deleted_message_does_not_bring_it_back() {
    let office = Office::open().await;
    let told = deleted_for_good(&office).await;
    let untagged = told.ready().at("/voice/recording").with("RecordingTrack", "both");
    for post in [told.ready(), told.left(), told.over(), untagged] {
        post.to(&office).await;
    }
    days_pass(&office, 2).await;
    assert_eq!(voicemails(&office, json!({})).await.len(), 0);
    assert_eq!(does(&office, "voicemail_counts", json!({})).await["total"], json!(0));
    let recordings = office.kept("recording").await;
    assert_eq!((recordings.len(), &recordings[0]["state"]), (1, &json!("deleted")));
    assert_eq!(office.sandbox.recordings()[0].asked, 1, "nor is its sound fetched once more");
    assert_eq!(files(office.desk.inbox.media_folder()), [""; 0]);
}

#[tokio::test]
async fn what_is_written_late_of_a_deleted_message_is_not_kept() {
    let office = Office::open().await;
    let told = deleted_for_good(&office).await;
    told.written(HELEN_SAYS).to(&office).await;
    assert_eq!(office.kept("transcript").await.len(), 0);
    assert_eq!(voicemails(&office, json!({ "search": "radiator" })).await.len(), 0);
}

#[tokio::test]
async fn files_that_a_crash_left_behind_are_swept_up_and_no_others() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    shown(&office, "the sound", |one| one.audio == AudioState::Kept).await;
    let media = office.desk.inbox.media_folder().to_path_buf();
    let age = |path: &std::path::Path| {
        let file = std::fs::File::options().create(true).append(true).open(path).expect("a file");
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("aged");
    };
    let left = ["a".repeat(64), "one.wav.part".into(), "one.wav.tag".into(), "message-1.wav".into()];
    let stays: Vec<String> = files(&media);
    for name in stays.iter().chain(&left).chain([&"notes.txt".to_owned()]) {
        age(&media.join(name));
    }
    // Somebody may be about to send it.
    let fresh = "b".repeat(64);
    std::fs::write(media.join(&fresh), "a picture").expect("written");
    gone(&office, "what was left", || async { !left.iter().any(|name| media.join(name).exists()) }).await;
    for name in stays.iter().chain([&fresh, &"notes.txt".to_owned()]) {
        assert!(media.join(name).exists(), "{name}");
    }
}
