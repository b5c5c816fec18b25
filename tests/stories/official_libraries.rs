use ringdesk_tests::{
    office::{LINES, Office},
    programs::repository,
};
use std::{path::PathBuf, time::Duration};
use tokio::process::Command;

/// Runs a script that uses Twilio's own package against the practice line and the door.
async fn check(office: &Office, program: PathBuf, script: &str) {
    let (sid, token) = office.sandbox.credentials();
    let run = Command::new(&program)
        .arg(repository().join("tests/official").join(script))
        .env("BASE", office.sandbox.url())
        .env("SID", sid)
        .env("TOKEN", token)
        .env("OURS", LINES[0])
        .env("DOOR", office.door("/sms/inbound"))
        .env("NODE_PATH", repository().join("target/tools/node/node_modules"))
        .env("no_proxy", "127.0.0.1")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(120), run).await.expect("it ends");
    let output = output
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` installs it", program.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    assert_eq!(office.sandbox.report().unknown.len(), 0, "the practice line knew every path");
}

#[tokio::test]
async fn twilios_python_package_works_against_the_practice_line_and_the_door() {
    let office = Office::open().await;
    check(&office, repository().join("target/tools/python/bin/python"), "client.py").await;
    let texts = office.texts_with(&office.phone("+14155551002")).await;
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].body, "Signed by Twilio's own package: grüße 👋 & more");
}

#[tokio::test]
async fn twilios_node_package_works_against_the_practice_line_and_the_door() {
    let office = Office::open().await;
    check(&office, PathBuf::from("node"), "client.cjs").await;
    assert_eq!(office.texts_with(&office.phone("+14155551004")).await[0].body, "Von Node");
}
