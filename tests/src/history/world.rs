//! Where a history happens: an office, the practice line, and a wire between them on which webhooks are lost,
//! repeated and overtaken. What was done is noted down, for comparing at the end.

use super::{
    Absence, Fate, LINES, Step, Turn, What,
    seen::{Heard, Seen},
    truth::{Kept, Wrong, differences},
};
use crate::office::{Office, png, sending, texts};
use ringdesk_domain::{Actor, ConversationId, Moment, TextId, sending::Reason};
use ringdesk_inbox::{SendProblem, Sending, view};
use ringdesk_sandbox::{Fault, Rang, TextIn};
use std::mem;

/// Times the office is given to come to the truth, a few of them half an hour.
const ROUNDS: usize = 24;

/// An office in which histories happen. Needs a runtime of one thread.
#[derive(Debug)]
pub struct World {
    /// The office.
    pub office: Office,
    /// What was done.
    pub seen: Seen,
    http: reqwest::Client,
    tick: usize,
    later: Vec<(usize, Post)>,
}

/// A webhook.
#[derive(Debug)]
struct Post {
    path: &'static str,
    fields: Vec<(String, String)>,
    sid: String,
    /// Who said STOP in it, and when.
    stop: Option<(String, Moment)>,
}

impl World {
    /// Opens an office that has listed its lines once.
    pub async fn open() -> Self {
        let office = Office::open_with(&LINES).await;
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build();
        let http = http.expect("a client");
        let world = Self { office, seen: Seen::default(), http, tick: 0, later: Vec::new() };
        world.caught_up().await;
        world
    }

    /// Closes it.
    pub async fn close(mut self) {
        self.office.close().await;
    }

    /// All this happens.
    pub async fn happens(&mut self, turns: &[Turn]) {
        for turn in turns {
            self.tick += 1;
            let tick = self.tick;
            let later = mem::take(&mut self.later);
            let (due, later) = later.into_iter().partition(|(at, _)| *at <= tick);
            self.later = later;
            self.post_all(due).await;
            match turn {
                Turn::Step(step) => {
                    self.office.clock.advance_ms(step.pause_s * 1_000);
                    self.step(step).await;
                }
                Turn::Restart => self.office.restart().await,
                Turn::Closed(absence) => {
                    self.office.close().await;
                    self.meanwhile(absence);
                    self.office.minutes_pass(absence.minutes);
                    self.office.reopen().await;
                }
                // Nothing else runs between these two, so nothing is seen before it has happened.
                Turn::Asleep(absence) => {
                    self.meanwhile(absence);
                    self.office.clock.sleep_ms(absence.minutes * 60_000);
                }
                Turn::Minutes(minutes) => self.office.minutes_pass(*minutes),
                Turn::ListsAway(lists) => self.office.fault(Fault::Times(*lists, Box::new(Fault::ListAway))),
            }
        }
    }

    /// Nothing goes wrong any more, and time passes until the office has what Twilio has, or has had long
    /// enough. What is still different.
    pub async fn settles(&mut self) -> Vec<Wrong> {
        self.office.sandbox.mend();
        let later = mem::take(&mut self.later);
        self.post_all(later).await;
        let mut wrong = Vec::new();
        for round in 0..ROUNDS {
            self.office.minutes_pass(if round % 4 == 3 { 35 } else { 6 });
            self.caught_up().await;
            // Before that, sends in doubt are not looked up often enough.
            if round >= 3 {
                wrong = self.left_over().await;
                if wrong.is_empty() {
                    break;
                }
            }
        }
        wrong
    }

    /// The owner says yes to what was held. What is different.
    async fn left_over(&self) -> Vec<Wrong> {
        let kept = Kept::of(&self.office).await;
        for held in kept.held() {
            self.office.desk.inbox.release(held).await.expect("released");
        }
        differences(self, &kept)
    }

    /// Waits until everything up to now was listed; a text of ours that is not settled keeps some of it back.
    async fn caught_up(&self) {
        let (inbox, now) = (&self.office.desk.inbox, self.office.clock.now());
        for _ in 0..4 {
            inbox.catch_up_now().await.expect("asked for");
            let complete_to = self.office.until("everything was listed", || async {
                let state = inbox.catch_up_state().await.expect("a state");
                (!state.running).then_some(state.complete_to)
            });
            if complete_to.await.is_some_and(|to| to >= now) {
                return;
            }
        }
    }

    async fn step(&mut self, step: &Step) {
        if let What::Replies { body, faults } = &step.what {
            return self.replies(step, body, faults).await;
        }
        let posts = self.comes(step, self.office.clock.now());
        for (post, fate) in posts.into_iter().zip(&step.fates) {
            match fate {
                Fate::Comes => drop(self.post(&post).await),
                Fate::ComesTwice => {
                    let first = self.post(&post).await;
                    assert_eq!(self.post(&post).await, first, "another answer to the same at {}", post.path);
                }
                Fate::Late(turns) => self.later.push((self.tick + turns, post)),
                Fate::Lost => {}
            }
        }
    }

    /// What happens while nobody is there; only what is late comes, afterwards.
    fn meanwhile(&mut self, absence: &Absence) {
        let parts = i64::try_from(absence.steps.len()).unwrap_or(i64::MAX - 1) + 1;
        let each_s = absence.minutes * 60 / parts;
        let mut at = self.office.clock.now();
        for step in &absence.steps {
            at = at.plus_ms(each_s * 1_000);
            self.tick += 1;
            let posts = self.comes(step, at);
            for (post, fate) in posts.into_iter().zip(&step.fates) {
                if let Fate::Late(turns) = fate {
                    self.later.push((self.tick + turns, post));
                }
            }
        }
    }

    /// Something comes to Twilio, at some moment. What would be posted about it.
    fn comes(&mut self, step: &Step, at: Moment) -> Vec<Post> {
        let sandbox = &self.office.sandbox;
        let thread = self.seen.threads.entry((step.customer.clone(), step.line)).or_default();
        let heard = |sid: &str, call| Heard { sid: sid.to_owned(), tick: self.tick, posted: None, call };
        match &step.what {
            What::Writes { body, picture, listed_after } => {
                if let Some(minutes) = listed_after {
                    sandbox.fault(Fault::LateInList(minutes * 60_000));
                }
                let pictures = if *picture { vec![("image/png".to_owned(), png())] } else { Vec::new() };
                let text = TextIn { pictures, ..TextIn::new(&step.customer, step.line, body) };
                let sid = sandbox.arrived_with(text, at.0);
                thread.heard.push(heard(&sid, false));
                let stop = self.seen.wrote(&step.customer, body, at).then(|| (step.customer.clone(), at));
                vec![self.text_post(step, body, sid, stop)]
            }
            What::Calls(how) => {
                let sid = sandbox.rang(&step.customer, step.line, at.0, how.clone());
                match how {
                    Rang::PutThrough { .. } => thread.elsewhere = true,
                    Rang::HungUp | Rang::LeftMessage(_) => thread.heard.push(heard(&sid, true)),
                }
                self.call_posts(step, &sid)
            }
            What::Elsewhere(body) => {
                sandbox.sent_elsewhere(step.line, &step.customer, body, at.0);
                thread.elsewhere = true;
                Vec::new()
            }
            What::Replies { .. } => Vec::new(),
        }
    }

    fn text_post(&self, step: &Step, body: &str, sid: String, stop: Option<(String, Moment)>) -> Post {
        let sandbox = &self.office.sandbox;
        let (account, _) = sandbox.credentials();
        let on_phone = sandbox.phone(&step.customer).into_iter().find(|text| text.sid == sid);
        let media = on_phone.map(|text| text.media).unwrap_or_default();
        let count = media.len().to_string();
        let plain = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", account),
            ("From", &step.customer),
            ("To", step.line),
            ("Body", body),
            ("NumMedia", &count),
        ];
        let mut fields = owned(&plain);
        for (n, media_sid) in media.iter().enumerate() {
            let messages = format!("{}/2010-04-01/Accounts/{account}/Messages", sandbox.url());
            fields.push((format!("MediaUrl{n}"), format!("{messages}/{sid}/Media/{media_sid}")));
            fields.push((format!("MediaContentType{n}"), "image/png".to_owned()));
        }
        Post { path: "/sms/inbound", fields, sid, stop }
    }

    /// The call, its end, and where a message was left, that and its recording.
    fn call_posts(&self, step: &Step, sid: &str) -> Vec<Post> {
        let (account, _) = self.office.sandbox.credentials();
        let call = self.office.sandbox.call(sid).expect("a call");
        let post = |path, status: &str, more: &[(&str, &str)]| {
            let plain = [
                ("CallSid", sid),
                ("AccountSid", account),
                ("From", &step.customer),
                ("To", step.line),
                ("Direction", "inbound"),
                ("CallStatus", status),
            ];
            let fields = owned(&plain).into_iter().chain(owned(more)).collect();
            Post { path, fields, sid: sid.to_owned(), stop: None }
        };
        let (over, duration) = (call.status.word(), call.duration_s.to_string());
        let mut posts = vec![
            post("/voice/inbound", "ringing", &[]),
            post("/voice/status", over, &[("CallDuration", duration.as_str())]),
        ];
        for recording in &call.recordings {
            let seconds = recording.duration_s.to_string();
            let (sid, seconds) = (("RecordingSid", recording.sid.as_str()), ("RecordingDuration", &*seconds));
            let done = [sid, seconds, ("Digits", "hangup")];
            posts.push(post("/voice/voicemail-done", over, &done));
            let ready = [("RecordingStatus", "completed"), ("RecordingSource", "RecordVerb")];
            let ready = [sid, seconds, ready[0], ready[1]];
            posts.push(post("/voice/recording/voicemail", over, &ready));
        }
        posts
    }

    async fn post_all(&mut self, posts: Vec<(usize, Post)>) {
        for (_, post) in posts {
            self.post(&post).await;
        }
    }

    /// Posts a webhook, which the door takes; its answer.
    async fn post(&mut self, post: &Post) -> String {
        let fields: Vec<(&str, &str)> = post.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let signed = self.office.signed(post.path, &fields);
        let request = self.http.post(&signed.url).body(signed.body);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", &signed.signatures[0]);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "the door took what came to {}", post.path);
        let answer = answer.text().await.expect("a body");
        let now = self.office.clock.now();
        self.seen.stored(&post.sid, post.stop.as_ref(), self.tick, now);
        answer
    }

    async fn replies(&mut self, step: &Step, body: &str, faults: &[Fault]) {
        let inbox = self.office.desk.inbox.clone();
        let id = inbox.conversation_with(&step.customer, Some(step.line)).await.expect("a conversation");
        let open = inbox.conversation(id, None, None).await.expect("a conversation");
        // What is behind another one is not sent now: nothing can go wrong with it.
        let blocked = texts(open).iter().any(is_under_way);
        if !blocked {
            for fault in faults {
                self.office.fault(fault.clone());
            }
        }
        let creates = self.office.sandbox.report().creates;
        let sending = Sending { yes_to: Reason::QUESTIONS.to_vec(), ..sending(id, body) };
        match inbox.send_text(sending, Actor::Owner).await {
            Ok(queued) => {
                let thread = self.seen.threads.entry((step.customer.clone(), step.line)).or_default();
                thread.sent = Some((self.tick, queued.id));
                if !blocked {
                    self.leaves(id, queued.id, faults, creates).await;
                }
            }
            Err(SendProblem::Guard(Reason::OptedOut)) => {}
            Err(problem) => panic!("not queued: {problem}"),
        }
        self.office.sandbox.mend();
    }

    /// Waits until a text got as far as it gets with what goes wrong with it. While it cannot be listed what
    /// came during an absence, nothing leaves.
    async fn leaves(&self, id: ConversationId, text: TextId, faults: &[Fault], creates: u32) {
        let inbox = &self.office.desk.inbox;
        let busy = faults.iter().any(|fault| matches!(fault, Fault::Busy(_)));
        let silent = faults.iter().any(is_silent);
        self.office
            .until("a text left, or could not", || async {
                let open = inbox.conversation(id, None, None).await.expect("a conversation");
                let text = texts(open).into_iter().find(|one| one.id == text)?;
                let state = inbox.catch_up_state().await.expect("a state");
                let there = match text.status.word() {
                    "waiting" if state.problem.is_some() => true,
                    "waiting" => busy && self.office.sandbox.report().creates > creates,
                    _ => silent || text.status.is_final(),
                };
                there.then_some(())
            })
            .await;
    }
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Whether a text of ours keeps the next one of its conversation waiting.
fn is_under_way(text: &view::Text) -> bool {
    let waits = matches!(text.status.word(), "waiting" | "send_unknown");
    !text.incoming && waits && !text.held && !text.lost
}

/// Whether nothing more is told of a text with which this goes wrong.
fn is_silent(fault: &Fault) -> bool {
    match fault {
        Fault::ErrorBeforeAccepting | Fault::DroppedCallbacks => true,
        Fault::Times(_, fault) => is_silent(fault),
        _ => false,
    }
}
