//! The call log, who is blocked, and what a caller would hear at any moment.

use crate::{Inbox, Problem, conversations::failure_of, rules::zone, speak::Speaker, view};
use jiff::civil;
use ringdesk_domain::{
    Actor, Address, Arrival, CallId, ConversationId, LineId, Moment,
    calls::{Ending, is_over},
    hours::{Timetable, local},
    packs,
    routing::{Decision, Phone, Plan, Why, timetable, warnings},
};
use ringdesk_store::{CallFilter, CallRow, Happening, LegHappening, LegRow, StoreError, ToRecheck, Which};

/// Largest sound file that is taken to be played to callers, in bytes.
const MAX_GREETING: usize = 20 * 1024 * 1024;
/// Longest one, in milliseconds.
const LONGEST_GREETING_MS: u64 = 3 * 60_000;
/// Samples a second a telephone carries. Source: ITU-T G.711.
const TELEPHONE_RATE: u32 = 8_000;

/// A call that is only imagined.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// Our line, as typed; the first when left out.
    pub line: Option<String>,
    /// Who calls, as typed; somebody unknown when left out.
    pub from: Option<String>,
    /// When; now when left out.
    pub at: Option<Moment>,
    /// When, as the business's clock shows it: `2026-12-24T18:05`.
    pub local: Option<String>,
}

impl Inbox {
    /// Calls, newest first, those before `before`.
    pub async fn calls(
        &self,
        filter: CallFilter,
        line: Option<LineId>,
        before: Option<(Moment, CallId)>,
        limit: u32,
    ) -> Result<Vec<view::Call>, Problem> {
        let rows = self.store().calls(filter, line, before, limit.clamp(1, 500)).await?;
        Ok(rows.into_iter().map(|row| self.call_view(row)).collect())
    }

    /// A call as the window shows it.
    pub(crate) fn call_view(&self, row: CallRow) -> view::Call {
        let rules = self.rules();
        let settings = &rules.settings;
        let planned = match row.decision.as_ref().map(|decision| &decision.plan) {
            Some(Plan::Forward { phones, .. }) => phones.as_slice(),
            _ => &[],
        };
        let phones: Vec<&Phone> =
            planned.iter().chain(&settings.calls.phones).chain(&settings.calls.after_hours_phones).collect();
        let called = |number: &str| {
            let known = phones.iter().find(|phone| phone.number == number && !phone.name.is_empty());
            known.map_or_else(
                || Address::received(number).display(&settings.region),
                |phone| phone.name.clone(),
            )
        };
        let live = row.ending.is_none_or(|ending| ending == Ending::Answered)
            && !is_over(&row.status)
            && row.status != "unknown"
            && self.now().since(row.at) < 4 * 60 * 60_000;
        let bridged = |leg: &LegRow| {
            row.ending == Some(Ending::Answered)
                && (!row.incoming || row.phone.as_deref() == Some(&leg.number))
        };
        let (plan, reasons) =
            row.decision.clone().map(|Decision { plan, reasons, .. }| (plan, reasons)).unzip();
        view::Call {
            live,
            legs: row
                .legs
                .iter()
                .map(|leg| view::Leg {
                    phone: called(&leg.number),
                    status: leg.leg.status.clone(),
                    screened: leg.leg.screened,
                    bridged: bridged(leg),
                    seconds: leg.duration_s,
                })
                .collect(),
            answered_by: row.phone.as_deref().map(called),
            plan,
            reasons: reasons.unwrap_or_default(),
            line_display: row.line_number.display(&settings.region),
            with: row.customer.display(&settings.region),
            kind: row.customer.kind(),
            customer: row.customer.as_str().to_owned(),
            // Without a code it is known only of a call Twilio never took that nobody's phone rang.
            failure: (row.status == "failed"
                && !row.incoming
                && (row.error_code.is_some() || row.provider_sid.is_none()))
            .then(|| failure_of(row.error_code)),
            id: row.id,
            conversation: row.conversation,
            line: row.line,
            line_name: row.line_name,
            name: row.name,
            incoming: row.incoming,
            status: row.status,
            ending: row.ending,
            missed: row.missed,
            duration_s: row.duration_s,
            texted_back: row.texted_back,
            blocked: row.blocked,
            actor: row.actor,
            late: view::late(row.arrival),
            at: row.at,
        }
    }

    /// Takes no calls from the customer of a conversation any more, or takes them again.
    pub async fn set_blocked(
        &self,
        conversation: ConversationId,
        blocked: bool,
        actor: Actor,
    ) -> Result<(), Problem> {
        let row = self.store().conversation(conversation).await?.ok_or(Problem::NotFound)?;
        self.store().set_blocked(row.customer, blocked, actor, self.now()).await?;
        self.relearn_rules().await;
        Ok(())
    }

    /// Closes until the end of the day, or opens again.
    pub async fn close_early(&self, closed: bool) -> Result<ringdesk_domain::Settings, Problem> {
        let now = self.now();
        let change = move |kept: &ringdesk_domain::Settings| {
            let mut next = kept.clone();
            let zone = zone(kept);
            let own = kept.lines.values().filter_map(|rules| rules.week.as_ref());
            let ends = own
                .chain([&kept.hours.week])
                .map(|week| Timetable { hours: &kept.hours, week, zone: &zone }.end_of_today(now));
            next.hours.closed_until = ends.max().filter(|_| closed);
            Ok::<_, ringdesk_domain::settings::Invalid>(next)
        };
        let settings = self.store().change_settings(now, change).await??;
        self.relearn_rules().await;
        Ok(settings)
    }

    /// What a caller would get, and why.
    pub fn simulate(&self, wanted: &Simulation) -> Result<view::Route, Problem> {
        let rules = self.rules();
        let settings = &rules.settings;
        let at = match (&wanted.at, &wanted.local) {
            (Some(at), _) => *at,
            (None, Some(text)) => {
                let shown: civil::DateTime = text.parse().map_err(|_| Problem::Moment)?;
                let zoned = shown.to_zoned(rules.zone.clone()).map_err(|_| Problem::Moment)?;
                Moment(zoned.timestamp().as_millisecond())
            }
            (None, None) => self.now(),
        };
        let line = match &wanted.line {
            Some(typed) => {
                let line = Address::typed(typed, &settings.region).map(|line| line.as_str().to_owned());
                // One that Twilio has not told of yet may be tried, too.
                line.ok_or(Problem::NotFound)?
            }
            None => rules.lines.first().cloned().unwrap_or_default(),
        };
        let from = wanted.from.as_deref().unwrap_or("anonymous");
        let caller = Address::typed(from, &settings.region).unwrap_or_else(|| Address::received(from));
        let decision = rules.decide(&caller, &line, at);
        let table = timetable(settings, &line, &rules.zone);
        let until = table.next_change(at);
        let clock = |at: Moment| local(at, &rules.zone).strftime("%Y-%m-%dT%H:%M").to_string();
        let reach = self.reach();
        let speaker = Speaker { reach: reach.as_deref(), settings, plainly: false };
        let twiml = speaker.decision(&decision, &line);
        Ok(view::Route {
            at,
            local: clock(at),
            zone: rules.zone.iana_name().unwrap_or("").to_owned(),
            line_display: Address::received(&line).display(&settings.region),
            open: decision.reasons.contains(&Why::Open),
            until,
            until_local: until.map(clock),
            holiday: table.at(at).holiday.map(|holiday| holiday.name.clone()),
            warnings: warnings(settings, &line, &rules.lines, &rules.zone, at),
            twiml,
            plan: decision.plan,
            reasons: decision.reasons,
            which: decision.which,
            greeting: decision.greeting,
        })
    }

    /// When the owner's holidays come next, and the public ones they may take over.
    pub fn holidays(&self) -> view::Holidays {
        let rules = self.rules();
        let today = local(self.now(), &rules.zone).date();
        let next = rules.settings.hours.holidays.iter();
        view::Holidays {
            next: next.map(|holiday| holiday.day.next(today).map(|date| date.to_string())).collect(),
            packs: packs::all(),
        }
    }

    /// Keeps a sound file callers may hear, as Twilio plays it: WAV, one channel, what a telephone carries.
    pub async fn add_greeting(&self, bytes: Vec<u8>) -> Result<view::Sound, Problem> {
        if bytes.len() > MAX_GREETING {
            return Err(Problem::Sound("It is larger than 20 MB. Choose a shorter one."));
        }
        let played = tokio::task::spawn_blocking(move || {
            let sound = ringdesk_sound::read_bytes(bytes)
                .map_err(|_| Problem::Sound("Only WAV and MP3 files can be played to callers."))?;
            if sound.length_ms() > LONGEST_GREETING_MS {
                return Err(Problem::Sound(
                    "It is longer than three minutes. Nobody would wait for its end.",
                ));
            }
            if sound.length_ms() == 0 {
                return Err(Problem::Sound("There is nothing in it to hear."));
            }
            Ok(sound.to_wav(TELEPHONE_RATE))
        });
        let played = played.await.map_err(std::io::Error::other)??;
        let bytes = u32::try_from(played.len()).unwrap_or(u32::MAX);
        let sha256 = self.keep_bytes(played).await?;
        Ok(view::Sound { sha256, content_type: "audio/wav".into(), bytes })
    }

    /// A sound file callers hear now: its type and its bytes.
    pub async fn greeting(&self, sha256: &str) -> Result<(&'static str, Vec<u8>), Problem> {
        let rules = self.rules();
        let said = &rules.settings.calls.greetings;
        let used = [&said.open, &said.closed, &said.message];
        if !used.iter().any(|greeting| greeting.recording.as_deref() == Some(sha256)) {
            return Err(Problem::NotFound);
        }
        let bytes = tokio::fs::read(self.media_folder().join(sha256)).await.map_err(|_| Problem::NotFound)?;
        let content_type = sound(&bytes).ok_or(Problem::NotFound)?;
        Ok((content_type, bytes))
    }

    /// Twilio's own record of a call and its legs, when nothing was heard of it for long.
    pub(crate) async fn take_over_call(
        &self,
        known: &ToRecheck,
        found: ringdesk_twilio::rest::Call,
        legs: Vec<ringdesk_twilio::rest::Call>,
        now: Moment,
    ) -> Result<(), StoreError> {
        for leg in legs.into_iter().rev() {
            let leg = LegHappening {
                duration_s: leg.duration_s(),
                sid: leg.sid,
                parent_sid: found.sid.clone(),
                number: leg.to.unwrap_or_default(),
                status: leg.status,
                screened: None,
            };
            self.store().record_leg(leg, now, None).await?;
        }
        let which = Which {
            id: known.id,
            sid: found.sid,
            ours: known.phone.is_some().then_some(known.id),
            line: known.line.clone(),
            customer: Address::received(""),
            // It is known, so it is only found.
            outgoing: true,
            arrival: Arrival::Missed,
        };
        let over = is_over(&found.status);
        let what = Happening { status: Some(found.status), ..Happening::default() };
        self.store().record_call(which, what, now, None).await?;
        if !over {
            self.store().recheck_later(known.id, now).await?;
        }
        self.0.caring.notify_one();
        Ok(())
    }
}

/// The type of a sound file Twilio plays, by its bytes.
fn sound(bytes: &[u8]) -> Option<&'static str> {
    match infer::get(bytes)?.mime_type() {
        "audio/x-wav" | "audio/wav" => Some("audio/wav"),
        "audio/mpeg" => Some("audio/mpeg"),
        _ => None,
    }
}
