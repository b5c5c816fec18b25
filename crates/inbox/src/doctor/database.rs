//! Whether the database is sound.

use super::{known::Known, words::Subject};
use crate::view::Check;
use ringdesk_store::Store;
use std::path::Path;

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
    // Whatever its size, the next start offers a way out instead of going on with it.
    Store::suspect(Path::new(&known.folder));
    SUBJECT
        .fail(
            "It is damaged",
            "Delete nothing. Close Ringdesk and open it again: it offers your backups, and keeps what is \
             damaged. What came since is fetched from Twilio.",
        )
        .detailed(through.problems.clone())
}
