//! The office's words and rules. What is decided here is decided without I/O, without async and
//! without a clock: every moment is handed in, so every rule can be tried by a table.

pub mod actor;
pub mod address;
pub mod arrival;
pub mod calls;
pub mod change;
pub mod colleague;
pub mod consent;
pub mod delivery;
pub mod hours;
pub mod ids;
pub mod keep;
pub mod media;
pub mod moment;
pub mod notify;
pub mod packs;
pub mod public;
pub mod quiet;
pub mod routing;
pub mod segments;
pub mod sending;
pub mod settings;
pub mod voicemail;

pub use actor::Actor;
pub use address::Address;
pub use arrival::Arrival;
pub use change::{Change, ChangeKind};
pub use colleague::Colleague;
pub use delivery::Status;
pub use ids::{
    AttachmentId, CallId, ColleagueId, ConsentEventId, ContactId, ConversationId, LineId, NoteId,
    RecordingId, TextId, VoicemailId,
};
pub use keep::Keep;
pub use moment::Moment;
pub use notify::Notifications;
pub use settings::Settings;
pub use voicemail::Engine;
