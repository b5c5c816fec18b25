//! The pretend Twilio's voice: somebody calls, the app's documents are run to the letter, phones ring as
//! they were told to, and whoever wants to know is told. In pretend seconds, and without sound but for the
//! messages people leave and the files that are played.

mod archive;
mod control;
mod dial;
mod document;
mod leg;
mod letters;
mod phones;
mod play;
mod record;
mod recordings;
mod register;
mod rest;
mod scene;
#[cfg(test)]
mod stories;
mod tape;
mod time;
mod unheard;

pub use phones::{CallIn, PhoneBehavior};
pub use play::Fetched;
pub use recordings::{Download, Recording};
pub use register::{CallDirection, CallEvent, CallReport, CallStatus, Heard};
pub use tape::{Format, Speech};
pub use unheard::Rang;

pub(crate) use document::Link;
pub(crate) use letters::content_type;
pub(crate) use register::Register;
pub(crate) use rest::formatted;
pub(crate) use time::Clock;
pub(crate) use unheard::rang;

use crate::{
    World,
    monitor::{self, Asked},
    town::{Alert, sid},
};
use axum::Router;
use leg::{Cut, Leg};
use phones::Person;
use register::Call;
use scene::Scene;

pub(crate) fn routes() -> Router<World> {
    rest::routes().merge(archive::routes()).merge(control::routes())
}

/// Somebody calls one of our numbers; answers the call's SID at once.
pub(crate) fn call_in(world: &World, call: CallIn) -> String {
    let call_sid = sid("CA");
    let number = world.town().numbers.iter().find(|number| number.number == call.to).cloned();
    let Some(number) = number else {
        no_such_number(world, &call_sid, call);
        return call_sid;
    };
    Scene::play(world, &call_sid, (world.config.now)(), |scene| {
        let person = Person::calling(&call);
        Leg::arriving(scene, call_sid.clone(), &call.from, &number, person).arrive(number)
    });
    call_sid
}

/// What a caller hears who has the wrong number; the account never learns of it.
fn no_such_number(world: &World, call_sid: &str, call: CallIn) {
    let now_ms = (world.config.now)();
    let mut row = Call {
        sid: call_sid.to_owned(),
        root: call_sid.to_owned(),
        parent: None,
        direction: CallDirection::Inbound,
        from: call.from,
        to: call.to,
        number_sid: None,
        status: CallStatus::Failed,
        created_ms: now_ms,
        updated_ms: now_ms,
        dialed_ms: None,
        answered_ms: None,
        ended_ms: Some(now_ms),
        callback: None,
        events: Vec::new(),
        fetched: Vec::new(),
        line: None,
        beyond: None,
        over: true,
        hidden: true,
    };
    row.notice(Heard::Error, "no such number", now_ms);
    row.notice(Heard::HungUp, "line", now_ms);
    world.town().calls.add(row);
    world.stir();
}

/// Ends what a call is doing. `false` when it does nothing any more.
fn order(world: &World, call_sid: &str, cut: Cut) -> bool {
    let town = world.town();
    let line = town.calls.get(call_sid).and_then(|call| call.line.as_ref());
    line.is_some_and(|line| line.send(cut).is_ok())
}

/// The person at the phone of a call hangs up.
pub(crate) fn hang_up(world: &World, call_sid: &str) -> bool {
    order(world, call_sid, Cut::HungUp)
}

/// What Twilio's debugger would show.
fn alert(world: &World, call_sid: &str, code: u32, message: impl Into<String>) {
    alert_about(world, call_sid, code, message, None);
}

/// The same, about a request.
fn alert_about(world: &World, call_sid: &str, code: u32, message: impl Into<String>, asked: Option<Asked>) {
    tracing::warn!(code, call_sid, "an alert about a call");
    alert_at(world, call_sid, code, message, asked, (world.config.now)());
}

/// The same, of some moment.
fn alert_at(
    world: &World,
    call_sid: &str,
    code: u32,
    message: impl Into<String>,
    asked: Option<Asked>,
    at_ms: i64,
) {
    let alert = Alert { code, message: message.into(), call_sid: call_sid.to_owned() };
    monitor::enter(world, code, &alert.message, Some(call_sid), asked, at_ms);
    world.town().report.alerts.push(alert);
}

/// What is wrong with an answer to a text, where anything is: it has to be a document, or words, or nothing.
pub(crate) fn wrong_with(content_type: &str, body: &str) -> Option<(u32, String)> {
    match content_type {
        _ if body.trim().is_empty() => None,
        "text/xml" | "application/xml" | "text/html" => {
            document::read(body).err().map(|wrong| (wrong.code, wrong.message))
        }
        "text/plain" => None,
        _ => Some((12300, "the answer is neither XML nor text".to_owned())),
    }
}
