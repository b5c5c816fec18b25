//! A panel that shows tray icons, as far as a program can tell: it is told of icons and reads their menus.
//! Source: the freedesktop `StatusNotifierItem` specification and `com.canonical.dbusmenu`.

use anyhow::{Context, bail};
use std::{collections::HashMap, time::Duration};
use tokio::{sync::watch, time::Instant};
use zbus::{
    Connection, Proxy, connection, interface,
    message::Header,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// The panel.
#[derive(Debug)]
pub struct Tray {
    connection: Connection,
    icon: watch::Receiver<Option<Icon>>,
}

/// Where an icon is: its program on the bus, and its path.
#[derive(Debug, Clone)]
struct Icon {
    program: String,
    path: String,
}

struct Panel(watch::Sender<Option<Icon>>);

#[allow(clippy::needless_pass_by_value, clippy::unused_self, reason = "the shape of an interface")]
#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Panel {
    fn register_status_notifier_item(&self, service: String, #[zbus(header)] header: Header<'_>) {
        let program = header.sender().map(ToString::to_string).unwrap_or_default();
        self.0.send_replace(Some(Icon { program, path: service }));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// A menu: number, properties, entries below.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    number: i32,
    label: String,
    enabled: bool,
}

impl Tray {
    /// Begins to show icons of programs on a bus.
    pub async fn start(bus: &str) -> anyhow::Result<Self> {
        let (found, icon) = watch::channel(None);
        let connection = connection::Builder::address(bus)?
            .serve_at("/StatusNotifierWatcher", Panel(found))?
            .name("org.kde.StatusNotifierWatcher")?
            .build()
            .await?;
        Ok(Self { connection, icon })
    }

    async fn menu(&self) -> anyhow::Result<Proxy<'_>> {
        let mut icon = self.icon.clone();
        let waiting = icon.wait_for(Option::is_some);
        let found = tokio::time::timeout(PATIENCE, waiting).await.context("no icon came")??.clone();
        let Icon { program, path } = found.context("an icon")?;
        let item = Proxy::new(&self.connection, program.clone(), path, "org.kde.StatusNotifierItem").await?;
        let menu: OwnedObjectPath = item.get_property("Menu").await?;
        Ok(Proxy::new(&self.connection, program, menu, "com.canonical.dbusmenu").await?)
    }

    async fn entries(&self) -> anyhow::Result<Vec<Entry>> {
        let menu = self.menu().await?;
        let (_, root): (u32, Layout) = menu.call("GetLayout", &(0, -1, Vec::<&str>::new())).await?;
        let mut entries = Vec::new();
        collect(root, &mut entries)?;
        Ok(entries)
    }

    /// Waits until the menu has an entry with these words.
    pub async fn says(&self, words: &str) -> anyhow::Result<()> {
        self.entry(words).await.map(|_| ())
    }

    async fn entry(&self, words: &str) -> anyhow::Result<Entry> {
        let began = Instant::now();
        let mut seen = Vec::new();
        while began.elapsed() < PATIENCE {
            // It may be drawing a new one.
            if let Ok(entries) = self.entries().await {
                if let Some(entry) = entries.iter().find(|entry| entry.label.contains(words)) {
                    return Ok(entry.clone());
                }
                seen = entries;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the tray's menu never said {words:?}; it says {seen:?}")
    }

    /// Chooses the entry with these words.
    pub async fn choose(&self, words: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let entry = self.entry(words).await?;
            anyhow::ensure!(entry.enabled, "{words} cannot be chosen");
            let event = (entry.number, "clicked", Value::from(0), 0_u32);
            match self.menu().await?.call("Event", &event).await {
                Ok(()) => return Ok(()),
                // It was drawn anew in between, with other numbers: nothing was chosen.
                Err(zbus::Error::MethodError(..)) if began.elapsed() < PATIENCE => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn collect((number, properties, below): Layout, entries: &mut Vec<Entry>) -> anyhow::Result<()> {
    if let Some(label) = properties.get("label").and_then(|label| label.downcast_ref::<String>().ok()) {
        let enabled = properties.get("enabled").and_then(|on| on.downcast_ref::<bool>().ok()).unwrap_or(true);
        // An underscore marks the letter that chooses it.
        entries.push(Entry { number, label: label.replace('_', ""), enabled });
    }
    for entry in below {
        collect(Layout::try_from(entry)?, entries)?;
    }
    Ok(())
}
