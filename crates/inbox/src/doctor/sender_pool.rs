//! Whether the Messaging Service that sends texts is there and can send them.

use super::{
    known::Known,
    words::{Subject, counted, discreet},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "sender_pool",
    title: "Messaging Service",
    why: "Lines that can’t send texts themselves send them through a Messaging Service. Without a number in \
          it nothing leaves.",
};

pub(super) fn check(known: &Known) -> Check {
    let Some(sid) = known.settings.texts.messaging_service_sid.as_deref() else {
        return SUBJECT.pass("None is used: texts leave from the lines themselves");
    };
    let pools = match known.asked(|live| &live.pools) {
        Ok(pools) => pools,
        Err(why) => return SUBJECT.unknown(why),
    };
    let Some(pool) = pools.iter().find(|pool| pool.service.sid == sid) else {
        let hint = "Name another one in Settings, or none: then texts leave from the lines themselves.";
        return SUBJECT
            .fail("The one in your settings isn’t on this account", hint)
            .leads("Look at the line’s settings", Place::Lines)
            .detailed(vec![sid.to_owned()]);
    };
    let details = vec![format!("{sid} {}", discreet(&pool.service.friendly_name))];
    if pool.senders.is_empty() {
        let hint = "Add your number to it at Twilio, under Messaging, Services, Sender Pool.";
        return SUBJECT
            .fail("There is no number in it, so no text can leave through it", hint)
            .detailed(details);
    }
    let ours = |number: &str| known.lines.iter().any(|line| line.number.as_str() == number);
    if !pool.senders.iter().any(|sender| ours(&sender.phone_number)) {
        let hint =
            "Customers see a number that isn’t one of your lines. Add yours at Twilio, under Sender Pool.";
        return SUBJECT.warn("None of your lines is in it", hint).detailed(details);
    }
    let count = u64::try_from(pool.senders.len()).unwrap_or(u64::MAX);
    SUBJECT.pass(format!("{} in it", counted(count, "number is", "numbers are"))).detailed(details)
}
