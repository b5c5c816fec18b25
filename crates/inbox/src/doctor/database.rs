//! Whether the database is sound.

use super::{known::Known, words::Subject};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "database",
    title: "Database",
    why: "Everything you see is in one file. A failing disk or a copy made while Ringdesk ran can damage it.",
};

pub(super) fn check(known: &Known) -> Check {
    let through = match &known.through {
        Ok(through) => through,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    if through.problems.is_empty() {
        return SUBJECT.pass("Sound");
    }
    SUBJECT
        .fail(
            "It is damaged",
            format!(
                "Delete nothing. Close Ringdesk and copy the whole folder {} somewhere safe, then put your \
                 last backup in its place. What came since is fetched from Twilio.",
                known.folder
            ),
        )
        .detailed(through.problems.clone())
}
