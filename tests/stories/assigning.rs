use ringdesk_desk::CommandError;
use ringdesk_domain::{ChangeKind, ConversationId};
use ringdesk_tests::{
    office::{Office, Phone},
    voicemail::does,
};
use serde_json::{Value, json};

const MARIA: &str = "+14155550501";
const PRIYA: &str = "+14155550502";

/// Somebody writes; their conversation.
async fn writes(office: &Office, phone: &Phone<'_>) -> ConversationId {
    phone.texts("Could you come by this week?").await;
    office.conversation_with(phone).await.conversation.id
}

async fn adds(office: &Office, name: &str) -> Value {
    does(office, "add_colleague", json!({ "name": name })).await
}

async fn assigns(office: &Office, id: ConversationId, to: &Value) {
    does(office, "assign", json!({ "id": id, "to": to["id"] })).await;
}

async fn refused(office: &Office, command: &str, request: Value) -> CommandError {
    office.desk.call(command, request).await.expect_err("refused")
}

/// Who sees to a conversation, as its row says; its head says the same.
async fn sees_to(office: &Office, id: ConversationId) -> Value {
    let mut rows = Vec::new();
    for filter in ["all", "done"] {
        let list = does(office, "conversations", json!({ "filter": filter })).await;
        rows.extend(list["conversations"].as_array().expect("rows").clone());
    }
    let row = rows.into_iter().find(|row| row["id"] == json!(id)).expect("a row");
    let open = does(office, "conversation", json!({ "id": id })).await;
    assert_eq!(open["conversation"]["assigned"], row["assigned"]);
    row["assigned"].clone()
}

/// Waits until a window that has seen everything up to `seen` is told of this.
async fn hears(office: &Office, seen: i64, kind: ChangeKind, about: Option<ConversationId>) {
    let told = || async {
        let changes = office.desk.inbox.next_changes(seen).await.expect("changes");
        changes.iter().any(|change| change.kind == kind && change.conversation == about).then_some(())
    };
    office.until("a second window hears of it", told).await;
}

#[tokio::test]
async fn whose_a_conversation_is_shows_in_the_list_and_after_a_restart() {
    let mut office = Office::open().await;
    let maria = writes(&office, &office.phone(MARIA)).await;
    let priya = writes(&office, &office.phone(PRIYA)).await;
    assert_eq!(does(&office, "colleagues", json!({})).await, json!([]));
    assert_eq!(sees_to(&office, maria).await, Value::Null);
    let sam = adds(&office, " Sam  Ortiz ").await;
    let nora = adds(&office, "Nora").await;
    assert_eq!(sam["name"], "Sam Ortiz");
    assert_eq!(does(&office, "colleagues", json!({})).await, json!([nora, sam]), "by name");

    assigns(&office, maria, &sam).await;
    assert_eq!(sees_to(&office, maria).await, sam);
    assert_eq!(sees_to(&office, priya).await, Value::Null);
    office.restart().await;
    assert_eq!(sees_to(&office, maria).await, sam);
    let kept = office.kept("conversation").await;
    let mut whose: Vec<&Value> = kept.iter().map(|one| &one["assigned_to"]).collect();
    whose.sort_by_key(|name| name.is_null());
    assert_eq!(whose, [&json!("Sam Ortiz"), &Value::Null], "an export names them");

    assigns(&office, maria, &nora).await;
    assert_eq!(sees_to(&office, maria).await, nora);
    assigns(&office, maria, &Value::Null).await;
    assert_eq!(sees_to(&office, maria).await, Value::Null);
}

#[tokio::test]
async fn another_name_shows_everywhere() {
    let office = Office::open().await;
    let maria = writes(&office, &office.phone(MARIA)).await;
    let sam = adds(&office, "Sam").await;
    adds(&office, "Nora").await;
    assigns(&office, maria, &sam).await;
    let called = |name: &str| json!({ "id": sam["id"], "name": name });
    let renamed = does(&office, "rename_colleague", called("  Samuel Ortiz")).await;
    assert_eq!(renamed, called("Samuel Ortiz"));
    assert_eq!(sees_to(&office, maria).await, renamed);
    assert_eq!(does(&office, "colleagues", json!({})).await[1], renamed);
    let found = does(&office, "search", json!({ "words": "0501" })).await;
    assert_eq!(found["people"][0]["assigned"], renamed);

    // Two of one name could not be told apart.
    let taken = refused(&office, "rename_colleague", called("NORA")).await;
    assert_eq!(taken.message, "Nora is already in the list.");
    assert_eq!(sees_to(&office, maria).await, renamed);
}

#[tokio::test]
async fn what_was_theirs_is_nobodys_when_they_leave() {
    let office = Office::open().await;
    let maria = writes(&office, &office.phone(MARIA)).await;
    let priya = writes(&office, &office.phone(PRIYA)).await;
    let (sam, nora) = (adds(&office, "Sam").await, adds(&office, "Nora").await);
    assigns(&office, maria, &sam).await;
    assigns(&office, priya, &nora).await;
    let removed = does(&office, "remove_colleague", json!({ "id": sam["id"] })).await;
    assert_eq!(removed, json!({ "conversations": 1 }));
    assert_eq!(does(&office, "colleagues", json!({})).await, json!([nora]));
    assert_eq!(sees_to(&office, maria).await, Value::Null);
    assert_eq!(sees_to(&office, priya).await, nora);
    // Another window may still show them.
    for (command, request) in [
        ("assign", json!({ "id": maria, "to": sam["id"] })),
        ("rename_colleague", json!({ "id": sam["id"], "name": "Ben" })),
        ("remove_colleague", json!({ "id": sam["id"] })),
    ] {
        assert_eq!(refused(&office, command, request).await.code, "not_found", "{command}");
    }
    assert_eq!(sees_to(&office, maria).await, Value::Null);
    assert_ne!(adds(&office, "Sam").await, sam, "whoever comes by that name later is somebody else");
}

#[tokio::test]
async fn the_same_name_twice_is_one_colleague() {
    let office = Office::open().await;
    let zoe = adds(&office, "Zoë Ortiz").await;
    for again in ["Zoë Ortiz", "ZOË ORTIZ", " zoë  ortiz "] {
        assert_eq!(adds(&office, again).await, zoe, "{again:?}");
    }
    assert_eq!(does(&office, "colleagues", json!({})).await, json!([zoe]));
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_in_words() {
    let office = Office::open().await;
    let sam = adds(&office, "Sam").await;
    let longest = "ö".repeat(60);
    let longer = format!("{longest}x");
    for typed in ["", "  ", "Sam\nOrtiz", longer.as_str()] {
        for command in ["add_colleague", "rename_colleague"] {
            let request = json!({ "id": sam["id"], "name": typed });
            let said = refused(&office, command, request).await;
            let words = (said.message.as_str(), said.hint.as_str());
            let expected =
                ("That name can't be kept.", "A name has between 1 and 60 characters, all on one line.");
            assert_eq!(words, expected, "{command} {typed:?}");
        }
    }
    assert_eq!(does(&office, "colleagues", json!({})).await, json!([sam]));
    assert_eq!(adds(&office, &longest).await["name"], json!(longest));
}

#[tokio::test]
async fn what_was_put_away_and_comes_back_stays_theirs() {
    let office = Office::open().await;
    let phone = office.phone(MARIA);
    let maria = writes(&office, &phone).await;
    let sam = adds(&office, "Sam").await;
    assigns(&office, maria, &sam).await;
    does(&office, "mark_done", json!({ "id": maria })).await;
    assert_eq!(sees_to(&office, maria).await, sam);
    phone.texts("It drips again").await;
    assert_eq!(office.conversation_with(&phone).await.conversation.done_at, None);
    assert_eq!(sees_to(&office, maria).await, sam);
}

#[tokio::test]
async fn a_request_that_forgets_to_whom_takes_it_from_nobody() {
    let office = Office::open().await;
    let maria = writes(&office, &office.phone(MARIA)).await;
    let sam = adds(&office, "Sam").await;
    assigns(&office, maria, &sam).await;
    assert_eq!(refused(&office, "assign", json!({ "id": maria })).await.code, "invalid_request");
    assert_eq!(sees_to(&office, maria).await, sam);
}

#[tokio::test]
async fn a_second_window_follows() {
    let office = Office::open().await;
    let maria = writes(&office, &office.phone(MARIA)).await;
    let inbox = &office.desk.inbox;
    let seen = inbox.latest_change();
    let sam = adds(&office, "Sam").await;
    hears(&office, seen, ChangeKind::SettingsChanged, None).await;
    let seen = inbox.latest_change();
    assigns(&office, maria, &sam).await;
    hears(&office, seen, ChangeKind::ConversationChanged, Some(maria)).await;
    // Of what may be thousands of conversations it is told once: the list, and whatever is open.
    let seen = inbox.latest_change();
    does(&office, "rename_colleague", json!({ "id": sam["id"], "name": "Samuel" })).await;
    hears(&office, seen, ChangeKind::SettingsChanged, None).await;
    hears(&office, seen, ChangeKind::ConversationChanged, None).await;
    let seen = inbox.latest_change();
    does(&office, "remove_colleague", json!({ "id": sam["id"] })).await;
    hears(&office, seen, ChangeKind::SettingsChanged, None).await;
    hears(&office, seen, ChangeKind::ConversationChanged, None).await;
}
