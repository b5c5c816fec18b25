//! A browser's driver, and the pages it drives.

use anyhow::{Context, bail};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use std::{
    fmt::Write as _,
    fs::File,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// Longest wait for anything on screen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// Longest wait for a whole story.
const STORY: Duration = Duration::from_secs(600);
/// By what a script's answer names an element: `WebDriver`'s web element identifier.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A driver that ends with its value.
#[derive(Debug)]
pub(crate) struct Driver {
    port: u16,
    pid: u32,
    // What the program said on stderr.
    log: NamedTempFile,
    // Ended when dropped.
    _process: Child,
}

impl Driver {
    /// Starts one, with these variables for it and for what it starts.
    pub(crate) fn start(program: &str, environment: &[(String, String)]) -> anyhow::Result<Self> {
        let port = crate::free_port()?;
        let log = NamedTempFile::new()?;
        let process = command(program)
            .arg(format!("--port={port}"))
            .envs(environment.iter().cloned())
            .stdout(Stdio::null())
            // The program it starts writes to the same place.
            .stderr(log.reopen()?)
            .spawn()
            .with_context(|| format!("{program} did not start"))?;
        let pid = process.id().with_context(|| format!("{program} ended"))?;
        Ok(Self { port, pid, log, _process: process })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The processes it started, and those they did.
    pub(crate) fn below(&self) -> Vec<u32> {
        below(self.pid)
    }

    /// Opens a window of what these capabilities ask for.
    pub(crate) async fn session(&self, capabilities: Map<String, Value>) -> anyhow::Result<Window> {
        let address = format!("http://127.0.0.1:{}", self.port);
        let mut refused = String::new();
        // The driver never answers when the program ends before its window is there.
        let connecting = async {
            loop {
                let mut builder = ClientBuilder::new(HttpConnector::new());
                match builder.capabilities(capabilities.clone()).connect(&address).await {
                    Ok(client) => break client,
                    // The driver may not listen yet.
                    Err(error) => {
                        refused = error.to_string();
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        let opened = tokio::time::timeout(PATIENCE, connecting).await;
        match opened {
            Ok(client) => Ok(Window { client, driver: self.pid, address }),
            Err(_) => bail!("the window did not open ({refused}); the program said: {}", self.said()),
        }
    }

    /// Tells a story in a window and closes it. A story that gets stuck says what the page and the
    /// program said last.
    pub(crate) async fn tell<T>(
        &self,
        window: Window,
        story: impl AsyncFnOnce(&Window) -> anyhow::Result<T>,
    ) -> T {
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

    /// Where the program says what it has to say.
    pub(crate) fn log(&self) -> std::io::Result<File> {
        self.log.reopen()
    }

    /// What the program said on stderr so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_else(|error| error.to_string())
    }
}

/// A page that is driven.
#[derive(Debug)]
pub struct Window {
    client: Client,
    // The process that started the program.
    driver: u32,
    // Where that listens.
    address: String,
}

impl Window {
    /// Goes to a page.
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// Asks the driver for what only its kind knows.
    pub async fn ask(&self, path: &str, request: Value) -> anyhow::Result<Value> {
        let session = self.client.session_id().await?.context("the window is closed")?;
        let url = format!("{}/session/{session}/{path}", self.address);
        let answer = crate::host::client().post(url).json(&request).send().await?;
        let status = answer.status();
        let mut told: Value = answer.json().await?;
        anyhow::ensure!(status.is_success(), "{path}: {told}");
        Ok(told["value"].take())
    }

    /// A pretend customer texts, as the practice phone does it.
    pub async fn customer_texts(&self, from: &str, words: &str) -> anyhow::Result<()> {
        let script = "const [from, points, done] = arguments;
            const body = points.map((point) => String.fromCodePoint(point)).join('');
            window.__TAURI_INTERNALS__.invoke('practice_text', { from, to: '+15005550006', body, picture: null })
                .then(() => done(null), (error) => done(String(error)))";
        let answer = self.client.execute_async(script, vec![from.into(), points(words)]).await?;
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
        match self.shown(css, "").await? {
            Some(element) => Ok(element),
            None => bail!("{css} did not appear; the page says: {}", self.page().await),
        }
    }

    /// Waits for an element that holds these words.
    pub async fn says(&self, css: &str, words: &str) -> anyhow::Result<Element> {
        match self.shown(css, words).await? {
            Some(element) => Ok(element),
            None => bail!("{css} never said {words:?}; the page says: {}", self.page().await),
        }
    }

    /// The first element that holds these words. What is laid out and not drawn is not there yet: nobody can read
    /// it, and its keys do nothing.
    async fn shown(&self, css: &str, words: &str) -> anyhow::Result<Option<Element>> {
        // Not the driver's own "visible text": it leaves out what an ellipsis may cut.
        let script = "const [css, points] = arguments;
            const words = String.fromCodePoint(...points);
            return [...document.querySelectorAll(css)].find((each) =>
                each.textContent.includes(words) && getComputedStyle(each).visibility !== 'hidden') ?? null";
        let points = points(words);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let found = self.client.execute(script, vec![css.into(), points.clone()]).await?;
            if let Some(id) = found[ELEMENT].as_str() {
                return Ok(Some(Element::from_element_id(self.client.clone(), id.to_owned().into())));
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(None)
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
            // Some kernels do not say.
            while !below(self.driver).is_empty() {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(2 * PATIENCE, closing).await.context("the program did not end")?
    }
}

/// Words as numbers, since the driver's own letters cannot be all there are.
fn points(words: &str) -> Value {
    words.chars().map(u32::from).collect::<Vec<_>>().into()
}

/// The processes this one started, from whichever of its threads, and those they did.
fn below(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut at = 0;
    while at < all.len() {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", all[at]));
        for task in tasks.into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        at += 1;
    }
    all.split_off(1)
}

/// A program that is ended with its value.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
    command
}
