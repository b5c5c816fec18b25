//! Where texts go, and what is known of those that go wrong.

use super::{LINE, SECOND, alarms, ask, get, nobody, open, refused, sids, texts};

#[tokio::test]
async fn a_service_takes_the_texts_of_its_numbers() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("SmsUrl", &app.at("/number"))]);
    let service = sandbox.set_service("Marketing", &[("InboundRequestUrl", &app.at("/service"))], &[LINE]);
    let (sid, status) = texts(&sandbox).await;
    assert_eq!(status, Some(200));
    assert_eq!(app.told("/service", "MessageSid"), [sid]);
    assert_eq!(app.told("/service", "MessagingServiceSid"), [service.as_str()]);
    assert!(app.told("/number", "MessageSid").is_empty());

    sandbox.set_service("Marketing", &[("UseInboundWebhookOnNumber", "true")], &[LINE]);
    texts(&sandbox).await;
    assert_eq!(app.told("/number", "MessagingServiceSid"), [service.as_str()]);
    sandbox.set_service("Marketing", &[], &[]);
    texts(&sandbox).await;
    assert_eq!(app.told("/number", "MessagingServiceSid"), [service.as_str(), "-"]);
    assert_eq!(app.told("/service", "Body").len(), 1);
}

#[tokio::test]
async fn a_service_without_an_address_swallows_texts() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("SmsUrl", &app.at("/number"))]);
    let service = sandbox.set_service("Marketing", &[], &[LINE]);
    let (sid, status) = texts(&sandbox).await;
    assert_eq!(status, None);
    assert!(app.told("/number", "Body").is_empty());
    let messages = get(&sandbox, "{AC}/Messages.json").await;
    assert_eq!(messages["messages"].as_array().map(Vec::len), Some(0), "it was never received");
    assert_eq!(sandbox.report().elsewhere, [(sid, service)]);
}

#[tokio::test]
async fn an_application_takes_the_texts_of_a_number() {
    let (sandbox, app) = open().await;
    let application = format!("AP{}", "a".repeat(32));
    sandbox.set_number(LINE, &[("SmsUrl", &app.at("/number")), ("SmsApplicationSid", &application)]);
    let (sid, status) = texts(&sandbox).await;
    assert_eq!((status, app.told("/number", "Body").len()), (None, 0));
    let messages = get(&sandbox, "{AC}/Messages.json").await;
    assert_eq!(sids(&messages["messages"]), [sid.as_str()]);
    assert_eq!(sandbox.report().elsewhere, [(sid, application)]);
}

#[tokio::test]
async fn a_number_belongs_to_one_service_at_most() {
    let (sandbox, _) = open().await;
    let number = sandbox.number(LINE)["Sid"].clone();
    let (status, service) = ask(&sandbox, "/v1/Services", Some(&[("FriendlyName", "Marketing")])).await;
    assert_eq!((status, service["use_inbound_webhook_on_number"].as_bool()), (201, Some(false)));
    assert!(service["inbound_request_url"].is_null());
    let other = sandbox.set_service("Support", &[], &[SECOND]);
    let senders = format!("/v1/Services/{}/PhoneNumbers", service["sid"].as_str().expect("a SID"));
    let adding = [("PhoneNumberSid", number.as_str())];
    let (status, sender) = ask(&sandbox, &senders, Some(&adding)).await;
    assert_eq!((status, sender["phone_number"].as_str()), (201, Some(LINE)));
    assert_eq!(refused(&sandbox, &senders, Some(&adding)).await, (409, 21710));
    let others = format!("/v1/Services/{other}/PhoneNumbers");
    assert_eq!(refused(&sandbox, &others, Some(&adding)).await, (409, 21712));
    assert_eq!(sids(&get(&sandbox, &senders).await["phone_numbers"]), [number.as_str()]);
    let (status, _) = ask(&sandbox, &format!("DELETE {senders}/{number}"), None).await;
    assert_eq!(status, 204);
    assert_eq!(ask(&sandbox, &others, Some(&adding)).await.0, 201);

    let path = format!("/v1/Services/{other}");
    let deferring = [("UseInboundWebhookOnNumber", "true"), ("InboundRequestUrl", "")];
    let (status, changed) = ask(&sandbox, &path, Some(&deferring)).await;
    assert_eq!((status, changed["use_inbound_webhook_on_number"].as_bool()), (200, Some(true)));
    assert_eq!(refused(&sandbox, &path, Some(&[("InboundRequestUrl", "nowhere")])).await, (400, 20001));
    assert_eq!(ask(&sandbox, &format!("DELETE {path}"), None).await.0, 204);
    assert_eq!(refused(&sandbox, &path, None).await, (404, 20404));
    assert_eq!(sids(&get(&sandbox, "/v1/Services").await["services"]).len(), 1);
}

#[tokio::test]
async fn a_text_that_goes_wrong_goes_to_the_fallback_and_is_an_alert() {
    let (sandbox, app) = open().await;
    let closed = nobody().await;
    for (url, code) in [
        (app.at("/500"), "11200"),
        (app.at("/json"), "12300"),
        (app.at("/broken"), "12100"),
        (closed, "11205"),
        (app.at("/never#rt=100&rc=0"), "11200"),
    ] {
        sandbox.set_number(LINE, &[("SmsUrl", &url), ("SmsFallbackUrl", &app.at("/instead"))]);
        let (sid, status) = texts(&sandbox).await;
        assert_eq!(status, Some(200), "{url}");
        assert_eq!(app.told("/instead", "ErrorCode").last().map(String::as_str), Some(code), "{url}");
        let list = get(&sandbox, "/v1/Alerts").await;
        let alert = list["alerts"].as_array().expect("a list").iter().find(|one| one["resource_sid"] == sid);
        let alert = alert.expect("an alert about it");
        assert_eq!((alert["error_code"].as_str(), alert["request_url"].as_str()), (Some(code), Some(&*url)));
        let one = get(&sandbox, &format!("/v1/Alerts/{}", alert["sid"].as_str().expect("a SID"))).await;
        assert!(one["request_variables"].as_str().is_some_and(|form| form.contains(&sid)));
    }
    assert_eq!(alarms(&sandbox).await.len(), 5);
    assert!(sandbox.report().alerts.is_empty(), "those are about calls");
}
