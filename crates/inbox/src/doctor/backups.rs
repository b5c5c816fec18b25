//! Whether there is a copy of the data that is not too old.

use super::{
    known::{DAY_MS, Known},
    words::{Subject, long},
};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "backups",
    title: "Copy of your data",
    why: "Twilio keeps texts and recordings for a while only, and your notes and contacts not at all. A disk \
          can fail any day.",
};

/// A copy a week, and a day to make it.
const OLD_MS: i64 = 8 * DAY_MS;

pub(super) fn check(known: &Known) -> Check {
    if known.is_practice() {
        return SUBJECT.unknown("A practice line has nothing to lose.");
    }
    if let Some(copied_at) = known.copied_at.filter(|at| known.now.since(*at) <= OLD_MS) {
        let ago = long(known.now.since(copied_at));
        return SUBJECT.pass(format!("Made {ago} ago. It helps against a broken disk only on another disk"));
    }
    let first_at = known.piled.as_ref().ok().and_then(|piled| piled.first_webhook_at);
    if first_at.is_none_or(|at| known.now.since(at) <= OLD_MS) {
        return SUBJECT.pass("Nothing here is older than a week yet");
    }
    let said = known.copied_at.map_or_else(
        || "There is none".to_owned(),
        |at| format!("The last one was made {} ago", long(known.now.since(at))),
    );
    SUBJECT.warn(
        said,
        format!(
            "Close Ringdesk and copy ringdesk.db and the folder media from {0} to a place on another disk. What \
             is looked at here is a copy in a folder under {0}/backups. Then start it again.",
            known.folder
        ),
    )
}
