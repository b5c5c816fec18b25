//! Whether anybody comes through to this computer from outside.

use super::{known::Known, words::Subject};
use crate::view::{AddressNow, AddressState, Check, Place};
use ringdesk_domain::public::Way;

const SUBJECT: Subject = Subject {
    id: "reachable",
    title: "Calls reach this computer",
    why: "Twilio asks this computer what to do with a call, and brings texts here. Where it doesn't come \
          through, callers hear your sleep backup or an error, and texts come late.",
};
const NOT: Subject = SUBJECT.titled("Calls don't reach this computer");

pub(super) fn check(known: &Known) -> Check {
    if !known.running {
        return SUBJECT.unknown("Only the program that answers can knock at its own door.");
    }
    let now = match &known.address {
        Ok(now) => now,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    let details = now.address.iter().map(|address| format!("Address: {address}")).collect();
    let check = match now.state {
        AddressState::Unset => NOT
            .fail("There is no public address yet", "Choose the way Twilio takes to this computer.")
            .leads("Choose the way", Place::Address),
        AddressState::Opening => SUBJECT.unknown("The way is being opened."),
        AddressState::Open if now.way == Way::Tailscale && !known.came_from_twilio() => SUBJECT.warn(
            "A knock from this computer came through",
            "In a Tailscale network that doesn't prove that others come through, too. Call or text your line once.",
        ),
        AddressState::Open => SUBJECT.pass(knocked(now)),
        AddressState::Failed => NOT
            .fail(problem(now, "The way to this computer couldn't be opened"), hint(now))
            .leads("Look at the way", Place::Address),
        AddressState::Blocked => {
            NOT.fail(problem(now, "A knock from outside didn't come through"), hint(now)).mends("Knock again")
        }
    };
    check.detailed(details)
}

fn knocked(now: &AddressNow) -> String {
    match now.knock_ms {
        Some(ms) => format!("Last knock {:.1} s", f64::from(ms) / 1_000.0),
        None => "The door is open".into(),
    }
}

fn problem(now: &AddressNow, otherwise: &str) -> String {
    now.problem.clone().unwrap_or_else(|| otherwise.to_owned())
}

fn hint(now: &AddressNow) -> String {
    now.hint.clone().unwrap_or_else(|| "Ringdesk goes on trying. If it stays so, choose another way.".into())
}
