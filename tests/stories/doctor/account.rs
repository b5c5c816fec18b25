//! The account: sign-in, token, password safe, money, clock.

use super::{DAY, ails, found, is, leads, look};
use ringdesk_inbox::{
    Computer, Safe,
    view::{Grade, Place},
};
use ringdesk_machine::AccountCredentials;
use ringdesk_tests::{host::client, office::Office};

/// Somebody replaces the account's token at Twilio; the new one.
pub(super) async fn replace_token(office: &Office) -> String {
    let (sid, token) = office.sandbox.credentials();
    let token = token.to_owned();
    for step in ["Secondary", "Promote"] {
        let url = format!("{}/v1/AuthTokens/{step}", office.sandbox.url());
        let answer = client().post(url).basic_auth(sid, Some(&token)).send().await.expect("an answer");
        answer.error_for_status().expect("done");
    }
    office.sandbox.auth_token()
}

/// The owner connects the account again with this token.
pub(super) fn reconnect(office: &Office, token: String) {
    let in_use = office.in_use();
    let credentials = AccountCredentials { auth_token: token.into(), ..in_use.credentials() };
    in_use.renew(credentials).expect("taken over");
}

#[tokio::test]
async fn a_token_that_was_replaced_at_twilio_is_no_sign_in() {
    let office = Office::open().await;
    is(&found(&office, "credentials").await, Grade::Pass, "Accepted");
    let token = replace_token(&office).await;
    let check = ails(&office, "credentials", Grade::Fail, "Twilio no longer accepts it").await;
    leads(&check, Place::Account);
    reconnect(&office, token);
    is(&found(&office, "credentials").await, Grade::Pass, "Accepted");
}

#[tokio::test]
async fn an_old_token_and_a_second_one_left_open_are_told() {
    let office = Office::open().await;
    is(&found(&office, "token_age").await, Grade::Unknown, "since when");
    let since = office.clock.now().plus_ms(-400 * DAY * 60_000);
    let kept = Computer { safe: Some(Safe::Keychain), token_since: Some(since), ..Computer::default() };
    look(&office, kept.clone());
    let check = ails(&office, "token_age", Grade::Warn, "In use for 400 days").await;
    leads(&check, Place::Token);
    let replacing = Computer { second_token: true, ..kept.clone() };
    look(&office, replacing);
    is(&found(&office, "token_age").await, Grade::Pass, "being replaced");
    office.minutes_pass(8 * DAY);
    let check = ails(&office, "token_age", Grade::Warn, "has been open for 8 days").await;
    leads(&check, Place::Token);
    look(&office, Computer { token_since: Some(office.clock.now()), ..kept });
    is(&found(&office, "token_age").await, Grade::Pass, "In use for");
}

#[tokio::test]
async fn a_sign_in_that_will_not_be_there_tomorrow_is_told_today() {
    let office = Office::open().await;
    is(&found(&office, "keychain").await, Grade::Unknown, "wasn’t looked at");
    for (safe, grade, said) in [
        (Safe::Missing, Grade::Fail, "no longer holds the sign-in"),
        (Safe::Absent, Grade::Warn, "doesn’t answer"),
        (Safe::Locked, Grade::Warn, "locked"),
    ] {
        look(&office, Computer { safe: Some(safe), ..Computer::default() });
        ails(&office, "keychain", grade, said).await;
    }
    for (safe, grade, said) in [
        (Safe::Sealed, Grade::Pass, "passphrase"),
        (Safe::Environment, Grade::Pass, "environment"),
        (Safe::Practice, Grade::Unknown, "practice line"),
        (Safe::Keychain, Grade::Pass, "holds the sign-in"),
    ] {
        look(&office, Computer { safe: Some(safe), ..Computer::default() });
        is(&found(&office, "keychain").await, grade, said);
    }
}

#[tokio::test]
async fn money_that_runs_out_is_told_before_it_is_gone() {
    let office = Office::open().await;
    for (balance, grade, said) in [
        ("4.99", Grade::Warn, "$4.99: running low"),
        ("0.42", Grade::Fail, "$0.42: as good as nothing"),
        ("-3.10", Grade::Fail, "-$3.10"),
    ] {
        office.sandbox.set_balance(balance, "USD");
        ails(&office, "balance", grade, said).await;
    }
    office.sandbox.set_balance("18.4", "USD");
    is(&found(&office, "balance").await, Grade::Pass, "$18.40");
}

#[tokio::test]
async fn a_clock_that_goes_wrong_is_told() {
    let office = Office::open().await;
    is(&found(&office, "clock").await, Grade::Pass, "Agrees with Twilio’s");
    for (error_ms, grade, said) in [
        (-90_000, Grade::Warn, "1 minute fast"),
        (90_000, Grade::Warn, "1 minute slow"),
        (-3_600_000, Grade::Fail, "60 minutes fast"),
    ] {
        office.sandbox.set_clock_error_ms(error_ms);
        ails(&office, "clock", grade, said).await;
    }
    office.sandbox.set_clock_error_ms(0);
    is(&found(&office, "clock").await, Grade::Pass, "Agrees");
}
