//! Connecting a line, as the window shows it.

use ringdesk_domain::{Moment, public::Way};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far connecting the line has come.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Setup {
    /// Whether it was ever begun: who connected in another way is not reminded of it.
    pub begun: bool,
    /// Whether the owner is being led through it: it was begun and neither finished nor put off.
    pub going: bool,
    /// Its steps, in order.
    pub steps: Vec<SetupStep>,
}

/// A step on the way to a working line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SetupStep {
    /// Which.
    pub step: Step,
    /// How far it got.
    pub state: StepState,
}

/// The steps after the account is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Which numbers of the account are lines.
    Lines,
    /// The public address.
    Address,
    /// The lines post to it.
    Point,
    /// Hours and forwarding.
    Hours,
    /// What callers hear.
    Greeting,
    /// What answers while the computer is off.
    Backup,
    /// A text to oneself, and a call.
    Test,
    /// Registrations and the recording notice.
    Rules,
}

/// How far a step got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not yet.
    Todo,
    /// Done, and found to be so.
    Done,
    /// The owner went past it.
    Skipped,
}

/// A number of the account.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct AccountNumber {
    /// E.164.
    pub number: String,
    /// As people write it.
    pub display: String,
    /// As the owner named it at Twilio, unless that is the number again.
    pub name: Option<String>,
    /// Takes texts.
    pub texts: bool,
    /// Takes pictures.
    pub pictures: bool,
    /// Takes calls.
    pub calls: bool,
    /// Whether it is a line of ours.
    pub used: bool,
    /// Where what arrives on it goes today.
    pub answers: Answers,
    /// The host it goes to, where that is somewhere else.
    pub answers_at: Option<String>,
    /// What silently keeps its texts or calls from going where its addresses say.
    pub overrides: Vec<Override>,
    /// Whether what it had before we came is known and can be put back.
    pub restorable: bool,
}

/// Where what arrives on a number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// To this computer.
    Here,
    /// To another computer with Ringdesk.
    OtherDesk,
    /// To a message of Twilio's own.
    Demo,
    /// Somewhere else.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

/// Something set at Twilio that beats a number's own addresses.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Override {
    /// What.
    pub kind: OverrideKind,
    /// Twilio's id of it: `MG…`, `AP…`, `TK…`, `FW…`.
    pub sid: String,
    /// What it is called at Twilio, where that is known.
    pub name: Option<String>,
    /// What it does to the number, in words.
    pub said: String,
    /// What mending it does, in words; none where the owner has to do it at Twilio.
    pub mend: Option<String>,
}

/// What beats a number's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// A Messaging Service takes its texts.
    MessagingService,
    /// An application takes its texts.
    TextApplication,
    /// An application takes its calls.
    CallApplication,
    /// A trunk takes its calls.
    Trunk,
    /// A Studio flow takes its calls or texts.
    StudioFlow,
}

/// What setting the lines up would change at Twilio.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LinesPlan {
    /// Where they would post to, such as `https://phone.example.com`; none while there is no public address.
    pub address: Option<String>,
    /// Whether Twilio did not let us see the Messaging Services: one of them may take the texts all the same.
    pub unseen: bool,
    /// One per line.
    pub numbers: Vec<NumberPlan>,
}

/// What would change for one number.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NumberPlan {
    /// E.164.
    pub number: String,
    /// As people write it.
    pub display: String,
    /// What would change; empty where all is as it should be.
    pub changes: Vec<FieldChange>,
    /// What keeps it from working all the same.
    pub overrides: Vec<Override>,
    /// What it had before we first came, if that is known.
    pub before: Vec<FieldChange>,
}

/// A value at Twilio: as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldChange {
    /// In words, such as "Texts go to".
    pub what: String,
    /// Twilio's own name of it, such as `SmsUrl`.
    pub field: String,
    /// As it is now; empty where it is not set.
    pub now: String,
    /// As it would be; empty: it would not be set.
    pub then: String,
}

/// The way to this computer, as it is now.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddressNow {
    /// What the owner chose.
    pub way: Way,
    /// How it is.
    pub state: AddressState,
    /// The address, once there is one.
    pub address: Option<String>,
    /// Why there is none, or why nobody comes through; in words.
    pub problem: Option<String>,
    /// What to do about it; in words.
    pub hint: Option<String>,
    /// When a knock from outside last came through.
    pub knocked_at: Option<Moment>,
    /// How long it took, in milliseconds.
    pub knock_ms: Option<u32>,
    /// The lines post to another address, and the owner is asked before that is changed.
    pub moved: bool,
    /// The programs found on this computer that can open a way.
    pub programs: Vec<TunnelProgram>,
    /// Whether the address was given when the program was started and cannot be chosen here.
    pub fixed: bool,
}

/// How the way to this computer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressState {
    /// None was chosen.
    #[default]
    Unset,
    /// It is being opened, or nobody has knocked yet.
    Opening,
    /// A knock from outside came through.
    Open,
    /// It could not be opened; it is tried again.
    Failed,
    /// It is there, and knocks do not come through.
    Blocked,
}

/// A program on this computer that can open a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TunnelProgram {
    /// `cloudflared`, `tailscale` or `ngrok`.
    pub program: String,
    /// Its version.
    pub version: String,
    /// Whether it is new enough.
    pub usable: bool,
}

/// A knock at our own door from outside.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Knock {
    /// Whether it came through.
    pub through: bool,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// What went wrong, in words.
    pub problem: Option<String>,
    /// What to do about it, in words.
    pub hint: Option<String>,
}

/// What answers at Twilio while this computer is off.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Backup {
    /// How it is.
    pub state: BackupState,
    /// How it is, in words.
    pub said: String,
    /// What to do, in words.
    pub hint: Option<String>,
    /// Where it is hosted.
    pub url: Option<String>,
    /// When the owner last heard it.
    pub heard_at: Option<Moment>,
    /// What a TwiML Bin has to hold, to be copied.
    pub document: String,
    /// The phone a try would ring; empty where none is known.
    pub phone: String,
}

/// How the sleep backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// The owner does not want one.
    Off,
    /// It is not there yet.
    Missing,
    /// Twilio does not let us make one: the owner makes a TwiML Bin.
    ByHand,
    /// It is there; what it says or does is older than the settings.
    Old,
    /// It is there, and a line does not use it.
    Unused,
    /// It is there and used, and nobody has heard it yet.
    Unheard,
    /// It is there, used and heard.
    Ready,
}

/// What Twilio sent us, as the log shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Webhook {
    /// Its number in the log.
    #[ts(type = "number")]
    pub seq: i64,
    /// What it was about, such as `sms/inbound`.
    pub event: String,
    /// When it came.
    pub at: Moment,
    /// What became of it.
    pub state: WebhookState,
    /// Why not, in words.
    pub problem: Option<String>,
    /// The HTTP status it was answered with.
    pub answer: u16,
    /// Twilio's id of what it is about, if it names one.
    pub about: Option<String>,
    /// Its fields as they came.
    pub fields: Vec<RawField>,
    /// What it was answered with; empty for none.
    pub answer_body: String,
}

/// What became of a request of Twilio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It was stored.
    Applied,
    /// It could not be stored; it can be tried again.
    Failed,
    /// It contradicts itself; nothing was concluded from it.
    Quarantined,
}

/// A field, as Twilio has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RawField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Everything Twilio told us of something, for support.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RawRecord {
    /// Twilio's id of it, where it has one.
    pub sid: Option<String>,
    /// What Twilio sent about it, oldest first.
    pub webhooks: Vec<Webhook>,
    /// Twilio's own record as it is now, as JSON; none where Twilio could not be asked.
    pub record: Option<String>,
    /// Why it could not, in words.
    pub problem: Option<String>,
}
