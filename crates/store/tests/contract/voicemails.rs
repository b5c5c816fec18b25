//! Messages callers left: told of in any order, fetched, written down, heard, sent, kept and deleted.

use super::{LINE, T0, incoming, store};
use futures_util::future::join_all;
use ringdesk_domain::{
    Actor, Address, Arrival, CallId, Engine, Keep, Moment, RecordingId, VoicemailId,
    calls::Ending,
    routing::{self, Decision, Greeting, Plan, Why},
    voicemail::{Word, WritingProblem, Written},
};
use ringdesk_store::{
    Access, Aged, Audio, AudioState, CallFilter, CallPlaced, ConversationFilter, EmailState, Gone, Happening,
    Kept, LetterSent, NewCall, NoAudio, Outcome, RecordingFact, Store, VoicemailFilter, VoicemailRow,
    VoicemailsWanted, Which, copy_database, database_file, settle_restored,
};
use std::collections::BTreeSet;

const WORDS: &str = "Please call me back";
const DAY_MS: i64 = 24 * 60 * 60_000;

/// Something Twilio tells of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Told {
    Rings,
    Left,
    Over,
    Ready,
    Written,
}

/// The `n`th call.
fn which(n: usize) -> Which {
    Which {
        id: CallId::new(T0),
        sid: format!("CA{n:032x}"),
        ours: None,
        line: Address::received(LINE),
        customer: Address::received(&customer(n)),
        outgoing: false,
        arrival: Arrival::Live,
    }
}

fn customer(n: usize) -> String {
    format!("+1415555{n:04}")
}

/// The recording of it, as something tells of it.
fn fact(n: usize, status: &str, engine: Engine) -> RecordingFact {
    RecordingFact {
        id: RecordingId::new(T0),
        sid: format!("RE{n:032x}"),
        call_sid: format!("CA{n:032x}"),
        tagged: true,
        source: "RecordVerb".into(),
        status: status.into(),
        duration_s: Some(12),
        error_code: None,
        at: T0,
        due_at: if status == "completed" { T0 } else { T0.plus_ms(2_000) },
        engine,
        unwritten: None,
        emailed: true,
    }
}

fn decision() -> Decision {
    let greeting = Greeting { text: "Please leave a message.".into(), recording: None };
    let reasons = vec![Why::Open, Why::NoPhone];
    Decision { plan: Plan::Voicemail, which: routing::Which::Open, greeting, reasons }
}

fn said(words: &str) -> Outcome {
    Outcome::Text(Written { text: words.into(), words: Vec::new() })
}

/// One of them is told; Twilio writes messages down.
pub(super) async fn tell(store: &Store, n: usize, told: Told) {
    let status = |status: &str| Happening { status: Some(status.into()), ..Happening::default() };
    let what = match told {
        Told::Rings => Happening { decision: Some(decision()), greeted: true, ..status("ringing") },
        Told::Left => Happening {
            greeted: true,
            message_s: Some(12),
            recording: Some(Box::new(fact(n, "in-progress", Engine::Twilio))),
            ..status("completed")
        },
        Told::Over => status("completed"),
        Told::Ready => {
            store.record_recording(fact(n, "completed", Engine::Twilio), T0, None).await.expect("stored");
            return;
        }
        Told::Written => {
            let (recording, own) = (format!("RE{n:032x}"), format!("TR{n:032x}"));
            store.record_transcript(recording, own, said(WORDS), T0, None).await.expect("stored");
            return;
        }
    };
    store.record_call(which(n), what, T0, None).await.expect("stored");
}

/// All orders these can come in.
fn orders(of: &[Told]) -> Vec<Vec<Told>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..of.len() {
        let mut rest = of.to_vec();
        let first = rest.remove(at);
        all.extend(orders(&rest).into_iter().map(|rest| [vec![first], rest].concat()));
    }
    all
}

async fn voicemails(store: &Store) -> Vec<VoicemailRow> {
    store
        .voicemails(VoicemailsWanted { limit: 500, ..VoicemailsWanted::default() })
        .await
        .expect("voicemails")
}

async fn voicemail(store: &Store, id: VoicemailId) -> VoicemailRow {
    store.voicemail(id).await.expect("asked").expect("there")
}

/// Everything a person could see of the `n`th message and its call, without our own ids.
async fn seen(store: &Store, n: usize) -> String {
    let ours = Address::received(&customer(n));
    let left: Vec<String> = voicemails(store)
        .await
        .iter()
        .filter(|row| row.customer == ours)
        .map(|row| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                row.at,
                row.duration_s,
                row.audio,
                row.written,
                row.email,
                row.heard,
                row.waiting,
                row.audio_problem
            )
        })
        .collect();
    let calls = store.calls_of(&ours, 10).await.expect("calls");
    let calls: Vec<_> = calls
        .iter()
        .map(|call| (call.at, call.ending, call.missed, call.duration_s, call.status.clone()))
        .collect();
    let rows = store.conversations(ConversationFilter::Open, None, 0, 500).await.expect("list");
    let rows = rows.iter().filter(|row| row.customer == ours);
    let rows: Vec<_> = rows.map(|row| (row.unread, row.waiting_since, row.last_at)).collect();
    format!("{left:?} {calls:?} {rows:?}")
}

/// Tells each order of its own message, all of them side by side.
async fn tell_all(store: &Store, orders: &[Vec<Told>]) {
    for step in 0..orders[0].len() {
        join_all(orders.iter().enumerate().map(|(n, order)| tell(store, n, order[step]))).await;
    }
}

/// Whatever order they came in, the same is known in the end.
async fn same(store: &Store, orders: &[Vec<Told>]) {
    let first = seen(store, 0).await;
    for (n, order) in orders.iter().enumerate() {
        assert_eq!(seen(store, n).await, first, "{order:?}, not {:?}", orders[0]);
    }
    assert_eq!(voicemails(store).await.len(), orders.len());
    // Each is fetched once, and at once.
    let mut fetched = BTreeSet::new();
    while let Some(fetch) = store.claim_recording(T0).await.expect("asked") {
        assert!(fetched.insert(fetch.sid), "claimed twice");
    }
    assert_eq!(fetched.len(), orders.len());
}

#[tokio::test]
async fn a_message_is_the_same_in_whatever_order_it_is_told() {
    let (_folder, store) = store().await;
    let orders = orders(&[Told::Rings, Told::Left, Told::Over, Told::Ready, Told::Written]);
    assert_eq!(orders.len(), 120);
    tell_all(&store, &orders).await;
    same(&store, &orders).await;
    let one = &voicemails(&store).await[0];
    assert_eq!((one.duration_s, one.audio, &one.heard), (Some(12), AudioState::Wanted, &None));
    let written = one.written.as_ref().expect("what was said");
    assert_eq!(
        (written.engine, written.said.as_deref(), written.writing),
        (Engine::Twilio, Some(WORDS), false)
    );
    assert_eq!(one.email, Some((EmailState::Waiting, None)));
    let calls = store.calls(CallFilter::Voicemail, None, None, 500).await.expect("calls");
    assert_eq!(calls.len(), 120);
    assert!(calls.iter().all(|call| call.missed && call.duration_s == Some(12)));
}

#[tokio::test]
async fn what_is_told_twice_or_not_at_all_makes_no_difference() {
    for of in [
        vec![Told::Rings, Told::Left, Told::Over],
        vec![Told::Rings, Told::Ready, Told::Over],
        vec![Told::Left, Told::Ready],
        vec![Told::Over, Told::Ready],
        vec![Told::Over, Told::Ready, Told::Ready, Told::Over],
    ] {
        let (_folder, store) = store().await;
        let orders = orders(&of);
        tell_all(&store, &orders).await;
        let first = seen(&store, 0).await;
        for (n, order) in orders.iter().enumerate() {
            assert_eq!(seen(&store, n).await, first, "{order:?}, not {:?}", orders[0]);
        }
        let left = voicemails(&store).await;
        assert_eq!(left.len(), orders.len(), "{of:?}");
        assert!(left.iter().all(|one| one.duration_s == Some(12)), "{of:?}");
    }
}

#[tokio::test]
async fn only_what_a_caller_was_recorded_for_is_a_message() {
    let (_folder, store) = store().await;
    let of = |n, tagged, source: &str| RecordingFact {
        tagged,
        source: source.into(),
        ..fact(n, "completed", Engine::Twilio)
    };
    for (n, tagged, source, messages) in
        [(0, false, "DialVerb", 0), (1, false, "", 0), (2, false, "RecordVerb", 1), (3, true, "", 2)]
    {
        tell(&store, n, Told::Over).await;
        store.record_recording(of(n, tagged, source), T0, None).await.expect("stored");
        assert_eq!(voicemails(&store).await.len(), messages, "{tagged} {source}");
    }
    // Somebody we called leaves us no message.
    let conversation = voicemails(&store).await[0].conversation;
    let new = NewCall { id: CallId::new(T0), conversation, phone: LINE.into(), actor: Actor::Owner, at: T0 };
    let call = store.new_call(new).await.expect("written");
    let placed = CallPlaced::Accepted { provider_sid: format!("CA{:032x}", 9), status: "completed".into() };
    store.call_placed(call, placed, T0).await.expect("placed");
    store.record_recording(of(9, true, "RecordVerb"), T0, None).await.expect("stored");
    assert_eq!(voicemails(&store).await.len(), 2);
    // Nothing was recorded, or next to nothing.
    for (n, status, duration_s) in [(4, "absent", None), (5, "failed", None), (6, "completed", Some(1))] {
        tell(&store, n, Told::Over).await;
        let nothing = RecordingFact { duration_s, ..fact(n, status, Engine::Twilio) };
        store.record_recording(nothing, T0, None).await.expect("stored");
        assert_eq!(voicemails(&store).await.len(), 2, "{status}");
    }
    let left = store.calls(CallFilter::Voicemail, None, None, 50).await.expect("calls");
    assert_eq!(left.len(), 2);
    let missed = store.calls(CallFilter::Missed, None, None, 50).await.expect("calls");
    assert!(missed.iter().all(|call| call.missed && call.ending != Some(Ending::Voicemail)));
}

fn audio(sha256: &str, silent: bool) -> Audio {
    let file = Kept { content_type: "audio/wav".into(), bytes: 96_044, sha256: sha256.into() };
    Audio { file, length_ms: 12_000, peaks: vec![9; 200], silent, problem: None }
}

/// A message somebody left, with its sound here.
async fn left(store: &Store, n: usize, engine: Engine, at: Moment) -> VoicemailId {
    let over = Happening { status: Some("completed".into()), ..Happening::default() };
    store.record_call(which(n), over, at, None).await.expect("stored");
    let told = RecordingFact { at, due_at: at, ..fact(n, "completed", engine) };
    store.record_recording(told, at, None).await.expect("stored");
    let fetch = store.claim_recording(at).await.expect("asked").expect("due");
    store.keep_recording(fetch.id, audio(&format!("{n:064x}"), false), false, at).await.expect("kept");
    let ours = Address::received(&customer(n));
    voicemails(store).await.iter().find(|row| row.customer == ours).expect("there").id
}

#[tokio::test]
async fn a_recording_is_fetched_until_it_is_here_or_given_up() {
    let (_folder, store) = store().await;
    tell(&store, 1, Told::Left).await;
    // Until its own callback says that it can be had, a little later.
    let soon = T0.plus_ms(2_000);
    assert!(store.claim_recording(T0).await.expect("asked").is_none());
    assert_eq!(store.next_recording_due().await.expect("due"), Some(soon));
    tell(&store, 1, Told::Ready).await;
    assert_eq!(store.next_recording_due().await.expect("due"), Some(T0));
    let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
    assert_eq!((fetch.tries, fetch.duration_s, fetch.since), (1, Some(12), T0));
    assert!(store.claim_recording(T0).await.expect("asked").is_none(), "one at a time");
    store.retry_recording(fetch.id, soon).await.expect("later");
    assert!(store.claim_recording(T0).await.expect("asked").is_none());
    assert_eq!(store.claim_recording(soon).await.expect("asked").expect("due").tries, 2);
    let why = "It is not a sound file.";
    store.give_up_recording(fetch.id, NoAudio::Refused, why, soon).await.expect("given up");
    let id = voicemails(&store).await[0].id;
    let row = voicemail(&store, id).await;
    assert_eq!((row.audio, row.audio_problem.as_deref()), (AudioState::Refused, Some(why)));
    // What comes late changes nothing; the owner does.
    tell(&store, 1, Told::Ready).await;
    assert!(store.claim_recording(soon).await.expect("asked").is_none());
    assert!(store.fetch_recording_again(id, soon).await.expect("asked"));
    let fetch = store.claim_recording(soon).await.expect("asked").expect("due");
    store.keep_recording(fetch.id, audio(&"a".repeat(64), false), false, soon).await.expect("kept");
    let row = voicemail(&store, id).await;
    assert_eq!((row.audio, row.audio_problem, row.length_ms), (AudioState::Kept, None, Some(12_000)));
    assert_eq!((row.peaks.len(), row.sha256), (200, Some("a".repeat(64))));
    assert!(!store.fetch_recording_again(id, soon).await.expect("asked"), "it is here");
    assert!(store.to_forget(soon, 5).await.expect("asked").is_empty());
}

#[tokio::test]
async fn what_is_said_is_written_down_once_by_one() {
    let (_folder, store) = store().await;
    let id = left(&store, 1, Engine::Command, T0).await;
    assert_eq!(
        store.next_writing_due().await.expect("due"),
        Some(T0),
        "it could not be before the sound was here"
    );
    let job = store.claim_writing(T0).await.expect("asked").expect("due");
    assert_eq!(
        (job.engine, job.tries, job.sha256.clone()),
        (Engine::Command, 1, Some(format!("{:064x}", 1)))
    );
    assert!(store.claim_writing(T0).await.expect("asked").is_none(), "once");
    store.written(job.clone(), Outcome::Later(T0.plus_ms(5)), T0).await.expect("later");
    assert!(store.claim_writing(T0).await.expect("asked").is_none());
    let job = store.claim_writing(T0.plus_ms(5)).await.expect("asked").expect("due");
    assert_eq!(job.tries, 2);
    let words = vec![Word { text: "Please".into(), start_ms: 0, end_ms: 300, unsure: true }];
    let written = Outcome::Text(Written { text: WORDS.into(), words: words.clone() });
    store.written(job.clone(), written, T0).await.expect("written");
    let text = async || voicemail(&store, id).await.written.expect("what was said");
    assert_eq!((text().await.said.as_deref(), text().await.words), (Some(WORDS), words));
    // Whoever comes later changes nothing, nor is it written down again.
    let nothing = Outcome::Unavailable(WritingProblem::Failed);
    store.record_transcript(job.recording_sid.clone(), "TR1".into(), nothing, T0, None).await.expect("noted");
    assert!(store.write_down(id, Engine::Twilio, T0).await.expect("asked"));
    assert!(store.claim_writing(T0.plus_ms(DAY_MS)).await.expect("asked").is_none());
    assert_eq!((text().await.said.as_deref(), text().await.engine), (Some(WORDS), Engine::Command));

    let found = async |words: &str| {
        let wanted = VoicemailsWanted { search: Some(words.into()), limit: 5, ..VoicemailsWanted::default() };
        store.voicemails(wanted).await.expect("found").len()
    };
    assert_eq!((found("plea").await, found("radiator").await), (1, 0));
    assert!(store.edit_transcript(id, Some("The radiator".into()), Actor::Owner, T0).await.expect("edited"));
    assert_eq!((found("plea").await, found("radiator").await), (0, 1));
    assert!(store.edit_transcript(id, None, Actor::Owner, T0).await.expect("taken back"));
    assert_eq!((found("plea").await, text().await.edited), (1, None));
    // Of silence there is nothing to write down.
    tell(&store, 2, Told::Over).await;
    store.record_recording(fact(2, "completed", Engine::Command), T0, None).await.expect("stored");
    let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
    store.keep_recording(fetch.id, audio(&"b".repeat(64), true), false, T0).await.expect("kept");
    assert!(store.claim_writing(T0.plus_ms(DAY_MS)).await.expect("asked").is_none());
    let silent = voicemails(&store).await.into_iter().find(|row| row.id != id).expect("there");
    assert!(silent.written.expect("known").no_speech);
}

#[tokio::test]
async fn listening_deleting_and_counting_are_kept() {
    let (_folder, store) = store().await;
    let first = left(&store, 1, Engine::Off, T0).await;
    let second = left(&store, 2, Engine::Off, T0.plus_ms(1_000)).await;
    let counts = async || {
        let counts = store.voicemail_counts().await.expect("counts");
        (counts.total, counts.unheard, counts.waiting)
    };
    assert_eq!(counts().await, (2, 2, 2));
    assert!(store.listened(first, 99_000, 2_999, Actor::Owner, T0).await.expect("kept"));
    let row = voicemail(&store, first).await;
    assert_eq!((row.position_ms, row.heard), (12_000, None));
    assert!(store.listened(first, 500, 3_000, Actor::Owner, T0).await.expect("kept"));
    assert_eq!(voicemail(&store, first).await.heard.as_deref(), Some("owner"));
    assert_eq!(counts().await, (2, 1, 2));
    assert!(store.mark_heard(first, None, T0).await.expect("kept"));
    assert_eq!(voicemail(&store, first).await.position_ms, 0);
    assert!(store.mark_heard(second, Some(Actor::Owner), T0).await.expect("kept"));
    let unheard =
        VoicemailsWanted { filter: VoicemailFilter::Unheard, limit: 5, ..VoicemailsWanted::default() };
    let ids = async |wanted: VoicemailsWanted| -> Vec<VoicemailId> {
        store.voicemails(wanted).await.expect("list").iter().map(|row| row.id).collect()
    };
    assert_eq!(ids(unheard).await, [first]);
    let newest = voicemail(&store, second).await;
    let before = Some((newest.at, newest.id));
    let older = VoicemailsWanted { before, limit: 5, ..VoicemailsWanted::default() };
    assert_eq!(ids(older).await, [first]);
    assert!(store.remove_voicemail(first, true, T0).await.expect("kept"));
    assert_eq!((counts().await, voicemails(&store).await.len()), ((1, 0, 1), 1));
    assert!(store.remove_voicemail(first, false, T0).await.expect("kept"));
    assert_eq!(counts().await, (2, 1, 2));
    let nobodys = VoicemailId::new(T0);
    assert!(!store.listened(nobodys, 0, 0, Actor::Owner, T0).await.expect("asked"));
    assert!(!store.mark_heard(nobodys, None, T0).await.expect("asked"));
    assert!(!store.remove_voicemail(nobodys, true, T0).await.expect("asked"));
}

#[tokio::test]
async fn a_letter_that_waited_in_a_backup_leaves_only_when_the_owner_asks() {
    let (folder, before) = store().await;
    tell(&before, 1, Told::Over).await;
    tell(&before, 1, Told::Ready).await;
    tell(&before, 1, Told::Written).await;
    let home = tempfile::tempdir().expect("a folder");
    let restored = database_file(home.path());
    copy_database(&database_file(folder.path()), &restored).expect("copied");
    settle_restored(&restored, &[]).expect("settled");
    let store = Store::open(home.path(), Access::Own).await.expect("opened");
    store.set_sending_lock(None, T0).await.expect("unlocked");
    store.hurry_letters(T0).await.expect("the way is mended");
    let day = T0.plus_ms(DAY_MS);
    assert!(store.claim_letter(day).await.expect("asked").is_none(), "it may have left");
    let id = voicemails(&store).await[0].id;
    let (state, why) = voicemail(&store, id).await.email.expect("known");
    assert_eq!(state, EmailState::Failed);
    assert!(why.expect("why").contains("may have left"));
    store.send_letter(id, T0).await.expect("asked for");
    assert_eq!(store.claim_letter(day).await.expect("asked").expect("due").voicemail, id);
}

#[tokio::test]
async fn a_letter_is_claimed_when_it_has_what_it_waits_for() {
    let (_folder, store) = store().await;
    tell(&store, 1, Told::Over).await;
    tell(&store, 1, Told::Ready).await;
    assert!(store.claim_letter(T0).await.expect("asked").is_none(), "neither sound nor words");
    let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
    store.keep_recording(fetch.id, audio(&"a".repeat(64), false), false, T0).await.expect("kept");
    assert!(store.claim_letter(T0).await.expect("asked").is_none(), "no words");
    let patience = store.next_letter_due(T0).await.expect("due").expect("at the end of its patience");
    assert!(patience > T0);
    tell(&store, 1, Told::Written).await;
    store.set_sending_lock(Some("restored"), T0).await.expect("locked");
    assert!(store.claim_letter(T0).await.expect("asked").is_none(), "nothing leaves");
    store.set_sending_lock(None, T0).await.expect("unlocked");
    let letter = store.claim_letter(T0).await.expect("asked").expect("due");
    assert_eq!(letter.tries, 1);
    assert!(store.claim_letter(patience).await.expect("asked").is_none(), "once");
    let later = T0.plus_ms(60_000);
    store.letter_sent(letter.voicemail, LetterSent::Later(later, "busy".into()), T0).await.expect("noted");
    let email = async || voicemail(&store, letter.voicemail).await.email;
    assert_eq!(email().await, Some((EmailState::Waiting, Some("busy".into()))));
    assert_eq!(store.next_letter_due(T0).await.expect("due"), Some(later));
    assert_eq!(store.claim_letter(later).await.expect("asked").expect("due").tries, 2);
    store.letter_sent(letter.voicemail, LetterSent::Failed("no".into()), later).await.expect("noted");
    assert_eq!(email().await, Some((EmailState::Failed, Some("no".into()))));
    store.send_letter(letter.voicemail, later).await.expect("again");
    assert_eq!(store.claim_letter(later).await.expect("asked").expect("due").tries, 1);
    store.letter_sent(letter.voicemail, LetterSent::Taken, later).await.expect("noted");
    assert_eq!(email().await, Some((EmailState::Sent, None)));
    assert!(store.claim_letter(later.plus_ms(DAY_MS)).await.expect("asked").is_none());
    // Without words nobody waits for ever, and for the sound a day.
    for (n, kept) in [(2, true), (3, false)] {
        tell(&store, n, Told::Over).await;
        tell(&store, n, Told::Ready).await;
        if kept {
            let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
            let audio = audio(&format!("{n:064x}"), false);
            store.keep_recording(fetch.id, audio, false, T0).await.expect("kept");
        }
    }
    assert!(store.claim_letter(patience.plus_ms(-1)).await.expect("asked").is_none());
    let claimed = store.claim_letter(patience).await.expect("asked").expect("without words");
    store.letter_sent(claimed.voicemail, LetterSent::Taken, patience).await.expect("noted");
    assert!(store.claim_letter(patience).await.expect("asked").is_none(), "without its sound");
    let day = store.next_letter_due(patience).await.expect("due").expect("at the end of the day");
    assert!(store.claim_letter(day.plus_ms(-1)).await.expect("asked").is_none());
    assert!(store.claim_letter(day).await.expect("asked").is_some());
}

#[tokio::test]
async fn what_is_old_goes_but_not_what_is_held() {
    let (_folder, store) = store().await;
    let first = left(&store, 1, Engine::Off, T0).await;
    let second = left(&store, 2, Engine::Off, T0).await;
    store.record_incoming_text(incoming("SM1", "Hello", T0), None).await.expect("stored");
    let later = T0.plus_ms(10 * DAY_MS);
    let keep = Keep { texts_days: Some(7), calls_days: Some(7), voicemails_days: Some(7), ..Keep::default() };
    let held = voicemail(&store, second).await.conversation;
    assert!(store.set_hold(held, true, T0).await.expect("held"));
    let (counts, holds) = store.aged(keep.cutoffs(later)).await.expect("counted");
    let count = |kind| (counts[&kind].count, counts[&kind].at_twilio, counts[&kind].oldest);
    assert_eq!(count(Aged::Voicemails), (1, 1, Some(T0)));
    assert_eq!(count(Aged::Texts), (1, 1, Some(T0)));
    assert_eq!(count(Aged::Calls), (1, 1, Some(T0)), "it goes after its message");
    assert_eq!(count(Aged::Recordings), (0, 0, None));
    assert_eq!(holds, 1);
    assert_eq!(store.forget_aged(keep.cutoffs(T0), true, T0).await.expect("nothing"), Gone::default());

    let mut files = Vec::new();
    let mut rows = 0;
    loop {
        let gone = store.forget_aged(keep.cutoffs(later), true, later).await.expect("gone");
        if gone == Gone::default() {
            break;
        }
        rows += gone.rows;
        files.extend(gone.files);
    }
    assert_eq!((rows, files), (3, vec![format!("{:064x}", 1)]), "message, text and call");
    assert!(store.voicemail(first).await.expect("asked").is_none());
    assert_eq!(voicemails(&store).await.len(), 1);
    assert_eq!(store.search("hello", 5).await.expect("found").len(), 0);
    let due = store.next_to_forget().await.expect("due");
    assert_eq!(due, Some(later));
    let forget: BTreeSet<String> =
        store.to_forget(later, 10).await.expect("list").into_iter().map(|one| one.provider_sid).collect();
    let expected = [format!("CA{:032x}", 1), format!("RE{:032x}", 1), "SM1".into()];
    assert_eq!(forget, BTreeSet::from(expected.clone()));
    store.forgotten(expected[0].clone(), Some(later.plus_ms(1))).await.expect("again");
    store.forgotten(expected[1].clone(), None).await.expect("done");
    store.forgotten(expected[2].clone(), None).await.expect("done");
    assert!(store.to_forget(later, 10).await.expect("list").is_empty());
    assert_eq!(store.to_forget(later.plus_ms(1), 10).await.expect("list")[0].tries, 1);

    // What the owner deleted goes a month later, unless it is held.
    assert!(store.remove_voicemail(second, true, later).await.expect("kept"));
    let month = later.plus_ms(31 * DAY_MS);
    assert_eq!(store.forget_removed(false, month).await.expect("held"), Gone::default());
    assert!(store.set_hold(held, false, later).await.expect("let go"));
    assert_eq!(
        store.forget_removed(false, later.plus_ms(29 * DAY_MS)).await.expect("early"),
        Gone::default()
    );
    assert_eq!(store.forget_removed(false, month).await.expect("gone").rows, 1);
    // What is told late of it brings nothing back.
    for told in [Told::Ready, Told::Left, Told::Over] {
        tell(&store, 2, told).await;
    }
    assert_eq!(voicemails(&store).await.len(), 0);
    assert!(store.claim_recording(month).await.expect("asked").is_none());
    assert_eq!(store.deleted_by().await.expect("asked"), None);
    store.set_deleted_by(later).await.expect("noted");
    assert_eq!(store.deleted_by().await.expect("asked"), Some(later));
}
