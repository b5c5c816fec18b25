use ringdesk_desk::Desk;
use ringdesk_tests::{
    host::{ACCOUNT, Host, client},
    voicemail::{HELEN, HELEN_SAYS, Told},
};
use serde_json::{Value, json};

/// A practice line that nobody answers at; these stories do not need one.
const NOBODY: &str = "http://127.0.0.1:9";

#[tokio::test]
async fn one_process_owns_a_data_folder() {
    let host = Host::start(NOBODY).await.expect("a host");
    let second = host.run(&["serve", "--listen", "127.0.0.1:0"]).await.expect("ran");
    assert_eq!(second.status.code(), Some(3));
    assert!(second.stdout.is_empty());
}

#[tokio::test]
async fn without_credentials_it_says_so() {
    let mut host = Host::start(NOBODY).await.expect("a host");
    host.stop().await.expect("stopped");
    let refused =
        host.command(&["serve", "--listen", "127.0.0.1:0"]).env_remove("RINGDESK_AUTH_TOKEN").output().await;
    assert_eq!(refused.expect("ran").status.code(), Some(4));
}

#[tokio::test]
async fn a_damaged_database_is_left_as_it_is() {
    let mut host = Host::start(NOBODY).await.expect("a host");
    let ended = host.stop().await.expect("stopped");
    assert!(ended.success(), "{ended}");
    let file = host.data_dir().join("ringdesk.db");
    let lies_there = std::fs::read_dir(host.data_dir()).expect("a folder").flatten();
    let lies_there: Vec<_> = lies_there.map(|entry| entry.file_name()).collect();
    assert!(!lies_there.iter().any(|name| name == "ringdesk.db-wal"), "one file stays: {lies_there:?}");
    let garbage = b"not a database, but somebody's data ".repeat(200);
    std::fs::write(&file, &garbage).expect("written");
    let refused = host.run(&["serve", "--listen", "127.0.0.1:0"]).await.expect("ran");
    assert_eq!(refused.status.code(), Some(5), "{}", String::from_utf8_lossy(&refused.stderr));
    assert_eq!(std::fs::read(&file).expect("there"), garbage);
}

#[tokio::test]
async fn wrong_usage_is_refused() {
    let mut host = Host::start(NOBODY).await.expect("a host");
    host.stop().await.expect("stopped");
    let wrong = [
        &["serve", "--public-url", "http://phone.example.test"][..],
        &["serve", "--api", "0.0.0.0:0"],
        &["serve", "--prefix", "no slash"],
        &["export", "--format", "xml"],
    ];
    for arguments in wrong {
        assert_eq!(host.run(arguments).await.expect("ran").status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_api_offers_exactly_the_desks_commands() {
    let host = Host::start(NOBODY).await.expect("a host");
    let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let url = format!("http://{}/api", host.api().expect("api"));
    let list: Value =
        client().get(&url).bearer_auth(&token).send().await.expect("answer").json().await.expect("json");
    let offered: Vec<&str> = list["commands"]
        .as_array()
        .expect("list")
        .iter()
        .filter_map(|command| command["name"].as_str())
        .collect();
    let declared: Vec<&str> = Desk::commands().iter().map(|command| command.name).collect();
    assert_eq!(offered, declared);
    // What each takes and gives, field by field.
    let types = list["types"].as_str().expect("types");
    assert!(types.contains("export type SendTextRequest = {"), "{types}");
    for name in [
        "conversations",
        "conversation",
        "send_text",
        "calls",
        "voicemails",
        "contacts",
        "search",
        "settings",
        "apply_settings",
        "health",
    ] {
        assert!(offered.contains(&name), "{name}");
    }
    for name in offered {
        let status = client()
            .post(format!("{url}/{name}"))
            .bearer_auth(&token)
            .body("[]")
            .send()
            .await
            .expect("answer");
        assert_ne!(status.status(), 404, "{name} is mounted");
    }
}

#[tokio::test]
async fn the_api_answers_this_computers_own_clients_only() {
    let host = Host::start(NOBODY).await.expect("a host");
    let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let url = format!("http://{}/api/health", host.api().expect("api"));
    let post = || client().post(&url);
    assert_eq!(post().send().await.expect("answer").status(), 401);
    assert_eq!(post().bearer_auth("guess").send().await.expect("answer").status(), 401);
    let renamed = post().bearer_auth(&token).header("host", "evil.example.test");
    assert_eq!(renamed.send().await.expect("answer").status(), 421);
    assert_eq!(post().bearer_auth(&token).send().await.expect("answer").status(), 200);
    let unknown =
        client().post(url.replace("health", "nonsense")).bearer_auth(&token).send().await.expect("answer");
    let error: Value = unknown.json().await.expect("json");
    assert_eq!(error["code"], "unknown_command");
}

#[tokio::test]
async fn changes_stream_from_any_number() {
    let host = Host::start(NOBODY).await.expect("a host");
    let fields = [
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("AccountSid", ACCOUNT),
        ("From", "+14155550901"),
        ("To", "+15005550006"),
        ("Body", "Hello"),
    ];
    assert_eq!(host.post("/sms/inbound", &fields).await.expect("posted"), Some(200));
    let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let url = format!("http://{}/api/changes?after=0", host.api().expect("api"));
    let mut stream = client().get(url).bearer_auth(token).send().await.expect("a stream");
    let mut heard = String::new();
    while !heard.contains("text_arrived") {
        let chunk = stream.chunk().await.expect("goes on").expect("not over");
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(heard.starts_with("id: 1\n") || heard.contains("\nid: "), "{heard}");
}

#[tokio::test]
async fn settings_change_with_and_without_an_owner() {
    let mut host = Host::start(NOBODY).await.expect("a host");
    let patch = host.data_dir().with_file_name("patch.json");
    let file = patch.to_str().expect("a path").to_owned();
    for name in ["Bell & Daughter", "Bell & Sons"] {
        std::fs::write(&patch, json!({ "business_name": name }).to_string()).expect("written");
        let applied = host.run(&["settings", "apply", &file]).await.expect("ran");
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        let shown = host.run(&["settings", "show"]).await.expect("ran");
        let shown: Value = serde_json::from_slice(&shown.stdout).expect("json");
        assert_eq!(shown["business_name"], name);
        std::fs::write(&patch, json!({ "texts": { "undo_seconds": 600 } }).to_string()).expect("written");
        assert_eq!(host.run(&["settings", "apply", &file]).await.expect("ran").status.code(), Some(2));
        // Once through the running owner, once by ourselves.
        let _ = host.stop().await;
    }
}

#[tokio::test]
async fn made_up_data_fills_a_house() {
    let mut host = Host::start(NOBODY).await.expect("a host");
    host.stop().await.expect("stopped");
    let seeded =
        host.run(&["seed", "--conversations", "20", "--texts", "300", "--seed", "7"]).await.expect("ran");
    assert!(seeded.status.success());
    let kept = host.export().await.expect("export");
    let count = |kind: &str| kept.iter().filter(|object| object["type"] == kind).count();
    assert_eq!((count("text"), count("conversation")), (300, 20));
    let table = host.run(&["export", "--format", "csv"]).await.expect("ran");
    assert_eq!(String::from_utf8_lossy(&table.stdout).lines().count(), 301);
}

#[tokio::test]
async fn an_export_tells_of_messages_and_of_what_was_said() {
    let host = Host::start(NOBODY).await.expect("a host");
    let (call, recording) = (format!("CA{:032x}", 1), format!("RE{:032x}", 1));
    let told = Told::new(ACCOUNT, HELEN, &call, &recording, 8);
    for post in [told.rings(), told.left(), told.over(), told.ready(), told.written(HELEN_SAYS)] {
        let status = host.post(post.path(), &post.fields()).await.expect("posted");
        assert!(status.is_some_and(|status| (200..300).contains(&status)), "{}: {status:?}", post.path());
    }
    let kept = host.export().await.expect("export");
    let the = |kind: &str| {
        let mut all = kept.iter().filter(|object| object["type"] == kind);
        let one = all.next().unwrap_or_else(|| panic!("no {kind}"));
        assert!(all.next().is_none(), "one {kind}");
        assert!(one["id"].as_str().is_some_and(|id| !id.is_empty()), "{one:?}");
        one
    };
    let holds = |kind: &str, fields: &[(&str, Value)]| {
        for (name, value) in fields {
            assert_eq!(the(kind).get(*name), Some(value), "{kind} {name}");
        }
    };
    holds("call", &[("ending", json!("voicemail")), ("duration_s", json!(8)), ("provider_sid", json!(call))]);
    holds(
        "recording",
        &[
            ("provider_sid", json!(recording)),
            ("call_sid", json!(call)),
            ("source", json!("RecordVerb")),
            ("status", json!("completed")),
            ("duration_s", json!(8)),
            ("sha256", json!(null)),
        ],
    );
    // Nobody answers who could hand it out.
    let state = the("recording")["state"].as_str();
    assert!(matches!(state, Some("wanted" | "fetching")), "{state:?}");
    holds(
        "voicemail",
        &[
            ("call_id", the("call")["id"].clone()),
            ("recording_id", the("recording")["id"].clone()),
            ("provider_sid", json!(recording)),
            ("duration_s", json!(8)),
            ("transcript", json!(HELEN_SAYS)),
            ("heard", json!(false)),
            ("at", the("call")["at"].clone()),
        ],
    );
    holds(
        "transcript",
        &[
            ("voicemail_id", the("voicemail")["id"].clone()),
            ("recording_sid", json!(recording)),
            ("provider_sid", json!(recording.replacen("RE", "TR", 1))),
            ("engine", json!("twilio")),
            ("state", json!("text")),
            ("text", json!(HELEN_SAYS)),
            ("edited", json!(null)),
        ],
    );

    // Heard and corrected, it says so; what is deleted is no more in it.
    let one = the("voicemail")["id"].clone();
    let edited = json!({ "voicemail": one, "text": "The radiator is cold." });
    host.call("edit_transcript", edited).await.expect("edited");
    host.call("mark_heard", json!({ "voicemail": one, "heard": true })).await.expect("heard");
    let kept = host.export().await.expect("export");
    let voicemail = kept.iter().find(|object| object["type"] == "voicemail").expect("it is there");
    assert_eq!((&voicemail["heard"], &voicemail["heard_by"]), (&json!(true), &json!("owner")));
    assert_eq!(voicemail["transcript"], "The radiator is cold.");
    host.call("remove_voicemail", json!({ "voicemail": one, "removed": true })).await.expect("removed");
    let kept = host.export().await.expect("export");
    assert!(kept.iter().all(|object| object["type"] != "voicemail"));
}

#[tokio::test]
async fn a_call_is_simulated_beside_a_running_host() {
    let host = Host::start(NOBODY).await.expect("a host");
    let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let patch = json!({
        "time_zone": "America/Los_Angeles",
        "calls": { "phones": [{ "name": "Nora", "number": "(415) 555-0107" }] },
        "hours": { "holidays": [{ "name": "Christmas Eve", "day": { "rule": "yearly", "month": 12, "day": 24 },
            "windows": [{ "from": "09:00", "to": "12:00" }] }] },
    });
    let url = format!("http://{}/api/apply_settings", host.api().expect("api"));
    let kept = client().post(url).bearer_auth(token).json(&patch).send().await.expect("an answer");
    assert_eq!(kept.status(), 200);
    let line = ["--line", "+15005550006", "--from", "+14155550123"];
    let route = async |more: &[&str]| {
        let arguments: Vec<&str> = ["route"].iter().chain(&line).chain(more).copied().collect();
        host.run(&arguments).await.expect("ran")
    };
    let noon = route(&["--at", "2026-12-24T18:05:00-08:00", "--json"]).await;
    let noon: Value = serde_json::from_slice(&noon.stdout).expect("JSON");
    assert_eq!((&noon["open"], &noon["holiday"]), (&json!(false), &json!("Christmas Eve")));
    assert_eq!(noon["plan"]["kind"], "voicemail");
    assert!(noon["twiml"].as_str().is_some_and(|twiml| twiml.contains("<Record")), "{noon}");
    let morning = route(&["--at", "2026-12-24T09:30"]).await;
    let said = String::from_utf8_lossy(&morning.stdout).into_owned();
    assert!(said.contains("open until 2026-12-24 12:00") && said.contains("Rings Nora"), "{said}");
    assert!(said.contains("holiday: Christmas Eve; open") && said.contains("<Dial"), "{said}");
    assert_eq!(route(&["--at", "tomorrow"]).await.status.code(), Some(2));
}
