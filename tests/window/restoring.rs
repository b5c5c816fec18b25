//! A damaged start: the window offers a backup, puts it into place, and keeps what was damaged. And a new
//! computer, which takes one from another disk.

use crate::{access::looks_accessible, connects, open};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
};
use serde_json::json;
use std::{fs, path::PathBuf};

const PRIYA: &str = "+14155550123";

/// The folders what was damaged was moved into.
fn aside(owner: &Owner) -> Vec<PathBuf> {
    let entries = fs::read_dir(owner.folder()).expect("a folder").map(|entry| entry.expect("an entry"));
    let damaged = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"));
    damaged.map(|entry| entry.path()).collect()
}

#[tokio::test]
async fn damaged_data_is_put_aside_and_a_sealed_backup_brought_back() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "Is the boiler in?").await?;
        window.says("[data-conversation]", "Is the boiler in?").await?;
        let code = owner.call("new_recovery_code", json!({})).await?["code"].clone();
        owner.call("use_recovery_code", json!({ "code": code })).await?;
        anyhow::Ok(code)
    };
    let code = desktop.tell(window, story).await;
    let code = code.as_str().expect("a code").to_lowercase();

    let file = owner.folder().join("ringdesk.db");
    let mut bytes = fs::read(&file).expect("the data");
    bytes[4096..8192].fill(0x5a);
    fs::write(&file, &bytes).expect("damaged");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says("h1", "What is kept here can’t be read").await?;
        window.find(".restoring[data-found='1']").await?;
        assert_eq!(fs::read(&file)?, bytes, "nothing is overwritten");
        looks_accessible(window, "damaged data and a locked backup").await?;
        window.write(".restoring .code input", &code[1..]).await?;
        window.enter(".restoring .code input").await?;
        window.says(".notice", "That is no recovery code").await?;
        looks_accessible(window, "no recovery code").await?;
        assert!(aside(&owner).is_empty());
        window.run("document.querySelector('.restoring .code input').select()").await?;
        window.write(".restoring .code input", &code).await?;
        window.pick("button", "Bring back this backup").await?;
        window.says("[data-conversation]", "Is the boiler in?").await?;
        window.says(".banner", "This is a restored copy, so nothing is sent yet.").await?;
        looks_accessible(window, "a restored copy").await?;
        window.pick(".banner button", "Send from this computer").await?;
        window.says("dialog[open] h2", "Send from this computer?").await?;
        looks_accessible(window, "before a restored copy sends").await
    };
    desktop.tell(window, story).await;
    let aside = aside(&owner);
    assert_eq!(aside.len(), 1);
    assert_eq!(fs::read(aside[0].join("ringdesk.db")).expect("kept"), bytes);
}

#[tokio::test]
async fn a_new_computer_brings_back_a_backup_before_its_account_is_connected() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let disk = tempfile::tempdir().expect("another disk");
    let backups = disk.path().join("backups");
    {
        let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("the old computer");
        let window = open(&desktop, &owner).await;
        let story = async |window: &Window| {
            window.says(".placard", "Connected").await?;
            owner.text(PRIYA, "Is the boiler in?").await?;
            window.says("[data-conversation]", "Is the boiler in?").await?;
            owner.call("back_up_now", json!({})).await?;
            anyhow::Ok(())
        };
        desktop.tell(window, story).await;
    }
    fs::rename(owner.folder().join("backups"), &backups).expect("kept");
    for entry in fs::read_dir(owner.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.expect("wiped");
    }

    let mut desktop = Desktop::start("1280x800").await.expect("the new computer");
    desktop.safe(true).await.expect("a password safe");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.pick("button", "Bring back a backup").await?;
        window.says("h1", "Bring back a backup").await?;
        window.write(".restoring .folder input", "/nowhere/at/all").await?;
        window.enter(".restoring .folder input").await?;
        window.says(".notice", "That folder isn't there").await?;
        looks_accessible(window, "no such folder of backups").await?;
        window.run("document.querySelector('.restoring .folder input').select()").await?;
        window.write(".restoring .folder input", &backups.display().to_string()).await?;
        window.enter(".restoring .folder input").await?;
        window.find(".restoring[data-found='1']").await?;
        window.pick("button", "Bring back this backup").await?;
        window.says("h1", "Your data is back").await?;
        looks_accessible(window, "a backup that is back").await?;
        assert!(owner.folder().join("ringdesk.db").exists() && aside(&owner).is_empty());
        window.pick("button", "Connect the account").await?;
        connects(window, owner.twilio.credentials()).await?;
        window.says("[data-conversation]", "Is the boiler in?").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
