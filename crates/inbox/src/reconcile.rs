//! Looking up at Twilio what became of texts: sends whose answer was lost, contradictory or missing
//! endings, and receipts whose effects failed. Evidence settles; nothing is sent here.

use crate::{Inbox, Reach, from_twilio::means_opt_out};
use ringdesk_domain::{Address, Moment, Status, TextId, segments, sending::same_words};
use ringdesk_store::{Report, Settlement, StoreError, Unsettled};
use ringdesk_twilio::{error::RestError, rest::Message};
use std::collections::{BTreeMap, HashSet};

/// Pauses before the second and third look-up, in milliseconds; after the third the owner decides.
const LOOKS_MS: [i64; 2] = [3 * 60_000, 10 * 60_000];
/// At least this long between two look-ups, and after one that got no answer, in milliseconds.
const BETWEEN_LOOKS_MS: i64 = 60_000;
const UNREACHABLE_MS: i64 = 30_000;
/// A message made this long before its claim or after it is not ours, in milliseconds.
const AROUND_CLAIM_MS: (i64, i64) = (2 * 60_000, 10 * 60_000);
/// A text without an ending is asked about again after this long or its own age, and in all for
/// this long, in milliseconds.
const AGAIN_MS: i64 = 30 * 60_000;
const ASK_FOR_MS: i64 = 3 * 24 * 60 * 60_000;
/// How often the loop looks without being nudged, in milliseconds.
const ROUND_MS: i64 = 5 * 60_000;

impl Inbox {
    /// Looks up what is unsettled until the inbox closes.
    pub(crate) async fn run_reconcile(self) {
        loop {
            if let Some(reach) = self.reach() {
                let round = async {
                    self.apply_failed_receipts().await?;
                    self.look_up_unknown(&reach).await?;
                    self.recheck(&reach).await?;
                    self.recheck_calls(&reach).await
                };
                if let Err(error) = round.await {
                    self.rest(&error).await;
                }
            }
            let round = self.now().plus_ms(ROUND_MS);
            let due = self.store().next_look_due().await.ok().flatten().filter(|_| self.reach().is_some());
            let due = due.unwrap_or(round).min(round);
            tokio::select! {
                () = self.0.stop.cancelled() => break,
                () = self.0.looking.notified() => {}
                () = self.until(Some(due)) => {}
            }
        }
    }

    /// Settles sends that may have left, by what Twilio lists: as many fitting messages that no text of
    /// ours has as there are texts alike. Fewer or more are no evidence, nor is none: after the third look
    /// the owner decides.
    async fn look_up_unknown(&self, reach: &Reach) -> Result<(), StoreError> {
        let due = self.store().unsettled(self.now()).await?;
        if due.is_empty() {
            return Ok(());
        }
        let is_due: HashSet<TextId> = due.iter().map(|text| text.id).collect();
        // A message may be that of a text alike whose turn to be looked up has not come.
        let mut open = self.store().unsettled(Moment(i64::MAX)).await?;
        open.retain(|text| !is_due.contains(&text.id));
        open.extend(due);
        let due: Vec<&Unsettled> = open.iter().filter(|text| is_due.contains(&text.id)).collect();
        let mut asked: HashSet<&Address> = HashSet::new();
        for Unsettled { customer, .. } in due.iter().copied() {
            if !asked.insert(customer) {
                continue;
            }
            let theirs: Vec<&Unsettled> = open.iter().filter(|text| text.customer == *customer).collect();
            match self.free_messages(reach, customer, &theirs).await? {
                Ok(free) => self.settle_by(&free, &theirs, &is_due).await?,
                // Whoever may not look finds nothing, however often.
                Err(RestError::Refused { status: 403 | 404, .. }) => {
                    self.settle_by(&[], &theirs, &is_due).await?;
                }
                Err(error) => {
                    tracing::info!(%error, "an unsettled text could not be looked up yet");
                    let again = self.now().plus_ms(UNREACHABLE_MS);
                    // Whoever cannot be reached answers nothing about the others, either.
                    let gone = matches!(error, RestError::Unreachable(_));
                    for text in &due {
                        if text.customer == *customer || (gone && !asked.contains(&text.customer)) {
                            self.store().postpone_look(text.id, again).await?;
                        }
                    }
                    if gone {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// What Twilio lists to a customer since the first of their texts in question, and no text of ours has.
    /// From whatever number: what a Messaging Service sends may come from any.
    async fn free_messages(
        &self,
        reach: &Reach,
        customer: &Address,
        theirs: &[&Unsettled],
    ) -> Result<Result<Vec<Message>, RestError>, StoreError> {
        let first = theirs.iter().map(|text| text.claimed_at.0 - AROUND_CLAIM_MS.0).min().unwrap_or(i64::MAX);
        let older = |message: &Message| message.created_ms().is_some_and(|at| at < first);
        let mut listed = match reach.client.messages_to(customer.as_str(), None, older).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        listed.retain(|message| theirs.iter().any(|text| fits(text, message)));
        let sids: Vec<String> = listed.iter().map(|message| message.sid.clone()).collect();
        let known = self.store().known_sids(&sids).await?;
        // A list that grows while it is read may name one twice.
        let mut seen = HashSet::new();
        listed.retain(|message| !known.contains(&message.sid) && seen.insert(message.sid.clone()));
        Ok(Ok(listed))
    }

    async fn settle_by(
        &self,
        free: &[Message],
        theirs: &[&Unsettled],
        is_due: &HashSet<TextId>,
    ) -> Result<(), StoreError> {
        for alike in alike(theirs) {
            if let Some(pairs) = matched(&alike, free) {
                for (text, found) in pairs {
                    self.adopt(text, found).await?;
                }
                continue;
            }
            for text in alike {
                if is_due.contains(&text.id) {
                    self.look_again_later(text).await?;
                }
            }
        }
        Ok(())
    }

    async fn adopt(&self, text: &Unsettled, found: &Message) -> Result<(), StoreError> {
        tracing::info!(text = %text.id, sid = found.sid, "an unsettled text was found at Twilio");
        let settlement = Settlement::Accepted {
            provider_sid: found.sid.clone(),
            status: Status::from_twilio(&found.status),
            error_code: found.error_code,
        };
        self.store().settle(text.id, settlement, self.now(), means_opt_out).await?;
        self.0.outbox.notify_one();
        Ok(())
    }

    /// After the last look it is left to the owner.
    async fn look_again_later(&self, text: &Unsettled) -> Result<(), StoreError> {
        let now = self.now();
        let pause = LOOKS_MS.get(text.looks as usize);
        let soonest = now.plus_ms(BETWEEN_LOOKS_MS);
        let next = pause.map(|pause| soonest.max(text.claimed_at.plus_ms(*pause)));
        self.store().looked_in_vain(text.id, next, now).await?;
        self.0.outbox.notify_one();
        Ok(())
    }

    /// Asks Twilio about texts with contradictory endings or none for long; its record decides.
    async fn recheck(&self, reach: &Reach) -> Result<(), StoreError> {
        for (id, sid) in self.store().texts_to_recheck(self.now(), 50).await? {
            let now = self.now();
            match reach.client.message(&sid).await {
                Ok(message) => self.take_over(&message, now).await?,
                Err(RestError::Refused { status: 404, .. }) => {
                    tracing::info!(text = %id, "Twilio no longer has a text");
                    self.store().postpone_recheck(id, None).await?;
                }
                Err(error) => {
                    tracing::info!(%error, text = %id, "a text could not be asked about yet");
                    self.store().postpone_recheck(id, Some(now.plus_ms(UNREACHABLE_MS))).await?;
                }
            }
        }
        Ok(())
    }

    async fn take_over(&self, message: &Message, now: Moment) -> Result<(), StoreError> {
        let status = Status::from_twilio(&message.status);
        // Some carriers never say more than "sent": ask ever more rarely, then no more.
        let age = message.created_ms().map_or(0, |created| now.0 - created);
        let again = (!status.is_final() && age < ASK_FOR_MS).then(|| now.plus_ms(age.max(AGAIN_MS)));
        let report = Report {
            provider_sid: message.sid.clone(),
            text: None,
            status,
            error_code: message.error_code,
            opted_out: message.error_code.is_some_and(means_opt_out),
            at: now,
        };
        let segments = message.num_segments.as_deref().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
        let price = message.price.clone().zip(message.price_unit.clone());
        self.store().record_fetched(report, segments, price, again).await
    }

    /// Tries again what was believed but could not be stored.
    async fn apply_failed_receipts(&self) -> Result<(), StoreError> {
        for kept in self.store().failed_receipts(20).await? {
            match self.apply_kept(&kept).await {
                Err(StoreError::Driver(why)) => {
                    tracing::warn!(%why, "a kept request still cannot be applied");
                }
                other => other?,
            }
        }
        Ok(())
    }
}

/// Whether a message can be what became of a text.
fn fits(text: &Unsettled, message: &Message) -> bool {
    let (from, to) = (text.claimed_at.0 - AROUND_CLAIM_MS.0, text.claimed_at.0 + AROUND_CLAIM_MS.1);
    message.direction == "outbound-api"
        && same_words(&text.body, message.body.as_deref().unwrap_or(""))
        && (!text.line_takes_texts || message.from.as_deref().is_none_or(|from| from == text.line.as_str()))
        && message.created_ms().is_some_and(|at| (from..=to).contains(&at))
}

/// The texts to one customer in groups whose messages could be taken for one another.
fn alike<'a>(texts: &[&'a Unsettled]) -> Vec<Vec<&'a Unsettled>> {
    let by_service: HashSet<String> =
        texts.iter().filter(|text| !text.line_takes_texts).map(|text| segments::smart(&text.body)).collect();
    let mut groups: BTreeMap<(String, Option<&str>), Vec<&Unsettled>> = BTreeMap::new();
    for &text in texts {
        let words = segments::smart(&text.body);
        let line = (!by_service.contains(&words)).then(|| text.line.as_str());
        groups.entry((words, line)).or_default().push(text);
    }
    groups.into_values().collect()
}

/// Which message is whose, where there are exactly as many as there are texts alike.
fn matched<'a, 'm>(
    alike: &[&'a Unsettled],
    free: &'m [Message],
) -> Option<Vec<(&'a Unsettled, &'m Message)>> {
    let mut left: Vec<&Message> =
        free.iter().filter(|message| alike.iter().any(|text| fits(text, message))).collect();
    if left.len() != alike.len() {
        return None;
    }
    left.sort_by_key(|message| message.created_ms());
    let mut texts = alike.to_vec();
    // Those that can only have come from one number choose first.
    texts.sort_by_key(|text| (!text.line_takes_texts, text.claimed_at));
    let mut pairs = Vec::with_capacity(texts.len());
    for text in texts {
        let at = left.iter().position(|message| fits(text, message))?;
        pairs.push((text, left.remove(at)));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 2] = ["+15005550006", "+15005550007"];
    /// 2015-07-30 20:12:31 UTC, and as Twilio writes a minute later and an hour before.
    const CLAIMED: Moment = Moment(1_438_287_151_000);
    const AFTER: &str = "Thu, 30 Jul 2015 20:13:31 +0000";
    const BEFORE: &str = "Thu, 30 Jul 2015 19:12:31 +0000";

    fn text(line: &str, by_service: bool, body: &str) -> Unsettled {
        Unsettled {
            id: TextId::new(CLAIMED),
            line: Address::received(line),
            line_takes_texts: !by_service,
            customer: Address::received("+14155550123"),
            body: body.to_owned(),
            claimed_at: CLAIMED,
            looks: 0,
        }
    }

    fn message(n: u32, from: &str, body: &str, created: &str) -> Message {
        Message {
            sid: format!("SM{n:032x}"),
            status: "sent".into(),
            direction: "outbound-api".into(),
            from: Some(from.into()),
            to: Some("+14155550123".into()),
            body: Some(body.into()),
            error_code: None,
            num_segments: None,
            price: None,
            price_unit: None,
            date_sent: None,
            date_created: Some(created.into()),
            num_media: None,
        }
    }

    /// As many texts are settled in each group, or none where the messages do not tell.
    #[track_caller]
    fn check(texts: &[Unsettled], messages: &[Message], settled: &[Option<usize>]) {
        let all: Vec<&Unsettled> = texts.iter().collect();
        let found = alike(&all).iter().map(|group| Some(matched(group, messages)?.len())).collect::<Vec<_>>();
        assert_eq!(found, settled);
    }

    #[test]
    fn as_many_messages_as_texts_alike_are_evidence() {
        let one = text(LINES[0], false, "Hi");
        let [m, n] = [1, 2].map(|n| message(n, LINES[0], "Hi", AFTER));
        check(std::slice::from_ref(&one), &[], &[None]);
        check(std::slice::from_ref(&one), std::slice::from_ref(&m), &[Some(1)]);
        check(std::slice::from_ref(&one), &[m, n], &[None]);
    }

    #[test]
    fn a_service_sends_from_any_number_so_its_texts_are_counted_together() {
        let two = LINES.map(|line| text(line, true, "Hi"));
        let [m, n] = [1, 2].map(|n| message(n, LINES[0], "Hi", AFTER));
        check(&two, std::slice::from_ref(&m), &[None]);
        check(&two, &[m, n], &[Some(2)]);
    }

    #[test]
    fn a_number_of_its_own_tells_texts_apart() {
        let two = LINES.map(|line| text(line, false, "Hi"));
        check(&two, &[message(1, LINES[1], "Hi", AFTER)], &[None, Some(1)]);
    }

    #[test]
    fn what_can_only_come_from_one_number_is_matched_first() {
        let mixed = [text(LINES[1], true, "Hi"), text(LINES[0], false, "Hi")];
        let all: Vec<&Unsettled> = mixed.iter().collect();
        let messages = [message(1, LINES[0], "Hi", AFTER), message(2, LINES[1], "Hi", AFTER)];
        let groups = alike(&all);
        assert_eq!(groups.len(), 1);
        let pairs = matched(&groups[0], &messages).expect("two for two");
        for (text, message) in pairs {
            assert_eq!(message.from.as_deref(), Some(text.line.as_str()));
        }
    }

    #[test]
    fn words_number_direction_and_time_have_to_fit() {
        let one = text(LINES[0], false, "It\u{2019}s ready");
        for (message, fit) in [
            (message(1, LINES[0], "It\u{2019}s ready", AFTER), true),
            (message(1, LINES[0], "It's ready", AFTER), true),
            (message(1, LINES[0], "Sent from your Twilio trial account - It's ready", AFTER), true),
            (message(1, LINES[0], "It is ready", AFTER), false),
            (message(1, LINES[1], "It's ready", AFTER), false),
            (message(1, LINES[0], "It's ready", BEFORE), false),
            (Message { direction: "inbound".into(), ..message(1, LINES[0], "It's ready", AFTER) }, false),
            (Message { date_created: None, ..message(1, LINES[0], "It's ready", AFTER) }, false),
        ] {
            assert_eq!(fits(&one, &message), fit, "{message:?}");
        }
    }
}
