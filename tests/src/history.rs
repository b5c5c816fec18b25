//! Histories of small offices, made up from seeds: customers who write and call, an owner who answers, and
//! everything that goes wrong between Twilio and a computer. [`world`] lets them happen, [`seen`] notes down
//! what could be known, and [`truth`] says what the office must have at the end.

pub mod seen;
pub mod truth;
pub mod world;

use rand::{Rng, SeedableRng, rngs::StdRng};
use ringdesk_sandbox::{Fault, Rang};
use std::{collections::VecDeque, fmt::Write};

/// Our lines in them; from both, texts can be sent.
pub const LINES: [&str; 2] = ["+15005550006", "+15005550010"];
/// How the numbers of customers end, and how often in a hundred: most get our texts, to some Twilio cannot
/// deliver them (30003), and of some it takes none (21614).
const ENDINGS: [(&str, u32); 3] = [("00142", 85), ("30003", 95), ("21614", 100)];
/// The area of the first history's customers; each history has one of its own.
const FIRST_AREA: usize = 201;
/// What the words of a text from somewhere else begin with.
pub const ELSEWHERE: &str = "From somewhere else:";

/// Something that happens with a customer.
#[derive(Debug, Clone)]
pub struct Step {
    /// Seconds since what happened before.
    pub pause_s: i64,
    /// The customer's number.
    pub customer: String,
    /// Our number.
    pub line: &'static str,
    /// What.
    pub what: What,
    /// How each webhook about it fares.
    pub fates: Vec<Fate>,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum What {
    /// The customer writes.
    Writes {
        /// The words.
        body: String,
        /// Whether there is a picture.
        picture: bool,
        /// Minutes until Twilio lists it.
        listed_after: Option<u64>,
    },
    /// The customer calls.
    Calls(Rang),
    /// The owner writes, and this goes wrong.
    Replies {
        /// The words.
        body: String,
        /// With creating it, and with the reports about it.
        faults: Vec<Fault>,
    },
    /// Somebody writes to the customer from our number with another program.
    Elsewhere(String),
}

/// How a webhook fares on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It comes.
    Comes,
    /// It comes, and once more word for word.
    ComesTwice,
    /// It comes when so much else has happened.
    Late(usize),
    /// It does not come.
    Lost,
}

/// What happens in an office, or to it.
#[derive(Debug, Clone)]
pub enum Turn {
    /// Something with a customer.
    Step(Step),
    /// The program is closed and opened again.
    Restart,
    /// The program is closed, and this happens meanwhile.
    Closed(Absence),
    /// The computer sleeps, and this happens meanwhile.
    Asleep(Absence),
    /// So many minutes pass.
    Minutes(i64),
    /// So many lists cannot be had at Twilio.
    ListsAway(u32),
}

/// A time when nobody can be reached.
#[derive(Debug, Clone)]
pub struct Absence {
    /// How long.
    pub minutes: i64,
    /// What happens, in order, evenly spread.
    pub steps: Vec<Step>,
}

impl Step {
    /// Whether it needs nobody of ours to be there.
    fn comes_by_itself(&self) -> bool {
        !matches!(self.what, What::Replies { .. })
    }
}

/// The numbers of a history's customers; `place` keeps those of histories in one office apart.
fn customers(rng: &mut StdRng, place: usize) -> Vec<String> {
    let one = |rng: &mut StdRng, who: usize| {
        let chance = rng.random_range(0..100);
        let ending = ENDINGS.iter().find(|(_, below)| chance < *below).map_or("00142", |(ending, _)| *ending);
        format!("+1{}5{who}{ending}", FIRST_AREA + place)
    };
    (0..rng.random_range(2..=3)).map(|who| one(rng, who)).collect()
}

fn one_of<T: Clone>(rng: &mut StdRng, all: &[T]) -> T {
    all[rng.random_range(0..all.len())].clone()
}

/// The history of a seed.
pub fn history(seed: u64, place: usize) -> Vec<Step> {
    let mut rng = StdRng::seed_from_u64(seed);
    let customers = customers(&mut rng, place);
    let mut said: Vec<String> = vec![format!("Hello from {place}")];
    let mut answer = format!("Thanks, {place}");
    (0..rng.random_range(6..=20))
        .map(|n| {
            let who = rng.random_range(0..customers.len());
            let mut line = one_of(&mut rng, &LINES);
            let what = match rng.random_range(0..100) {
                0..46 => {
                    let body = words(&mut rng, &mut said, n);
                    if is_keyword(&body) {
                        // Twilio heeds it for that line alone, Ringdesk for all: so each customer always
                        // writes it to the same one.
                        line = LINES[who % LINES.len()];
                    }
                    let listed_after = rng.random_bool(0.04).then(|| rng.random_range(1..=20));
                    What::Writes { body, picture: rng.random_bool(0.03), listed_after }
                }
                46..62 => What::Calls(match rng.random_range(0..10) {
                    0..5 => Rang::HungUp,
                    5..9 => Rang::LeftMessage(rng.random_range(2..=6)),
                    _ => Rang::PutThrough { to: "+14155550199".into(), talked_s: rng.random_range(5..=300) },
                }),
                62..92 => {
                    // Else in the same words as the last time.
                    if rng.random_bool(0.8) {
                        answer = format!("Answer {n} to {place}, as you asked");
                    }
                    What::Replies { body: answer.clone(), faults: mishaps(&mut rng) }
                }
                _ => What::Elsewhere(format!("{ELSEWHERE} {n} to {place}")),
            };
            let fates = fates(&mut rng, &what);
            let pause_s = if rng.random_bool(0.05) { 90 } else { rng.random_range(1..=12) };
            Step { pause_s, customer: customers[who].clone(), line, what, fates }
        })
        .collect()
}

/// What Twilio and we read alike; a bare YES is none of them, for that we ask.
const KEYWORDS: [&str; 8] = ["STOP", "stop", " Stop ", "UNSUBSCRIBE", "START", "Unstop", "START", "HELP"];

/// Words that are easily spoilt on their way.
const ODD: [&str; 5] = ["  two spaces  ", "a=b&c=d+e%20", "Größe 🛠️ ok?\nBye", "\u{202e}olleh", "0"];

fn is_keyword(body: &str) -> bool {
    KEYWORDS.contains(&body)
}

fn words(rng: &mut StdRng, said: &mut Vec<String>, n: usize) -> String {
    match rng.random_range(0..10) {
        0..3 => one_of(rng, &KEYWORDS).to_owned(),
        3 => one_of(rng, said.as_slice()),
        4 => one_of(rng, &ODD).to_owned(),
        _ => {
            said.push(format!("Message {n}: is {} fine?", rng.random_range(1..=12)));
            said[said.len() - 1].clone()
        }
    }
}

fn mishaps(rng: &mut StdRng) -> Vec<Fault> {
    let twice = |fault| Fault::Times(2, Box::new(fault));
    let create = match rng.random_range(0..100) {
        0..12 => Some(Fault::BreakAfterAccepting),
        12..24 => Some(Fault::ErrorAfterAccepting),
        24..32 => Some(Fault::ErrorBeforeAccepting),
        32..40 => Some(Fault::Busy(rng.random_range(1..=90))),
        _ => None,
    };
    let reports = match rng.random_range(0..100) {
        0..15 => Some(twice(Fault::DroppedCallbacks)),
        15..23 => Some(Fault::DroppedCallbacks),
        23..31 => Some(twice(Fault::DuplicatedCallbacks)),
        31..37 => Some(Fault::ReorderedCallbacks),
        37..41 => Some(Fault::CallbackBeforeAnswer),
        41..45 => Some(Fault::UnknownStatus),
        _ => None,
    };
    create.into_iter().chain(reports).collect()
}

fn fates(rng: &mut StdRng, what: &What) -> Vec<Fate> {
    let webhooks = match what {
        What::Writes { .. } => 1,
        What::Calls(Rang::LeftMessage(_)) => 4,
        What::Calls(_) => 2,
        What::Replies { .. } | What::Elsewhere(_) => 0,
    };
    let mut fates: Vec<Fate> = (0..webhooks)
        .map(|_| match rng.random_range(0..100) {
            0..50 => Fate::Comes,
            50..62 => Fate::ComesTwice,
            62..77 => Fate::Late(rng.random_range(1..=12)),
            _ => Fate::Lost,
        })
        .collect();
    if matches!(what, What::Calls(Rang::PutThrough { .. })) {
        // Twilio would not have put them through, had we been there to answer.
        fates[0] = Fate::Lost;
    }
    fates
}

/// The histories of some seeds, happening in one office, with what happens to all of them.
pub fn together(seeds: &[u64]) -> Vec<Turn> {
    let mut rng = StdRng::seed_from_u64(seeds.iter().fold(7, |all, seed| all ^ seed.rotate_left(17)));
    let mut left: Vec<VecDeque<Step>> =
        seeds.iter().enumerate().map(|(place, seed)| history(*seed, place).into()).collect();
    let steps: usize = left.iter().map(VecDeque::len).sum();
    let common = rng.random_range(6..=10);
    let mut at: Vec<usize> = (0..common).map(|_| rng.random_range(0..=steps)).collect();
    at.sort_unstable();
    let (mut turns, mut at) = (Vec::with_capacity(steps + common), VecDeque::from(at));
    let mut done = 0;
    while done < steps || !at.is_empty() {
        if at.front().is_some_and(|next| *next <= done || done == steps) {
            at.pop_front();
            let turn = happens_to_all(&mut rng, &mut left);
            if let Turn::Closed(absence) | Turn::Asleep(absence) = &turn {
                done += absence.steps.len();
            }
            turns.push(turn);
        } else if let Some(step) = next(&mut rng, &mut left, |_| true) {
            done += 1;
            turns.push(Turn::Step(step));
        }
    }
    turns
}

fn happens_to_all(rng: &mut StdRng, left: &mut [VecDeque<Step>]) -> Turn {
    let absence = |rng: &mut StdRng, minutes: i64, left: &mut [VecDeque<Step>]| {
        let most = rng.random_range(1..=1 + left.len() / 2);
        let steps = (0..most).filter_map(|_| next(rng, left, Step::comes_by_itself)).collect();
        Absence { minutes, steps }
    };
    match rng.random_range(0..10) {
        0 => Turn::Restart,
        1..4 => {
            let minutes = rng.random_range(2..=600);
            Turn::Closed(absence(rng, minutes, left))
        }
        4..7 => {
            let minutes = rng.random_range(2..=600);
            Turn::Asleep(absence(rng, minutes, left))
        }
        7..9 => Turn::Minutes(rng.random_range(1..=180)),
        _ => Turn::ListsAway(rng.random_range(1..=4)),
    }
}

/// Takes the next step of one of the histories, where it is one that is wanted.
fn next(rng: &mut StdRng, left: &mut [VecDeque<Step>], wanted: impl Fn(&Step) -> bool) -> Option<Step> {
    let open: Vec<usize> =
        (0..left.len()).filter(|place| left[*place].front().is_some_and(&wanted)).collect();
    if open.is_empty() {
        return None;
    }
    let place = one_of(rng, &open);
    left[place].pop_front()
}

/// The same without one thing: a turn, or a step of an absence. None where there is no such thing.
pub fn without(turns: &[Turn], thing: usize) -> Option<Vec<Turn>> {
    let mut rest = thing;
    let mut fewer = turns.to_vec();
    for at in 0..fewer.len() {
        if rest == 0 {
            fewer.remove(at);
            return Some(fewer);
        }
        rest -= 1;
        if let Turn::Closed(absence) | Turn::Asleep(absence) = &mut fewer[at] {
            if rest < absence.steps.len() {
                absence.steps.remove(rest);
                return Some(fewer);
            }
            rest -= absence.steps.len();
        }
    }
    None
}

/// Which of the histories that happened together a customer belongs to.
pub fn place_of(customer: &str) -> Option<usize> {
    customer.get(2..5)?.parse::<usize>().ok()?.checked_sub(FIRST_AREA)
}

/// One of the histories that happened together, with what happened to all of them.
pub fn only(turns: &[Turn], place: usize) -> Vec<Turn> {
    let of_it = |step: &Step| place_of(&step.customer) == Some(place);
    let mut turns = turns.to_vec();
    turns.retain(|turn| !matches!(turn, Turn::Step(step) if !of_it(step)));
    for turn in &mut turns {
        if let Turn::Closed(absence) | Turn::Asleep(absence) = turn {
            absence.steps.retain(of_it);
        }
    }
    turns
}

/// One thing a line, for whoever looks into it.
pub fn told(turns: &[Turn]) -> String {
    turns.iter().fold(String::new(), |mut all, turn| {
        let _ = writeln!(all, "  {turn:?}");
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(turns: &[Turn]) -> usize {
        let of = |turn: &Turn| match turn {
            Turn::Closed(absence) | Turn::Asleep(absence) => 1 + absence.steps.len(),
            _ => 1,
        };
        turns.iter().map(of).sum()
    }

    #[test]
    fn a_seed_is_one_history() {
        let seeds: Vec<u64> = (0..20).collect();
        let turns = together(&seeds);
        assert_eq!(told(&turns), told(&together(&seeds)));
        let all: usize = seeds.iter().map(|seed| history(*seed, 0).len()).sum();
        let common = turns.iter().filter(|turn| !matches!(turn, Turn::Step(_))).count();
        assert_eq!(things(&turns), all + common, "nothing of any history is left out");
        let steps = things(&only(&turns, 7)) - common;
        assert_eq!(steps, history(7, 0).len());
        assert!(history(7, 7).iter().all(|step| place_of(&step.customer) == Some(7)));
    }

    #[test]
    fn each_thing_can_be_left_out() {
        let turns = together(&[1, 2, 3]);
        let all = things(&turns);
        for thing in 0..all {
            assert_eq!(without(&turns, thing).map(|fewer| things(&fewer) < all), Some(true), "{thing}");
        }
        assert!(without(&turns, all).is_none());
    }
}
