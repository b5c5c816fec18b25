//! What is asked before a text may leave.

use crate::{
    Address, Moment,
    consent::Consent,
    media,
    quiet::{QuietHours, TimeOfDay},
    segments,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A draft as the guards see it.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Who it goes to.
    pub to: &'a Address,
    /// Its words.
    pub body: &'a str,
    /// Pictures attached.
    pub pictures: usize,
    /// Where the customer stands.
    pub consent: Consent,
    /// Whether we ever exchanged a text with them.
    pub stranger: bool,
    /// Our last text in this conversation and when it was written.
    pub last_sent: Option<(&'a str, Moment)>,
    /// When they last wrote.
    pub last_heard: Option<Moment>,
    /// Parts it would be sent as.
    pub segments: u32,
    /// From how many parts on the owner wants to be asked; 0 is never.
    pub ask_from_parts: u32,
    /// The hours in which the owner wants to be asked.
    pub quiet_hours: Option<QuietHours>,
    /// Now.
    pub now: Moment,
    /// Now, on the business's clock.
    pub time_of_day: TimeOfDay,
}

impl Draft<'_> {
    /// Late, and not the answer in a conversation that is going on.
    fn disturbs(&self) -> bool {
        let last = self.last_heard.max(self.last_sent.map(|(_, at)| at));
        let talking = last.is_some_and(|at| self.now.since(at) < TALKING_MS);
        !talking && self.quiet_hours.is_some_and(|hours| hours.hold_at(self.time_of_day))
    }

    fn repeats(&self) -> bool {
        let moments_ago = |at| self.now.since(at) < SAME_AGAIN_MS;
        self.pictures == 0 && self.last_sent.is_some_and(|(body, at)| body == self.body && moments_ago(at))
    }

    fn costs(&self) -> bool {
        self.pictures == 0 && self.ask_from_parts > 0 && self.segments >= self.ask_from_parts
    }
}

/// Why a draft may not leave as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing to send.
    Empty,
    /// They opted out, or the owner marked them.
    OptedOut,
    /// Hidden numbers and names cannot be answered.
    NoWayBack,
    /// Over 1,600 characters.
    TooLong,
    /// Over ten pictures.
    TooManyPictures,
    /// First text to somebody who never wrote: a question.
    Stranger,
    /// The same words went out moments ago: a question.
    SameAgain,
    /// People may sleep, and this is no conversation going on: a question.
    QuietHours,
    /// Many parts, each of which costs: a question.
    ManyParts,
}

impl Reason {
    /// The ones that are questions: the owner may answer yes.
    pub const QUESTIONS: [Self; 4] = [Self::Stranger, Self::SameAgain, Self::QuietHours, Self::ManyParts];
}

/// The same words within this time look like a slip of the finger, in milliseconds.
const SAME_AGAIN_MS: i64 = 60_000;
/// Who wrote or was written to within this time is in a conversation, in milliseconds.
const TALKING_MS: i64 = 60 * 60_000;

/// Asks all guards; the first that objects is the one told. `yes_to` are the questions that were
/// answered with yes; anything that is no question objects all the same.
pub fn may_leave(draft: &Draft<'_>, yes_to: &[Reason]) -> Result<(), Reason> {
    let open = |reason| !yes_to.contains(&reason);
    let objections = [
        (draft.consent == Consent::OptedOut, Reason::OptedOut),
        (!draft.to.takes_texts(), Reason::NoWayBack),
        (draft.body.trim().is_empty() && draft.pictures == 0, Reason::Empty),
        (draft.body.chars().count() > segments::MAX_CHARACTERS, Reason::TooLong),
        (draft.pictures > media::MAX_PICTURES, Reason::TooManyPictures),
        (draft.stranger && open(Reason::Stranger), Reason::Stranger),
        (draft.repeats() && open(Reason::SameAgain), Reason::SameAgain),
        (draft.disturbs() && open(Reason::QuietHours), Reason::QuietHours),
        (draft.costs() && open(Reason::ManyParts), Reason::ManyParts),
    ];
    objections.into_iter().find(|(objects, _)| *objects).map_or(Ok(()), |(_, reason)| Err(reason))
}

/// From what a text is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// One of our numbers.
    Number(Address),
    /// A Messaging Service, which picks a number itself.
    Service(String),
}

/// The number being answered from always wins; a Messaging Service is used only where no number of
/// ours is known for the conversation, or the line takes no texts.
pub fn sender(line: &Address, line_takes_texts: bool, service: Option<&str>) -> Sender {
    match service {
        Some(service) if !line_takes_texts => Sender::Service(service.to_owned()),
        _ => Sender::Number(line.clone()),
    }
}

/// What Twilio puts before the words of a trial account. Source: Twilio's page on free trial accounts.
const TRIAL: &str = "Sent from your Twilio trial account - ";

/// Whether a message that Twilio lists has the words of a text of ours: Twilio may have replaced look-alikes.
pub fn same_words(ours: &str, listed: &str) -> bool {
    segments::smart(listed.strip_prefix(TRIAL).unwrap_or(listed)) == segments::smart(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft<'a>(to: &'a Address, body: &'a str) -> Draft<'a> {
        Draft {
            to,
            body,
            pictures: 0,
            consent: Consent::Given,
            stranger: false,
            last_sent: None,
            last_heard: None,
            segments: 1,
            ask_from_parts: 5,
            quiet_hours: Some(QuietHours::USUAL),
            now: Moment(10_000_000),
            time_of_day: TimeOfDay::new(10, 0).expect("a time"),
        }
    }

    #[test]
    fn every_guard_objects_for_its_own_reason() {
        let maria = Address::received("+14155550142");
        let hidden = Address::received("anonymous");
        let long = "a".repeat(1_601);
        let check = |draft: Draft<'_>, yes: bool, expected| {
            let yes_to: &[Reason] = if yes { &Reason::QUESTIONS } else { &[] };
            assert_eq!(may_leave(&draft, yes_to), expected);
        };
        check(draft(&maria, "On our way"), false, Ok(()));
        check(draft(&maria, "  \n"), false, Err(Reason::Empty));
        check(Draft { pictures: 1, ..draft(&maria, "") }, false, Ok(()));
        check(draft(&hidden, "Hello"), true, Err(Reason::NoWayBack));
        check(draft(&maria, &long), true, Err(Reason::TooLong));
        check(Draft { consent: Consent::OptedOut, ..draft(&maria, "Hello") }, true, Err(Reason::OptedOut));
        check(Draft { stranger: true, ..draft(&maria, "Hello") }, false, Err(Reason::Stranger));
        check(Draft { stranger: true, ..draft(&maria, "Hello") }, true, Ok(()));
        let again = Draft { last_sent: Some(("Hello", Moment(9_990_000))), ..draft(&maria, "Hello") };
        check(again.clone(), false, Err(Reason::SameAgain));
        check(again.clone(), true, Ok(()));
        check(Draft { now: Moment(20_000_000), ..again }, false, Ok(()));
        let late = Draft { time_of_day: TimeOfDay::new(22, 0).expect("a time"), ..draft(&maria, "Hello") };
        check(late.clone(), false, Err(Reason::QuietHours));
        check(late.clone(), true, Ok(()));
        check(Draft { quiet_hours: None, ..late.clone() }, false, Ok(()));
        // They wrote half an hour ago: an answer is what they wait for.
        check(Draft { last_heard: Some(Moment(10_000_000 - 30 * 60_000)), ..late.clone() }, false, Ok(()));
        check(
            Draft { last_heard: Some(Moment(10_000_000 - 90 * 60_000)), ..late },
            false,
            Err(Reason::QuietHours),
        );
        let novel = Draft { segments: 5, ..draft(&maria, "Hello") };
        check(novel.clone(), false, Err(Reason::ManyParts));
        check(novel.clone(), true, Ok(()));
        check(Draft { ask_from_parts: 0, ..novel.clone() }, false, Ok(()));
        check(Draft { pictures: 1, ..novel }, false, Ok(()));
    }

    #[test]
    fn the_number_being_answered_from_wins_over_a_service() {
        let line = Address::received("+15005550006");
        assert_eq!(sender(&line, true, Some("MG1")), Sender::Number(line.clone()));
        assert_eq!(sender(&line, false, Some("MG1")), Sender::Service("MG1".into()));
        assert_eq!(sender(&line, false, None), Sender::Number(line));
    }
}
