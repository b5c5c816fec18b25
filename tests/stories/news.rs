use ringdesk_domain::ConversationId;
use ringdesk_inbox::{Follower, LineNews, News, Reach};
use ringdesk_sandbox::Fault;
use ringdesk_tests::office::Office;
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use serde_json::json;

async fn told(follower: &mut Follower) -> Vec<News> {
    follower.news(None).await.expect("news")
}

async fn set(office: &Office, patch: serde_json::Value) {
    office.desk.inbox.apply_settings(&json!({ "notifications": patch })).await.expect("settings");
}

/// Who and what a piece of news shows.
fn shown(news: &[News]) -> Vec<(Option<&str>, Option<&str>)> {
    let piece = |news| match news {
        &News::Texts(ref piece)
        | &News::Missed(ref piece, _)
        | &News::Voicemail { ref piece, .. }
        | &News::Failure(ref piece) => (piece.who.as_deref(), piece.words.as_deref()),
        News::Digest { .. } => (Some("digest"), None),
    };
    news.iter().map(piece).collect()
}

#[tokio::test]
async fn news_is_told_once_as_much_as_wanted_and_not_of_what_is_in_view() {
    let mut office = Office::open().await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    let maria = office.phone("+14155550601");
    maria.texts("Are you open?").await;
    assert_eq!(shown(&told(&mut follower).await), [(Some("(415) 555-0601"), Some("Are you open?"))]);
    assert_eq!(told(&mut follower).await, []);
    let id: ConversationId = office.conversation_with(&maria).await.conversation.id;
    maria.texts("Hello?").await;
    assert_eq!(follower.news(Some(id)).await.expect("news"), [], "it is before the owner's eyes");
    assert_eq!(told(&mut follower).await, []);
    for (shows, expected) in [("sender", (Some("(415) 555-0601"), None)), ("nothing", (None, None))] {
        set(&office, json!({ "shows": shows })).await;
        maria.texts("My code is 4711").await;
        assert_eq!(shown(&told(&mut follower).await), [expected]);
    }
    set(&office, json!({ "texts": false })).await;
    maria.texts("Unwanted").await;
    assert_eq!(told(&mut follower).await, []);
    set(&office, json!({ "texts": true, "shows": "words" })).await;
    assert_eq!(told(&mut follower).await, [], "wanted from now on, not from before");
    // A restart repeats nothing and forgets nothing.
    office.restart().await;
    office.desk.inbox.know_lines(true).await.expect("texts come here");
    office.phone("+14155550601").texts("Back again?").await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    assert_eq!(shown(&told(&mut follower).await), [(Some("(415) 555-0601"), Some("Back again?"))]);
}

#[tokio::test]
async fn what_waited_is_told_together_and_failures_are_too() {
    let office = Office::open().await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    office.desk.inbox.pause_notifications(Some(60)).await.expect("paused");
    for n in 0..4 {
        office.phone(&format!("+1415555061{n}")).texts("Anybody there?").await;
    }
    assert_eq!(told(&mut follower).await, []);
    office.minutes_pass(61);
    assert_eq!(told(&mut follower).await, [News::Digest { texts: 4, people: 4, calls: 0, failed: 0 }]);
    // Until tomorrow morning is eight o'clock where the business is.
    office.desk.inbox.pause_notifications(None).await.expect("paused");
    let until = office.desk.inbox.settings().await.expect("settings").notifications.paused_until;
    let left = until.expect("paused").since(office.clock.now());
    assert_eq!(left, (20 * 60 + 59) * 60_000, "from a minute past eleven");
    office.desk.inbox.pause_notifications(Some(0)).await.expect("resumed");
    // Four phones that are off: nothing of it is unread, and all of it is news.
    for n in 5..9 {
        let phone = office.phone(&format!("+14155{n}30003"));
        phone.texts("Call me").await;
        office
            .desk
            .inbox
            .mark_read(office.conversation_with(&phone).await.conversation.id)
            .await
            .expect("read");
    }
    told(&mut follower).await;
    for n in 5..9 {
        let phone = office.phone(&format!("+14155{n}30003"));
        let id = office.answers(&phone, "We tried").await;
        office.reaches(&phone, id, "undelivered").await;
    }
    assert_eq!(told(&mut follower).await, [News::Digest { texts: 0, people: 0, calls: 0, failed: 4 }]);
    let phone = office.phone("+14155530003");
    let id = office.answers(&phone, "Once more").await;
    office.reaches(&phone, id, "undelivered").await;
    let news = told(&mut follower).await;
    assert!(
        matches!(&news[..], [News::Failure(piece)] if piece.who.as_deref() == Some("(415) 553-0003")),
        "{news:?}"
    );
}

#[tokio::test]
async fn a_lost_line_is_told_after_two_minutes_and_taken_back() {
    let office = Office::open().await;
    let inbox = office.desk.inbox.clone();
    let mut follower = inbox.follow().await.expect("follows");
    assert_eq!(follower.line().await.expect("asked"), None);
    office.fault(Fault::Times(1_000, Box::new(Fault::AccountAway)));
    office.minutes_pass(2);
    office.until("the line is lost", || async { (!inbox.connected()).then_some(()) }).await;
    assert_eq!(follower.line().await.expect("asked"), None, "it may be back in a moment");
    let since = office.clock.now();
    office.minutes_pass(3);
    assert_eq!(follower.line().await.expect("asked"), Some(LineNews::Lost(since)));
    assert_eq!(follower.line().await.expect("asked"), None, "told once");
    office.sandbox.mend();
    office.minutes_pass(1);
    let follower = tokio::sync::Mutex::new(follower);
    let news = || async { follower.lock().await.line().await.expect("asked") };
    assert_eq!(office.until("the line is back", news).await, LineNews::Back { repointed: false });
}

#[tokio::test]
async fn a_sign_in_twilio_refuses_is_told_apart_from_no_internet() {
    let office = Office::open().await;
    let inbox = office.desk.inbox.clone();
    let follower = tokio::sync::Mutex::new(inbox.follow().await.expect("follows"));
    let news = || async { follower.lock().await.line().await.expect("asked") };
    let (sid, token) = office.sandbox.credentials();
    let own = office.door("");
    let own = own.trim_end_matches("/phone/twilio");
    let signs_in_with = |secret: &str| {
        let credentials = Credentials::account(sid, secret.to_owned().into());
        inbox.connect(Reach {
            client: Client::new(office.sandbox.url(), credentials).expect("a client"),
            public: Some(PublicUrl::parse(own).expect("an address")),
            prefix: "/phone/twilio".into(),
            signing: token.to_owned().into(),
        });
    };
    let health = || async { inbox.health().await.expect("health") };
    assert!(!health().await.sign_in_refused);
    signs_in_with("a token that was changed at Twilio");
    office.minutes_pass(2);
    office.until("Twilio refuses", || async { health().await.sign_in_refused.then_some(()) }).await;
    assert!(!health().await.connected);
    assert_eq!(news().await, None, "it may be taken in a moment");
    let since = office.clock.now();
    office.minutes_pass(3);
    assert_eq!(news().await, Some(LineNews::Refused(since)));
    assert_eq!(news().await, None, "told once");
    signs_in_with(token);
    assert_eq!(office.until("the line is back", news).await, LineNews::Back { repointed: false });
    assert!(!health().await.sign_in_refused);
}
