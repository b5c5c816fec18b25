use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_inbox::view::{AudioState, Voicemail, Writing};
use ringdesk_sandbox::{CallIn, Config, Download, Fault, Format, Sandbox, Speech};
use ringdesk_tests::{
    host::{ACCOUNT, Host, TOKEN},
    office::{LINES, Office},
    voicemail::{
        HELEN, HELEN_SAYS, Storage, Told, at_last, calls, does, files, helen, helen_calls, kept, leaves,
        served, set, shown, silence, sound, untold, voicemails,
    },
};
use serde_json::json;
use std::{fs, os::unix::fs::symlink, time::Duration};

/// Longest wait for a program of its own; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The bytes of a voicemail's sound.
async fn bytes(office: &Office, one: &Voicemail) -> Vec<u8> {
    let sound = does(office, "voicemail_sound", json!({ "voicemail": one.id })).await;
    STANDARD.decode(sound["base64"].as_str().expect("text")).expect("base64")
}

/// Nothing is left of a download that ended, whichever way.
fn nothing_half(office: &Office) {
    let names = files(office.desk.inbox.media_folder());
    assert!(names.iter().all(|name| name.len() == 64), "{names:?}");
}

/// What Twilio sent of its newest recording: first byte and how many.
fn sent(twilio: &Sandbox) -> Vec<(u64, u64)> {
    let newest = twilio.recordings().pop().expect("a recording");
    newest.downloads.iter().map(|part| (part.from, part.bytes)).collect()
}

#[tokio::test]
async fn sound_is_kept_as_twilio_has_it() {
    let both = || helen().with_mp3(sound("helen.mp3"));
    for (speech, fault, file, content_type, format) in [
        (helen(), None, "helen.wav", "audio/wav", Format::Wav),
        (Speech::new(sound("helen-mulaw.wav")), None, "helen-mulaw.wav", "audio/wav", Format::Wav),
        (both(), None, "helen.wav", "audio/wav", Format::Wav),
        (both(), Some(Fault::RecordingWithoutWav), "helen.mp3", "audio/mpeg", Format::Mp3),
    ] {
        let office = Office::open().await;
        if let Some(fault) = fault {
            office.fault(fault);
        }
        leaves(&office, calls(HELEN, speech)).await;
        let one = kept(&office).await;
        assert_eq!(one.content_type.as_deref(), Some(content_type), "{file}");
        assert!(bytes(&office, &one).await == sound(file), "{file}, byte by byte");
        let length_ms = one.length_ms.expect("measured");
        // What an encoder pads an MP3 with is a part of it.
        let off = if format == Format::Mp3 { 400 } else { 50 };
        assert!(length_ms.abs_diff(7_995) <= off, "{file}: {length_ms}");
        assert_eq!((one.peaks.len(), one.peaks.iter().max()), (200, Some(&255)), "{file}");
        let whole = Download { format, from: 0, bytes: sound(file).len() as u64 };
        assert_eq!(office.sandbox.recordings()[0].downloads, [whole], "{file}");
        nothing_half(&office);
    }
}

#[tokio::test]
async fn silence_is_kept_and_says_so() {
    let office = Office::open().await;
    set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
    leaves(&office, calls(HELEN, Speech::new(silence(6)))).await;
    let one =
        shown(&office, "silence", |one| one.audio == AudioState::Kept && one.writing == Writing::NoSpeech)
            .await;
    assert_eq!((one.length_ms, one.peaks), (Some(6_000), vec![0; 200]));
    assert_eq!((one.transcript, one.writing_problem), (None, None));
}

#[tokio::test]
async fn sound_that_is_late_is_asked_for_until_it_is_there() {
    let office = Office::open().await;
    set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
    // Three times, as WAV and as MP3.
    office.fault(Fault::Times(6, Box::new(Fault::RecordingNotFound)));
    leaves(&office, helen_calls()).await;
    let words = shown(&office, "the words", |one| one.writing == Writing::Text).await;
    assert_eq!(words.audio, AudioState::Wanted, "what was said can be read before it can be heard");
    let one = at_last(&office, "the sound", |one| one.audio == AudioState::Kept).await;
    assert_eq!(one.transcript.as_deref(), Some(HELEN_SAYS));
    assert_eq!(office.sandbox.recordings()[0].asked, 7);
    assert_eq!(voicemails(&office, json!({})).await.len(), 1);
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_did() {
    let office = Office::open().await;
    office.fault(Fault::RecordingBroken);
    leaves(&office, helen_calls()).await;
    let one = at_last(&office, "the whole", |one| one.audio == AudioState::Kept).await;
    assert!(bytes(&office, &one).await == sound("helen.wav"), "byte by byte");
    let whole = sound("helen.wav").len() as u64;
    let half = whole / 2;
    assert_eq!(sent(&office.sandbox), [(0, half), (half, whole - half)], "no byte came twice");
    assert_eq!(office.sandbox.report().leaked_credentials, 0);
    nothing_half(&office);
}

#[tokio::test]
async fn storage_elsewhere_never_sees_credentials() {
    let office = Office::open().await;
    let storage = Storage::open(sound("helen.wav"), "\"elsewhere\"").await;
    storage.let_go(1);
    office.fault(Fault::RecordingElsewhere(storage.url().to_owned()));
    leaves(&office, helen_calls()).await;
    let one = kept(&office).await;
    assert!(bytes(&office, &one).await == sound("helen.wav"), "byte by byte");
    let asked = storage.came(1).await.asked;
    assert!(asked[0].starts_with("get /storage/"), "{asked:?}");
    let (account, token) = office.sandbox.credentials();
    for secret in ["authorization", "cookie", &account.to_ascii_lowercase(), &token.to_ascii_lowercase()] {
        assert!(!asked[0].contains(secret), "{secret}");
    }
    assert_eq!(office.sandbox.report().leaked_credentials, 0);
}

#[tokio::test]
async fn an_address_that_is_not_safe_is_not_followed() {
    let office = Office::open().await;
    for url in [
        "http://recordings.example.com",
        "ftp://recordings.example.com",
        "https://10.0.0.7",
        "https://printer.local",
        "https://intranet",
    ] {
        office.minutes_pass(1);
        office.fault(Fault::RecordingElsewhere(url.to_owned()));
        leaves(&office, helen_calls()).await;
        let one = shown(&office, url, |one| one.audio == AudioState::Gone).await;
        assert!(one.audio_problem.as_deref().is_some_and(|why| why.contains("not safe")), "{url}: {one:?}");
        let newest = office.sandbox.recordings().pop().expect("a recording");
        assert_eq!((newest.asked, newest.downloads.len()), (1, 0), "{url}");
        // It was a passing disturbance: the owner tries again.
        does(&office, "fetch_again", json!({ "voicemail": one.id })).await;
        assert_eq!(kept(&office).await.audio_problem, None, "{url}");
    }
    nothing_half(&office);
}

#[tokio::test]
async fn what_is_no_sound_is_refused_in_words() {
    let office = Office::open().await;
    office.fault(Fault::RecordingNotAudio);
    leaves(&office, helen_calls()).await;
    let refused = shown(&office, "a refusal", |one| one.audio == AudioState::Refused).await;
    assert_eq!(refused.audio_problem.as_deref(), Some("It is not a sound file."));
    assert_eq!((refused.length_ms, refused.peaks.len(), refused.duration_s), (None, 0, Some(8)));
    assert_eq!(files(office.desk.inbox.media_folder()), [""; 0]);
    let silent = office.desk.call("voicemail_sound", json!({ "voicemail": refused.id })).await;
    assert_eq!(silent.expect_err("it is not here").code, "no_sound");
    does(&office, "fetch_again", json!({ "voicemail": refused.id })).await;
    assert_eq!(kept(&office).await.id, refused.id);
}

#[tokio::test]
async fn sound_that_stays_shorter_than_told_is_kept_and_says_so() {
    let office = Office::open().await;
    office.fault(Fault::RecordingTooShort);
    leaves(&office, CallIn { message_s: Some(12), ..CallIn::new(HELEN, LINES[0]) }).await;
    let one = at_last(&office, "what there is", |one| one.audio == AudioState::Kept).await;
    assert_eq!((one.duration_s, one.length_ms), (Some(12), Some(6_000)));
    assert_eq!(one.audio_problem.as_deref(), Some("It is shorter than Twilio says."));
    assert_eq!(sent(&office.sandbox).len(), 3, "it could have grown");
    nothing_half(&office);
}

#[tokio::test]
async fn three_are_fetched_at_a_time() {
    const MESSAGES: usize = 20;
    let office = Office::open().await;
    let storage = Storage::open(sound("helen-mulaw.wav"), "\"elsewhere\"").await;
    let elsewhere = Fault::RecordingElsewhere(storage.url().to_owned());
    office.fault(Fault::Times(20, Box::new(elsewhere)));
    for n in 0..MESSAGES {
        leaves(&office, calls(&format!("+1415555{:04}", 8_300 + n), helen())).await;
    }
    for done in 0..MESSAGES {
        storage.came((done + 3).min(MESSAGES)).await;
        storage.let_go(1);
    }
    let all_kept = || async {
        let all = voicemails(&office, json!({ "limit": 500 })).await;
        let here = all.iter().filter(|one| one.audio == AudioState::Kept).count();
        (here == MESSAGES).then_some(())
    };
    office.until("all of them", all_kept).await;
    assert_eq!(storage.came(MESSAGES).await.most, 3);
    assert_eq!(files(office.desk.inbox.media_folder()).len(), 1, "the same sound is kept once");
}

#[tokio::test]
async fn a_disk_that_takes_no_more_costs_nothing_but_time() {
    let office = Office::open().await;
    office.fault(Fault::Times(2, Box::new(Fault::RecordingNotFound)));
    leaves(&office, helen_calls()).await;
    let asked = || async { (office.sandbox.recordings()[0].asked == 2).then_some(()) };
    office.until("the first try", asked).await;
    // Whatever is written of it from now on, there is no room.
    let id = office.kept("recording").await[0]["id"].as_str().expect("an id").to_owned();
    let partial = office.desk.inbox.media_folder().join(format!("{id}.wav.part"));
    symlink("/dev/full", &partial).expect("a link");
    let gone = || async {
        let gone = files(office.desk.inbox.media_folder()).is_empty();
        if !gone {
            office.minutes_pass(1);
        }
        gone.then_some(())
    };
    office.until("what was begun is given back", gone).await;
    assert_eq!(office.sandbox.recordings()[0].asked, 3, "it was tried");
    assert_eq!(voicemails(&office, json!({})).await[0].audio, AudioState::Wanted);
    // Everything else goes on.
    office.phone(HELEN).texts("Did you get my message?").await;
    assert_eq!(office.texts_with(&office.phone(HELEN)).await.len(), 1);
    let one = at_last(&office, "room again", |one| one.audio == AudioState::Kept).await;
    assert!(bytes(&office, &one).await == sound("helen.wav"), "byte by byte");
    nothing_half(&office);
}

#[tokio::test]
async fn nothing_is_fetched_while_there_is_hardly_any_room() {
    let office = Office::open().await;
    let media = office.desk.inbox.media_folder().to_owned();
    // A file system that never has any room.
    fs::remove_dir(&media).expect("it is empty");
    symlink("/proc", &media).expect("a link");
    leaves(&office, helen_calls()).await;
    let mut minutes = 0;
    let look = || {
        office.minutes_pass(1);
        minutes += 1;
        let over = minutes > 10;
        async move { over.then_some(()) }
    };
    office.until("ten minutes", look).await;
    assert_eq!(voicemails(&office, json!({})).await[0].audio, AudioState::Wanted);
    assert_eq!(office.sandbox.recordings()[0].asked, 0);
    fs::remove_file(&media).expect("the link goes");
    // Whoever fetches may have made it already.
    fs::create_dir_all(&media).expect("a folder");
    at_last(&office, "room again", |one| one.audio == AudioState::Kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_costs_only_the_rest() {
    let config =
        Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), pace: 0.0, ..Config::practice() };
    let twilio = Sandbox::start(config).await.expect("a practice line");
    let mut host = Host::start(twilio.url()).await.expect("a host");
    let recording = untold(&twilio, helen_calls()).await;
    let (file, etag) = served(&twilio, &recording).await;
    let storage = Storage::open(file.clone(), &etag).await;
    twilio.fault(Fault::RecordingElsewhere(storage.url().to_owned()));
    let told = Told::of(&twilio, HELEN, &recording);
    for post in [told.rings(), told.left(), told.over(), told.ready()] {
        let status = host.post(post.path(), &post.fields()).await.expect("posted");
        assert!(status.is_some_and(|status| (200..300).contains(&status)), "{}: {status:?}", post.path());
    }
    storage.came(1).await;
    let media = host.data_dir().join("media");
    let half = file.len() as u64 / 2;
    let here = || {
        let part = files(&media).into_iter().find(|name| name.contains(".part"));
        part.and_then(|name| fs::metadata(media.join(name)).ok()).map_or(0, |part| part.len())
    };
    let half_of_it = async {
        while here() < half {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, half_of_it).await.expect("half of it came");
    let before = host.call("voicemails", json!({})).await.expect("voicemails");
    assert_eq!((before.as_array().map(Vec::len), &before[0]["audio"]), (Some(1), &json!("wanted")));
    host.kill().await.expect("killed");

    host.serve().await.expect("again");
    let whole = async {
        loop {
            let all = host.call("voicemails", json!({})).await.expect("voicemails");
            if all[0]["audio"] == "kept" {
                break all;
            }
            tokio::task::yield_now().await;
        }
    };
    let after = tokio::time::timeout(PATIENCE, whole).await.expect("the rest came");
    assert_eq!((after.as_array().map(Vec::len), &after[0]["id"]), (Some(1), &before[0]["id"]));
    let names = files(&media);
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(fs::read(media.join(&names[0])).expect("the file") == file, "byte by byte");
    // The first is what we fetched ourselves, to know what it is called.
    assert_eq!(sent(&twilio), [(0, half * 2), (half, half)]);
    host.stop().await.expect("stopped");
    twilio.stop().await;
}

#[tokio::test]
async fn a_recording_goes_at_twilio_once_its_copy_was_looked_through() {
    let office = Office::open().await;
    set(&office, json!({ "keep": { "delete_recordings_at_twilio": true } })).await;
    office.fault(Fault::RecordingBroken);
    leaves(&office, helen_calls()).await;
    let half = || async { (sent(&office.sandbox).len() == 1).then_some(()) };
    office.until("half of it", half).await;
    assert!(!office.sandbox.recordings()[0].deleted, "half a copy is none");
    let one = at_last(&office, "the whole", |one| one.audio == AudioState::Kept).await;
    let gone = || async { office.sandbox.recordings()[0].deleted.then_some(()) };
    office.until("it went at Twilio", gone).await;
    assert!(bytes(&office, &one).await == sound("helen.wav"), "it is here");
    assert_eq!(voicemails(&office, json!({})).await[0].audio, AudioState::Kept);
}

#[tokio::test]
async fn a_copy_that_is_not_whole_never_costs_the_one_at_twilio() {
    let office = Office::open().await;
    set(&office, json!({ "keep": { "delete_recordings_at_twilio": true } })).await;
    office.fault(Fault::RecordingNotAudio);
    leaves(&office, helen_calls()).await;
    shown(&office, "no sound", |one| one.audio == AudioState::Refused).await;
    office.minutes_pass(1);
    office.fault(Fault::RecordingTooShort);
    leaves(&office, CallIn { message_s: Some(12), ..CallIn::new(HELEN, LINES[0]) }).await;
    let short = |one: &Voicemail| one.length_ms == Some(6_000);
    at_last(&office, "half of what was told", short).await;
    office.minutes_pass(1);
    leaves(&office, helen_calls()).await;
    let good = || async { office.sandbox.recordings()[2].deleted.then_some(()) };
    office.until("the good one went", good).await;
    let deleted: Vec<bool> = office.sandbox.recordings().iter().map(|one| one.deleted).collect();
    assert_eq!(deleted, [false, false, true]);
}

#[tokio::test]
async fn what_twilio_still_writes_down_is_not_deleted_there() {
    let office = Office::open().await;
    let both =
        json!({ "transcripts": { "engine": "twilio" }, "keep": { "delete_recordings_at_twilio": true } });
    set(&office, both).await;
    office.fault(Fault::LostTranscription);
    leaves(&office, helen_calls()).await;
    let one = kept(&office).await;
    assert_eq!(one.writing, Writing::Writing);
    // Twilio is asked for them now. The recording would go an hour after it was kept.
    office.minutes_pass(6);
    let one = shown(&office, "the words", |one| one.writing == Writing::Text).await;
    assert!(!office.sandbox.recordings()[0].deleted);
    let gone = || async {
        let gone = office.sandbox.recordings()[0].deleted;
        if !gone {
            office.minutes_pass(5);
        }
        gone.then_some(())
    };
    office.until("it went at Twilio", gone).await;
    assert_eq!(voicemails(&office, json!({})).await[0].transcript, one.transcript);
}
