//! `ringdeskd route`: what a caller would get at some moment, and why.

use super::{WrongUsage, say};
use clap::Args;
use jiff::Timestamp;
use ringdesk_domain::{
    Moment,
    routing::{Plan, Why},
};
use ringdesk_inbox::{Access, Clock, Inbox, Problem, Simulation, view};
use std::{io::Write, path::PathBuf};

#[derive(Args)]
pub(crate) struct Route {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// Our line; the first one when left out.
    #[arg(long)]
    line: Option<String>,
    /// Who calls; somebody unknown when left out.
    #[arg(long)]
    from: Option<String>,
    /// When, such as 2026-12-24T18:05:00-08:00, or without the offset as the business's clock shows it;
    /// now when left out.
    #[arg(long)]
    at: Option<String>,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
}

impl Route {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let inbox = Inbox::open(&self.data_dir, Access::Read, Clock::System).await?;
        let at: Option<Timestamp> = self.at.as_deref().and_then(|text| text.parse().ok());
        let wanted = Simulation {
            line: self.line,
            from: self.from,
            at: at.map(|at| Moment(at.as_millisecond())),
            local: self.at.filter(|_| at.is_none()),
        };
        let route = inbox.simulate(&wanted);
        inbox.close().await;
        let route = route.map_err(|problem| match problem {
            Problem::Moment => {
                WrongUsage("--at: not a date and time, such as 2026-12-24T18:05".into()).into()
            }
            Problem::NotFound => WrongUsage("--line: not a phone number".into()).into(),
            other => anyhow::Error::from(other),
        })?;
        if self.json {
            return say(&serde_json::to_value(&route)?);
        }
        Ok(write!(std::io::stdout().lock(), "{}", words(&route))?)
    }
}

fn words(route: &view::Route) -> String {
    let when = route.local.replace('T', " ");
    let standing = match (&route.until_local, route.open) {
        (Some(until), true) => format!("open until {}", until.replace('T', " ")),
        (Some(until), false) => format!("closed until {}", until.replace('T', " ")),
        (None, true) => "open".to_owned(),
        (None, false) => "closed".to_owned(),
    };
    let what = match &route.plan {
        Plan::Reject => "The call is refused.".to_owned(),
        Plan::Message => format!("They hear: {}", route.greeting.text),
        Plan::Voicemail => format!("They can leave a message after: {}", route.greeting.text),
        Plan::Forward { phones, ring_seconds, .. } => {
            let names: Vec<String> = phones
                .iter()
                .map(|phone| if phone.name.is_empty() { phone.number.clone() } else { phone.name.clone() })
                .collect();
            format!("Rings {} for {ring_seconds} s each, then voicemail.", names.join(", "))
        }
    };
    let reasons: Vec<String> = route.reasons.iter().map(reason).collect();
    format!("{when} ({}), {standing}\n{what}\nBecause: {}\n{}\n", route.zone, reasons.join("; "), route.twiml)
}

fn reason(why: &Why) -> String {
    match why {
        Why::Blocked => "the caller is blocked".into(),
        Why::ClosedEarly { .. } => "closed early".into(),
        Why::Holiday { name } => format!("holiday: {name}"),
        Why::Open => "open".into(),
        Why::Closed => "closed".into(),
        Why::ForwardingOff => "forwarding is off".into(),
        Why::NoPhone => "no phone to ring".into(),
        Why::OwnLine { number } => format!("{number} is a line of yours and is left out"),
        Why::CallerIsPhone { number } => format!("the call comes from {number}, which is left out"),
    }
}
