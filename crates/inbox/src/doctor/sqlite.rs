//! Whether the SQLite that is built in keeps what it promises.

use super::{known::Known, words::Subject};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "sqlite",
    title: "SQLite",
    why: "Older versions can lose what was just written. Ringdesk doesn’t open your data with one of them.",
};

pub(super) fn check(known: &Known) -> Check {
    match &known.sqlite {
        Ok((version, oldest)) => judge(version, oldest),
        Err(why) => SUBJECT.unknown(why.as_str()),
    }
}

fn judge(version: &str, oldest: &str) -> Check {
    let parts = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    if parts(version) >= parts(oldest) {
        return SUBJECT.pass(version);
    }
    SUBJECT.fail(format!("{version} is too old"), "Install a newer Ringdesk: it brings its own.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Grade;

    #[test]
    fn an_old_one_is_no_good() {
        for (version, grade) in [
            ("3.51.3", Grade::Pass),
            ("3.51.10", Grade::Pass),
            ("4.0", Grade::Pass),
            ("3.51.2", Grade::Fail),
            ("3.9.99", Grade::Fail),
        ] {
            assert_eq!(judge(version, "3.51.3").grade, grade, "{version}");
        }
    }
}
