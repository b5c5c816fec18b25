//! Connecting a line, step by step: what is done and what was put off is kept, so that whoever closes the
//! window half-way goes on where they were.

use crate::{
    Inbox, Problem,
    from_twilio::event,
    view::{AddressState, BackupState, Setup, SetupStep, Step, StepState},
};
use ringdesk_domain::{ChangeKind, Moment, Settings, routing::Greetings};
use ringdesk_store::{OpenReceipt, ReceiptFilter, StoreError};
use ringdesk_twilio::{Form, post::MessageStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Under which name it is kept.
const SETUP: &str = "setup";
/// Receipts read at once.
const PAGE: u32 = 100;
/// The steps, in order.
const STEPS: [Step; 8] = [
    Step::Lines,
    Step::Address,
    Step::Point,
    Step::Hours,
    Step::Greeting,
    Step::Backup,
    Step::Test,
    Step::Rules,
];

/// As it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    going: bool,
    /// When it was begun for the first time.
    #[serde(default)]
    began_at: Option<Moment>,
    steps: BTreeMap<Step, StepState>,
}

impl Inbox {
    /// How far connecting the line has come. Where it was never begun, the steps say what is there all the
    /// same.
    pub async fn setup(&self) -> Result<Setup, Problem> {
        let kept = self.kept_setup().await?;
        let begun = kept.is_some();
        let going = kept.as_ref().is_some_and(|kept| kept.going);
        let mut steps = Vec::with_capacity(STEPS.len());
        for step in STEPS {
            let known = match &kept {
                Some(kept) => kept.steps.get(&step).copied(),
                None => self.seems_done(step).await?.then_some(StepState::Done),
            };
            steps.push(SetupStep { step, state: known.unwrap_or(StepState::Todo) });
        }
        Ok(Setup { begun, going, steps })
    }

    /// Begins to connect the line, or goes on; what is done stays done.
    pub async fn begin_setup(&self) -> Result<Setup, Problem> {
        let now = self.now();
        self.keep_setup(|kept| {
            kept.going = true;
            kept.began_at = kept.began_at.or(Some(now));
        })
        .await
    }

    /// Says how far a step got. That it is done is looked at where it can be; where it is not, nothing is
    /// kept; and a backup that is not wanted counts as put off.
    pub async fn setup_step(&self, step: Step, state: StepState) -> Result<Setup, Problem> {
        let state = if state == StepState::Done { self.check_step(step).await? } else { state };
        self.keep_setup(move |kept| {
            kept.steps.insert(step, state);
        })
        .await
    }

    /// Ends being led through it.
    pub async fn finish_setup(&self) -> Result<Setup, Problem> {
        let setup = self.keep_setup(|kept| kept.going = false).await?;
        self.look_over_soon();
        Ok(setup)
    }

    /// Whether the owner is being led through it.
    pub(crate) async fn setting_up(&self) -> Result<bool, StoreError> {
        Ok(self.kept_setup().await?.is_some_and(|kept| kept.going))
    }

    async fn kept_setup(&self) -> Result<Option<Kept>, StoreError> {
        let kept = self.store().meta(SETUP).await?;
        // One that cannot be read is as good as none.
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
    }

    async fn keep_setup(&self, change: impl FnOnce(&mut Kept)) -> Result<Setup, Problem> {
        let turn = self.0.setting_up.lock().await;
        let mut kept = self.kept_setup().await?.unwrap_or_default();
        change(&mut kept);
        let value = serde_json::to_string(&kept).map_err(|error| StoreError::Driver(error.to_string()))?;
        let change = (ChangeKind::SettingsChanged, self.now());
        self.store().set_meta(SETUP, Some(value), Some(change)).await?;
        drop(turn);
        self.setup().await
    }

    /// What can be seen of a step without asking anybody.
    async fn seems_done(&self, step: Step) -> Result<bool, Problem> {
        let store = self.store();
        let (settings, usual) = (store.settings().await?, Settings::default());
        Ok(match step {
            Step::Lines => !store.lines().await?.is_empty(),
            Step::Address => self.address_state() == AddressState::Open,
            Step::Point => store.meta("pointed_to").await?.is_some() && !self.seen().moved,
            Step::Hours => !settings.calls.phones.is_empty() || settings.hours != usual.hours,
            Step::Greeting => settings.calls.greetings != Greetings::default(),
            Step::Backup => settings.sleep_backup.on,
            Step::Test => store.counts().await?.last_webhook_at.is_some(),
            Step::Rules => false,
        })
    }

    /// How a step counts whose owner says that it is done.
    async fn check_step(&self, step: Step) -> Result<StepState, Problem> {
        match step {
            Step::Lines if self.store().lines().await?.is_empty() => Err(not_done(
                "No number is picked yet.",
                "Pick a number for Ringdesk to answer. If the account has none, get one at Twilio first.",
            )),
            Step::Address => {
                let knock = self.knock().await?;
                let found = knock.problem.as_deref().unwrap_or("Nobody came through to this computer.");
                let hint = knock.hint.as_deref().unwrap_or("Check the address, then try again.");
                // Twilio may come through where this computer itself does not.
                if knock.through || self.address_state() == AddressState::Open {
                    Ok(StepState::Done)
                } else {
                    Err(not_done(found, hint))
                }
            }
            Step::Point => {
                let plan = self.plan_lines().await?;
                let beaten = plan.numbers.iter().flat_map(|number| &number.overrides).next();
                if plan.address.is_none() {
                    return Err(Self::told_no_address());
                }
                if plan.numbers.iter().any(|number| !number.changes.is_empty()) {
                    return Err(not_done(
                        "Calls and texts don't come to this computer yet.",
                        "Let Ringdesk set the lines up, or go on without.",
                    ));
                }
                beaten.map_or(Ok(StepState::Done), |beaten| {
                    let mend = beaten.mend.as_deref().unwrap_or("Change it at Twilio, then look again.");
                    Err(not_done(&beaten.said, mend))
                })
            }
            Step::Backup => {
                let backup = self.backup().await?;
                let hint = backup.hint.as_deref().unwrap_or("Look at it again, or go on without it.");
                match backup.state {
                    BackupState::Unheard | BackupState::Ready => Ok(StepState::Done),
                    BackupState::Off => Ok(StepState::Skipped),
                    _ => Err(not_done(&backup.said, hint)),
                }
            }
            Step::Test => {
                let began_at = self.kept_setup().await?.and_then(|kept| kept.began_at).unwrap_or_default();
                if self.came_through(began_at).await? {
                    return Ok(StepState::Done);
                }
                Err(not_done(
                    "No call and no text has come through yet.",
                    "Call or text your line from another phone, or send yourself a text and wait until it \
                     arrived. If nothing comes, look at Line check-up, or go on without.",
                ))
            }
            Step::Lines | Step::Hours | Step::Greeting | Step::Rules => Ok(StepState::Done),
        }
    }

    /// Whether a call or a text came here since then, or a text of ours was delivered, as Twilio told us.
    async fn came_through(&self, since: Moment) -> Result<bool, StoreError> {
        let mut before = None;
        loop {
            let page = self.store().receipts(ReceiptFilter::Applied, before, PAGE).await?;
            for row in &page {
                if row.request.received_at < since {
                    return Ok(false);
                }
                if shows_use(&row.request) {
                    return Ok(true);
                }
            }
            let Some(last) = page.last() else { return Ok(false) };
            before = Some(last.seq);
        }
    }
}

/// Whether a request tells of a call or a text that came, or of one of ours that arrived.
fn shows_use(request: &OpenReceipt) -> bool {
    let delivered = || {
        let status = Form::parse(&request.payload).ok().and_then(|form| MessageStatus::read(&form).ok());
        status.is_some_and(|status| status.status == "delivered")
    };
    matches!(request.event.as_str(), event::TEXT | event::CALL)
        || (request.event == event::STATUS && delivered())
}

fn not_done(message: &str, hint: &str) -> Problem {
    Problem::Told { code: "not_done", message: message.to_owned(), hint: hint.to_owned() }
}
