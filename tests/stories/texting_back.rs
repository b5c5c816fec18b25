use ringdesk_inbox::CallFilter;
use ringdesk_sandbox::Rang;
use ringdesk_tests::{
    asleep::complete,
    office::{LINES, Office},
};
use serde_json::json;
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;
/// Who called twenty minutes and five minutes before somebody was there again.
const EARLY: &str = "+14155550711";
const LATELY: &str = "+14155550712";

/// Who called, and whether they were texted back.
async fn texted_back(office: &Office) -> BTreeMap<String, bool> {
    let calls = office.desk.inbox.calls(CallFilter::All, None, None, 100).await.expect("calls");
    calls.into_iter().map(|call| (call.customer, call.texted_back)).collect()
}

#[tokio::test]
async fn whoever_called_while_nobody_was_there_is_texted_back_once_and_only_soon_after() {
    for (within_minutes, early) in [(10, false), (30, true)] {
        let mut office = Office::open().await;
        let text_back = json!({ "calls": { "text_back": { "on": true, "within_minutes": within_minutes } } });
        office.desk.inbox.apply_settings(&text_back).await.expect("settings");
        complete(&office, office.clock.now()).await;
        let closed = office.clock.now();
        office.close().await;
        office.sandbox.rang(EARLY, LINES[0], closed.0 + 10 * MINUTE_MS, Rang::HungUp);
        office.sandbox.rang(LATELY, LINES[0], closed.0 + 25 * MINUTE_MS, Rang::HungUp);
        office.minutes_pass(30);
        office.reopen().await;
        complete(&office, office.clock.now()).await;
        // Calls are decided about in the order in which they came: then the earlier one is, too.
        let texted = || async { (!office.phone(LATELY).got().is_empty()).then_some(()) };
        office.until("who called lately is texted back", texted).await;
        if early {
            let texted = || async { (!office.phone(EARLY).got().is_empty()).then_some(()) };
            office.until("who called before is texted back, too", texted).await;
        }

        // Neither later looks nor another start text anybody again.
        office.minutes_pass(6);
        complete(&office, office.clock.now()).await;
        office.close().await;
        office.minutes_pass(1);
        office.reopen().await;
        complete(&office, office.clock.now()).await;
        let expected = BTreeMap::from([(EARLY.to_owned(), early), (LATELY.to_owned(), true)]);
        assert_eq!(texted_back(&office).await, expected, "within {within_minutes} minutes");
        let got = [EARLY, LATELY].map(|customer| office.phone(customer).got().len());
        assert_eq!(got, [usize::from(early), 1], "within {within_minutes} minutes");
        assert_eq!(office.sandbox.report().creates, 1 + u32::from(early));
    }
}
