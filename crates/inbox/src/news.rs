//! What the owner is told of outside the window, and when.

use crate::{
    Inbox, Problem,
    address::{Elsewhere, WayState},
    conversations::conversation,
    send_text::time_of_day,
    view,
};
use ringdesk_domain::{
    ConversationId, Moment,
    calls::Ending,
    notify::{Kind, Shows, Telling},
};
use ringdesk_store::{Absence, ConversationFilter, Untold};
use std::time::Duration;

/// Characters of a voicemail that are told.
const WORDS: usize = 160;
/// Conversations told of one by one, at most; more are told of together.
const ONE_BY_ONE: usize = 3;
/// How often the line is looked at.
const LOOK: Duration = Duration::from_secs(15);
/// How long a line is in trouble that may pass before the owner is told, in milliseconds.
const PATIENCE: i64 = 120_000;
/// What came while the computer was asleep is told of this long after it woke up, in milliseconds.
const LATELY_MS: i64 = 24 * 60 * 60_000;
/// So many knocks in a row do not come through before that counts as trouble.
const KNOCKS: u32 = 2;

/// What is told. No more of it than the owner wants seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Texts arrived in a conversation.
    Texts(Piece),
    /// Nobody of ours talked with somebody who called; how the last of their calls ended.
    Missed(Piece, Option<Ending>),
    /// Somebody left a message; told once more when it is written down.
    Voicemail {
        /// Where; its words are those of the message, as far as they are written down.
        piece: Piece,
        /// How long it is.
        seconds: Option<u32>,
    },
    /// A text of ours in a conversation was not delivered.
    Failure(Piece),
    /// What came while the computer was asleep or off, all of it.
    Away {
        /// Since when it was.
        from: Moment,
        /// Until when.
        to: Moment,
        /// Texts that came.
        texts: u32,
        /// Conversations they came in.
        people: u32,
        /// Calls that came, answered elsewhere or not.
        calls: u32,
        /// Those of them that nobody took and that left no voicemail.
        missed: u32,
        /// Voicemails that were left.
        voicemails: u32,
    },
    /// Much at once.
    Digest {
        /// Texts that arrived.
        texts: u32,
        /// Conversations they arrived in.
        people: u32,
        /// Calls nobody took.
        calls: u32,
        /// Texts of ours that were not delivered.
        failed: u32,
        /// Conversations they are in, the newest last.
        failed_in: Vec<ConversationId>,
    },
}

/// News of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which.
    pub conversation: ConversationId,
    /// The customer, as they are called or as their number is written; `None` where that is hidden.
    pub who: Option<String>,
    /// The beginning of the newest text; `None` where that is hidden.
    pub words: Option<String>,
    /// Pictures on the newest text, or 0 where that is hidden.
    pub pictures: u32,
    /// What is unread in it.
    pub unread: u32,
}

impl Piece {
    fn of(row: view::Conversation, shows: Shows) -> Self {
        let last = row.last.filter(|last| last.incoming && shows == Shows::Words);
        Self {
            conversation: row.id,
            who: (shows != Shows::Nothing).then(|| row.name.unwrap_or(row.display)),
            pictures: last.as_ref().map_or(0, |last| last.pictures),
            words: last.map(|last| last.preview),
            unread: row.unread,
        }
    }
}

/// Follows what is new for one person. What was told is kept, so that a restart neither repeats nor
/// forgets.
#[derive(Debug)]
pub struct Follower {
    inbox: Inbox,
    /// The Change up to which it was told.
    told: i64,
    /// The Change up to which it was looked at.
    seen: i64,
    /// What is wrong with the line, and since when.
    trouble: Option<(Trouble, Moment)>,
    /// What the owner was told is wrong with it.
    said: Option<Trouble>,
    /// How often the lines had followed to a new address when it was told last.
    repointed: u32,
}

/// What to say about the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineNews {
    /// Twilio cannot be asked since then.
    Lost(Moment),
    /// Twilio does not take our sign-in since then; only the owner can mend that.
    Refused(Moment),
    /// Calls and texts do not come through to this computer since then, or there is no address.
    Unreachable(Moment),
    /// The lines post to an address that is no longer ours; pointing them here needs a yes.
    Moved,
    /// Another computer with Ringdesk answers a line; answering it here needs a yes.
    Elsewhere,
    /// What was said holds no more.
    Back {
        /// Whether the lines were pointed to a new address by themselves; told also where nothing was said
        /// before.
        repointed: bool,
    },
}

/// What is wrong with the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Lost,
    Refused,
    Unreachable,
    Moved,
    Elsewhere,
}

impl Trouble {
    /// Whether it may pass by itself in a moment.
    const fn may_pass(self) -> bool {
        matches!(self, Self::Lost | Self::Refused | Self::Unreachable)
    }
}

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Well,
    /// Nobody knows yet: nobody has come to the address, and nobody has failed to.
    Unsure,
    Ill(Trouble),
}

impl Inbox {
    /// Begins to follow: after what was told last, or from now on.
    pub async fn follow(&self) -> Result<Follower, Problem> {
        // By then it is known whether something came while nobody was here.
        self.begin_day().await;
        let told = if let Some(told) = self.store().told().await? {
            told
        } else {
            let latest = self.latest_change();
            self.store().tell_to(latest, None).await?;
            latest
        };
        let repointed = self.seen().repointed;
        Ok(Follower { inbox: self.clone(), told, seen: told, trouble: None, said: None, repointed })
    }

    /// Conversations with something unread.
    pub async fn unread(&self) -> Result<u32, Problem> {
        Ok(self.store().count_conversations(ConversationFilter::Unread, None).await?)
    }

    /// Something unread in a conversation, if it is there at all.
    pub async fn unread_in(&self, id: ConversationId) -> Result<u32, Problem> {
        Ok(self.store().conversation(id).await?.map_or(0, |row| row.unread))
    }

    /// How the line is now; the worst of what is wrong with it first.
    async fn standing(&self) -> Result<Standing, Problem> {
        if self.sign_in_refused() {
            return Ok(Standing::Ill(Trouble::Refused));
        }
        if !self.connected() {
            return Ok(Standing::Ill(Trouble::Lost));
        }
        let setting_up = self.setting_up().await?;
        // Whoever is just about to choose where a line is answered need not be told.
        let elsewhere = if setting_up { Elsewhere::default() } else { self.seen().elsewhere.clone() };
        if elsewhere.all {
            return Ok(Standing::Ill(Trouble::Elsewhere));
        }
        let knocks = self.knocks();
        let unreachable = match self.way().state {
            WayState::There if knocks.failures >= KNOCKS => true,
            WayState::There if knocks.failures > 0 || !knocks.through => return Ok(Standing::Unsure),
            WayState::There => false,
            // Whoever is just about to choose an address need not be told that there is none.
            _ => !setting_up,
        };
        let moved = self.seen().moved;
        Ok(match () {
            () if unreachable => Standing::Ill(Trouble::Unreachable),
            () if !elsewhere.lines.is_empty() => Standing::Ill(Trouble::Elsewhere),
            () if moved => Standing::Ill(Trouble::Moved),
            () => Standing::Well,
        })
    }

    /// What to tell of absences, if anything: not of what the owner does not want to be told of, and nothing
    /// once all of it was read.
    async fn away_news(&self, untold: Untold, texts: bool, calls: bool) -> Result<Option<News>, Problem> {
        let Untold { began_at: from, ended_at: to, .. } = untold;
        let absence = Absence { began_at: from, ended_at: to, complete: true, seen: false };
        let came = self.store().came_meanwhile(absence).await?;
        let mut unread = false;
        for id in &came.conversations {
            unread |= self.unread_in(*id).await? > 0;
        }
        let (texts, calls) = (u32::from(texts), u32::from(calls));
        let news = News::Away {
            from,
            to,
            texts: came.texts * texts,
            people: came.people * texts,
            calls: came.calls * calls,
            missed: came.missed * calls,
            voicemails: came.voicemails * calls,
        };
        let wanted = came.texts * texts + (came.missed + came.voicemails) * calls > 0;
        Ok(Some(news).filter(|_| unread && wanted))
    }
}

impl Follower {
    /// What to tell now. `in_view` is the conversation the owner has before their eyes.
    pub async fn news(&mut self, in_view: Option<ConversationId>) -> Result<Vec<News>, Problem> {
        let store = self.inbox.store();
        let now = self.inbox.now();
        self.seen = store.latest_change();
        // In this order: of an absence that is made up for all is here, and its Changes are among those up to
        // the last one.
        let fetching = self.inbox.fetching_absence();
        let untold = store.untold_absence(now.plus_ms(-LATELY_MS)).await?;
        let to = store.latest_change();
        if to <= self.told && untold.is_none() {
            return Ok(Vec::new());
        }
        let settings = store.settings().await?;
        let time_of_day = time_of_day(now, &settings);
        // While it is quiet or more is about to come, everything waits, so that it can be told together.
        if fetching || settings.notifications.silent(now, time_of_day) {
            return Ok(Vec::new());
        }
        let wanted = |kind| settings.notifications.telling(kind, now, time_of_day) == Telling::Now;
        let (texts, calls, failures) = (wanted(Kind::Text), wanted(Kind::Call), wanted(Kind::Failure));
        let mut told = Vec::new();
        let mut over = untold.map(|untold| untold.last_at);
        if let Some(untold) = untold {
            told.extend(self.inbox.away_news(untold, texts, calls).await?);
        }
        let mut news = store.news(self.told, to, untold.map(|untold| untold.began_at)).await?;
        if news.is_empty() && over.is_none() {
            self.told = to;
            return Ok(Vec::new());
        }
        for one in &mut news {
            let unseen = in_view != Some(one.conversation);
            one.arrived *= u32::from(texts && unseen);
            one.missed *= u32::from(calls && unseen);
            // Only words that may be shown, of a message nobody heard, add to what was told.
            let adds = one.left.is_some() && settings.notifications.shows == Shows::Words;
            one.written *= u32::from(calls && unseen && adds);
            one.late *= u32::from(calls && unseen && one.left.is_some());
            one.failed *= u32::from(failures && unseen);
        }
        let counts = |one: &ringdesk_store::News| one.arrived > 0 || one.missed > 0 || one.failed > 0;
        news.retain(|one| counts(one) || one.written > 0 || one.late > 0);
        if news.len() > ONE_BY_ONE {
            // What only adds to something told is not counted again.
            news.retain(counts);
        }
        if news.len() > ONE_BY_ONE {
            let count = |of: fn(&ringdesk_store::News) -> u32| news.iter().map(of).sum();
            told.push(News::Digest {
                texts: count(|one| one.arrived),
                people: count(|one| one.arrived.min(1)),
                calls: count(|one| one.missed),
                failed: count(|one| one.failed),
                failed_in: news.iter().filter(|one| one.failed > 0).map(|one| one.conversation).collect(),
            });
        } else {
            for one in news {
                let Some(row) = store.conversation(one.conversation).await? else { continue };
                let piece = Piece::of(conversation(row, &settings.region), settings.notifications.shows);
                if one.failed > 0 {
                    told.push(News::Failure(piece.clone()));
                }
                match one.left {
                    Some((seconds, words)) if one.missed + one.written + one.late > 0 => {
                        let shown = settings.notifications.shows == Shows::Words;
                        let words = words.filter(|_| shown).map(|words| words.chars().take(WORDS).collect());
                        let piece = Piece { words, pictures: 0, ..piece.clone() };
                        told.push(News::Voicemail { piece, seconds: Some(seconds).filter(|s| *s > 0) });
                    }
                    _ if one.missed > 0 => told.push(News::Missed(piece.clone(), one.ending)),
                    _ => {}
                }
                if one.arrived > 0 {
                    told.push(News::Texts(piece));
                }
            }
        }
        if !told.is_empty() {
            // Of an absence that could not be made up for so far, the rest is told as it comes.
            let so_far = store.last_absence().await?.filter(|absence| !absence.complete);
            over = over.max(so_far.map(|absence| absence.began_at));
        }
        // Before it is shown: after a crash in between the window still shows what is unread, while a
        // failure that cannot be shown must not be tried for ever.
        store.tell_to(to, over).await?;
        self.told = to;
        Ok(told)
    }

    /// What to say about the line now, if anything.
    pub async fn line(&mut self) -> Result<Option<LineNews>, Problem> {
        let now = self.inbox.now();
        let trouble = match self.inbox.standing().await? {
            Standing::Ill(trouble) => trouble,
            // What was said may still hold, and since when.
            Standing::Unsure => return Ok(None),
            Standing::Well => {
                self.trouble = None;
                return self.back().await;
            }
        };
        let since = self.trouble.filter(|(before, _)| *before == trouble).map_or(now, |(_, since)| since);
        self.trouble = Some((trouble, since));
        let passing = trouble.may_pass() && now.since(since) < PATIENCE;
        if passing || self.said == Some(trouble) || !self.wanted().await? {
            return Ok(None);
        }
        self.said = Some(trouble);
        Ok(Some(match trouble {
            Trouble::Lost => LineNews::Lost(since),
            Trouble::Refused => LineNews::Refused(since),
            Trouble::Unreachable => LineNews::Unreachable(since),
            Trouble::Moved => LineNews::Moved,
            Trouble::Elsewhere => LineNews::Elsewhere,
        }))
    }

    /// Nothing is wrong; what was said before is taken back, once it is known whether the lines follow.
    async fn back(&mut self) -> Result<Option<LineNews>, Problem> {
        let (comparing, count) = {
            let seen = self.inbox.seen();
            (seen.compare || seen.comparing, seen.repointed)
        };
        if comparing {
            return Ok(None);
        }
        let repointed = count > std::mem::replace(&mut self.repointed, count);
        let said = self.said.take().is_some();
        let tell = said || (repointed && self.wanted().await?);
        Ok(tell.then_some(LineNews::Back { repointed }))
    }

    async fn wanted(&self) -> Result<bool, Problem> {
        Ok(self.inbox.settings().await?.notifications.line)
    }

    /// Waits until there may be something to tell. `false`: the office is closing.
    pub async fn wait(&self) -> bool {
        tokio::select! {
            there = self.inbox.change_after(self.seen) => there,
            () = tokio::time::sleep(LOOK) => true,
        }
    }
}
