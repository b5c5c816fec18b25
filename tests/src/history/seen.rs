//! What was done in a history, and what could be known of it at the door.

use ringdesk_domain::{Moment, TextId};
use std::collections::HashMap;

/// What was done.
#[derive(Debug, Default)]
pub struct Seen {
    /// When webhooks about something came, by Twilio's id of it.
    pub posted: HashMap<String, Vec<Moment>>,
    /// What went on with a customer on a line.
    pub threads: HashMap<(String, &'static str), Thread>,
    /// When customers' STOPs were stored.
    pub stops: Vec<Stop>,
    started: HashMap<String, Moment>,
}

/// What went on with a customer on a line; a tick counts what happens.
#[derive(Debug, Default)]
pub struct Thread {
    /// Texts that came, and calls nobody took.
    pub heard: Vec<Heard>,
    /// When our last text was written, and which it was.
    pub sent: Option<(usize, TextId)>,
    /// Whether somebody saw to the customer of whom the door was not told.
    pub elsewhere: bool,
}

/// Something that came.
#[derive(Debug)]
pub struct Heard {
    /// Twilio's id.
    pub sid: String,
    /// When.
    pub tick: usize,
    /// When the first webhook about it did.
    pub posted: Option<usize>,
    /// Whether it is a call: what became of it is known at its end.
    pub call: bool,
}

/// A customer wants no texts, and that is known here.
#[derive(Debug)]
pub struct Stop {
    /// Who.
    pub customer: String,
    /// Since when.
    pub from: Moment,
    /// When they wanted them again.
    pub until: Option<Moment>,
}

impl Seen {
    /// A customer wrote this. Whether it is a STOP.
    pub fn wrote(&mut self, customer: &str, body: &str, at: Moment) -> bool {
        let word = body.trim().to_uppercase();
        if matches!(word.as_str(), "START" | "UNSTOP") {
            self.started.insert(customer.to_owned(), at);
            let open = |stop: &&mut Stop| stop.customer == customer && stop.until.is_none();
            self.stops.iter_mut().filter(open).for_each(|stop| stop.until = Some(at));
        }
        matches!(word.as_str(), "STOP" | "UNSUBSCRIBE")
    }

    /// A webhook was stored: what it is about, and who said STOP in it at which moment.
    pub fn stored(&mut self, sid: &str, stop: Option<&(String, Moment)>, tick: usize, now: Moment) {
        self.posted.entry(sid.to_owned()).or_default().push(now);
        let all = self.threads.values_mut().flat_map(|thread| &mut thread.heard);
        for heard in all.filter(|heard| heard.sid == sid) {
            heard.posted.get_or_insert(tick);
        }
        // Whoever started again since wants texts.
        if let Some((customer, at)) = stop
            && self.started.get(customer).is_none_or(|started| started < at)
        {
            self.stops.push(Stop { customer: customer.clone(), from: now, until: None });
        }
    }
}
