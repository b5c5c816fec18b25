//! Our own names for things: `UUIDv7`, made here so that a row has its id before any database sees it.

use crate::Moment;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use ts_rs::TS;
use uuid::{NoContext, Timestamp, Uuid};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(Uuid);

        impl $name {
            /// A new id that sorts by the moment it was made.
            pub fn new(at: Moment) -> Self {
                let ms = u64::try_from(at.0).unwrap_or(0);
                let nanos = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
                Self(Uuid::new_v7(Timestamp::from_unix(NoContext, ms / 1_000, nanos)))
            }

            /// The bare value, for the store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// One of our numbers.
    LineId;
    /// One line and one customer's number.
    ConversationId;
    /// A text, in or out.
    TextId;
    /// A call, in or out, with all its legs.
    CallId;
    /// A picture or file that belongs to a text.
    AttachmentId;
    /// A line of the consent ledger.
    ConsentEventId;
    /// A note between the texts of a conversation.
    NoteId;
    /// A person, who may have several numbers.
    ContactId;
    /// Somebody a conversation can be assigned to.
    ColleagueId;
    /// A message a caller left.
    VoicemailId;
    /// Something Twilio recorded.
    RecordingId;
}
