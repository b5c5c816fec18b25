use ringdesk_domain::{
    Engine,
    voicemail::{Word, WritingProblem},
};
use ringdesk_inbox::{
    News,
    view::{AudioState, Voicemail, Writing},
};
use ringdesk_sandbox::{CallIn, Fault, Speech};
use ringdesk_tests::{
    office::{LINES, Office},
    voicemail::{
        HELEN, HELEN_DISPLAY, HELEN_SAYS, Told, at_last, calls, does, helen, helen_calls, leaves, set, shown,
        silence, untold, voicemail, voicemails,
    },
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A program of the owner's that writes messages down, in a folder of its own.
struct Program {
    folder: TempDir,
}

impl Program {
    /// The sound file is `$1`, its own folder `$here`.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!("here=$(dirname \"$0\")\necho try >> \"$here/tries\"\n{script}\n");
        fs::write(folder.path().join("write.sh"), script).expect("written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The settings that have it write. A shell reads it, because a file that was just written cannot always
    /// be started: another story that starts a program may have it open for a moment more.
    fn writes(&self) -> Value {
        let script = self.path("write.sh");
        json!({ "transcripts": { "engine": "command", "program": "/bin/sh", "arguments": [script] } })
    }

    /// How often it was started.
    fn tries(&self) -> usize {
        fs::read_to_string(self.path("tries")).map_or(0, |tries| tries.lines().count())
    }
}

async fn twilio_writes(office: &Office) {
    set(office, json!({ "transcripts": { "engine": "twilio" } })).await;
}

fn is_text(one: &Voicemail) -> bool {
    one.writing == Writing::Text
}

fn is_unavailable(one: &Voicemail) -> bool {
    one.writing == Writing::Unavailable
}

/// Whose voicemails hold these words.
async fn found(office: &Office, words: &str) -> usize {
    voicemails(office, json!({ "search": words })).await.len()
}

#[tokio::test]
async fn twilio_writes_a_message_down_while_it_records() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some(HELEN_SAYS));
    assert_eq!((one.engine, one.writing_problem, one.words.len()), (Some(Engine::Twilio), None, 0));
    assert_eq!((one.edited, one.original.as_deref()), (false, Some(HELEN_SAYS)));
    assert_eq!(found(&office, "radiator").await, 1);
    let row = office.conversations().await.remove(0);
    let begins: String = HELEN_SAYS.chars().take(120).collect();
    assert_eq!(row.last_call.and_then(|call| call.said), Some(begins), "the list quotes it");
    assert!(office.sandbox.report().alerts.is_empty());
}

#[tokio::test]
async fn words_that_were_never_posted_are_asked_for() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    office.fault(Fault::LostTranscription);
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the sound", |one| one.audio == AudioState::Kept).await;
    assert_eq!((one.writing, one.transcript, one.engine), (Writing::Writing, None, Some(Engine::Twilio)));
    let began = office.clock.now();
    let one = at_last(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some(HELEN_SAYS));
    assert!(office.clock.now().since(began) >= 5 * 60_000, "Twilio has its time");
    assert_eq!(found(&office, "radiator").await, 1);
}

#[tokio::test]
async fn twilio_that_cannot_write_it_down_says_so() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    office.fault(Fault::FailedTranscription);
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "no words", is_unavailable).await;
    assert_eq!((one.writing_problem, one.transcript), (Some(WritingProblem::Failed), None));
    assert_eq!(found(&office, "blank").await, 0, "what stands for nothing is nothing");
}

#[tokio::test]
async fn twilio_that_never_wrote_anything_is_waited_for_so_long() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    let call = CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINES[1]) };
    let told = Told::of(&office.sandbox, HELEN, &untold(&office.sandbox, call).await);
    for post in [told.rings(), told.left(), told.over(), told.ready()] {
        post.to(&office).await;
    }
    let one = shown(&office, "waiting", |one| one.writing == Writing::Writing).await;
    assert_eq!(one.engine, Some(Engine::Twilio));
    let one = at_last(&office, "no words", is_unavailable).await;
    assert_eq!((one.writing_problem, one.transcript), (Some(WritingProblem::NoAnswer), None));
    // Later than ever, but here they are.
    told.written(HELEN_SAYS).to(&office).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!((one.writing_problem, one.transcript.as_deref()), (None, Some(HELEN_SAYS)));
}

#[tokio::test]
async fn twilio_that_never_ends_writing_is_not_waited_for_for_ever() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    office.fault(Fault::SilentTranscription);
    leaves(&office, helen_calls()).await;
    shown(&office, "waiting", |one| one.writing == Writing::Writing).await;
    let look = || async {
        let one = voicemails(&office, json!({})).await.remove(0);
        if one.writing == Writing::Writing {
            office.minutes_pass(10);
        }
        is_unavailable(&one).then_some(one)
    };
    let one = office.until("an end of it", look).await;
    assert_eq!(one.writing_problem, Some(WritingProblem::NoAnswer));
}

#[tokio::test]
async fn words_that_come_before_their_message_wait_for_it() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    let call = CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINES[1]) };
    let told = Told::of(&office.sandbox, HELEN, &untold(&office.sandbox, call).await);
    told.written(HELEN_SAYS).to(&office).await;
    assert_eq!(voicemails(&office, json!({})).await.len(), 0);
    assert_eq!(found(&office, "radiator").await, 0);
    for post in [told.ready(), told.rings(), told.left(), told.over()] {
        post.to(&office).await;
    }
    let one = shown(&office, "the message", is_text).await;
    assert_eq!((one.transcript.as_deref(), one.engine), (Some(HELEN_SAYS), Some(Engine::Twilio)));
    assert_eq!(found(&office, "radiator").await, 1);
    // Told once more it says the same, whatever it says.
    told.written("Something else").to(&office).await;
    assert_eq!(voicemail(&office, one.id).await.transcript.as_deref(), Some(HELEN_SAYS));
}

#[tokio::test]
async fn what_twilio_does_not_write_down_is_told_beforehand() {
    let two_seconds = CallIn { message_s: Some(2), ..CallIn::new(HELEN, LINES[0]) };
    let two_minutes = CallIn { message_s: Some(130), ..CallIn::new(HELEN, LINES[0]) };
    for (patch, call, problem) in [
        (json!({}), two_seconds, WritingProblem::TooShort),
        (json!({ "message_seconds": 200 }), two_minutes, WritingProblem::TooLong),
        (json!({ "language": "de-DE" }), helen_calls(), WritingProblem::Language),
    ] {
        let office = Office::open().await;
        twilio_writes(&office).await;
        set(&office, json!({ "calls": patch })).await;
        leaves(&office, call).await;
        let one = shown(&office, "the message", |_| true).await;
        assert_eq!((one.writing, one.writing_problem), (Writing::Unavailable, Some(problem)));
        let one = at_last(&office, "the sound", |one| one.audio == AudioState::Kept).await;
        assert_eq!((one.writing, one.transcript), (Writing::Unavailable, None), "{problem:?}");
    }
}

#[tokio::test]
async fn a_program_of_the_owners_is_given_a_file_and_prints_words() {
    let office = Office::open().await;
    let program = Program::new(
        r#"[ "$(head -c 4 "$1")" = RIFF ] || exit 1
        case "$1" in *.wav) ;; *) exit 1 ;; esac
        cp "$1" "$here/heard.wav"
        printf '%s' "$1" > "$here/name"
        echo "on its way" >&2
        printf '  Please call\n  me back. \n'"#,
    );
    set(&office, program.writes()).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some("Please call me back."));
    assert_eq!((one.engine, one.words.len(), one.audio), (Some(Engine::Command), 0, AudioState::Kept));
    assert_eq!(found(&office, "please").await, 1);

    // PCM of 16 bits, one channel, 16,000 samples a second: what speech models are made for.
    let heard = fs::read(program.path("heard.wav")).expect("a copy");
    assert_eq!((&heard[..4], &heard[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    let word = |at: usize| u16::from_le_bytes([heard[at], heard[at + 1]]);
    assert_eq!((word(20), word(22), word(24), word(26), word(34)), (1, 1, 16_000, 0, 16));
    let length_ms = (heard.len() - 44) / 32;
    assert!(length_ms.abs_diff(7_995) <= 2, "{length_ms}");
    let mut samples = heard[44..].chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]]));
    assert!(samples.any(|sample| sample.unsigned_abs() > 3_000), "there is something to hear");
    let name = fs::read_to_string(program.path("name")).expect("its name");
    assert!(!PathBuf::from(name).exists(), "the copy it was given is gone");
    assert_eq!(program.tries(), 1);
    assert!(office.sandbox.report().alerts.is_empty(), "Twilio was not asked to write anything down");
}

#[tokio::test]
async fn the_file_stands_where_the_arguments_say() {
    let office = Office::open().await;
    let program = Program::new("printf '%s, %s, %s' \"$1\" \"${2%%=*}\" \"$3\"; test -s \"${2#*=}\"");
    let arguments = json!([program.path("write.sh"), "--quick", "--input={file}", "--plain"]);
    let settings = json!({ "engine": "command", "program": "/bin/sh", "arguments": arguments });
    set(&office, json!({ "transcripts": settings })).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some("--quick, --input, --plain"));
}

#[tokio::test]
async fn words_with_times_are_kept_with_them() {
    let office = Office::open().await;
    let program = Program::new(
        r#"cat <<'END'
{"text": " Call me back. ", "language": "en", "words": [
    {"word": "Call", "start": 0.52, "end": 0.9, "probability": 0.97},
    {"word": "me", "start": 0.9, "end": 1.04, "probability": 0.31},
    {"word": "back.", "start": 1.04, "end": 1.5}]}
END"#,
    );
    set(&office, program.writes()).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some("Call me back."));
    let word = |text: &str, start_ms, end_ms, unsure| Word { text: text.into(), start_ms, end_ms, unsure };
    let words =
        [word("Call", 520, 900, false), word("me", 900, 1_040, true), word("back.", 1_040, 1_500, false)];
    assert_eq!(one.words, words);
}

#[tokio::test]
async fn a_program_that_fails_is_tried_three_times() {
    let office = Office::open().await;
    let program = Program::new("[ $(wc -l < \"$here/tries\") -ge 3 ] || exit 1\necho At the third try.");
    set(&office, program.writes()).await;
    leaves(&office, helen_calls()).await;
    let one = at_last(&office, "the words", is_text).await;
    assert_eq!((one.transcript.as_deref(), program.tries()), (Some("At the third try."), 3));

    let program = Program::new("echo Nobody reads this.; exit 1");
    set(&office, program.writes()).await;
    leaves(&office, helen_calls()).await;
    let one = at_last(&office, "no words", is_unavailable).await;
    assert_eq!((one.writing_problem, one.transcript), (Some(WritingProblem::Failed), None));
    assert_eq!(program.tries(), 3);
    // The owner wants it once more.
    does(&office, "write_down", json!({ "voicemail": one.id })).await;
    at_last(&office, "no words again", |one| is_unavailable(one) && program.tries() == 6).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_apart() {
    let office = Office::open().await;
    let nowhere = json!({ "engine": "command", "program": "/nowhere/whisper" });
    set(&office, json!({ "transcripts": nowhere })).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "no words", is_unavailable).await;
    assert_eq!(one.writing_problem, Some(WritingProblem::NoProgram));
    // It is there now.
    let program = Program::new("echo Here I am.");
    set(&office, program.writes()).await;
    does(&office, "write_down", json!({ "voicemail": one.id })).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!((one.transcript.as_deref(), one.writing_problem), (Some("Here I am."), None));
}

#[tokio::test]
async fn nobody_is_made_to_listen_to_nothing() {
    let office = Office::open().await;
    let program = Program::new("echo Hallucinated.");
    set(&office, program.writes()).await;
    leaves(&office, calls(HELEN, Speech::new(silence(6)))).await;
    let one = shown(&office, "silence", |one| one.writing == Writing::NoSpeech).await;
    assert_eq!((one.audio, one.transcript), (AudioState::Kept, None));
    // A program that prints nothing heard nothing either.
    office.minutes_pass(1);
    let quiet = Program::new("true");
    set(&office, quiet.writes()).await;
    leaves(&office, helen_calls()).await;
    shown(&office, "no speech", |one| one.length_ms == Some(7_995) && one.writing == Writing::NoSpeech).await;
    assert_eq!((program.tries(), quiet.tries()), (0, 1));
    // What cannot be had cannot be listened to.
    office.minutes_pass(1);
    office.fault(Fault::RecordingNotAudio);
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "no sound", |one| one.audio == AudioState::Refused).await;
    assert_eq!((one.writing, one.writing_problem), (Writing::Unavailable, Some(WritingProblem::NoAudio)));
}

#[tokio::test]
async fn a_correction_stands_beside_the_original() {
    let office = Office::open().await;
    let program = Program::new(
        r#"echo '{"text": "The radio is cold.", "words": [{"word": "The", "start": 0, "end": 0.2}]}'"#,
    );
    set(&office, program.writes()).await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the words", is_text).await;
    let edit = async |text: Value| {
        does(&office, "edit_transcript", json!({ "voicemail": one.id, "text": text })).await;
        voicemail(&office, one.id).await
    };
    let edited = edit(json!("  The radiator is cold.  ")).await;
    assert_eq!(edited.transcript.as_deref(), Some("The radiator is cold."));
    assert_eq!((edited.edited, edited.original.as_deref()), (true, Some("The radio is cold.")));
    assert!(edited.words.is_empty(), "they are those of the original");
    assert_eq!((found(&office, "radiator").await, found(&office, "radio is").await), (1, 0));
    for nothing in [json!(null), json!("   ")] {
        edit(json!("Something")).await;
        let back = edit(nothing).await;
        assert_eq!((back.edited, back.transcript.as_deref()), (false, Some("The radio is cold.")));
        assert_eq!(back.words.len(), 1);
    }
    assert_eq!((found(&office, "radiator").await, found(&office, "radio is").await), (0, 1));
    // What was corrected stays, whoever writes it down once more.
    edit(json!("The radiator is cold.")).await;
    does(&office, "write_down", json!({ "voicemail": one.id })).await;
    assert_eq!(voicemail(&office, one.id).await.transcript.as_deref(), Some("The radiator is cold."));
}

#[tokio::test]
async fn what_nobody_writes_down_the_owner_can() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "the message", |one| one.audio == AudioState::Kept).await;
    assert_eq!((one.writing, one.engine), (Writing::Off, None));
    let refused = office.desk.call("write_down", json!({ "voicemail": one.id })).await;
    assert_eq!(refused.expect_err("by whom?").code, "nobody_writes");
    let by_hand = json!({ "voicemail": one.id, "text": "Radiator, number nine, Monday." });
    does(&office, "edit_transcript", by_hand).await;
    let one = voicemail(&office, one.id).await;
    assert_eq!(one.transcript.as_deref(), Some("Radiator, number nine, Monday."));
    assert_eq!((one.edited, one.original), (true, None));
    assert_eq!(found(&office, "radiator nine").await, 1);
}

#[tokio::test]
async fn another_engine_writes_down_what_the_first_could_not() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    office.fault(Fault::FailedTranscription);
    leaves(&office, helen_calls()).await;
    let one = shown(&office, "no words", |one| is_unavailable(one) && one.audio == AudioState::Kept).await;
    let program = Program::new("echo The radiator is cold.");
    set(&office, program.writes()).await;
    assert_eq!(voicemail(&office, one.id).await.writing, Writing::Unavailable, "not by itself");
    does(&office, "write_down", json!({ "voicemail": one.id })).await;
    let one = shown(&office, "the words", is_text).await;
    assert_eq!(one.transcript.as_deref(), Some("The radiator is cold."));
    assert_eq!((one.engine, one.writing_problem), (Some(Engine::Command), None));
    assert_eq!(program.tries(), 1);
}

/// Who, which words and how many seconds each piece of news shows.
fn told(news: &[News]) -> Vec<(Option<&str>, Option<&str>, Option<u32>)> {
    let piece = |news| match news {
        &News::Voicemail { ref piece, seconds } => (piece.who.as_deref(), piece.words.as_deref(), seconds),
        other => panic!("{other:?}"),
    };
    news.iter().map(piece).collect()
}

#[tokio::test]
async fn a_message_is_told_of_and_once_more_with_its_words() {
    let office = Office::open().await;
    twilio_writes(&office).await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    office.fault(Fault::LostTranscription);
    leaves(&office, helen_calls()).await;
    let news = follower.news(None).await.expect("news");
    assert_eq!(told(&news), [(Some(HELEN_DISPLAY), None, Some(8))]);
    shown(&office, "its sound", |one| one.audio == AudioState::Kept).await;
    assert_eq!(follower.news(None).await.expect("news"), [], "that its sound is here is no news");
    let one = at_last(&office, "the words", is_text).await;
    let news = follower.news(None).await.expect("news");
    assert_eq!(told(&news), [(Some(HELEN_DISPLAY), Some(HELEN_SAYS), Some(8))]);
    assert_eq!(follower.news(None).await.expect("news"), []);

    // Whoever has listened already is not told what was said.
    office.fault(Fault::LostTranscription);
    leaves(&office, helen_calls()).await;
    assert_eq!(follower.news(None).await.expect("news").len(), 1);
    let second = shown(&office, "the second", |two| two.id != one.id).await;
    does(&office, "mark_heard", json!({ "voicemail": second.id, "heard": true })).await;
    at_last(&office, "its words", |two| two.id == second.id && is_text(two)).await;
    assert_eq!(follower.news(None).await.expect("news"), []);
}

#[tokio::test]
async fn no_words_are_told_where_none_shall_be_seen() {
    for (shows, who) in [("sender", Some(HELEN_DISPLAY)), ("nothing", None)] {
        let office = Office::open().await;
        twilio_writes(&office).await;
        set(&office, json!({ "notifications": { "shows": shows } })).await;
        let mut follower = office.desk.inbox.follow().await.expect("follows");
        office.fault(Fault::LostTranscription);
        leaves(&office, helen_calls()).await;
        let mut news = follower.news(None).await.expect("news");
        assert_eq!(news.len(), 1, "{shows}");
        at_last(&office, "the words", is_text).await;
        news.extend(follower.news(None).await.expect("news"));
        for (told_who, words, _) in told(&news) {
            assert_eq!((told_who, words), (who, None), "{shows}");
        }
    }
}
