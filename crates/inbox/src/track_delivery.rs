//! A report says how far one of our texts has got.

use crate::{
    Inbox,
    from_twilio::{event, noted, receipt, report},
};
use ringdesk_domain::{TextId, delivery::Step};
use ringdesk_store::{Answer, StoreError};
use ringdesk_twilio::{Form, Signed, post::MessageStatus};

impl Inbox {
    /// Stores a delivery report Twilio signed. `text` is our own id from the signed path.
    pub async fn track_delivery(
        &self,
        signed: Signed<Form>,
        text: Option<TextId>,
    ) -> Result<Answer, StoreError> {
        let at = self.now();
        let detail = text.map(|id| id.to_string()).unwrap_or_default();
        let signed = match signed.read(MessageStatus::read) {
            Ok(status) => status,
            Err((form, why)) => {
                let receipt = receipt(&form, event::STATUS, detail, at, noted());
                return self.keep_unread(receipt, &why).await;
            }
        };
        let receipt = receipt(&signed, event::STATUS, detail, at, noted());
        let report = report(signed.what(), text, at);
        match self.store().record_report(report, Some(receipt.clone())).await {
            Ok(reported) => {
                if reported.step == Some(Step::Conflict) {
                    self.0.looking.notify_one();
                }
                if reported.step.is_some() {
                    // A settled send may let the next text of its conversation go.
                    self.0.outbox.notify_one();
                }
                Ok(reported.answer.unwrap_or_else(noted))
            }
            Err(StoreError::Driver(why)) => self.keep_failed(receipt, why).await,
            Err(error) => Err(error),
        }
    }
}
