//! A desktop of its own: a virtual display, a session bus, and WebKit's driver for the real window.

pub use crate::driver::Window;

use crate::driver::{Driver, PATIENCE, command};
use anyhow::{Context, bail};
use serde_json::{Map, json};
use std::{
    path::Path,
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat},
};

const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>"#;

/// A desktop that ends with its value.
#[derive(Debug)]
pub struct Desktop {
    display: String,
    bus: String,
    driver: Driver,
    // Of the person whose desktop it is.
    home: TempDir,
    safe: Option<Child>,
    notices: Option<Child>,
    // How far what was shown has been asked for.
    heard: Mutex<usize>,
    // What a program is started with besides.
    environment: Vec<(String, String)>,
    // Ended when dropped.
    _children: Vec<Child>,
}

impl Desktop {
    /// Starts one. `size` is the screen, such as `1280x800`.
    pub async fn start(size: &str) -> anyhow::Result<Self> {
        Self::start_with(size, &[]).await
    }

    /// Starts one whose programs find these variables.
    pub async fn start_with(size: &str, more: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut screen = command("Xvfb");
        screen.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            &format!("{size}x24"),
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let (screen, number) = announced(screen).await.context("Xvfb did not start")?;
        let display = format!(":{number}");
        let home = tempfile::tempdir()?;
        // A bus of its own that starts no service of this machine's.
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS)?;
        toolkit(home.path(), "")?;
        // What opens links writes them down.
        let browser = home.path().join("xdg-open");
        std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {}/opened\n", home.path().display()))?;
        std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut bus = command("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let (bus, address) = announced(bus).await.context("dbus-daemon did not start")?;
        let at_home = home.path().display().to_string();
        let own = [
            ("DISPLAY", display.as_str()),
            ("DBUS_SESSION_BUS_ADDRESS", &address),
            ("NO_AT_BRIDGE", "1"),
            ("PATH", &format!("{at_home}:{path}")),
            ("HOME", &at_home),
            ("XDG_RUNTIME_DIR", &at_home),
            ("GTK_USE_PORTAL", "0"),
        ];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<_> = own.iter().chain(more).map(owned).collect();
        let mut driven = environment.clone();
        // Tells the program's web view that it may be driven.
        driven.push(("TAURI_WEBVIEW_AUTOMATION".to_owned(), "true".to_owned()));
        let driver = Driver::start("WebKitWebDriver", &driven)?;
        Ok(Self {
            display,
            bus: address,
            driver,
            home,
            safe: None,
            notices: None,
            heard: Mutex::new(0),
            environment,
            _children: vec![screen, bus],
        })
    }

    /// Waits for a link to be opened, and says which.
    pub async fn opened(&self) -> anyhow::Result<String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match std::fs::read_to_string(self.home.path().join("opened")) {
                Ok(url) if url.ends_with('\n') => return Ok(url.trim_end().to_owned()),
                _ => tokio::time::sleep(Duration::from_millis(25)).await,
            }
        }
        bail!("no link was opened")
    }

    /// GNOME's password safe answers from now on: open, or locked as after a login without a password.
    pub async fn safe(&mut self, open: bool) -> anyhow::Result<()> {
        self.no_safe().await?;
        let mut safe = command("gnome-keyring-daemon");
        safe.args(["--foreground", "--components=secrets"]).args(open.then_some("--unlock"));
        safe.env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let mut safe = safe.spawn().context("gnome-keyring-daemon did not start")?;
        let mut password = safe.stdin.take().context("no stdin")?;
        password.write_all(b"the owner's password").await?;
        drop(password);
        self.safe = Some(safe);
        self.safe_answers(true).await
    }

    /// No password safe answers from now on.
    pub async fn no_safe(&mut self) -> anyhow::Result<()> {
        if let Some(mut safe) = self.safe.take() {
            safe.kill().await?;
        }
        self.safe_answers(false).await
    }

    /// The password safe is open and has lost everything.
    pub async fn empty_safe(&mut self) -> anyhow::Result<()> {
        self.no_safe().await?;
        std::fs::remove_dir_all(self.home.path().join(".local/share/keyrings"))?;
        self.safe(true).await
    }

    /// The password safe leaves whoever asks without an answer, as while it waits for its owner's password; or
    /// it goes on.
    pub async fn hold_safe(&self, held: bool) -> anyhow::Result<()> {
        let id = self.safe.as_ref().and_then(Child::id).context("no password safe")?;
        let signal = if held { "-STOP" } else { "-CONT" };
        let sent = command("kill").args([signal, &id.to_string()]).status().await?;
        anyhow::ensure!(sent.success(), "the password safe did not take {signal}");
        Ok(())
    }

    async fn safe_answers(&self, expected: bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let asked = command("dbus-send")
                .arg(format!("--bus={}", self.bus))
                .args(["--print-reply", "--dest=org.freedesktop.DBus", "/"])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .output()
                .await?;
            if String::from_utf8_lossy(&asked.stdout).contains("boolean true") == expected {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the password safe did not {}", if expected { "start" } else { "end" })
    }

    /// Nobody shows notifications from now on.
    pub async fn no_notifications(&mut self) -> anyhow::Result<()> {
        self.heard = Mutex::new(0);
        let Some(mut before) = self.notices.take() else { return Ok(()) };
        Ok(before.kill().await?)
    }

    /// Notifications are shown from now on, by dunst; by a new one that knows nothing of those before.
    pub async fn notifications(&mut self) -> anyhow::Result<()> {
        self.no_notifications().await?;
        let config = self.home.path().join("dunstrc");
        // It reads marks such as `<b>`, as most do.
        std::fs::write(&config, "[global]\nmarkup = full\nfollow = none\n[urgency_normal]\ntimeout = 0\n")?;
        // Line by line, although nobody looks at it on a terminal.
        let mut notices = command("stdbuf");
        notices.args(["-oL", "dunst", "-print", "-conf"]).arg(&config).envs(self.environment.clone());
        notices.stdout(std::fs::File::create(self.home.path().join("notices"))?);
        self.notices = Some(notices.spawn().context("dunst did not start")?);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.shown().await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("dunst does not answer")
    }

    /// Waits until a notification with this title has been shown after the one asked for before, and says
    /// what was under it.
    pub async fn told(&self, title: &str) -> anyhow::Result<String> {
        self.told_within(title, PATIENCE).await
    }

    /// The same for what is told only after it has lasted for a while.
    pub async fn told_within(&self, title: &str, patience: Duration) -> anyhow::Result<String> {
        let began = Instant::now();
        let mut all = String::new();
        while began.elapsed() < patience {
            all = std::fs::read_to_string(self.home.path().join("notices"))?;
            if let Some(under) = self.hear(&all, title) {
                return Ok(under);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("{title:?} was never told; told was: {all}")
    }

    fn hear(&self, all: &str, title: &str) -> Option<String> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let summary = format!("summary: '{title}'\n");
        let (before, rest) = all[*heard..].split_once(&summary)?;
        let (under, _) = rest.split_once("body: '")?.1.split_once("'\n")?;
        *heard += before.len() + summary.len();
        Some(under.to_owned())
    }

    /// How many notifications were shown so far, replaced ones included.
    pub fn tellings(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_to_string(self.home.path().join("notices"))?.matches("summary: ").count())
    }

    /// How many notifications are on the screen.
    pub async fn shown(&self) -> anyhow::Result<usize> {
        Ok(self.dunst(&["count", "displayed"]).await?.trim().parse()?)
    }

    /// Waits until so many notifications are on the screen.
    pub async fn shows(&self, count: usize) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut shown = 0;
        while began.elapsed() < PATIENCE {
            shown = self.shown().await?;
            if shown == count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("{shown} notifications are shown instead of {count}")
    }

    /// Clicks the notification on top: the oldest.
    pub async fn click_notification(&self) -> anyhow::Result<()> {
        self.dunst(&["action", "0"]).await.map(|_| ())
    }

    async fn dunst(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let asked = command("dunstctl").args(arguments).envs(self.environment.clone()).output().await?;
        anyhow::ensure!(asked.status.success(), "dunstctl {arguments:?}: {}", asked.status);
        Ok(String::from_utf8(asked.stdout)?)
    }

    /// The home folder of the person whose desktop it is.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts a program on this desktop, without a driver.
    pub fn run(&self, program: &Path, arguments: &[String]) -> anyhow::Result<Child> {
        let mut run = Command::new(program);
        run.args(arguments).envs(self.environment.clone()).stdin(Stdio::null()).kill_on_drop(true);
        Ok(run.stderr(self.driver.log()?).spawn()?)
    }

    /// Closes the program's window as its cross does.
    pub fn close_window(&self) -> anyhow::Result<()> {
        let (screen, number) = x11rb::connect(Some(&self.display))?;
        let root = screen.setup().roots[number].root;
        let named = |name: &str| anyhow::Ok(screen.intern_atom(false, name.as_bytes())?.reply()?.atom);
        let (protocols, delete) = (named("WM_PROTOCOLS")?, named("WM_DELETE_WINDOW")?);
        let mut windows = screen.query_tree(root)?.reply()?.children;
        let mut asked = 0;
        while let Some(window) = windows.pop() {
            windows.extend(screen.query_tree(window)?.reply()?.children);
            let title =
                screen.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64)?.reply()?;
            let takes = screen.get_property(false, window, protocols, AtomEnum::ATOM, 0, 8)?.reply()?;
            if takes.value_len > 0 && String::from_utf8_lossy(&title.value).contains("Ringdesk") {
                let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
                screen.send_event(false, window, EventMask::NO_EVENT, event)?;
                asked += 1;
            }
        }
        screen.flush()?;
        anyhow::ensure!(asked > 0, "there is no window to close");
        Ok(())
    }

    /// Programs that are started from now on know that whoever uses them wants nothing to move.
    pub fn without_motion(&self) -> anyhow::Result<()> {
        toolkit(self.home.path(), "gtk-enable-animations=0\n")
    }

    /// The pages of driven programs are suspended, as while a computer sleeps, or go on. While they are, nothing
    /// can be asked of a window.
    pub async fn suspend(&self, suspended: bool) -> anyhow::Result<()> {
        let signal = if suspended { "-STOP" } else { "-CONT" };
        let pages = self.pages();
        anyhow::ensure!(!pages.is_empty(), "no page has a process of its own");
        for page in pages {
            let sent = command("kill").args([signal, &page.to_string()]).status().await?;
            anyhow::ensure!(sent.success(), "a page did not take {signal}");
        }
        Ok(())
    }

    /// The processes in which driven pages run.
    fn pages(&self) -> Vec<u32> {
        let mut all = self.driver.below();
        // The system keeps only the first fifteen letters of a name.
        all.retain(|id| {
            std::fs::read_to_string(format!("/proc/{id}/comm"))
                .is_ok_and(|name| name.starts_with("WebKitWebProces"))
        });
        all
    }

    /// A part of the screen, row by row, as red, green and blue.
    pub fn pixels(&self, x: i16, y: i16, width: u16, height: u16) -> anyhow::Result<Vec<[u8; 3]>> {
        let (screen, number) = x11rb::connect(Some(&self.display))?;
        let root = screen.setup().roots[number].root;
        let image = screen.get_image(ImageFormat::Z_PIXMAP, root, x, y, width, height, u32::MAX)?.reply()?;
        Ok(image.data.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect())
    }

    /// The driver, below which the driven program runs.
    pub fn driver(&self) -> u32 {
        self.driver.pid()
    }

    /// The X display.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The session bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Opens the real program with these arguments.
    pub async fn open(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<Window> {
        let mut capabilities = Map::new();
        let options = json!({ "binary": program, "args": arguments });
        capabilities.insert("webkitgtk:browserOptions".into(), options);
        self.driver.session(capabilities).await
    }

    /// Opens a page in a browser.
    pub async fn browse(&self, url: &str) -> anyhow::Result<Window> {
        // Nothing else wanted: the engine's own small browser.
        let window = self.driver.session(Map::new()).await?;
        window.goto(url).await?;
        Ok(window)
    }

    /// Tells a story in a window and closes it. A story that gets stuck says what the page and the
    /// program said last.
    pub async fn tell<T>(&self, window: Window, story: impl AsyncFnOnce(&Window) -> anyhow::Result<T>) -> T {
        self.driver.tell(window, story).await
    }

    /// What the program said on stderr so far.
    pub fn said(&self) -> String {
        self.driver.said()
    }
}

/// What the toolkit is told. A desktop has the font it names: one that it lacks is looked for anew for each size.
fn toolkit(home: &Path, more: &str) -> anyhow::Result<()> {
    let folder = home.join(".config/gtk-3.0");
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join("settings.ini"), format!("[Settings]\ngtk-font-name=Inter 10\n{more}"))?)
}

/// Starts a program that announces something in its first line.
async fn announced(mut command: Command) -> anyhow::Result<(Child, String)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??.context("it said nothing")?;
    Ok((child, line.trim().to_owned()))
}
