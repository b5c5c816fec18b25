//! A desktop of its own: a virtual display, a session bus, and WebKit's driver for the real window.

use anyhow::{Context, bail};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use std::{
    fmt::Write as _,
    path::Path,
    process::Stdio,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::{NamedTempFile, TempDir};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat},
};

/// Longest wait for anything on screen.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longest wait for a whole story.
const STORY: Duration = Duration::from_secs(600);

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
    port: u16,
    driver: u32,
    // What the program said on stderr.
    log: NamedTempFile,
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
        // What opens links writes them down.
        let browser = home.path().join("xdg-open");
        std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {}/opened\n", home.path().display()))?;
        std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut bus = command("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let (bus, address) = announced(bus).await.context("dbus-daemon did not start")?;
        let port = crate::free_port()?;
        let log = NamedTempFile::new()?;
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
        let driver = command("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .envs(environment.clone())
            // Tells the program's web view that it may be driven.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            // The program it starts writes to the same place.
            .stderr(log.reopen()?)
            .spawn()
            .context("WebKitWebDriver did not start")?;
        let pid = driver.id().context("WebKitWebDriver ended")?;
        Ok(Self {
            display,
            bus: address,
            port,
            driver: pid,
            log,
            home,
            safe: None,
            notices: None,
            heard: Mutex::new(0),
            environment,
            _children: vec![screen, bus, driver],
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

    /// Notifications are shown from now on, by dunst; by a new one that knows nothing of those before.
    pub async fn notifications(&mut self) -> anyhow::Result<()> {
        if let Some(mut before) = self.notices.take() {
            before.kill().await?;
            self.heard = Mutex::new(0);
        }
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
        Ok(run.stderr(self.log.reopen()?).spawn()?)
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
        let folder = self.home.path().join(".config/gtk-3.0");
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(folder.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?)
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
        let mut all = vec![self.driver];
        let mut at = 0;
        while at < all.len() {
            let tasks = std::fs::read_dir(format!("/proc/{}/task", all[at]));
            for task in tasks.into_iter().flatten().flatten() {
                let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
                all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            }
            at += 1;
        }
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
        self.driver
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
        self.session(capabilities).await
    }

    /// Opens a page in a browser.
    pub async fn browse(&self, url: &str) -> anyhow::Result<Window> {
        // Nothing else wanted: the engine's own small browser.
        let window = self.session(Map::new()).await?;
        window.goto(url).await?;
        Ok(window)
    }

    async fn session(&self, capabilities: Map<String, Value>) -> anyhow::Result<Window> {
        let address = format!("http://127.0.0.1:{}", self.port);
        // The driver never answers when the program ends before its window is there.
        let connecting = async {
            loop {
                let mut builder = ClientBuilder::new(HttpConnector::new());
                match builder.capabilities(capabilities.clone()).connect(&address).await {
                    Ok(client) => break client,
                    // The driver may not listen yet.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        };
        match tokio::time::timeout(PATIENCE, connecting).await {
            Ok(client) => Ok(Window { client, driver: self.driver }),
            Err(_) => bail!("the window did not open; the program said: {}", self.said()),
        }
    }

    /// Tells a story in a window and closes it. A story that gets stuck says what the page and the
    /// program said last.
    pub async fn tell<T>(&self, window: Window, story: impl AsyncFnOnce(&Window) -> anyhow::Result<T>) -> T {
        let told = tokio::time::timeout(STORY, story(&window)).await;
        let outcome = told.unwrap_or_else(|_| Err(anyhow::anyhow!("the story got stuck")));
        let outcome = match outcome {
            Ok(told) => window.close().await.map(|()| told),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(told) => told,
            Err(error) => panic!("{error:#}\nthe program said: {}", self.said()),
        }
    }

    /// What the program said on stderr so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_else(|error| error.to_string())
    }
}

/// The real window.
#[derive(Debug)]
pub struct Window {
    client: Client,
    // The process that started the program.
    driver: u32,
}

impl Window {
    /// Goes to a page.
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// A pretend customer texts, as the practice phone does it.
    pub async fn customer_texts(&self, from: &str, words: &str) -> anyhow::Result<()> {
        // As numbers, since the driver's own letters cannot be all there are.
        let points: Vec<u32> = words.chars().map(u32::from).collect();
        let script = "const [from, points, done] = arguments;
            const body = points.map((point) => String.fromCodePoint(point)).join('');
            window.__TAURI_INTERNALS__.invoke('practice_text', { from, to: '+15005550006', body, picture: null })
                .then(() => done(null), (error) => done(String(error)))";
        let answer = self.client.execute_async(script, vec![from.into(), points.into()]).await?;
        anyhow::ensure!(answer.is_null(), "the practice phone says {answer}");
        Ok(())
    }

    /// Asks the desk as the page does.
    pub async fn desk(&self, command: &str, request: Value) -> anyhow::Result<Value> {
        let script = "const [command, request, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('desk', { command, request })
                .then((answer) => done({ answer }), (error) => done({ error }))";
        let told = self.client.execute_async(script, vec![command.into(), request]).await?;
        anyhow::ensure!(told["error"].is_null(), "{command}: {}", told["error"]);
        Ok(told["answer"].clone())
    }

    /// Runs a script that ends by calling its last argument.
    pub async fn waits(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute_async(script, Vec::new()).await?)
    }

    /// Waits for an element.
    pub async fn find(&self, css: &str) -> anyhow::Result<Element> {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(25));
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => Ok(element),
            Err(error) => bail!("{css} did not appear ({error}); the page says: {}", self.page().await),
        }
    }

    /// Waits for an element that holds these words.
    pub async fn says(&self, css: &str, words: &str) -> anyhow::Result<Element> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            for element in self.client.find_all(Locator::Css(css)).await? {
                // Not the driver's own "visible text": it leaves out what an ellipsis may cut. And the
                // element may be redrawn between finding and reading.
                let text = element.prop("textContent").await.ok().flatten().unwrap_or_default();
                if text.contains(words) {
                    return Ok(element);
                }
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("{css} never said {words:?}; the page says: {}", self.page().await)
    }

    /// Clicks an element that holds these words; once more if it is redrawn in between.
    pub async fn pick(&self, css: &str, words: &str) -> anyhow::Result<()> {
        if self.says(css, words).await?.click().await.is_ok() {
            return Ok(());
        }
        self.settled().await?;
        Ok(self.says(css, words).await?.click().await?)
    }

    /// Waits until no element fits.
    pub async fn gone(&self, css: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.client.find_all(Locator::Css(css)).await?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("{css} is still there")
    }

    /// Clicks an element once it is there; once more if it is redrawn in between.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        if self.find(css).await?.click().await.is_ok() {
            return Ok(());
        }
        self.settled().await?;
        Ok(self.find(css).await?.click().await?)
    }

    /// Types into an element.
    pub async fn write(&self, css: &str, words: &str) -> anyhow::Result<()> {
        Ok(self.find(css).await?.send_keys(words).await?)
    }

    /// Presses Enter in an element.
    pub async fn enter(&self, css: &str) -> anyhow::Result<()> {
        self.write(css, &String::from(char::from(Key::Enter))).await
    }

    /// Presses a key wherever the focus is; once more if what has it is redrawn in between.
    pub async fn press(&self, key: &str) -> anyhow::Result<()> {
        match self.client.active_element().await?.send_keys(key).await {
            Err(error) if error.is_no_such_element() || error.is_stale_element_reference() => {
                self.settled().await?;
                Ok(self.client.active_element().await?.send_keys(key).await?)
            }
            pressed => Ok(pressed?),
        }
    }

    /// Presses a key while others are held.
    pub async fn keys(&self, held: &[Key], key: &str) -> anyhow::Result<()> {
        let held: String = held.iter().copied().map(char::from).collect();
        self.press(&format!("{held}{key}")).await
    }

    /// Presses the mouse at one share of an element's width, moves it to another, and lets go.
    pub async fn drag(&self, css: &str, from: f64, to: f64) -> anyhow::Result<()> {
        let (x, y, width, height) = self.find(css).await?.rectangle().await?;
        let at =
            |share: f64| PointerAction::MoveTo { duration: None, x: x + width * share, y: y + height / 2.0 };
        let button = MOUSE_BUTTON_LEFT;
        let actions = MouseActions::new("mouse".into())
            .then(at(from))
            .then(PointerAction::Down { button })
            .then(at(f64::midpoint(from, to)))
            .then(at(to))
            .then(PointerAction::Up { button });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Moves the mouse over the middle of an element, and says where that is.
    pub async fn point_at(&self, css: &str) -> anyhow::Result<(f64, f64)> {
        let (x, y, width, height) = self.find(css).await?.rectangle().await?;
        let (x, y) = (x + width / 2.0, y + height / 2.0);
        let there = PointerAction::MoveTo { duration: None, x, y };
        self.client.perform_actions(MouseActions::new("mouse".into()).then(there)).await?;
        Ok((x, y))
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Resizes the window.
    pub async fn size(&self, width: u32, height: u32) -> anyhow::Result<()> {
        self.client.set_window_rect(0, 0, width, height).await?;
        self.settled().await
    }

    /// Light, dark, or as the system has it (`None`).
    pub async fn theme(&self, theme: Option<&str>) -> anyhow::Result<()> {
        let mut script = String::new();
        match theme {
            Some(theme) => write!(script, "document.documentElement.dataset.theme = '{theme}'")?,
            None => script.push_str("delete document.documentElement.dataset.theme"),
        }
        self.run(&script).await?;
        self.settled().await
    }

    /// Waits until what was changed is drawn.
    pub async fn settled(&self) -> anyhow::Result<()> {
        // Two frames: one that lays out, one that has drawn it.
        let frames = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 200)))";
        self.client.execute_async(frames, Vec::new()).await?;
        Ok(())
    }

    /// Takes a picture of the page.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        self.settled().await?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, self.client.screenshot().await?)?)
    }

    /// Everything the page says, for error messages.
    pub async fn page(&self) -> String {
        let script = "return document.body.innerText.slice(0, 2000)";
        self.run(script).await.map_or_else(|error| error.to_string(), |text| text.to_string())
    }

    /// Waits until a script returns something true.
    pub async fn until(&self, script: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.run(script).await? == true {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("never true: {script}; the page says: {}", self.page().await)
    }

    /// Closes the window and waits until the program has ended. The driver ends it by SIGKILL, and one
    /// that still writes to a slow disk lets go of its folder only afterwards.
    pub async fn close(self) -> anyhow::Result<()> {
        // A program that has ended already has closed its window.
        let _ = self.client.clone().close().await;
        self.ended().await
    }

    /// Waits until the program has ended.
    pub async fn ended(self) -> anyhow::Result<()> {
        let closing = async {
            let children = format!("/proc/{0}/task/{0}/children", self.driver);
            // Some kernels do not say.
            while std::fs::read_to_string(&children).is_ok_and(|all| !all.is_empty()) {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(2 * PATIENCE, closing).await.context("the program did not end")?
    }
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Starts a program that announces something in its first line.
async fn announced(mut command: Command) -> anyhow::Result<(Child, String)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??.context("it said nothing")?;
    Ok((child, line.trim().to_owned()))
}
