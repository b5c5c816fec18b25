//! SQLite: the only room with SQL. One writer owns the only read-write connection and commits in
//! groups with FULL sync; readers have their own read-only connections. A method is one whole fact
//! in one transaction, and no type of the database leaves this room.

mod absences;
mod attachments;
mod calls;
mod changes;
mod colleagues;
mod consent;
mod contacts;
mod conversations;
mod copy;
mod cursors;
mod db;
mod doctor;
mod elsewhere;
mod erase;
mod error;
mod export;
mod health;
mod keep;
mod letters;
mod lines;
mod links;
mod lock;
mod meta;
mod news;
mod notes;
mod open;
mod outbox;
mod receipts;
mod recordings;
mod row;
mod search;
mod seed;
mod settings;
mod texts;
mod transcripts;
mod voicemails;
mod writer;

pub use absences::{Absence, CameMeanwhile};
pub use attachments::{Attachment, AttachmentState, Fetch, Kept, NewAttachment};
pub use calls::{
    CallFilter, CallPlaced, CallRow, Happening, LegHappening, LegRow, NewCall, ToCare, ToRecheck, Which,
};
pub use colleagues::ColleagueRenamed;
pub use consent::ConsentEntry;
pub use contacts::{ContactRow, Person, PersonPatch, PersonSaved};
pub use conversations::{ConversationFilter, ConversationRow, FilterCounts, Unread};
pub use copy::{Contents, UNFINISHED, copy_database, database_file, look_into, meta_of, settle_restored};
pub use cursors::Cursor;
pub use doctor::{LookedThrough, Piled};
pub use elsewhere::{SentFound, SentText};
pub use erase::{CustomerCounts, Erasing};
pub use error::{OpenError, StoreError};
pub use export::{CallItem, CallRecording, ExportFrom, Item, Place, TextItem};
pub use health::Counts;
pub use keep::{Aged, AgedCount, Gone, ToForget};
pub use letters::{LetterSent, LetterToSend};
pub use lines::{KnownNumber, Line};
pub use news::{News, Untold};
pub use notes::Note;
pub use open::{Access, Store, newest_schema, oldest_safe_sqlite};
pub use outbox::{Claim, NewText, Queued, Settlement, Unsettled};
pub use receipts::{Answer, LoggedReceipt, OpenReceipt, Receipt, ReceiptFilter, ReceiptState};
pub use recordings::{Audio, NoAudio, RecordingFact, RecordingFetch};
pub use search::Hit;
pub use seed::SeedText;
pub use texts::{IncomingText, Recorded, Report, Reported, Text};
pub use transcripts::{Outcome, ToWrite};
pub use voicemails::{
    AudioState, EmailState, TranscriptRow, VoicemailCounts, VoicemailFilter, VoicemailRow, VoicemailsWanted,
};
