//! Texts: registrations, countries, what Twilio noticed, and what did not get away.

use super::{DAY, ails, found, is, leads};
use ringdesk_inbox::view::{Grade, Place};
use ringdesk_sandbox::Fault;
use ringdesk_tests::office::{LINES, Office};
use serde_json::json;

#[tokio::test]
async fn us_registration_is_told_in_each_of_its_states() {
    let office = Office::open().await;
    ails(&office, "a2p", Grade::Warn, "Not registered yet").await;
    office.sandbox.set_brand("FAILED", Some("The tax number is not known."));
    let check = ails(&office, "a2p", Grade::Fail, "Your business was refused").await;
    assert!(check.details.iter().any(|detail| detail.contains("tax number")), "{check:?}");
    office.sandbox.set_brand("PENDING", None);
    ails(&office, "a2p", Grade::Warn, "Your business is under review").await;
    office.sandbox.set_brand("APPROVED", None);
    ails(&office, "a2p", Grade::Warn, "no campaign is").await;
    let own = [("UseInboundWebhookOnNumber", "true")];
    let service = office.sandbox.set_service("Customer care", &own, &LINES[..1]);
    for (status, grade, said) in [
        ("IN_PROGRESS", Grade::Warn, "Under review"),
        ("FAILED", Grade::Fail, "The campaign was refused"),
        ("SUSPENDED", Grade::Fail, "suspended"),
        ("VERIFIED", Grade::Warn, "isn’t in the registered campaign"),
    ] {
        office.sandbox.set_campaign(&service, status, &[]);
        ails(&office, "a2p", grade, said).await;
    }
    office.sandbox.set_service("Customer care", &own, &LINES);
    is(&found(&office, "a2p").await, Grade::Pass, "Registered");
}

#[tokio::test]
async fn a_toll_free_line_is_verified_or_said_not_to_be() {
    let line = "+18335550100";
    let office = Office::open_with(&[line]).await;
    ails(&office, "toll_free", Grade::Warn, "(833) 555-0100 isn’t verified").await;
    for (status, rejection, grade, said) in [
        ("PENDING_REVIEW", None, Grade::Warn, "under review"),
        ("TWILIO_REJECTED", Some("Nobody answers at +14155550998."), Grade::Fail, "was refused"),
    ] {
        office.sandbox.set_toll_free(line, status, rejection).expect("the account has it");
        let check = ails(&office, "toll_free", grade, said).await;
        let why = |detail: &String| detail.contains("+…0998") && !detail.contains("5550998");
        assert_eq!(check.details.iter().any(why), rejection.is_some(), "{check:?}");
    }
    office.sandbox.set_toll_free(line, "TWILIO_APPROVED", None).expect("the account has it");
    is(&found(&office, "toll_free").await, Grade::Pass, "Verified");
    is(&found(&office, "a2p").await, Grade::Pass, "don’t need one");
}

#[tokio::test]
async fn a_messaging_service_that_cannot_send_is_told() {
    let office = Office::open().await;
    is(&found(&office, "sender_pool").await, Grade::Pass, "None is used");
    let uses = async |sid: &str| {
        let patch = json!({ "texts": { "messaging_service_sid": sid } });
        office.desk.inbox.apply_settings(&patch).await.expect("settings");
    };
    uses("MG00000000000000000000000000000000").await;
    let check = ails(&office, "sender_pool", Grade::Fail, "isn’t on this account").await;
    leads(&check, Place::Lines);
    let own = [("UseInboundWebhookOnNumber", "true")];
    uses(&office.sandbox.set_service("Customer care", &own, &[])).await;
    ails(&office, "sender_pool", Grade::Fail, "no number in it").await;
    office.sandbox.set_service("Customer care", &own, &LINES);
    is(&found(&office, "sender_pool").await, Grade::Pass, "2 numbers are in it");
}

#[tokio::test]
async fn a_country_that_is_switched_off_is_hinted_at() {
    let office = Office::open().await;
    is(&found(&office, "geo").await, Grade::Pass, "Nothing was refused");
    // The practice line refuses by the last digits.
    let abroad = office.phone("+14155521408");
    abroad.texts("Do you ship here?").await;
    let id = office.answers(&abroad, "We do.").await;
    office.reaches(&abroad, id, "failed").await;
    ails(&office, "geo", Grade::Warn, "1 text or call refused in 30 days").await;
    office.minutes_pass(31 * DAY);
    is(&found(&office, "geo").await, Grade::Pass, "Nothing was refused");
    // A forwarded call fails at Twilio, which alone tells of it.
    office.sandbox.alert(13_227, "Geo Permission", None, office.clock.now().0);
    ails(&office, "geo", Grade::Warn, "1 text or call refused in 30 days").await;
}

#[tokio::test]
async fn what_twilio_noticed_is_told_in_our_words() {
    let office = Office::open().await;
    is(&found(&office, "alerts").await, Grade::Pass, "Nothing in 30 days");
    let now = office.clock.now().0;
    for hours in [2, 5] {
        office.sandbox.alert(11_200, "HTTP 502 for Body=secret", None, now - hours * 3_600_000);
    }
    let check = ails(&office, "alerts", Grade::Warn, "2 times, last 2 hours ago").await;
    assert!(check.details.iter().any(|detail| detail.starts_with("11200: ")), "{check:?}");
    assert!(!format!("{check:?}").contains("secret"), "what was in it is nobody's business");
    // Two days later, and something came through since: it is over.
    office.minutes_pass(2 * DAY);
    office.phone("+14155550932").texts("Hello").await;
    let check = found(&office, "alerts").await;
    is(&check, Grade::Pass, "2 notices in 30 days");
    office.minutes_pass(31 * DAY);
    is(&found(&office, "alerts").await, Grade::Pass, "Nothing in 30 days");
}

#[tokio::test]
async fn a_text_that_could_not_get_away_waits_for_a_word() {
    let office = Office::open().await;
    let maria = office.phone("+14155550933");
    maria.texts("Hello").await;
    office.fault(Fault::Times(10_000, Box::new(Fault::Busy(60))));
    let id = office.answers(&maria, "On my way").await;
    is(&found(&office, "outbox").await, Grade::Pass, "None waits too long");
    office.minutes_pass(17);
    let held = || async {
        // Twilio may have said only now to come back in a minute.
        office.minutes_pass(2);
        Some(found(&office, "outbox").await).filter(|check| check.grade == Grade::Warn)
    };
    office.until("it is held", held).await;
    let check = ails(&office, "outbox", Grade::Warn, "1 text has waited too long to leave").await;
    leads(&check, Place::Unsettled);
    office.sandbox.mend();
    let released = || async { office.desk.inbox.release(id).await.expect("an answer").then_some(()) };
    office.until("it is held, and sent after all", released).await;
    office.reaches(&maria, id, "delivered").await;
    is(&found(&office, "outbox").await, Grade::Pass, "None waits too long");
}

#[tokio::test]
async fn a_text_nobody_is_sure_of_is_told_until_it_is_found() {
    let office = Office::open().await;
    let maria = office.phone("+14155550934");
    maria.texts("Hello").await;
    office.fault(Fault::ErrorAfterAccepting);
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let id = office.answers(&maria, "Where are you?").await;
    office.reaches(&maria, id, "send_unknown").await;
    let check = ails(&office, "unknown_sends", Grade::Warn, "1 text may have left or not").await;
    leads(&check, Place::Unsettled);
    office.minutes_pass(2);
    office.reaches(&maria, id, "delivered").await;
    is(&found(&office, "unknown_sends").await, Grade::Pass, "None");
}
