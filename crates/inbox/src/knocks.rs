//! What a knock that did not come through tells of the way to this computer, and what is said of it.

use ringdesk_twilio::knock::KnockError;

/// What our own door answers to a knock that is not ours.
const NOT_OURS: u16 = 409;

/// Whether opening a tunnel anew may help. Where a tunnel is gone, whoever serves its name answers 404 or
/// 5xx.
pub(crate) const fn hangs(error: &KnockError) -> bool {
    match error {
        KnockError::NoName | KnockError::NoConnection | KnockError::TooSlow | KnockError::Busy(_) => true,
        KnockError::Elsewhere(status) => matches!(*status, 404 | 500..=599),
        KnockError::Certificate(_) | KnockError::Refused => false,
    }
}

/// There is nowhere to knock.
pub(crate) fn no_address() -> (String, String) {
    (
        "There is no public address yet, so calls and texts don't reach this computer.".into(),
        "Choose one in Settings first.".into(),
    )
}

/// What a failed knock means, and what to do.
pub(crate) fn words(error: &KnockError) -> (String, String) {
    let (problem, hint) = match error {
        KnockError::NoName => (
            "The name in the address leads nowhere.",
            "Check how it is written. A new name can take some minutes until everybody knows it.",
        ),
        KnockError::NoConnection => (
            "Nobody answers at the address.",
            "Check that the tunnel or the router in front of this computer runs and lets connections in.",
        ),
        KnockError::TooSlow => (
            "The address takes too long to answer.",
            "Check this computer's internet connection and the tunnel, then try again.",
        ),
        KnockError::Certificate(why) => {
            return (
                format!("Twilio would not trust the address's certificate: {why}."),
                "Renew it, or choose a tunnel, which takes care of it by itself.".into(),
            );
        }
        KnockError::Refused => (
            "The program at this address doesn't accept our signature.",
            "Another Ringdesk answers there, or one with another auth token. Close it, or connect again.",
        ),
        KnockError::Elsewhere(NOT_OURS) => (
            "Another Ringdesk answers at this address.",
            "Close it on the other computer, or give this computer an address of its own.",
        ),
        KnockError::Elsewhere(status) => {
            return (
                format!("Something else answers at this address (it said {status})."),
                "Lead the address to this computer, or choose another one.".into(),
            );
        }
        KnockError::Busy(_) => (
            "The tunnel is there, but this computer isn't behind it.",
            "Start the tunnel again, and check that it leads to this computer.",
        ),
    };
    (problem.into(), hint.into())
}

/// Nobody comes through from here, as behind a router that does not lead a computer back to itself.
pub(crate) fn only_twilio() -> (String, String) {
    (
        "A test call-in from this computer doesn't come through, but Twilio does.".into(),
        "Some routers don't lead a computer back to itself. Calls and texts come in, so nothing needs doing."
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_that_is_gone_is_told_from_somebody_else() {
        for gone in [
            KnockError::NoName,
            KnockError::NoConnection,
            KnockError::TooSlow,
            KnockError::Busy(530),
            KnockError::Elsewhere(404),
            KnockError::Elsewhere(521),
        ] {
            assert!(hangs(&gone), "{gone}");
        }
        for other in [
            KnockError::Refused,
            KnockError::Certificate("it has expired".into()),
            KnockError::Elsewhere(200),
            KnockError::Elsewhere(403),
            KnockError::Elsewhere(409),
        ] {
            assert!(!hangs(&other), "{other}");
        }
    }
}
