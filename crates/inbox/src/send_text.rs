//! The owner writes a text: guards, undo time, outbox.

use crate::{Inbox, Problem, SendProblem};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use ringdesk_domain::{
    Actor, Address, ConversationId, Moment, Settings, TextId,
    consent::Consent,
    quiet::TimeOfDay,
    segments,
    sending::{Draft, Reason, may_leave},
};
use ringdesk_store::{Kept, NewText, Queued};

/// What the owner wants sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The words.
    pub body: String,
    /// Pictures from [`Inbox::add_picture`], by content hash.
    pub pictures: Vec<String>,
    /// The questions of guards that were answered with yes.
    pub yes_to: Vec<Reason>,
    /// Seconds to take it back; `None` for the owner's setting.
    pub undo_seconds: Option<u32>,
    /// The text it repeats.
    pub resend_of: Option<TextId>,
}

/// Now, where the business is.
pub(crate) fn business_time(now: Moment, settings: &Settings) -> Zoned {
    let zone = settings.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone.unwrap_or_else(TimeZone::system))
}

/// What the business's clock shows.
pub(crate) fn time_of_day(now: Moment, settings: &Settings) -> TimeOfDay {
    let now = business_time(now, settings);
    let small = |part: i8| u16::try_from(part).unwrap_or(0);
    TimeOfDay::new(small(now.hour()), small(now.minute())).expect("a clock shows it")
}

impl Inbox {
    /// The conversation with whoever `typed` names, from `line` or our first line.
    pub async fn conversation_with(
        &self,
        typed: &str,
        line: Option<&str>,
    ) -> Result<ConversationId, SendProblem> {
        let region = self.store().settings().await?.region;
        let customer = Address::typed(typed, &region).ok_or(SendProblem::NoNumber)?;
        let lines = self.store().lines().await?;
        let wanted =
            line.map(|line| Address::typed(line, &region).ok_or(SendProblem::NoNumber)).transpose()?;
        let line = match wanted {
            Some(wanted) => lines.iter().find(|line| line.number == wanted),
            None => lines.iter().find(|line| line.takes_texts).or(lines.first()),
        };
        let line = line.ok_or(Problem::NotConnected)?.number.clone();
        Ok(self.store().conversation_with(line, customer, self.now()).await?)
    }

    /// Writes a text that leaves when its undo time is over.
    pub async fn send_text(&self, sending: Sending, actor: Actor) -> Result<Queued, SendProblem> {
        let now = self.now();
        let conversation = self.store().conversation(sending.conversation).await?.ok_or(Problem::NotFound)?;
        let last = self.store().last_sent(conversation.id).await?;
        let settings = self.store().settings().await?;
        let counted = if settings.texts.smart_encoding {
            segments::measure(&segments::smart(&sending.body))
        } else {
            segments::measure(&sending.body)
        };
        let draft = Draft {
            to: &conversation.customer,
            body: &sending.body,
            pictures: sending.pictures.len(),
            consent: conversation.consent,
            // Whoever called wants to hear from us.
            stranger: conversation.consent == Consent::Unknown
                && last.is_none()
                && !self.store().has_called(conversation.id).await?,
            last_sent: last.as_ref().map(|text| (text.body.as_str(), text.at)),
            last_heard: self.store().last_heard(conversation.id).await?,
            segments: counted.segments,
            ask_from_parts: settings.texts.ask_from_parts,
            quiet_hours: settings.texts.quiet_hours,
            now,
            time_of_day: time_of_day(now, &settings),
        };
        match may_leave(&draft, &sending.yes_to) {
            Ok(()) => {}
            Err(Reason::ManyParts) => {
                let each = self.store().price_of_a_part().await?;
                return Err(SendProblem::ManyParts { parts: counted.segments, each });
            }
            Err(reason) => return Err(SendProblem::Guard(reason)),
        }
        if !sending.pictures.is_empty() && self.reach().is_some_and(|reach| reach.public.is_none()) {
            return Err(Problem::Picture(
                "Twilio fetches it from this computer. Give it a public address in Settings first.",
            )
            .into());
        }
        let mut pictures: Vec<Kept> = Vec::with_capacity(sending.pictures.len());
        for sha256 in &sending.pictures {
            pictures.push(self.picture(sha256).await?);
        }
        let undo = sending.undo_seconds.unwrap_or(settings.texts.undo_seconds).min(60);
        let queued = self
            .store()
            .queue_text(NewText {
                id: TextId::new(now),
                conversation: conversation.id,
                body: sending.body,
                pictures,
                segments: counted.segments,
                actor,
                at: now,
                due_at: now.plus_ms(i64::from(undo) * 1_000),
                resend_of: sending.resend_of,
            })
            .await?;
        self.0.outbox.notify_one();
        Ok(queued)
    }

    /// Sends a failed text again, as a new one with the same words and pictures.
    pub async fn send_again(&self, id: TextId, actor: Actor) -> Result<Queued, SendProblem> {
        let text = self.store().text(id).await?.ok_or(Problem::NotFound)?;
        let lost = text.outbox.as_deref() == Some("not_found");
        if text.incoming || !(text.status.is_failure() || lost) {
            return Err(Problem::NotFound.into());
        }
        let pictures = self.store().attachments(&[id]).await?;
        let sending = Sending {
            conversation: text.conversation,
            body: text.body,
            pictures: pictures.into_iter().filter_map(|picture| Some(picture.kept?.sha256)).collect(),
            // Asking for it again is the yes.
            yes_to: Reason::QUESTIONS.to_vec(),
            undo_seconds: Some(0),
            resend_of: Some(id),
        };
        self.send_text(sending, actor).await
    }

    /// Sends a text that waited so long that it was held. `false`: it is not held.
    pub async fn release(&self, id: TextId) -> Result<bool, Problem> {
        let done = self.store().release(id, self.now()).await?;
        self.0.outbox.notify_one();
        Ok(done)
    }

    /// Takes a text back while it waits. `false`: it has left.
    pub async fn take_back(&self, id: TextId) -> Result<bool, Problem> {
        let done = self.store().take_back(id, self.now()).await?;
        self.0.outbox.notify_one();
        Ok(done)
    }
}
