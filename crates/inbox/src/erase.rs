//! Deleting a customer for good: here, and at Twilio where that is wanted.

use crate::{Inbox, Problem, view};
use ringdesk_domain::ConversationId;
use ringdesk_store::{CustomerCounts, Erasing};

impl Inbox {
    /// What deleting the customer of a conversation takes away: of all their numbers, on all our lines.
    pub async fn customer_contents(&self, id: ConversationId) -> Result<view::CustomerContents, Problem> {
        self.store().customer_counts(id).await?.map(contents).ok_or(Problem::NotFound)
    }

    /// Deletes the customer of a conversation with everything of them, all of it or nothing; answers what
    /// went. `at_twilio`: what Twilio has of it goes, too, as soon as that can be. Whoever wanted no texts
    /// still gets none, and whoever is blocked stays blocked.
    pub async fn delete_customer(
        &self,
        id: ConversationId,
        at_twilio: bool,
    ) -> Result<view::CustomerContents, Problem> {
        let (went, files) = match self.store().erase_customer(id, at_twilio, self.now()).await? {
            Erasing::Done(went, files) => (went, files),
            Erasing::NotFound => return Err(Problem::NotFound),
            Erasing::OnHold => {
                return Err(told(
                    "on_hold",
                    "Everything of this customer is kept on purpose.",
                    "Switch that off in each of their conversations first, then delete.",
                ));
            }
            Erasing::Sending => {
                return Err(told(
                    "still_sending",
                    "A text to this customer may be on its way.",
                    "Wait until the conversation says what became of it, then delete.",
                ));
            }
            Erasing::Calling => {
                return Err(told(
                    "still_calling",
                    "A call with this customer is still going on.",
                    "Wait until it is over, then delete.",
                ));
            }
        };
        tracing::info!(
            texts = went.texts,
            calls = went.calls,
            voicemails = went.voicemails,
            "a customer was deleted"
        );
        self.remove_files(&files).await;
        self.0.forgetting.notify_one();
        Ok(contents(went))
    }
}

fn told(code: &'static str, message: &str, hint: &str) -> Problem {
    Problem::Told { code, message: message.into(), hint: hint.into() }
}

fn contents(counts: CustomerCounts) -> view::CustomerContents {
    view::CustomerContents {
        conversations: counts.conversations,
        texts: counts.texts,
        calls: counts.calls,
        voicemails: counts.voicemails,
        files: counts.files,
        notes: counts.notes,
        at_twilio: counts.at_twilio,
    }
}
