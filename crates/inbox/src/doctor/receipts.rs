//! What Twilio brought and could not be used: failed, contradictory, or about something that never came.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::{
    Inbox, Problem,
    view::{Check, Place, WebhookState},
};

const SUBJECT: Subject = Subject {
    id: "receipts",
    title: "What Twilio brought is stored",
    why: "What Twilio brings is kept even if it can’t be stored at once: a customer’s text may be among it.",
};

/// So many are listed at a time.
const AT_ONCE: u32 = 100;

pub(super) fn check(known: &Known) -> Check {
    let piled = match &known.piled {
        Ok(piled) => piled,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    let parked = known.through.as_ref().map_or(0, |through| through.parked);
    if piled.failed > 0 {
        return SUBJECT
            .fail(
                format!("{} stored yet", counted(piled.failed, "thing couldn’t be", "things couldn’t be")),
                "They are kept whole. Check that the disk has room, then try them again.",
            )
            .mends("Try them again");
    }
    if piled.quarantined > 0 {
        return SUBJECT
            .warn(
                format!("{} put aside this week", counted(piled.quarantined, "thing was", "things were")),
                "They made no sense, and nothing was concluded from them. The log shows what they say.",
            )
            .leads("Show the log", Place::Webhooks);
    }
    if parked > 0 {
        return SUBJECT
            .warn(
                format!(
                    "{} of texts or calls that never came",
                    counted(parked, "report tells", "reports tell")
                ),
                "Another program may be using the same number. The log shows what they say.",
            )
            .leads("Show the log", Place::Webhooks);
    }
    SUBJECT.pass("All of it")
}

/// Tries again whatever failed; what fails once more stays for the next time.
pub(super) async fn fix(inbox: &Inbox) -> Result<(), Problem> {
    let mut failed = Vec::new();
    loop {
        let before = failed.last().copied();
        let page = inbox.webhooks(Some(WebhookState::Failed), before, AT_ONCE).await?;
        if page.is_empty() {
            break;
        }
        failed.extend(page.iter().map(|webhook| webhook.seq));
    }
    // The oldest first: whoever wrote STOP and then START wants texts.
    for seq in failed.into_iter().rev() {
        if let Err(problem) = inbox.replay_webhook(seq).await {
            tracing::warn!(%problem, seq, "a kept request still cannot be applied");
        }
    }
    Ok(())
}
