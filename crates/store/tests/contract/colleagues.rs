//! Who works here, and who sees to a conversation.

use crate::{LINE, MARIA, T0, conversation, incoming, store};
use ringdesk_domain::{Address, Change, ChangeKind, Colleague, ColleagueId, ConversationId, colleague::Name};
use ringdesk_store::{
    Access, ColleagueRenamed, ConversationFilter, Erasing, IncomingText, Store, StoreError, look_into,
};

fn name(typed: &str) -> Name {
    Name::typed(typed).expect("a name")
}

async fn adds(store: &Store, typed: &str) -> Colleague {
    store.add_colleague(name(typed), T0).await.expect("added")
}

async fn names(store: &Store) -> Vec<String> {
    store.colleagues().await.expect("list").into_iter().map(|one| one.name).collect()
}

/// Who sees to a conversation, as its head shows it and as its row does.
async fn sees_to(store: &Store, id: ConversationId) -> Option<String> {
    let head = store.conversation(id).await.expect("asked").expect("there").assigned;
    let list = store.conversations(ConversationFilter::Open, None, 0, 10).await.expect("list");
    let row = list.into_iter().find(|row| row.id == id).expect("a row").assigned;
    assert_eq!(head, row);
    row.map(|one| one.name)
}

async fn another(store: &Store) -> ConversationId {
    let text = IncomingText { customer: Address::received("+14155550177"), ..incoming("SM2", "Hello", T0) };
    store.record_incoming_text(text, None).await.expect("stored").stored_in.expect("new")
}

async fn told(store: &Store, since: i64) -> Vec<(ChangeKind, Option<ConversationId>)> {
    let changes = store.changes_after(since, 10).await.expect("changes");
    changes.into_iter().map(|Change { kind, conversation, .. }| (kind, conversation)).collect()
}

#[tokio::test]
async fn the_same_name_is_the_same_colleague() {
    let (_folder, store) = store().await;
    let sam = adds(&store, "Sam Ortiz").await;
    assert_eq!(told(&store, 0).await, [(ChangeKind::SettingsChanged, None)]);
    let seen = store.latest_change();
    for again in ["Sam Ortiz", "sam ortiz", "SAM  ORTIZ"] {
        assert_eq!(adds(&store, again).await, sam, "{again}");
    }
    assert_eq!(store.latest_change(), seen, "nothing new is no news");
    adds(&store, "nora").await;
    adds(&store, "Zoë").await;
    adds(&store, "Ben").await;
    assert_eq!(names(&store).await, ["Ben", "nora", "Sam Ortiz", "Zoë"]);
}

#[tokio::test]
async fn a_conversation_is_somebodys_until_it_is_somebody_elses_or_nobodys() {
    let (folder, store) = store().await;
    let (id, other) = (conversation(&store).await, another(&store).await);
    let (sam, nora) = (adds(&store, "Sam").await, adds(&store, "Nora").await);
    assert_eq!(sees_to(&store, id).await, None);
    for (to, shown) in [(Some(&sam), Some("Sam")), (Some(&nora), Some("Nora")), (None, None)] {
        let seen = store.latest_change();
        for _ in 0..2 {
            let assigned = store.assign(id, to.map(|one| one.id), T0).await;
            assert!(assigned.expect("asked"));
        }
        assert_eq!(told(&store, seen).await, [(ChangeKind::ConversationChanged, Some(id))], "told once");
        assert_eq!(sees_to(&store, id).await.as_deref(), shown);
        assert_eq!(sees_to(&store, other).await, None);
    }

    let (nobody, nowhere) = (ColleagueId::new(T0), ConversationId::new(T0));
    let seen = store.latest_change();
    assert!(!store.assign(id, Some(nobody), T0).await.expect("asked"));
    assert!(!store.assign(nowhere, Some(sam.id), T0).await.expect("asked"));
    assert!(!store.assign(nowhere, None, T0).await.expect("asked"));
    assert_eq!(store.latest_change(), seen);

    // It stays theirs when it is put away, when it comes back, and after a start.
    assert!(store.assign(id, Some(sam.id), T0).await.expect("asked"));
    store.set_done(id, true, T0).await.expect("done");
    store.record_incoming_text(incoming("SM3", "Me again", T0.plus_ms(9)), None).await.expect("stored");
    assert_eq!(sees_to(&store, id).await.as_deref(), Some("Sam"));
    let found = store.search_people("0101", "US", 5).await.expect("found");
    assert_eq!(found[0].assigned, Some(sam));
    store.close().await;
    let store = Store::open(folder.path(), Access::Own).await.expect("opened");
    assert_eq!(sees_to(&store, id).await.as_deref(), Some("Sam"));
}

#[tokio::test]
async fn another_name_shows_everywhere_and_is_nobody_elses() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let (sam, nora) = (adds(&store, "Sam").await, adds(&store, "Nora").await);
    let renames = async |id, typed: &str| store.rename_colleague(id, name(typed), T0).await.expect("asked");
    let renamed = |typed: &str| ColleagueRenamed::Renamed(Colleague { name: typed.into(), ..sam.clone() });

    let seen = store.latest_change();
    assert_eq!(renames(sam.id, "Samuel").await, renamed("Samuel"));
    assert_eq!(told(&store, seen).await, [(ChangeKind::SettingsChanged, None)]);
    assert!(store.assign(id, Some(sam.id), T0).await.expect("asked"));
    let seen = store.latest_change();
    for _ in 0..2 {
        assert_eq!(renames(sam.id, "SAMUEL").await, renamed("SAMUEL"), "their own name, in other capitals");
    }
    let expected = [(ChangeKind::SettingsChanged, None), (ChangeKind::ConversationChanged, None)];
    assert_eq!(told(&store, seen).await, expected, "told once");
    assert_eq!(sees_to(&store, id).await.as_deref(), Some("SAMUEL"));

    let seen = store.latest_change();
    assert_eq!(renames(sam.id, "nora").await, ColleagueRenamed::NameOf("Nora".into()));
    assert_eq!(renames(ColleagueId::new(T0), "Ben").await, ColleagueRenamed::NotFound);
    assert_eq!(store.latest_change(), seen);
    assert_eq!(names(&store).await, ["Nora", "SAMUEL"]);
    // The old name is free again.
    assert_ne!(adds(&store, "Sam").await.id, sam.id);
    assert_ne!(adds(&store, "Ben").await.id, nora.id);
}

#[tokio::test]
async fn what_was_theirs_is_nobodys_once_they_are_gone() {
    let (folder, store) = store().await;
    let (id, other) = (conversation(&store).await, another(&store).await);
    let (sam, nora) = (adds(&store, "Sam").await, adds(&store, "Nora").await);
    let ben = adds(&store, "Ben").await;
    assert!(store.assign(id, Some(sam.id), T0).await.expect("asked"));
    assert!(store.assign(other, Some(nora.id), T0).await.expect("asked"));

    let seen = store.latest_change();
    assert_eq!(store.remove_colleague(sam.id, T0).await.expect("asked"), Some(1));
    let expected = [(ChangeKind::SettingsChanged, None), (ChangeKind::ConversationChanged, None)];
    assert_eq!(told(&store, seen).await, expected);
    assert_eq!(sees_to(&store, id).await, None);
    assert_eq!(sees_to(&store, other).await.as_deref(), Some("Nora"));
    assert_eq!(store.remove_colleague(sam.id, T0).await.expect("asked"), None);
    let seen = store.latest_change();
    assert_eq!(store.remove_colleague(ben.id, T0).await.expect("asked"), Some(0));
    assert_eq!(told(&store, seen).await, [(ChangeKind::SettingsChanged, None)]);
    assert_eq!(names(&store).await, ["Nora"]);
    store.close().await;
    look_into(&folder.path().join("ringdesk.db")).expect("nothing refers to what is gone");
}

#[tokio::test]
async fn an_export_names_who_sees_to_a_conversation() {
    let (_folder, store) = store().await;
    let (id, _) = (conversation(&store).await, another(&store).await);
    let sam = adds(&store, "Sam Ortiz").await;
    assert!(store.assign(id, Some(sam.id), T0).await.expect("asked"));
    let mut all = Vec::new();
    store
        .export::<StoreError>(|object| {
            if object["type"] == "conversation" {
                assert_eq!(object["line"], LINE);
                all.push((object["customer"] == MARIA, object["assigned_to"].as_str().map(str::to_owned)));
            }
            Ok(())
        })
        .await
        .expect("export");
    assert_eq!(all, [(true, Some("Sam Ortiz".to_owned())), (false, None)]);
}

#[tokio::test]
async fn a_customer_who_is_deleted_takes_no_colleague_along() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let sam = adds(&store, "Sam").await;
    assert!(store.assign(id, Some(sam.id), T0).await.expect("asked"));
    let gone = store.erase_customer(id, false, T0).await.expect("asked");
    assert!(matches!(gone, Erasing::Done(..)), "{gone:?}");
    assert!(store.conversation(id).await.expect("asked").is_none());
    assert_eq!(names(&store).await, ["Sam"]);
    assert_eq!(store.remove_colleague(sam.id, T0).await.expect("asked"), Some(0));
}
