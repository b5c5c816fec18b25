//! Whether there is room for what comes.

use super::{known::Known, words::Subject};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "disk",
    title: "Free disk space",
    why: "Texts, pictures and voicemail are kept on this computer. On a full disk nothing new can be stored.",
};

const MB: u64 = 1_000_000;
/// Below this it gets tight, and below that it may stop any hour.
const TIGHT: u64 = 1_000 * MB;
const FULL: u64 = 200 * MB;
const HINT: &str = "Make room: empty the trash, or move large files somewhere else.";

pub(super) fn check(known: &Known) -> Check {
    known.room.map_or_else(|| SUBJECT.unknown("It couldn’t be looked up."), judge)
}

fn judge(bytes: u64) -> Check {
    let tenths = bytes / (100 * MB);
    let room = if bytes < TIGHT {
        format!("{} MB", bytes / MB)
    } else {
        format!("{}.{} GB", tenths / 10, tenths % 10)
    };
    let said = format!("{room} left");
    match bytes {
        0..FULL => SUBJECT.fail(said, HINT),
        FULL..TIGHT => SUBJECT.warn(said, HINT),
        _ => SUBJECT.pass(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Grade;

    #[test]
    fn little_room_is_said_before_it_is_too_late() {
        for (bytes, grade, said) in [
            (0, Grade::Fail, "0 MB left"),
            (199 * MB, Grade::Fail, "199 MB left"),
            (200 * MB, Grade::Warn, "200 MB left"),
            (999 * MB, Grade::Warn, "999 MB left"),
            (1_000 * MB, Grade::Pass, "1.0 GB left"),
            (64_250 * MB, Grade::Pass, "64.2 GB left"),
        ] {
            let check = judge(bytes);
            assert_eq!((check.grade, check.said.as_str()), (grade, said));
        }
    }
}
