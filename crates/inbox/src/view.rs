//! What a window is shown: plain values, one per view, with everything a view needs and no more.

mod catch_up;
mod copies;
mod doctor;
mod line;

pub(crate) use catch_up::late;
pub use catch_up::{Away, CatchUp, History, HistoryState, Late};
pub use copies::{BackupReason, CustomerContents, DataBackup, DataBackups, Exported, RecoveryCode};
pub use doctor::{Check, Checkup, Fix, Grade, Place};
pub use line::{
    AccountNumber, AddressNow, AddressState, Answers, Backup, BackupState, FieldChange, Knock, LinesPlan,
    NumberPlan, Override, OverrideKind, RawField, RawRecord, Setup, SetupStep, Step, StepState,
    TunnelProgram, Webhook, WebhookState,
};

use ringdesk_domain::{
    AttachmentId, CallId, Colleague, ConsentEventId, ConversationId, Engine, LineId, Moment, NoteId, Status,
    TextId, VoicemailId,
    address::AddressKind,
    calls::{Ending, Screened},
    consent::Consent,
    packs::Pack,
    routing::{Greeting, Plan, Warning, Which, Why},
    sending::Reason,
    voicemail::{Word, WritingProblem},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A line, as the switcher shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Line {
    /// Our id.
    pub id: LineId,
    /// E.164.
    pub number: String,
    /// As people write it.
    pub display: String,
    /// The owner's name for it; may be empty.
    pub name: String,
}

/// A conversation in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Conversation {
    /// Our id.
    pub id: ConversationId,
    /// Our line in it.
    pub line: LineId,
    /// Our number as people write it.
    pub line_display: String,
    /// The customer's address, whole.
    pub customer: String,
    /// As people write it.
    pub display: String,
    /// What kind of address it is.
    pub kind: AddressKind,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// Newest event.
    pub last_at: Moment,
    /// Unread events.
    pub unread: u32,
    /// Since when they wait for an answer.
    pub waiting_since: Option<Moment>,
    /// The beginning of what the owner has begun to write.
    pub draft: Option<String>,
    /// When it was put away.
    pub done_at: Option<Moment>,
    /// Where they stand on texts.
    pub consent: Consent,
    /// Since when.
    pub consent_since: Option<Moment>,
    /// The newest text.
    pub last: Option<LastText>,
    /// The newest call, where no text is newer but the one that texted them back by itself.
    pub last_call: Option<LastCall>,
    /// Whether everything of it is kept, whatever the settings say.
    pub held: bool,
    /// Who sees to it, if anybody does.
    pub assigned: Option<Colleague>,
}

/// The newest text, as the list shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LastText {
    /// Whether they wrote it.
    pub incoming: bool,
    /// Its beginning.
    pub preview: String,
    /// How far it got.
    pub status: Status,
    /// Whether they will not get it.
    pub failed: bool,
    /// Pictures on it.
    pub pictures: u32,
}

/// A part of a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConversationList {
    /// Newest first.
    pub conversations: Vec<Conversation>,
    /// How many the whole list has.
    pub total: u32,
    /// What the filters count on the chosen line; on all lines where none is chosen.
    pub counts: FilterCounts,
    /// Conversations with something unread.
    pub unread: u32,
    /// Conversations where the customer waits.
    pub waiting: u32,
    /// Conversations where the customer rang in vain and waits.
    pub missed: u32,
    /// Voicemails nobody listened to.
    pub unheard: u32,
    /// The newest Change these are not older than.
    #[ts(type = "number")]
    pub seq: i64,
}

/// How many conversations there are by filter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct FilterCounts {
    /// With something unread.
    pub unread: u32,
    /// Where the customer waits.
    pub waiting: u32,
    /// Where the customer rang in vain and waits.
    pub missed: u32,
}

/// An open conversation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OpenConversation {
    /// The conversation.
    pub conversation: Conversation,
    /// Its timeline, oldest first.
    pub timeline: Vec<TimelineItem>,
    /// What the owner has begun to write.
    pub draft: String,
    /// Ask with this for what came before, if anything did.
    pub older: Option<Older>,
    /// Why nothing can be sent, if so.
    pub closed: Option<Reason>,
    /// Whether the first text needs a yes.
    pub stranger: bool,
    /// The newest Change this is not older than.
    #[ts(type = "number")]
    pub seq: i64,
}

/// Where an older part of a timeline begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct Older {
    /// Instant of the oldest text or call shown.
    pub at: Moment,
    /// Of a text its order of storing; otherwise 0.
    #[ts(type = "number")]
    pub seq: i64,
}

/// Something in a timeline.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineItem {
    /// A text.
    Text(Box<Text>),
    /// Something about consent.
    Consent(ConsentNote),
    /// A note of ours.
    Note(Note),
    /// A call.
    Call(Box<TimelineCall>),
}

impl TimelineItem {
    /// When it happened, and what goes first of what happened at once.
    pub(crate) fn order(&self) -> (Moment, u8) {
        match self {
            Self::Call(item) => (item.call.at, 0),
            Self::Text(item) => (item.at, 1),
            Self::Consent(item) => (item.at, 2),
            Self::Note(item) => (item.at, 3),
        }
    }
}

/// A note of ours between the texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Note {
    /// Our id.
    pub id: NoteId,
    /// The words.
    pub body: String,
    /// Who wrote it.
    pub actor: Option<String>,
    /// When.
    pub at: Moment,
}

/// A call in a timeline.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TimelineCall {
    /// The call.
    #[serde(flatten)]
    pub call: Call,
    /// What was left, if anything.
    pub voicemail: Option<Voicemail>,
}

/// A text in a timeline.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct Text {
    /// Our id.
    pub id: TextId,
    /// Whether they wrote it.
    pub incoming: bool,
    /// The words.
    pub body: String,
    /// When.
    pub at: Moment,
    /// Who wrote it on our side.
    pub actor: Option<String>,
    /// How far it got.
    pub status: Status,
    /// Until when it can be taken back.
    pub undo_until: Option<Moment>,
    /// It waited so long for its turn that the owner is asked before it leaves.
    pub held: bool,
    /// It may have left and was not found at Twilio: the owner decides.
    pub lost: bool,
    /// It was sent again as another text.
    pub resent: bool,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Its pictures and files.
    pub attachments: Vec<Attachment>,
    /// Pictures Twilio claimed but did not list.
    pub missing_attachments: u32,
    /// The others in a group text.
    pub group_with: Option<String>,
    /// Parts.
    pub segments: Option<u32>,
    /// Why it is here later than it came, if it is.
    pub late: Option<Late>,
}

/// Why a text did not arrive.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Failure {
    /// Twilio's code, where there is one.
    pub code: Option<u32>,
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: String,
    /// Whether it cost something.
    pub charged: Charged,
    /// Whether sending it again can help.
    pub can_retry: bool,
    /// Twilio's page about it.
    pub help_url: Option<String>,
}

/// Whether a failed text cost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// Refused before it left: no.
    No,
    /// It left, and carriers usually charge for the try.
    Usually,
    /// Twilio gave a price.
    Yes,
}

/// A picture or file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Attachment {
    /// Our id.
    pub id: AttachmentId,
    /// Where it stands.
    pub state: AttachmentState,
    /// The type its bytes show, once kept.
    pub content_type: Option<String>,
    /// Whether it can be shown.
    pub showable: bool,
    /// Its size.
    #[ts(type = "number | null")]
    pub bytes: Option<u64>,
    /// Its name for `send_text`, once kept.
    pub sha256: Option<String>,
    /// Why it is not here.
    pub problem: Option<String>,
}

/// Where a picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// On its way.
    Wanted,
    /// Here.
    Kept,
    /// Not kept on purpose.
    Refused,
    /// Could not be had.
    Gone,
}

/// Something about consent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConsentNote {
    /// Our id.
    pub id: ConsentEventId,
    /// What happened.
    pub event: String,
    /// When.
    pub at: Moment,
}

/// What a draft would be sent as.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftLength {
    /// Parts.
    pub segments: u32,
    /// Units left in the last part.
    pub left: u32,
    /// Characters.
    pub characters: u32,
    /// Whether it is over Twilio's limit.
    pub too_long: bool,
}

/// A picture ready to be sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Picture {
    /// Its name for `send_text`.
    pub sha256: String,
    /// Its type.
    pub content_type: String,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Some carriers refuse pictures this large.
    pub large: bool,
}

/// What is unusual.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct Health {
    /// Whether Twilio can reach us at all.
    pub reachable: bool,
    /// Whether an account is connected and Twilio answered when last asked.
    pub connected: bool,
    /// Whether an account is connected and Twilio did not take our sign-in when last asked.
    pub sign_in_refused: bool,
    /// Verified requests whose effects could not be stored.
    pub failed_receipts: u32,
    /// Verified requests that contradict themselves.
    pub quarantined: u32,
    /// Sends that may have left.
    pub send_unknown: u32,
    /// Texts waiting to leave.
    pub queued: u32,
    /// Pictures not fetched yet.
    pub pictures_wanted: u32,
    /// When Twilio last reached us.
    pub last_webhook_at: Option<Moment>,
    /// How the way to this computer is.
    pub address: AddressState,
    /// The lines post to another address than ours, and the owner is to be asked before that is changed.
    pub moved: bool,
    /// What the last check-up found at its worst; none before the first.
    pub checkup: Option<Grade>,
    /// Up to when nothing is missing of any line; none before the first look, or without a line.
    pub complete_to: Option<Moment>,
    /// Whether what may be missing is being fetched just now.
    pub catching_up: bool,
    /// Lines that another computer with Ringdesk answers, as people write them.
    pub elsewhere: Vec<String>,
    /// Nothing is sent until the owner says that this computer may.
    pub locked: Option<SendingLock>,
    /// Requests refused in the last day, by reason.
    #[ts(type = "Record<string, number>")]
    pub refused: BTreeMap<String, u64>,
}

/// Why nothing is sent until the owner says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SendingLock {
    /// The data was restored from a backup.
    Restored,
    /// The data came from another computer, which may still send.
    Copied,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Results {
    /// Conversations with people whose name or number fits, newest first.
    pub people: Vec<Conversation>,
    /// Texts that hold the words, newest first.
    pub texts: Vec<Found>,
}

/// A text that was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Found {
    /// The text.
    pub text: TextId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The customer's address, whole.
    pub customer: String,
    /// As people write it.
    pub display: String,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// The words around it, matches between U+0002 and U+0003.
    pub snippet: String,
    /// When it was written.
    pub at: Moment,
}

/// A call in the log.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct Call {
    /// Our id.
    pub id: CallId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Our line in it.
    pub line: LineId,
    /// Our number as people write it.
    pub line_display: String,
    /// The owner's name for it; may be empty.
    pub line_name: String,
    /// The other end, whole.
    pub customer: String,
    /// As people write it.
    pub with: String,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// What kind of address it is.
    pub kind: AddressKind,
    /// Whether they called.
    pub incoming: bool,
    /// Twilio's status word.
    pub status: String,
    /// How it ended; not known while it goes on.
    pub ending: Option<Ending>,
    /// Whether it is still going on.
    pub live: bool,
    /// Whether they called and nobody of ours talked with them.
    pub missed: bool,
    /// When it began.
    pub at: Moment,
    /// Seconds talked, or of the message.
    pub duration_s: Option<u32>,
    /// The phone they talked with, or of ours that rings first, as the owner calls it.
    pub answered_by: Option<String>,
    /// The phones that were rung, in order.
    pub legs: Vec<Leg>,
    /// What was decided when it came.
    pub plan: Option<Plan>,
    /// Why.
    pub reasons: Vec<Why>,
    /// Whether they were texted that they were missed.
    pub texted_back: bool,
    /// Whether the owner wants nothing of them now.
    pub blocked: bool,
    /// Why it could not be placed.
    pub failure: Option<Failure>,
    /// Who of us called.
    pub actor: Option<String>,
    /// Why it is here later than it came, if it is.
    pub late: Option<Late>,
}

/// A phone that was rung.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Leg {
    /// As the owner calls it, or its number as people write it.
    pub phone: String,
    /// Twilio's status word.
    pub status: String,
    /// What came of "press 1".
    pub screened: Option<Screened>,
    /// Whether they talked.
    pub bridged: bool,
    /// Seconds, at its end.
    pub seconds: Option<u32>,
}

/// What a caller would get.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Route {
    /// When.
    pub at: Moment,
    /// The same on the business's clock: `2026-11-20T09:52`.
    pub local: String,
    /// Where that clock hangs, as IANA names it.
    pub zone: String,
    /// Our line as people write it.
    pub line_display: String,
    /// Whether it is open then.
    pub open: bool,
    /// When that changes; not within a year where it says nothing.
    pub until: Option<Moment>,
    /// The same on the business's clock.
    pub until_local: Option<String>,
    /// The holiday whose hours count.
    pub holiday: Option<String>,
    /// What happens.
    pub plan: Plan,
    /// Why, in the order it was decided.
    pub reasons: Vec<Why>,
    /// Which words are said when nobody takes the call.
    pub which: Which,
    /// Those words.
    pub greeting: Greeting,
    /// What would surprise the owner.
    pub warnings: Vec<Warning>,
    /// What Twilio is answered; where no line is connected, its addresses lead nowhere.
    pub twiml: String,
}

/// Days with hours of their own.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Holidays {
    /// When each of the settings' holidays comes next, in their order: `2026-12-25`.
    pub next: Vec<Option<String>>,
    /// Public ones to take over.
    pub packs: Vec<Pack>,
}

/// A sound file callers may hear.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Sound {
    /// Its name for the settings.
    pub sha256: String,
    /// Its type.
    pub content_type: String,
    /// Its size.
    pub bytes: u32,
}

/// The newest call, as the list shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LastCall {
    /// Whether they called.
    pub incoming: bool,
    /// How it ended; not known while it goes on.
    pub ending: Option<Ending>,
    /// Whether nobody of ours talked with them.
    pub missed: bool,
    /// How the message they left begins, where it was written down.
    pub said: Option<String>,
}

/// A voicemail.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct Voicemail {
    /// Our id.
    pub id: VoicemailId,
    /// The call it was left in.
    pub call: CallId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Our line in it.
    pub line: LineId,
    /// Our number as people write it.
    pub line_display: String,
    /// The owner's name for it; may be empty.
    pub line_name: String,
    /// Who left it, whole.
    pub customer: String,
    /// As people write it.
    pub with: String,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// What kind of address it is.
    pub kind: AddressKind,
    /// When they called.
    pub at: Moment,
    /// Seconds, as Twilio says.
    pub duration_s: Option<u32>,
    /// Milliseconds, as it was measured.
    #[ts(type = "number | null")]
    pub length_ms: Option<u64>,
    /// Whether somebody listened.
    pub heard: bool,
    /// Who.
    pub heard_by: Option<String>,
    /// Why it is here later than it came, if it is.
    pub late: Option<Late>,
    /// Where listening stopped, in milliseconds.
    #[ts(type = "number")]
    pub position_ms: u64,
    /// Where its sound stands.
    pub audio: AudioState,
    /// Why the sound is not here, or what is odd about it.
    pub audio_problem: Option<String>,
    /// The type of the sound.
    pub content_type: Option<String>,
    /// The waveform: 200 numbers from 0 to 255, none until the sound is here.
    pub peaks: Vec<u8>,
    /// What is read: the owner's correction, or what was written down.
    pub transcript: Option<String>,
    /// Where writing it down stands.
    pub writing: Writing,
    /// Why there is nothing to read.
    pub writing_problem: Option<WritingProblem>,
    /// Who writes it down.
    pub engine: Option<Engine>,
    /// Each word with its time; none where they are not known, or where the owner corrected it.
    pub words: Vec<Word>,
    /// Whether the owner corrected it.
    pub edited: bool,
    /// What was written down.
    pub original: Option<String>,
    /// Whether they wait for an answer.
    pub waiting: bool,
    /// Whether a call of ours reached them since.
    pub called_back: bool,
    /// Whether it is kept whatever the settings say.
    pub held: bool,
    /// Where the email of it stands, if one is sent.
    pub email: Option<EmailState>,
    /// What is wrong with the email.
    pub email_problem: Option<String>,
}

/// Where the sound of a voicemail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AudioState {
    /// On its way.
    Wanted,
    /// Here.
    Kept,
    /// Not kept on purpose.
    Refused,
    /// Could not be had.
    Gone,
    /// Deleted by age.
    Deleted,
}

/// Where writing a voicemail down stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// Nobody writes it down.
    Off,
    /// It is being written down.
    Writing,
    /// It is written down.
    Text,
    /// Nothing was said.
    NoSpeech,
    /// There is nothing to read.
    Unavailable,
}

/// Where the email of a voicemail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// It will be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It could not be sent.
    Failed,
}

/// How many voicemails there are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct VoicemailCounts {
    /// All.
    pub total: u32,
    /// Nobody listened yet.
    pub unheard: u32,
    /// Whoever left it waits for an answer.
    pub waiting: u32,
}

/// What would be deleted by age.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Retention {
    /// Kind by kind; those that are kept for ever are left out.
    pub items: Vec<AgedItem>,
    /// Conversations of which nothing is deleted.
    pub held: u32,
}

/// How much of a kind would be deleted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AgedItem {
    /// What.
    pub kind: AgedKind,
    /// How many.
    pub count: u32,
    /// When the oldest of them came.
    pub oldest: Option<Moment>,
    /// How many of them would go at Twilio, too.
    pub at_twilio: u32,
}

/// What is deleted by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AgedKind {
    /// Texts with their pictures.
    Texts,
    /// Calls that left no voicemail.
    Calls,
    /// Voicemails.
    Voicemails,
    /// Recordings of calls.
    Recordings,
}

/// What the owner knows of a customer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContactCard {
    /// As the owner calls them; may be empty.
    pub name: String,
    /// The owner's notes.
    pub notes: String,
    /// By the alphabet.
    pub tags: Vec<String>,
    /// Their numbers.
    pub numbers: Vec<Number>,
    /// Where they stand on texts.
    pub consent: Consent,
    /// How that came about, oldest first.
    pub consent_history: Vec<ConsentNote>,
    /// Their latest calls, newest first.
    pub calls: Vec<Call>,
    /// Whether everything of the conversation is kept, whatever the settings say.
    pub held: bool,
}

/// A number.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Number {
    /// E.164, or as it came.
    pub number: String,
    /// As people write it.
    pub display: String,
    /// The conversation with it, on any of our lines: where there are several, the one where something happened
    /// last.
    pub conversation: Option<ConversationId>,
}

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Contact {
    /// Our id.
    pub id: String,
    /// As the owner calls them.
    pub name: String,
    /// Their numbers, E.164.
    pub numbers: Vec<String>,
}
