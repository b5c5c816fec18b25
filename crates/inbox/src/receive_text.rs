//! A customer's text arrives: believed, stored, then answered.

use crate::{
    Inbox,
    from_twilio::{event, incoming_text, receipt},
};
use ringdesk_store::{Answer, Receipt, ReceiptState, StoreError};
use ringdesk_twilio::{
    Form, Signed,
    post::{InboundText, Unreadable},
    twiml,
};

/// The answer to every text: no automatic reply.
fn no_reply() -> Answer {
    Answer { status: 200, body: twiml::EMPTY.to_owned() }
}

impl Inbox {
    /// Stores a text Twilio signed and says what to answer. An error means nothing was stored and
    /// Twilio should ask again.
    pub async fn receive_text(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let at = self.now();
        let signed = match signed.read(InboundText::read) {
            Ok(text) => text,
            Err((form, why)) => {
                let receipt = receipt(&form, event::TEXT, String::new(), at, no_reply());
                return self.keep_unread(receipt, &why).await;
            }
        };
        let receipt = receipt(&signed, event::TEXT, String::new(), at, no_reply());
        let text = incoming_text(signed.what(), at);
        let fetch = !text.attachments.is_empty();
        match self.store().record_incoming_text(text, Some(receipt.clone())).await {
            Ok(recorded) => {
                if fetch {
                    self.0.fetching.notify_one();
                }
                Ok(recorded.answer.unwrap_or_else(no_reply))
            }
            Err(StoreError::Driver(why)) => self.keep_failed(receipt, why).await,
            Err(error) => Err(error),
        }
    }

    /// Keeps a believed request that says nothing we can use, whole and apart.
    pub(crate) async fn keep_unread(&self, receipt: Receipt, why: &Unreadable) -> Result<Answer, StoreError> {
        tracing::warn!(event = receipt.event, %why, "a signed request was kept but not understood");
        self.store().keep_receipt(receipt, ReceiptState::Quarantined(why.to_string())).await
    }

    /// Keeps a believed request whose effects could not be stored, so that it can be tried again.
    pub(crate) async fn keep_failed(&self, receipt: Receipt, why: String) -> Result<Answer, StoreError> {
        tracing::error!(event = receipt.event, %why, "a signed request could not be applied");
        self.store().keep_receipt(receipt, ReceiptState::Failed(why)).await
    }
}
