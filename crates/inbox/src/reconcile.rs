//! Looking up at Twilio what became of texts: sends whose answer was lost, contradictory or missing
//! endings, and receipts whose effects failed. Evidence settles; nothing is sent here.

use crate::{Inbox, Reach, from_twilio::means_opt_out};
use ringdesk_domain::{Address, Moment, Status, TextId, segments, sending::same_words};
use ringdesk_store::{Report, Settlement, StoreError, Unsettled};
use ringdesk_twilio::{error::RestError, rest::Message};
use std::{
    collections::{BTreeMap, HashSet},
    ops::RangeInclusive,
};

/// Pauses before the second and third look-up, in milliseconds; after the third the owner decides.
const LOOKS_MS: [i64; 2] = [3 * 60_000, LAST_LOOK_MS];
const LAST_LOOK_MS: i64 = 10 * 60_000;
/// Where less than this has passed by Twilio's clock, in milliseconds, ours was set between the looks, and
/// there is another; but not for ever, should Twilio's stand still. It tells whole seconds, so a little less
/// than the last pause is enough.
const ENOUGH_MS: i64 = 9 * 60_000;
const MOST_LOOKS: u32 = 6;
/// At least this long between two look-ups, and after one that got no answer, in milliseconds.
const BETWEEN_LOOKS_MS: i64 = 60_000;
const UNREACHABLE_MS: i64 = 30_000;
/// A message made longer before its claim or after it is not ours, in milliseconds by Twilio's clock.
const AROUND_CLAIM_MS: (i64, i64) = (2 * 60_000, 10 * 60_000);
/// How wrong our clock may have been where nobody knew, in milliseconds.
const DOUBT_MS: i64 = 24 * 60 * 60_000;
/// A text without an ending is asked about again after this long or its own age, and in all for
/// this long, in milliseconds.
const AGAIN_MS: i64 = 30 * 60_000;
const ASK_FOR_MS: i64 = 3 * 24 * 60 * 60_000;
/// How often the loop looks without being nudged, in milliseconds.
const ROUND_MS: i64 = 5 * 60_000;

/// A send that may have left, and when it did, if so.
struct Open {
    text: Unsettled,
    /// Between which times Twilio made its message, in UTC milliseconds by Twilio's clock.
    made: RangeInclusive<i64>,
    /// When it was claimed, by our clock as it is set now.
    claimed_at: Moment,
}

impl Open {
    /// `ahead_ms` is how far our clock is ahead of Twilio's `now`, where that is known. It may have been set
    /// since the claim, so what was known then goes first.
    ///
    /// Where nothing was, older and newer messages are candidates, too. That is fairly safe: one that a text
    /// of ours has is none, and texts with the same words need exactly as many as they are.
    fn new(text: Unsettled, ahead_ms: Option<i64>, now: Moment) -> Self {
        let (then_ms, doubt_ms) = match text.ahead_ms {
            Some(then_ms) => (then_ms, 0),
            None => (ahead_ms.unwrap_or(0), DOUBT_MS),
        };
        let at_twilio = text.claimed_at.plus_ms(-then_ms);
        let first = at_twilio.plus_ms(-AROUND_CLAIM_MS.0 - doubt_ms);
        let last = at_twilio.plus_ms(AROUND_CLAIM_MS.1 + doubt_ms);
        // Nothing was claimed in a time that is still to come; where nobody knows, it was just now.
        let claimed_at = ahead_ms.map_or(now, |ahead_ms| at_twilio.plus_ms(ahead_ms).min(now));
        Self { text, made: first.0..=last.0, claimed_at }
    }

    /// Whether a message can be what became of it.
    fn fits(&self, message: &Message) -> bool {
        let text = &self.text;
        message.direction == "outbound-api"
            && same_words(&text.body, message.body.as_deref().unwrap_or(""))
            && (!text.line_takes_texts
                || message.from.as_deref().is_none_or(|from| from == text.line.as_str()))
            && message.created_ms().is_some_and(|at| self.made.contains(&at))
    }

    /// For how long it is left alone after another look in vain, in milliseconds since its claim; none where
    /// there were enough.
    fn pause_ms(&self, now: Moment) -> Option<i64> {
        let looks = self.text.looks;
        let early = now.since(self.claimed_at) < ENOUGH_MS && looks + 1 < MOST_LOOKS;
        LOOKS_MS.get(looks as usize).copied().or(early.then_some(LAST_LOOK_MS))
    }
}

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
        // Where it fails, what was known before is good enough; whether Twilio can be reached tells the look.
        let _ = self.compare_clocks(reach).await;
        // A message may be that of a text alike whose turn to be looked up has not come.
        let mut open = self.store().unsettled(Moment(i64::MAX)).await?;
        open.retain(|text| !is_due.contains(&text.id));
        open.extend(due);
        let reading = self.0.clock.read();
        let ahead_ms = self.known_ahead_ms(reading);
        let open: Vec<Open> = open.into_iter().map(|text| Open::new(text, ahead_ms, reading.now)).collect();
        let due: Vec<&Unsettled> =
            open.iter().map(|open| &open.text).filter(|text| is_due.contains(&text.id)).collect();
        let mut asked: HashSet<&Address> = HashSet::new();
        for Unsettled { customer, .. } in due.iter().copied() {
            if !asked.insert(customer) {
                continue;
            }
            let theirs: Vec<&Open> = open.iter().filter(|open| open.text.customer == *customer).collect();
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
        theirs: &[&Open],
    ) -> Result<Result<Vec<Message>, RestError>, StoreError> {
        let first = theirs.iter().map(|open| *open.made.start()).min().unwrap_or(i64::MAX);
        let older = |message: &Message| message.created_ms().is_some_and(|at| at < first);
        let mut listed = match reach.client.messages_to(customer.as_str(), None, older).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        listed.retain(|message| theirs.iter().any(|open| open.fits(message)));
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
        theirs: &[&Open],
        is_due: &HashSet<TextId>,
    ) -> Result<(), StoreError> {
        for alike in alike(theirs) {
            if let Some(pairs) = matched(&alike, free) {
                for (open, found) in pairs {
                    self.adopt(&open.text, found).await?;
                }
                continue;
            }
            for open in alike {
                if is_due.contains(&open.text.id) {
                    self.look_again_later(open).await?;
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
    async fn look_again_later(&self, open: &Open) -> Result<(), StoreError> {
        let now = self.now();
        let soonest = now.plus_ms(BETWEEN_LOOKS_MS);
        let next = open.pause_ms(now).map(|pause| soonest.max(open.claimed_at.plus_ms(pause)));
        self.store().looked_in_vain(open.text.id, next, now).await?;
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

/// The texts to one customer in groups whose messages could be taken for one another.
fn alike<'a>(texts: &[&'a Open]) -> Vec<Vec<&'a Open>> {
    let by_service = texts.iter().map(|open| &open.text).filter(|text| !text.line_takes_texts);
    let by_service: HashSet<String> = by_service.map(|text| segments::smart(&text.body)).collect();
    let mut groups: BTreeMap<(String, Option<&str>), Vec<&Open>> = BTreeMap::new();
    for &open in texts {
        let words = segments::smart(&open.text.body);
        let line = (!by_service.contains(&words)).then(|| open.text.line.as_str());
        groups.entry((words, line)).or_default().push(open);
    }
    groups.into_values().collect()
}

/// Which message is whose, where there are exactly as many as there are texts alike.
fn matched<'a, 'm>(alike: &[&'a Open], free: &'m [Message]) -> Option<Vec<(&'a Open, &'m Message)>> {
    let mut left: Vec<&Message> =
        free.iter().filter(|message| alike.iter().any(|open| open.fits(message))).collect();
    if left.len() != alike.len() {
        return None;
    }
    left.sort_by_key(|message| message.created_ms());
    let mut texts = alike.to_vec();
    // Those that can only have come from one number choose first, then those whose time is over first.
    texts.sort_by_key(|open| (!open.text.line_takes_texts, *open.made.end()));
    let mut pairs = Vec::with_capacity(texts.len());
    for open in texts {
        let at = left.iter().position(|message| open.fits(message))?;
        pairs.push((open, left.remove(at)));
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

    const HOUR_MS: i64 = 60 * 60_000;

    fn unsettled(line: &str, by_service: bool, body: &str) -> Unsettled {
        Unsettled {
            id: TextId::new(CLAIMED),
            line: Address::received(line),
            line_takes_texts: !by_service,
            customer: Address::received("+14155550123"),
            body: body.to_owned(),
            claimed_at: CLAIMED,
            ahead_ms: Some(0),
            looks: 0,
        }
    }

    fn text(line: &str, by_service: bool, body: &str) -> Open {
        Open::new(unsettled(line, by_service, body), Some(0), CLAIMED)
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
    fn check(texts: &[Open], messages: &[Message], settled: &[Option<usize>]) {
        let all: Vec<&Open> = texts.iter().collect();
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
        let all: Vec<&Open> = mixed.iter().collect();
        let messages = [message(1, LINES[0], "Hi", AFTER), message(2, LINES[1], "Hi", AFTER)];
        let groups = alike(&all);
        assert_eq!(groups.len(), 1);
        let pairs = matched(&groups[0], &messages).expect("two for two");
        for (open, message) in pairs {
            assert_eq!(message.from.as_deref(), Some(open.text.line.as_str()));
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
            assert_eq!(one.fits(&message), fit, "{message:?}");
        }
    }

    /// A text that was claimed `passed_ms` ago, by our clock as it is now, and how far ahead that was and is.
    fn timed(then_ms: Option<i64>, now_ms: Option<i64>, passed_ms: i64, looks: u32) -> Open {
        let text = Unsettled { ahead_ms: then_ms, looks, ..unsettled(LINES[0], false, "Hi") };
        Open::new(text, now_ms, CLAIMED.plus_ms(passed_ms))
    }

    #[test]
    fn what_our_clock_was_wrong_by_at_the_claim_is_taken_off() {
        let [before, after] = [BEFORE, AFTER].map(|made| message(1, LINES[0], "Hi", made));
        for (then_ms, now_ms, fit) in [
            (Some(0), Some(0), [false, true]),
            // Wrong at the claim, whatever it is now.
            (Some(HOUR_MS), Some(HOUR_MS), [true, false]),
            (Some(HOUR_MS), Some(0), [true, false]),
            (Some(HOUR_MS), None, [true, false]),
            // Wrong since.
            (Some(0), Some(HOUR_MS), [false, true]),
            // Nobody knows: either may be it, but not what is years away.
            (None, Some(HOUR_MS), [true, true]),
            (None, None, [true, true]),
            (None, Some(20_000 * HOUR_MS), [false, false]),
        ] {
            let open = timed(then_ms, now_ms, 60_000, 0);
            assert_eq!([open.fits(&before), open.fits(&after)], fit, "{then_ms:?} {now_ms:?}");
        }
    }

    #[test]
    fn looks_are_counted_out_by_twilios_clock() {
        let set_right = Some(0);
        for (then_ms, passed_ms, looks, pause_ms) in [
            (Some(0), 60_000, 0, Some(LOOKS_MS[0])),
            (Some(0), 3 * 60_000, 1, Some(LAST_LOOK_MS)),
            (Some(0), 10 * 60_000, 2, None),
            // It was set ahead by an hour, which is not a minute more at Twilio.
            (Some(-HOUR_MS), HOUR_MS + 3 * 60_000, 2, Some(LAST_LOOK_MS)),
            (Some(-HOUR_MS), HOUR_MS + 3 * 60_000, MOST_LOOKS - 1, None),
            (Some(-HOUR_MS), HOUR_MS + 10 * 60_000, 2, None),
            // It was set back by an hour: the claim seems to be still to come.
            (Some(HOUR_MS), 3 * 60_000 - HOUR_MS, 2, Some(LAST_LOOK_MS)),
            (Some(HOUR_MS), 10 * 60_000 - HOUR_MS, 2, None),
        ] {
            let open = timed(then_ms, set_right, passed_ms, looks);
            let pause = open.pause_ms(CLAIMED.plus_ms(passed_ms));
            assert_eq!(pause, pause_ms, "{then_ms:?} after {passed_ms} ms and {looks} looks");
        }
        // What seems to be still to come was just now, and so was what nobody knows the time of.
        for (then_ms, now_ms, passed_ms) in
            [(None, Some(0), -HOUR_MS), (Some(0), None, HOUR_MS), (None, None, HOUR_MS)]
        {
            let open = timed(then_ms, now_ms, passed_ms, 2);
            assert_eq!(open.claimed_at, CLAIMED.plus_ms(passed_ms), "{then_ms:?} {now_ms:?}");
            assert_eq!(open.pause_ms(open.claimed_at), Some(LAST_LOOK_MS));
        }
    }
}
