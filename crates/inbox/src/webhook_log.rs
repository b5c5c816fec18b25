//! What Twilio sent, as the log shows it; and trying again what could not be stored.

use crate::{
    Inbox, Problem,
    from_twilio::{event, incoming_text, report},
    view::{RawField, Webhook, WebhookState},
};
use ringdesk_domain::{ChangeKind, TextId};
use ringdesk_store::{Answer, LoggedReceipt, OpenReceipt, Receipt, ReceiptFilter, ReceiptState, StoreError};
use ringdesk_twilio::{
    Form,
    post::{CallPost, InboundText, MessageStatus, RecordingPost, TranscriptionPost},
};

/// Fields that name what a request is about, the narrowest first.
const ABOUT: [&str; 4] = ["MessageSid", "SmsSid", "RecordingSid", "CallSid"];

impl Inbox {
    /// What Twilio sent, newest first, what came before `before`.
    pub async fn webhooks(
        &self,
        state: Option<WebhookState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Webhook>, Problem> {
        let filter = match state {
            None => ReceiptFilter::All,
            Some(WebhookState::Applied) => ReceiptFilter::Applied,
            Some(WebhookState::Failed) => ReceiptFilter::Failed,
            Some(WebhookState::Quarantined) => ReceiptFilter::Quarantined,
        };
        let rows = self.store().receipts(filter, before, limit).await?;
        Ok(rows.into_iter().map(webhook).collect())
    }

    /// Tries a request again whose effects could not be stored; answers how it is after.
    pub async fn replay_webhook(&self, seq: i64) -> Result<Webhook, Problem> {
        let row = self.store().receipt(seq).await?.ok_or(Problem::NotFound)?;
        if !matches!(row.state, ReceiptState::Failed(_)) {
            return Err(Problem::Told {
                code: "nothing_to_replay",
                message: "There is nothing to try again.".into(),
                hint: "Only what could not be stored can be tried again, and this was stored or set aside."
                    .into(),
            });
        }
        match self.apply_kept(&row.request).await {
            Err(StoreError::Driver(why)) => {
                tracing::warn!(%why, seq, "a kept request still cannot be applied");
            }
            applied => applied?,
        }
        self.0.fetching.notify_one();
        self.store().tell(ChangeKind::HealthChanged, self.now()).await?;
        let row = self.store().receipt(seq).await?.ok_or(Problem::NotFound)?;
        Ok(webhook(row))
    }

    /// Applies a kept request by the functions that would have stored it when it came. One that cannot be
    /// read stays as it is.
    pub(crate) async fn apply_kept(&self, kept: &OpenReceipt) -> Result<(), StoreError> {
        let Ok(form) = Form::parse(&kept.payload) else { return Ok(()) };
        let Some(event) = event::ALL.into_iter().find(|event| *event == kept.event) else { return Ok(()) };
        let receipt = Receipt {
            replay_key: kept.replay_key,
            event,
            detail: kept.detail.clone(),
            received_at: kept.received_at,
            payload: kept.payload.clone(),
            answer: Answer { status: 200, body: String::new() },
        };
        match event {
            event::TEXT => {
                let Ok(text) = InboundText::read(&form) else { return Ok(()) };
                let text = incoming_text(&text, kept.received_at);
                self.store().record_incoming_text(text, Some(receipt)).await.map(|_| ())
            }
            event::STATUS => {
                let Ok(status) = MessageStatus::read(&form) else { return Ok(()) };
                let id: Option<TextId> = kept.detail.parse().ok();
                let report = report(&status, id, kept.received_at);
                self.store().record_report(report, Some(receipt)).await.map(|_| ())
            }
            event::RECORDING => {
                let Ok(post) = RecordingPost::read(&form) else { return Ok(()) };
                self.apply_recording(&post, kept.detail == "voicemail", receipt).await.map(|_| ())
            }
            event::TRANSCRIPT => {
                let Ok(post) = TranscriptionPost::read(&form) else { return Ok(()) };
                self.apply_transcript(&post, receipt).await.map(|_| ())
            }
            _ => {
                let Ok(post) = CallPost::read(&form) else { return Ok(()) };
                self.apply_call(&post, receipt).await
            }
        }
    }
}

pub(crate) fn webhook(row: LoggedReceipt) -> Webhook {
    let about = Form::parse(&row.request.payload).ok().and_then(|form| {
        let sid = ABOUT.iter().find_map(|name| form.filled(name));
        sid.map(str::to_owned)
    });
    let (state, problem) = match row.state {
        ReceiptState::Applied => (WebhookState::Applied, None),
        ReceiptState::Failed(why) => (WebhookState::Failed, Some(format!("It could not be stored: {why}."))),
        ReceiptState::Quarantined(why) => {
            let why = format!("It doesn't say what it should, so nothing was concluded from it: {why}.");
            (WebhookState::Quarantined, Some(why))
        }
    };
    Webhook {
        seq: row.seq,
        event: row.request.event,
        at: row.request.received_at,
        state,
        problem,
        answer: row.answer.status,
        about,
        fields: fields(&row.request.payload),
        answer_body: row.answer.body,
    }
}

/// The fields in the order they came; each is a form by itself. One that cannot be decoded is shown as it
/// came.
fn fields(payload: &[u8]) -> Vec<RawField> {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let pairs = payload.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let field = |pair: &[u8]| match Form::parse(pair) {
        Ok(form) => form.signing_order().into_iter().next().map(|(name, values)| RawField {
            name: lossy(name),
            value: values.first().map_or_else(String::new, |value| lossy(value)),
        }),
        Err(_) => Some(RawField { name: lossy(pair), value: String::new() }),
    };
    pairs.filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_shown_in_the_order_they_came_also_twice_and_broken() {
        let shown = fields(b"To=%2B1500&From=a+b&&From=c&Body=&odd=%zz");
        let shown: Vec<(&str, &str)> = shown.iter().map(|f| (f.name.as_str(), f.value.as_str())).collect();
        let expected = [("To", "+1500"), ("From", "a b"), ("From", "c"), ("Body", ""), ("odd=%zz", "")];
        assert_eq!(shown, expected);
    }
}
