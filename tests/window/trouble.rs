//! A line that cannot be opened says why, and opens once that is over.

use crate::{access::looks_accessible, open};
use ringdesk_machine::DataFolder;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
};
use std::net::TcpListener;

/// The cause is over, and the owner tries again.
async fn opens_now(window: &Window) -> anyhow::Result<()> {
    window.pick("button", "Try again").await?;
    window.says(".placard", "Connected").await.map(|_| ())
}

#[tokio::test]
async fn a_folder_somebody_else_has_open_is_said_until_it_is_free() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let folder = DataFolder::own(owner.folder()).expect("a folder nobody has open");
    let window = open(&desktop, &owner).await;
    let story = async move |window: &Window| {
        window.says("h1", "Ringdesk is open already").await?;
        looks_accessible(window, "a folder that is taken").await?;
        drop(folder);
        opens_now(window).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_door_another_program_uses_is_said_until_it_is_free() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    // Where the line's texts are posted to.
    let door = owner.twilio.number(LINE)["SmsUrl"].clone();
    let door = door.trim_start_matches("http://").split('/').next().expect("an address");
    let door = TcpListener::bind(door).expect("a door nobody uses");
    let port = door.local_addr().expect("an address").port().to_string();
    let window = open(&desktop, &owner).await;
    let story = async move |window: &Window| {
        window.says("h1", "Your line could not be opened").await?;
        window.says(".hint", &port).await?;
        looks_accessible(window, "a door that is taken").await?;
        drop(door);
        opens_now(window).await
    };
    desktop.tell(window, story).await;
}
