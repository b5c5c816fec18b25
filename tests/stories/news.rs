use ringdesk_domain::ConversationId;
use ringdesk_inbox::{Follower, LineNews, News, Reach, view::AddressState};
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    asleep::listed,
    office::{LINES, Office},
};
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use serde_json::json;
use tokio::sync::Mutex;

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
        News::Away { .. } => (Some("away"), None),
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
    let digest =
        |texts, failed, failed_in| News::Digest { texts, people: texts, calls: 0, failed, failed_in };
    assert_eq!(told(&mut follower).await, [digest(4, 0, Vec::new())]);
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
    let mut failed_in = Vec::new();
    for n in 5..9 {
        let phone = office.phone(&format!("+14155{n}30003"));
        let id = office.answers(&phone, "We tried").await;
        office.reaches(&phone, id, "undelivered").await;
        failed_in.push(office.conversation_with(&phone).await.conversation.id);
    }
    assert_eq!(told(&mut follower).await, [digest(0, 4, failed_in)], "the newest last");
    let phone = office.phone("+14155530003");
    let id = office.answers(&phone, "Once more").await;
    office.reaches(&phone, id, "undelivered").await;
    let news = told(&mut follower).await;
    assert!(
        matches!(&news[..], [News::Failure(piece)] if piece.who.as_deref() == Some("(415) 553-0003")),
        "{news:?}"
    );
}

/// The office is closed for eight hours, and three texts of two people come meanwhile.
async fn away(office: &mut Office) {
    office.close().await;
    office.minutes_pass(8 * 60);
    let maria = "+14155550621";
    for (customer, words) in [(maria, "Hello?"), (maria, "Anybody?"), ("+14155550622", "Are you open?")] {
        let (_, answer) = office.sandbox.text_from(customer, LINES[0], words, &[]).await;
        assert_eq!(answer, None, "nobody is there");
    }
    office.reopen().await;
}

/// Waits until texts come here again, and nothing goes on by itself any more.
async fn is_back(office: &Office) {
    let inbox = &office.desk.inbox;
    inbox.know_lines(true).await.expect("texts come here");
    let open = || async {
        let address = inbox.address().await.expect("an address");
        (address.state == AddressState::Open && inbox.connected()).then_some(())
    };
    office.until("the way is open", open).await;
    listed(office).await;
}

#[tokio::test]
async fn what_came_while_nobody_was_there_is_told_together_and_once() {
    let mut office = Office::open().await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    office.phone("+14155550621").texts("Before").await;
    assert_eq!(told(&mut follower).await.len(), 1);
    let left_at = office.clock.now();
    away(&mut office).await;
    let back_at = office.clock.now();
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    let news = || async {
        let news = told(&mut *follower.lock().await).await;
        (!news.is_empty()).then_some(news)
    };
    let all = office.until("it is told", news).await;
    let &[News::Away { from, to, texts, people, calls, missed, voicemails }] = &all[..] else {
        panic!("{all:?}");
    };
    assert!(from >= left_at && from < to && to >= back_at, "{all:?}");
    assert_eq!((texts, people, calls, missed, voicemails), (3, 2, 0, 0, 0));
    is_back(&office).await;
    assert_eq!(news().await, None, "told once");
    office.phone("+14155550622").texts("Hello again").await;
    assert_eq!(shown(&news().await.expect("news")), [(Some("(415) 555-0622"), Some("Hello again"))]);
    office.restart().await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    assert_eq!(told(&mut follower).await, []);
}

#[tokio::test]
async fn what_came_while_nobody_was_there_is_not_told_of_where_nobody_wants_that() {
    let mut office = Office::open().await;
    office.desk.inbox.follow().await.expect("follows");
    set(&office, json!({ "texts": false })).await;
    away(&mut office).await;
    let all_here = || async {
        let state = office.desk.inbox.catch_up_state().await.expect("a state");
        state.away.filter(|away| !state.running && away.complete && away.texts == 3).map(|_| ())
    };
    office.until("all of it is here", all_here).await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    assert_eq!(told(&mut follower).await, []);
    set(&office, json!({ "texts": true })).await;
    assert_eq!(told(&mut follower).await, [], "wanted from now on, not from before");
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
    let follower = Mutex::new(follower);
    let news = || async { follower.lock().await.line().await.expect("asked") };
    assert_eq!(office.until("the line is back", news).await, LineNews::Back { repointed: false });
}

#[tokio::test]
async fn a_sign_in_twilio_refuses_is_told_apart_from_no_internet() {
    let office = Office::open().await;
    let inbox = office.desk.inbox.clone();
    let follower = Mutex::new(inbox.follow().await.expect("follows"));
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
