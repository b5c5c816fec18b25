//! Whether anybody comes through to this computer from outside.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::{AddressNow, AddressState, Check, Place};
use ringdesk_domain::public::Way;

const SUBJECT: Subject = Subject {
    id: "reachable",
    title: "Calls reach this computer",
    why: "Twilio asks this computer what to do with a call, and brings texts here. Where it doesn’t come \
          through, callers hear your sleep backup or an error, and texts come late.",
};
const NOT: Subject = SUBJECT.titled("Calls don’t reach this computer");

pub(super) fn check(known: &Known) -> Check {
    if !known.running {
        return SUBJECT.unknown("Only the program that answers your line can try its own way.");
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
            "A test call-in from this computer came through",
            "In a Tailscale network that doesn’t prove that others come through, too. Call or text your line once.",
        ),
        AddressState::Open => SUBJECT.pass(knocked(now)),
        AddressState::Failed => NOT
            .fail(problem(now, "The way to this computer couldn’t be opened"), hint(now))
            .leads("Look at the way", Place::Address),
        AddressState::Blocked => {
            NOT.fail(problem(now, "A test call-in didn’t come through"), hint(now)).mends("Try again")
        }
    };
    check.detailed(details)
}

fn knocked(now: &AddressNow) -> String {
    match now.knock_ms {
        Some(..1_000) => "Calls get here in under a second".into(),
        Some(ms) => format!("Calls get here in about {}", counted(ms.div_ceil(1_000), "second", "seconds")),
        None => "The door is open".into(),
    }
}

fn problem(now: &AddressNow, otherwise: &str) -> String {
    now.problem.clone().unwrap_or_else(|| otherwise.to_owned())
}

fn hint(now: &AddressNow) -> String {
    now.hint.clone().unwrap_or_else(|| "Ringdesk goes on trying. If it stays so, choose another way.".into())
}
