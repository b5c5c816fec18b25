//! Texts that Twilio lists: what customers wrote, and what left our numbers from elsewhere, in the order it
//! was written.

use super::{Found, Part, Pass, each, or_none};
use crate::{
    Inbox, Problem,
    from_twilio::{incoming_text, listed_text, means_opt_out},
};
use ringdesk_domain::{
    Address, Arrival, Moment, Status, TextId,
    consent::{self, Word},
};
use ringdesk_store::{IncomingText, NewAttachment, SentFound, SentText};
use ringdesk_twilio::{
    post::InboundText,
    rest::{ListedMedia, Listing, Message},
};
use std::collections::{HashMap, HashSet};

/// Texts that are stored before more is asked about.
const AT_A_TIME: usize = 100;

impl Inbox {
    /// Stores the texts of a part of a line that are not here, oldest first: whoever wrote STOP and then START
    /// wants texts. Answers when the first was made that may be one of ours and cannot be told yet: it is listed
    /// again.
    pub(super) async fn texts_of(
        &self,
        pass: &Pass<'_>,
        part: &Part,
        found: &mut Found,
    ) -> Result<Option<Moment>, Problem> {
        let number = part.cursor.number.as_str();
        let mut texts = self.unknown(pass, part, Listing::<Message>::to(number, part.span())).await?;
        texts.retain(|text| text.direction == "inbound");
        let posted = self.posted_in_vain(pass, part, &texts).await;
        let mut sent = self.unknown(pass, part, Listing::<Message>::from(number, part.span())).await?;
        sent.retain(|text| text.direction != "inbound");
        // The newest is listed first, also of those that were made in the same second.
        texts.reverse();
        sent.reverse();
        texts.append(&mut sent);
        let deleted =
            |text: &Message| pass.cutoffs.texts.zip(text.happened_ms()).is_some_and(|(to, at)| at < to.0);
        texts.retain(|text| !deleted(text));
        texts.sort_by_key(Message::happened_ms);
        self.notice_sleep_in_look().await;
        let mut unsettled = None;
        for texts in texts.chunks(AT_A_TIME) {
            let first = self.store_texts(pass, part, texts, &posted, found).await?;
            unsettled = unsettled.or(first);
        }
        Ok(unsettled)
    }

    async fn store_texts(
        &self,
        pass: &Pass<'_>,
        part: &Part,
        texts: &[Message],
        posted: &HashMap<String, InboundText>,
        found: &mut Found,
    ) -> Result<Option<Moment>, Problem> {
        let pictured = texts.iter().filter(|text| text.media() > 0).map(|text| text.sid.clone()).collect();
        let client = &pass.reach.client;
        let media = each(pictured, |sid: String| {
            let client = client.clone();
            async move { or_none(client.media_of(&sid).await) }
        });
        let mut media: HashMap<String, Vec<ListedMedia>> = media.await?.into_iter().collect();
        let mut unsettled = None;
        for text in texts {
            let at = text.happened_ms().map_or(pass.began, Moment);
            let arrival = pass.arrival(at, &part.cursor);
            let media = media.remove(&text.sid).unwrap_or_default();
            if text.direction == "inbound" {
                let text = incoming(text, posted.get(&text.sid), media, arrival, at);
                if self.store().record_incoming_text(text, None).await?.stored_in.is_some() {
                    found.text(at);
                    self.0.fetching.notify_one();
                }
                continue;
            }
            match self.sent_elsewhere(text, media, arrival, at).await? {
                SentFound::Unsettled => unsettled = unsettled.or(Some(at)),
                SentFound::Stored => self.0.fetching.notify_one(),
                SentFound::Known | SentFound::Ours(_) => {}
            }
        }
        Ok(unsettled)
    }

    /// The messages of a list that are not here, page by page until one is older than of interest or known
    /// altogether. After an absence a known page proves nothing: what came since may have been posted.
    async fn unknown(
        &self,
        pass: &Pass<'_>,
        part: &Part,
        mut listing: Listing<Message>,
    ) -> Result<Vec<Message>, Problem> {
        let mut all: Vec<Message> = Vec::new();
        while let Some(page) = pass.reach.client.page(&mut listing).await? {
            let sids: Vec<String> = page.iter().map(|message| message.sid.clone()).collect();
            let known: HashSet<String> = self.store().known_sids(&sids).await?.into_iter().collect();
            let over = !page.is_empty() && page.iter().all(|message| part.is_older(message.happened_ms()));
            let in_part = |message: &Message| part.holds(message.happened_ms());
            let fresh = |message: &Message| in_part(message) && !known.contains(&message.sid);
            let all_known = page.iter().any(in_part) && !page.iter().any(fresh);
            for message in page.iter().filter(|message| in_part(message) && known.contains(&message.sid)) {
                self.start_was_written(message).await?;
            }
            all.extend(page.into_iter().filter(fresh));
            if over || (all_known && !pass.open && part.to.is_none()) {
                break;
            }
        }
        // What moved on while the pages were turned may be on two of them.
        let mut seen = HashSet::new();
        all.retain(|message| seen.insert(message.sid.clone()));
        Ok(all)
    }

    /// What was posted says nothing of when it was written: a START may have been overtaken by a STOP.
    async fn start_was_written(&self, message: &Message) -> Result<(), Problem> {
        let starts = message.body.as_deref().is_some_and(|body| consent::read(body) == Word::Start);
        if let (true, "inbound", Some(at)) = (starts, message.direction.as_str(), message.happened_ms()) {
            self.store().start_was_written(message.sid.clone(), Moment(at)).await?;
        }
        Ok(())
    }

    /// A text that left one of our numbers and is not here.
    async fn sent_elsewhere(
        &self,
        text: &Message,
        media: Vec<ListedMedia>,
        arrival: Arrival,
        at: Moment,
    ) -> Result<SentFound, Problem> {
        let sent = SentText {
            id: TextId::new(at),
            provider_sid: text.sid.clone(),
            line: Address::received(text.from.as_deref().unwrap_or("")),
            customer: Address::received(text.to.as_deref().unwrap_or("")),
            body: text.body.clone().unwrap_or_default(),
            at,
            status: Status::from_twilio(&text.status),
            error_code: text.error_code,
            opted_out: text.error_code.is_some_and(means_opt_out),
            automatic: text.direction == "outbound-reply",
            segments: text.num_segments.as_deref().and_then(|n| n.parse().ok()).filter(|n| *n > 0),
            price: text.price.clone().zip(text.price_unit.clone()),
            attachments: attachments(media),
            arrival,
        };
        let became = self.store().record_sent_elsewhere(sent, means_opt_out).await?;
        match became {
            SentFound::Stored | SentFound::Known => {}
            SentFound::Unsettled => self.0.looking.notify_one(),
            SentFound::Ours(id) => tracing::warn!(text = %id, "a text that was given up did leave after all"),
        }
        Ok(became)
    }
}

/// A customer's text; as it was posted, where that is known: it tells more than the list.
fn incoming(
    listed: &Message,
    posted: Option<&InboundText>,
    media: Vec<ListedMedia>,
    arrival: Arrival,
    at: Moment,
) -> IncomingText {
    match posted {
        Some(posted) => IncomingText { arrival, ..incoming_text(posted, at) },
        None => listed_text(listed, attachments(media), arrival, at),
    }
}

fn attachments(media: Vec<ListedMedia>) -> Vec<NewAttachment> {
    let attachment = |media: ListedMedia| NewAttachment { url: media.url, declared_type: media.content_type };
    media.into_iter().map(attachment).collect()
}
