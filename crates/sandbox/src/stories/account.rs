//! The account: its numbers, keys, money and registrations, and what they do to calls.

use super::{
    CALLER, LINE, NOW_MS, SECOND, alarms, ask, ask_as, calls, client, config, get, open, refused, sids, texts,
};
use crate::{CallIn, CallStatus, Config, Fault, Heard, Sandbox};
use serde_json::json;

#[tokio::test]
async fn a_trunk_or_an_application_takes_the_calls_of_a_number() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("VoiceUrl", &app.at("/in")), ("StatusCallback", &app.at("/over"))]);
    for (name, prefix) in [("TrunkSid", "TK"), ("VoiceApplicationSid", "AP")] {
        let other = format!("{prefix}{}", "c".repeat(32));
        sandbox.set_number(LINE, &[(name, &other)]);
        let report = calls(&sandbox, CallIn::new(CALLER, LINE)).await;
        assert_eq!((report.status, report.heard(Heard::Error).len()), (CallStatus::NoAnswer, 1));
        assert_eq!(sandbox.report().elsewhere.last(), Some(&(report.sid, other)));
    }
    assert_eq!(app.told("/in", "CallSid").len() + app.told("/over", "CallSid").len(), 0);
    assert_eq!(sandbox.number(LINE)["TrunkSid"], "", "the application took its place");
    sandbox.set_number(LINE, &[("VoiceApplicationSid", "")]);
    let report = calls(&sandbox, CallIn::new(CALLER, LINE)).await;
    assert_eq!(app.told("/in", "CallSid"), [report.sid.as_str()]);
    assert_eq!(app.told("/over", "CallStatus"), ["completed"]);
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let (sandbox, app) = open().await;
    let path = format!("{{AC}}/IncomingPhoneNumbers/{}.json", sandbox.number(LINE)["Sid"]);
    let (voice, away) = (app.at("/voice#rc=2&rp=all"), app.at("/away"));
    let fields =
        [("VoiceUrl", &*voice), ("VoiceMethod", "GET"), ("VoiceFallbackUrl", &*away), ("Weather", "rain")];
    let (status, number) = ask(&sandbox, &path, Some(&fields)).await;
    assert_eq!((status, number["voice_url"].as_str()), (200, Some(&*voice)));
    assert_eq!((number["voice_method"].as_str(), number["trunk_sid"].is_null()), (Some("GET"), true));
    let before = sandbox.number(LINE);
    for (fields, code) in [
        (&[("FriendlyName", "Front desk"), ("VoiceUrl", "nowhere")][..], 21402),
        (&[("VoiceMethod", "PUT")][..], 21403),
        (&[("VoiceUrl", "")][..], 21405),
        (&[("SmsFallbackUrl", &*away)][..], 21406),
    ] {
        assert_eq!(refused(&sandbox, &path, Some(fields)).await, (400, code));
    }
    sandbox.fault(Fault::NumberUpdateRefused);
    assert_eq!(refused(&sandbox, &path, Some(&[("FriendlyName", "Front desk")])).await, (400, 21402));
    assert_eq!(sandbox.number(LINE), before);
    assert_eq!(ask(&sandbox, &path, Some(&[("VoiceFallbackUrl", "")])).await.0, 200);
    assert_eq!(sandbox.number(LINE)["VoiceFallbackUrl"], "");
    assert!(!sandbox.set_number("+15550100777", &[]) && sandbox.number("+15550100777").is_empty());
}

#[tokio::test]
async fn a_new_number_answers_with_twilios_demonstration() {
    let sandbox = Sandbox::start(Config { demo_urls: true, ..config() }).await.expect("a practice line");
    assert_eq!(sandbox.number(SECOND)["VoiceUrl"], "https://demo.twilio.com/welcome/voice/");
    let report = calls(&sandbox, CallIn::new(CALLER, LINE)).await;
    assert_eq!(report.heard(Heard::Said).len(), 1);
    assert_eq!(texts(&sandbox).await.1, Some(200));
    assert!(alarms(&sandbox).await.is_empty());
}

#[tokio::test]
async fn one_auth_token_is_exchanged_for_another() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("SmsUrl", &app.at("/sms"))]);
    let (account, first) = sandbox.credentials();
    let numbers = "{AC}/IncomingPhoneNumbers.json?PageSize=1";
    assert_eq!(refused(&sandbox, "/v1/AuthTokens/Promote", Some(&[])).await, (400, 20001));
    let (status, made) = ask(&sandbox, "/v1/AuthTokens/Secondary", Some(&[])).await;
    let second = made["secondary_auth_token"].as_str().expect("a token");
    assert_eq!(status, 201);
    for token in [first, second] {
        assert_eq!(ask_as(&sandbox, (account, token), numbers, None).await.0, 200);
    }
    texts(&sandbox).await;
    assert!(app.last_is_signed_with(first) && !app.last_is_signed_with(second));

    let promote = "/v1/AuthTokens/Promote";
    let (status, promoted) = ask_as(&sandbox, (account, second), promote, Some(&[])).await;
    assert_eq!((status, promoted["auth_token"].as_str()), (200, Some(second)));
    assert_eq!(sandbox.auth_token(), second);
    let (status, refusal) = ask_as(&sandbox, (account, first), numbers, None).await;
    assert_eq!((status, refusal["code"].as_u64()), (401, Some(20003)));
    texts(&sandbox).await;
    assert!(app.last_is_signed_with(second));
    let dropping = "DELETE /v1/AuthTokens/Secondary";
    assert_eq!(refused(&sandbox, dropping, None).await, (404, 20404));
    assert_eq!(ask(&sandbox, "/v1/AuthTokens/Secondary", Some(&[])).await.0, 201);
    assert_eq!(ask(&sandbox, dropping, None).await.0, 204);
}

#[tokio::test]
async fn an_api_key_opens_all_but_the_account() {
    let key = (format!("SK{}", "d".repeat(32)), "a-secret".to_owned());
    let config = Config { api_key: Some(key.clone()), ..config() };
    let sandbox = Sandbox::start(config).await.expect("a practice line");
    let key = (key.0.as_str(), key.1.as_str());
    let balance = "{AC}/Balance.json";
    for path in ["{AC}/IncomingPhoneNumbers.json", balance, "/v1/Services", "/v2/Flows", "/v1/Alerts"] {
        assert_eq!(ask_as(&sandbox, key, path, None).await.0, 200, "{path}");
    }
    let (status, refusal) = ask_as(&sandbox, key, "{AC}.json", None).await;
    assert_eq!((status, refusal["code"].as_u64()), (401, Some(20003)));
    assert_eq!(ask_as(&sandbox, key, "/v1/AuthTokens/Secondary", Some(&[])).await.0, 401);
    assert_eq!(ask_as(&sandbox, (key.0, "wrong"), "/v1/Services", None).await.0, 401);
}

#[tokio::test]
async fn answers_tell_the_time_and_requests_are_remembered() {
    let (sandbox, _) = open().await;
    let url = format!("{}/v1/Services", sandbox.url());
    for (error_ms, date) in [
        (0, "Fri, 20 Nov 2026 18:00:00 GMT"),
        (90_000, "Fri, 20 Nov 2026 18:01:30 GMT"),
        (-3_600_000, "Fri, 20 Nov 2026 17:00:00 GMT"),
    ] {
        sandbox.set_clock_error_ms(error_ms);
        // Also to those it does not know.
        let answer = client().get(&url).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401);
        assert_eq!(answer.headers()["date"], date);
    }
    ask(&sandbox, "/v2/Flows", Some(&[])).await;
    let requests = sandbox.report().requests;
    assert_eq!(requests, ["GET /v1/Services", "GET /v1/Services", "GET /v1/Services", "POST /v2/Flows"]);
}

#[tokio::test]
async fn alerts_are_found_by_level_and_day() {
    let (sandbox, _) = open().await;
    let day_ms = 86_400_000;
    let call = format!("CA{}", "e".repeat(32));
    sandbox.alert(11200, "HTTP 502", Some(&call), NOW_MS - 2 * day_ms);
    sandbox.alert(15003, "a callback was not answered well", None, NOW_MS - day_ms);
    sandbox.alert(11205, "no answer", None, NOW_MS - 5 * day_ms);
    sandbox.alert(11205, "no answer", None, NOW_MS - 31 * day_ms);
    assert_eq!(alarms(&sandbox).await, ["15003", "11200", "11205"], "the latest first, of thirty days");
    for (filter, codes) in [
        ("LogLevel=warning", &["15003"][..]),
        ("StartDate=2026-11-18T00:00:00Z", &["15003", "11200"][..]),
        ("EndDate=2026-11-18T00:00:00Z", &["11205"][..]),
        ("PageSize=1", &["15003"][..]),
    ] {
        let list = get(&sandbox, &format!("/v1/Alerts?{filter}")).await;
        let found = list["alerts"].as_array().expect("a list").iter();
        let found: Vec<&str> = found.filter_map(|alert| alert["error_code"].as_str()).collect();
        assert_eq!(found, codes, "{filter}");
    }
    let first = get(&sandbox, "/v1/Alerts?PageSize=2").await;
    let next = first["meta"]["next_page_url"].as_str().expect("another page");
    let path = next.strip_prefix(sandbox.url()).expect("an address of the practice line");
    let second = get(&sandbox, path).await;
    assert_eq!(sids(&second["alerts"]).len(), 1);
    assert!(second["meta"]["next_page_url"].is_null());
    sandbox.fault(Fault::MonitorAway);
    assert_eq!(refused(&sandbox, "/v1/Alerts", None).await, (503, 20503));
}

#[tokio::test]
async fn money_numbers_and_registrations_can_be_read() {
    let (sandbox, _) = open().await;
    sandbox.set_balance("-0.42", "EUR");
    let balance = get(&sandbox, "{AC}/Balance.json").await;
    assert_eq!((balance["balance"].as_str(), balance["currency"].as_str()), (Some("-0.42"), Some("EUR")));

    let looked = get(&sandbox, "/v2/PhoneNumbers/%2B14155550123").await;
    assert_eq!(looked["valid"], true);
    assert_eq!(looked["national_format"], "(415) 555-0123");
    let looked = get(&sandbox, "/v2/PhoneNumbers/+1415555").await;
    assert_eq!(looked["valid"], false);
    assert_eq!(looked["validation_errors"], json!(["TOO_SHORT"]));

    let service = sandbox.set_service("Marketing", &[], &[LINE]);
    let brand = sandbox.set_brand("APPROVED", None);
    let campaign = sandbox.set_campaign(&service, "FAILED", &[(30886, "the description is too short")]);
    let campaigns = get(&sandbox, &format!("/v1/Services/{service}/Compliance/Usa2p")).await;
    let found = &campaigns["compliance"][0];
    assert_eq!(
        (found["campaign_status"].as_str(), found["sid"].as_str()),
        (Some("FAILED"), Some(&*campaign))
    );
    assert_eq!(found["brand_registration_sid"], brand.as_str());
    assert_eq!(found["errors"][0]["error_code"], 30886);
    assert_eq!(sandbox.set_campaign(&service, "VERIFIED", &[]), campaign, "it is the same one");
    let services = get(&sandbox, "/v1/Services").await;
    assert_eq!(services["services"][0]["us_app_to_person_registered"], true);
    sandbox.set_brand("FAILED", Some("the tax id is unknown"));
    let brands = get(&sandbox, "/v1/a2p/BrandRegistrations").await;
    assert_eq!(
        (sids(&brands["data"]), brands["data"][0]["status"].as_str()),
        (vec![&*brand], Some("FAILED"))
    );

    assert_eq!(sandbox.set_toll_free("+18005550000", "IN_REVIEW", None), None);
    let toll_free = sandbox.set_toll_free(LINE, "TWILIO_REJECTED", Some("no opt-in")).expect("our number");
    let verifications = get(&sandbox, "/v1/Tollfree/Verifications?Status=TWILIO_REJECTED").await;
    assert_eq!(sids(&verifications["verifications"]), [toll_free.as_str()]);
    let number = &verifications["verifications"][0]["tollfree_phone_number_sid"];
    assert_eq!(number, sandbox.number(LINE)["Sid"].as_str());
    sandbox.fault(Fault::MessagingAway);
    assert_eq!(refused(&sandbox, "/v1/Tollfree/Verifications", None).await, (503, 20503));
}
