//! One leg of a call, and the documents it runs, verb by verb as Twilio runs them: top to bottom, until
//! one of them leads elsewhere or the document ends, and the call with it.

use super::{
    alert, alert_about,
    document::{self, Document, Gather, Link, Prompt, Reason, Tune, Verb},
    letters::Page,
    phones::Person,
    register::{Call, CallDirection, CallStatus, Heard, Progress, StatusCallback},
    scene::Scene,
};
use crate::{carrier::Webhook, monitor::Asked, town::Number};
use futures_util::future::BoxFuture;
use reqwest::Url;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How long a spoken character takes.
const CHARACTER_MS: u64 = 60;
/// How long a file is played of which nothing else is known.
pub(super) const FILE_MS: u64 = 3_000;
/// How long a played key takes.
const TONE_MS: u64 = 500;
/// More documents than any call needs: they lead round in circles.
const MOST_DOCUMENTS: u32 = 250;
/// What a caller hears when there is nothing to run.
const APOLOGY: &str = "an application error has occurred";

/// Names and values of a form.
pub(crate) type Fields = Vec<(String, String)>;

/// Something that ends what a leg is doing.
#[derive(Debug)]
pub(crate) enum Cut {
    /// The person at the phone hung up.
    HungUp,
    /// It was ended over REST.
    Ended(CallStatus),
    /// It was sent elsewhere over REST.
    Moved(Source),
}

/// Where a document comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// From the app, told this besides.
    Ask(Link, Fields),
    Inline(String),
}

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// All of a call: its end hangs up.
    Whole,
    /// What somebody hears before they are put through: its end puts them through.
    Screen,
}

/// How a run of documents ended.
#[derive(Debug)]
pub(crate) enum Finish {
    EndOfDocument,
    HangUp,
    Rejected(Reason),
    /// The person at the phone hung up.
    Left,
    /// Ended over REST.
    Ended(CallStatus),
    /// There was nothing that could be run.
    Broken,
}

enum Next {
    Run(Source),
    Finish(Finish),
}

/// The address a document came from; one that was handed in has none.
pub(super) struct Place(Option<Url>);

impl Place {
    /// An address that was written there, made absolute.
    pub(super) fn of(&self, link: &Link) -> Option<Link> {
        let url = match &self.0 {
            Some(base) if link.url.is_empty() => Some(base.clone()),
            Some(base) => base.join(&link.url).ok(),
            None => Url::parse(&link.url).ok(),
        };
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Some(Link { url: url.into(), method: link.method })
    }
}

/// What a new leg is.
pub(crate) struct Opening {
    pub(crate) sid: String,
    pub(crate) parent: Option<String>,
    pub(crate) direction: CallDirection,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) number_sid: Option<String>,
    pub(crate) callback: Option<StatusCallback>,
    pub(crate) person: Person,
}

/// A leg while it lives.
pub(crate) struct Leg {
    pub(super) scene: Arc<Scene>,
    pub(super) sid: String,
    pub(super) person: Person,
    pub(super) answered: bool,
    /// When the person will hang up by themselves.
    pub(super) leaves_at_ms: Option<u64>,
    /// How many numbers of our own it goes through already.
    pub(super) depth: u8,
    pub(super) on_answer: Option<oneshot::Sender<()>>,
    fallback: Option<Link>,
    documents: u32,
    orders: mpsc::UnboundedReceiver<Cut>,
}

impl Leg {
    /// Enters a leg into the register.
    pub(crate) fn open(scene: &Arc<Scene>, opening: Opening) -> Self {
        let (line, orders) = mpsc::unbounded_channel();
        let now_ms = scene.time.utc_ms();
        let inbound = opening.direction == CallDirection::Inbound;
        scene.world.town().calls.add(Call {
            sid: opening.sid.clone(),
            root: scene.root.clone(),
            parent: opening.parent,
            direction: opening.direction,
            from: opening.from,
            to: opening.to,
            number_sid: opening.number_sid,
            status: if inbound { CallStatus::Ringing } else { CallStatus::Queued },
            created_ms: now_ms,
            updated_ms: now_ms,
            dialed_ms: inbound.then_some(now_ms),
            answered_ms: None,
            ended_ms: None,
            callback: opening.callback,
            events: Vec::new(),
            fetched: Vec::new(),
            line: Some(line),
            beyond: None,
            over: false,
            hidden: false,
        });
        Self {
            scene: Arc::clone(scene),
            sid: opening.sid,
            person: opening.person,
            answered: false,
            leaves_at_ms: None,
            depth: 0,
            on_answer: None,
            fallback: None,
            documents: 0,
            orders,
        }
    }

    /// A call to a number of our own, as its owner set it up.
    pub(crate) fn arriving(
        scene: &Arc<Scene>,
        sid: String,
        from: &str,
        number: &Number,
        person: Person,
    ) -> Self {
        // What is taken by something else is told by it, too.
        let callback = number.link("StatusCallback").filter(|_| number.voice_override().is_none());
        Self::open(
            scene,
            Opening {
                sid,
                parent: None,
                direction: CallDirection::Inbound,
                from: from.to_owned(),
                to: number.number.clone(),
                number_sid: Some(number.sid.clone()),
                callback: callback.map(|link| StatusCallback::new(link, vec![Progress::Completed])),
                person,
            },
        )
    }

    /// Plays a call to a number of our own. Boxed, because it may ring others.
    pub(crate) fn arrive(mut self, number: Number) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.notice(Heard::Ringing, "");
            self.leaves_at_ms = self.person.patience_ms.map(|ms| self.scene.time.now_ms() + ms);
            if let Some(other) = number.voice_override() {
                // Whatever answers there, nobody does here.
                let gone = (self.sid.clone(), other.to_owned());
                self.scene.world.town().report.elsewhere.push(gone);
                self.notice(Heard::Error, "somewhere else");
                self.end(&Finish::Broken);
                return;
            }
            self.fallback = number.link("VoiceFallbackUrl");
            let source = number.link("VoiceUrl").map(|link| Source::Ask(link, Vec::new()));
            if source.is_none() {
                self.alert(11100, "the number has no voice URL");
            }
            self.run(source).await;
        })
    }

    /// Plays a call begun over REST.
    pub(crate) fn call_out(
        mut self,
        source: Source,
        fallback: Option<Link>,
        timeout_ms: u64,
    ) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.fallback = fallback;
            self.scene.reach(&self.sid, Progress::Initiated, CallStatus::Queued);
            match self.ring(timeout_ms).await {
                Ok(()) => {
                    self.answer();
                    self.run(Some(source)).await;
                }
                Err(status) => self.scene.conclude(&self.sid, status, "line"),
            }
        })
    }

    /// Goes on elsewhere without whom it was talking to, in a scene of its own.
    pub(super) fn go_alone(mut self, source: Source) {
        let (world, sid) = (self.scene.world.clone(), self.sid.clone());
        let now_ms = self.scene.time.utc_ms();
        self.scene.change(&sid, |call, _| call.root.clone_from(&call.sid));
        self.leaves_at_ms = None;
        Scene::play(&world, &sid, now_ms, move |scene| {
            self.scene = Arc::clone(scene);
            Box::pin(async move { self.run(Some(source)).await })
        });
    }

    /// Runs documents until the call ends, and ends it.
    async fn run(&mut self, source: Option<Source>) {
        let finish = match source {
            Some(source) => self.follow(source, Role::Whole).await,
            None => Finish::Broken,
        };
        match finish {
            // Twilio picks up even if it is only to hang up.
            Finish::EndOfDocument | Finish::HangUp => self.answer(),
            Finish::Broken => {
                // Whether they hear it out makes no difference.
                drop(self.voice(Heard::Error, APOLOGY, count(APOLOGY) * CHARACTER_MS).await);
            }
            Finish::Rejected(Reason::Busy) if !self.answered => self.notice(Heard::Busy, ""),
            Finish::Rejected(_) if !self.answered => self.notice(Heard::Error, "not in service"),
            Finish::Rejected(_) | Finish::Left | Finish::Ended(_) => {}
        }
        self.end(&finish);
    }

    /// Hangs up, and says how the call ended.
    pub(super) fn end(&self, finish: &Finish) {
        let status = match finish {
            Finish::Ended(status) => *status,
            _ if self.answered => CallStatus::Completed,
            Finish::Rejected(Reason::Busy) => CallStatus::Busy,
            _ => CallStatus::NoAnswer,
        };
        let by = if matches!(finish, Finish::Left) { "person" } else { "line" };
        self.scene.conclude(&self.sid, status, by);
    }

    /// Runs a document and those it leads to.
    pub(super) async fn follow(&mut self, mut source: Source, role: Role) -> Finish {
        loop {
            source = match self.perform(source, role).await {
                Ok(Next::Run(next)) | Err(Cut::Moved(next)) => next,
                Ok(Next::Finish(finish)) => return finish,
                Err(Cut::HungUp) => return Finish::Left,
                Err(Cut::Ended(status)) => return Finish::Ended(status),
            };
        }
    }

    async fn perform(&mut self, source: Source, role: Role) -> Result<Next, Cut> {
        let found = self.obtain(source).await;
        // Whoever hung up meanwhile does not hear it.
        self.wait(0).await?;
        let Some((document, place)) = found else { return Ok(Next::Finish(Finish::Broken)) };
        for verb in &document.verbs {
            if role == Role::Screen && matches!(verb, Verb::Dial(_)) {
                self.alert(13201, "a screening document may not dial");
                return Ok(Next::Finish(Finish::Broken));
            }
            let elsewhere = match verb {
                Verb::Record(_) | Verb::Reject(_) | Verb::Leave if role == Role::Screen => {
                    self.alert(12200, "a screening document may not do that");
                    None
                }
                Verb::Prompt(prompt) => {
                    self.prompt(prompt, &place).await?;
                    None
                }
                Verb::Gather(gather) => self.gather(gather, &place).await?,
                Verb::Record(record) => self.record(record, &place).await?,
                Verb::Dial(dial) => self.dial(dial, &place).await?,
                Verb::Redirect(link) => self.go(link, &place, Vec::new()),
                Verb::Reject(reason) => return Ok(Next::Finish(Finish::Rejected(*reason))),
                Verb::Hangup => return Ok(Next::Finish(Finish::HangUp)),
                // Means something to those who wait in a queue only.
                Verb::Leave => None,
            };
            if let Some(source) = elsewhere {
                return Ok(Next::Run(source));
            }
        }
        Ok(Next::Finish(Finish::EndOfDocument))
    }

    /// A document that can be run; the fallback's, where the app had none.
    async fn obtain(&mut self, source: Source) -> Option<(Document, Place)> {
        self.documents += 1;
        if self.documents > MOST_DOCUMENTS {
            self.alert(12400, "the documents lead round in circles");
            return None;
        }
        let (link, mut fields) = match source {
            Source::Inline(text) => return Some((self.read(&text, None).ok()?, Place(None))),
            Source::Ask(link, fields) => (link, fields),
        };
        let code = match self.ask(&link, fields.clone()).await {
            Ok(found) => return Some(found),
            Err(code) => code,
        };
        let fallback = self.fallback.clone()?;
        let url = link.url.split('#').next().unwrap_or("").to_owned();
        fields.push(("ErrorCode".to_owned(), code.to_string()));
        fields.push(("ErrorUrl".to_owned(), url));
        self.ask(&fallback, fields).await.ok()
    }

    /// Asks the app for a document; otherwise the code of what was wrong with it.
    async fn ask(&mut self, link: &Link, extra: Fields) -> Result<(Document, Place), u32> {
        let answer = self.scene.ask(&self.sid, self.question(link, None, extra)).await;
        let Ok((page, _time_stands_still)) = answer else { return Err(11200) };
        let document = self.understand(link, page?)?;
        Ok((document, Place(Url::parse(&link.url).ok())))
    }

    /// Tells the app what it would be asked, if there were anybody left to ask for.
    pub(super) fn mention(&self, link: &Link, status: Option<CallStatus>, extra: Fields) {
        drop(self.scene.ask(&self.sid, self.question(link, status, extra)));
    }

    fn question(&self, link: &Link, status: Option<CallStatus>, extra: Fields) -> Webhook {
        let town = self.scene.world.town();
        let call = town.calls.get(&self.sid);
        let mut fields = call.map_or_else(Vec::new, |call| {
            call.parameters(&self.scene.world.config.account_sid, status.unwrap_or(call.status).word())
        });
        fields.extend(extra);
        Webhook { url: link.url.clone(), method: link.method, fields, voice: true }
    }

    fn understand(&self, link: &Link, page: Page) -> Result<Document, u32> {
        match page.content_type.as_str() {
            "text/xml" | "application/xml" | "text/html" => match String::from_utf8(page.body) {
                Ok(text) => self.read(&text, Some(link)),
                Err(_) => Err(self.alert_at(Some(link), 12100, "the document is not UTF-8")),
            },
            "text/plain" => {
                let text = String::from_utf8_lossy(&page.body).trim().to_owned();
                Ok(Document::of(Prompt::Say { text, times: 1 }))
            }
            audio if audio.starts_with("audio/") => {
                Ok(Document::of(Prompt::Play { what: Tune::Answer(link.url.clone()), times: 1 }))
            }
            _ => Err(self.alert_at(Some(link), 12300, "the answer is neither XML nor audio nor text")),
        }
    }

    /// Reads a document, from an address or handed in.
    fn read(&self, text: &str, from: Option<&Link>) -> Result<Document, u32> {
        let read = document::read(text);
        let document = read.map_err(|wrong| self.alert_at(from, wrong.code, wrong.message))?;
        for odd in &document.complaints {
            self.alert_at(from, odd.code, odd.message.clone());
        }
        Ok(document)
    }

    async fn prompt(&mut self, prompt: &Prompt, place: &Place) -> Result<(), Cut> {
        match prompt {
            Prompt::Pause { seconds } => self.wait(seconds * 1_000).await,
            Prompt::Say { text, .. } if text.is_empty() => {
                self.alert(13520, "there is nothing to say");
                Ok(())
            }
            Prompt::Say { text, times } => {
                self.voice(Heard::Said, text, count(text) * CHARACTER_MS * times).await
            }
            Prompt::Play { what: Tune::File(link), times } => {
                let Some(link) = self.resolve(place, link) else { return Ok(()) };
                self.play(&link.url, *times).await
            }
            Prompt::Play { what: Tune::Answer(url), times } => {
                self.voice(Heard::Played, url, FILE_MS * times).await
            }
            Prompt::Play { what: Tune::Keys(keys), times } => {
                self.voice(Heard::Played, keys, count(keys) * TONE_MS * times).await
            }
        }
    }

    /// Lets the person hear something, and perhaps hang up over it.
    pub(super) async fn voice(&mut self, kind: Heard, detail: &str, length_ms: u64) -> Result<(), Cut> {
        self.answer();
        self.notice(kind, detail);
        if let Some(after_ms) = self.person.greeting_ms.take() {
            self.leaves_at_ms = Some(self.scene.time.now_ms() + after_ms);
        }
        self.wait(length_ms).await
    }

    async fn gather(&mut self, gather: &Gather, place: &Place) -> Result<Option<Source>, Cut> {
        self.answer();
        for prompt in &gather.prompts {
            self.prompt(prompt, place).await?;
        }
        let pressed = self.person.press(gather);
        self.wait(pressed.takes_ms).await?;
        if pressed.digits.is_empty() && !gather.on_empty {
            return Ok(None);
        }
        let mut fields = vec![("Digits".to_owned(), pressed.digits)];
        if let Some(key) = pressed.ended_by {
            fields.push(("FinishedOnKey".to_owned(), key.to_string()));
        }
        Ok(self.go(&gather.action, place, fields))
    }

    /// Leads to another document, where its address can be made out.
    pub(super) fn go(&self, link: &Link, place: &Place, fields: Fields) -> Option<Source> {
        Some(Source::Ask(self.resolve(place, link)?, fields))
    }

    /// An address of a document, made absolute. Where that cannot be done, the verb fails.
    pub(super) fn resolve(&self, place: &Place, link: &Link) -> Option<Link> {
        let found = place.of(link);
        if found.is_none() {
            self.alert(11100, "an address is missing, malformed, or relative to nothing");
        }
        found
    }

    /// Is picked up, unless it was before.
    pub(super) fn answer(&mut self) {
        if self.answered {
            return;
        }
        self.answered = true;
        self.leaves_at_ms = None;
        self.scene.reach(&self.sid, Progress::Answered, CallStatus::InProgress);
        self.notice(Heard::Answered, "");
        if let Some(told) = self.on_answer.take() {
            // Who rang may have given up at this very moment.
            let _ = told.send(());
        }
    }

    /// Lets pretend time pass, unless something ends it.
    pub(super) async fn wait(&mut self, ms: u64) -> Result<(), Cut> {
        let time = Arc::clone(&self.scene.time);
        let until_ms = time.now_ms().saturating_add(ms);
        tokio::select! {
            biased;
            cut = self.cut() => Err(cut),
            () = time.until(until_ms) => Ok(()),
        }
    }

    /// The next thing that ends what this leg is doing.
    pub(super) async fn cut(&mut self) -> Cut {
        let time = Arc::clone(&self.scene.time);
        let leaves_at_ms = self.leaves_at_ms;
        let leaves = async {
            match leaves_at_ms {
                Some(at_ms) => time.until(at_ms).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(order) = self.orders.recv() => {
                time.catch_up();
                order
            }
            () = leaves => Cut::HungUp,
        }
    }

    pub(super) fn notice(&self, kind: Heard, detail: &str) {
        self.scene.notice(&self.sid, kind, detail);
    }

    /// Raises one of Twilio's alerts about a document; answers its code.
    fn alert_at(&self, from: Option<&Link>, code: u32, message: impl Into<String>) -> u32 {
        let asked = from.map(|link| Asked::at(&link.url, link.method));
        alert_about(&self.scene.world, &self.sid, code, message, asked);
        code
    }

    /// Raises one of Twilio's alerts; answers its code.
    pub(super) fn alert(&self, code: u32, message: impl Into<String>) -> u32 {
        alert(&self.scene.world, &self.sid, code, message);
        code
    }
}

fn count(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}
