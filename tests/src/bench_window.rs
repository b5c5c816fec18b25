//! `cargo xtask bench window`: the window beside a blank one, in one run; or parts of it: `launch`,
//! `memory`, `idle`, `work`, `size`.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints numbers")]

use anyhow::{Context, bail};
use ringdesk_tests::{desktop::Desktop, owner::Owner, programs::repository};
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::process::{Child, Command};

/// Launches of each: one that the machine was busy beside must not count.
const LAUNCHES: usize = 9;
const PATIENCE: Duration = Duration::from_secs(60);
/// Seconds after which memory and idle work are counted.
const SETTLED: Duration = Duration::from_secs(60);
/// Seconds in which idle work is counted.
const IDLE: Duration = Duration::from_secs(30);
/// Seconds of rest before memory is counted once more.
const REST_S: u64 = 5;
/// Texts, switches and words that are timed.
const TRIES: usize = 100;

/// What is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Blank,
    /// Texts and conversations in the folder.
    Ringdesk(u32, u32),
}

const HOUSES: [What; 2] = [What::Ringdesk(100_000, 10_000), What::Ringdesk(1_000_000, 100_000)];

impl What {
    fn name(self) -> String {
        match self {
            Self::Blank => "blank window".into(),
            Self::Ringdesk(texts, conversations) => format!("{texts} texts, {conversations} conversations"),
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut bench = Bench { rows: Vec::new(), sample: Vec::new() };
    let load = fs::read_to_string("/proc/loadavg")?;
    for house in HOUSES {
        fill(house).await?;
    }
    // All of it, or the parts that are named.
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if wanted("launch") {
        for dmabuf in [true, false] {
            bench.launches(dmabuf).await?;
        }
    }
    if wanted("memory") {
        bench.memory().await?;
    }
    if wanted("idle") {
        bench.idle().await?;
    }
    if wanted("work") {
        bench.at_work().await?;
    }
    if wanted("size") {
        bench.size()?;
    }
    bench.print(&load)
}

struct Bench {
    /// What, reached, must.
    rows: Vec<(String, String, String)>,
    sample: Vec<Value>,
}

/// A folder of made-up data, kept until the tables change.
fn house(what: What) -> PathBuf {
    let What::Ringdesk(texts, _) = what else { return PathBuf::new() };
    let tables = fs::read(repository().join("migrations/sqlite/0001_office.sql")).unwrap_or_default();
    let sum = tables.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    repository().join(format!("target/bench/window-{texts}-{sum:08x}"))
}

async fn fill(what: What) -> anyhow::Result<()> {
    let What::Ringdesk(texts, conversations) = what else { return Ok(()) };
    let folder = house(what);
    if folder.join("filled").exists() {
        return Ok(());
    }
    println!("  Filling a folder with {}", what.name());
    fs::remove_dir_all(&folder).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let filled = Command::new(repository().join("target/release/ringdeskd"))
        .args(["seed", "--texts", &texts.to_string(), "--conversations", &conversations.to_string()])
        .arg("--data-dir")
        .arg(&folder)
        .status()
        .await?;
    anyhow::ensure!(filled.success(), "seed: {filled}");
    Ok(fs::write(folder.join("filled"), "")?)
}

fn program(what: What) -> PathBuf {
    repository().join("target/release").join(if what == What::Blank { "ringdesk-blank" } else { "ringdesk" })
}

/// A desktop for what is measured, and whose it is.
async fn desktop(what: What, dmabuf: bool) -> anyhow::Result<(Desktop, Owner)> {
    let owner = match what {
        What::Blank => Owner::new().await?,
        What::Ringdesk(..) => Owner::at(&house(what)).await?,
    };
    let mut environment = owner.environment().to_vec();
    if !dmabuf {
        environment.push(("WEBKIT_DISABLE_DMABUF_RENDERER", "1"));
    }
    environment.push(("RINGDESK_LOG", "error"));
    let desktop = Desktop::start_with("1280x800", &environment).await?;
    Ok((desktop, owner))
}

fn arguments(what: What, owner: &Owner, more: &[&str]) -> Vec<String> {
    if what == What::Blank { Vec::new() } else { owner.arguments(more) }
}

impl Bench {
    fn row(&mut self, what: &str, reached: String, must: &str) {
        println!("  {what}: {reached}");
        self.rows.push((what.to_owned(), reached, must.to_owned()));
    }

    /// From the start of the program to a drawn window, seen from outside: the first moment at which the
    /// screen shows the blank page's colour, or the list's rows.
    async fn launches(&mut self, dmabuf: bool) -> anyhow::Result<()> {
        let all = [What::Blank, HOUSES[0], HOUSES[1]];
        let mut taken: [Vec<f64>; 3] = Default::default();
        for _ in 0..LAUNCHES {
            for (what, taken) in all.into_iter().zip(&mut taken) {
                let (desktop, owner) = desktop(what, dmabuf).await?;
                let began = Instant::now();
                let mut child = desktop.run(&program(what), &arguments(what, &owner, &[]))?;
                while !drawn(&desktop, what)? {
                    anyhow::ensure!(
                        began.elapsed() < PATIENCE,
                        "{} never appeared; it said: {}",
                        what.name(),
                        desktop.said()
                    );
                    tokio::time::sleep(Duration::from_millis(4)).await;
                }
                taken.push(began.elapsed().as_secs_f64() * 1_000.0);
                end(&mut child).await?;
            }
        }
        let [blank, some, many] = taken.map(median);
        let how = if dmabuf { "" } else { ", DMABUF off" };
        for (what, ms, must) in [(all[1], some, "1.5x"), (all[2], many, "1.7x")] {
            self.row(
                &format!("launch to list, {}{how}", what.name()),
                format!("{:.2}x ({ms:.0} ms, blank {blank:.0} ms)", ms / blank),
                must,
            );
            self.sample
                .push(json!({ "launch_ms": ms, "blank_ms": blank, "what": what.name(), "dmabuf": dmabuf }));
        }
        Ok(())
    }

    /// Memory with the list and one conversation open, after a while.
    async fn memory(&mut self) -> anyhow::Result<()> {
        for dmabuf in [true, false] {
            let mut held = Vec::new();
            for what in [What::Blank, HOUSES[1]] {
                let (desktop, owner) = desktop(what, dmabuf).await?;
                let conversation = match what {
                    What::Blank => String::new(),
                    What::Ringdesk(..) => some_conversation(&desktop, &owner).await?,
                };
                let arguments = arguments(what, &owner, &["--conversation", &conversation]);
                let mut child = desktop.run(&program(what), &arguments)?;
                tokio::time::sleep(SETTLED).await;
                held.push(memory_of(child.id().context("it ended")?));
                end(&mut child).await?;
            }
            let (blank, own) = (held[0], held[1]);
            self.row(
                &format!(
                    "PSS, list and a conversation, 1M texts{}",
                    if dmabuf { "" } else { ", DMABUF off" }
                ),
                format!("{:.2}x ({:.0} MB, blank {:.0} MB)", own / blank, own / 1_024.0, blank / 1_024.0),
                "1.5x",
            );
            self.sample.push(json!({ "pss_kb": own, "blank_kb": blank, "dmabuf": dmabuf }));
        }
        Ok(())
    }

    /// Work done while nobody does anything.
    async fn idle(&mut self) -> anyhow::Result<()> {
        for (hidden, must) in [(false, "0.5 %"), (true, "0.2 %")] {
            let (desktop, owner) = desktop(HOUSES[1], true).await?;
            let more: &[&str] = if hidden { &["--hidden"] } else { &[] };
            let mut child = desktop.run(&program(HOUSES[1]), &arguments(HOUSES[1], &owner, more))?;
            owner.answers().await?;
            // What is done once after a start, such as reading the database through, is over.
            tokio::time::sleep(SETTLED).await;
            let id = child.id().context("it ended")?;
            let before = work_of(id);
            tokio::time::sleep(IDLE).await;
            let share = (work_of(id) - before) / IDLE.as_secs_f64() * 100.0;
            end(&mut child).await?;
            let what = if hidden { "in the tray" } else { "window open" };
            self.row(&format!("idle CPU, {what}"), format!("{share:.2} %"), must);
            self.sample.push(json!({ "idle_percent": share, "hidden": hidden }));
        }
        Ok(())
    }

    /// What a person waits for, in the driven window with a million texts.
    async fn at_work(&mut self) -> anyhow::Result<()> {
        let (blank, _owner) = desktop(What::Blank, true).await?;
        let window = blank.open(&program(What::Blank), &[]).await?;
        let frames = numbers(&window.waits(BLANK_FRAMES).await?);
        window.close().await?;

        let (desktop, owner) = desktop(HOUSES[1], true).await?;
        let arguments = owner.arguments(&[]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program_of_ours = program(HOUSES[1]);
        let window = desktop.open(&program_of_ours, &arguments).await?;
        window.says(".placard", "Connected").await?;
        window.find("[data-conversation]").await?;
        let program = children_of(desktop.driver()).first().copied().context("no program")?;

        let mut own = numbers(&window.waits(SCROLL).await?);
        let (p95, worst) = (percentile(&mut own, 0.95), percentile(&mut own, 1.0));
        let mut frames = frames;
        let (blank95, blank_worst) = (percentile(&mut frames, 0.95), percentile(&mut frames, 1.0));
        self.row(
            "scrolling 100,000 rows, p95 frame (longest)",
            format!(
                "{:.2}x ({p95:.1} ms, blank {blank95:.1}; longest {worst:.0}, blank {blank_worst:.0})",
                p95 / blank95
            ),
            "1.2x, no GPU",
        );
        self.sample.push(json!({ "frame_p95_ms": p95, "frame_longest_ms": worst, "blank_p95_ms": blank95 }));

        let mut switches = numbers(&window.waits(&SWITCHES.replace("TRIES", &TRIES.to_string())).await?);
        let p95 = percentile(&mut switches, 0.95);
        self.row("conversation switch to drawn, p95", format!("{p95:.0} ms"), "100 ms");
        let mut typed = numbers(&window.waits(TYPING).await?);
        let found = percentile(&mut typed, 0.95);
        self.row("letter typed to results drawn, 1M texts, p95", format!("{found:.0} ms"), "100 ms");

        let mut arrivals = Vec::new();
        window.run(ARRIVALS).await?;
        for n in 0..TRIES {
            let marker = format!("bench-{n}.");
            owner.text("+14155550123", &marker).await?;
            let stored = now_ms()?;
            let drawn = window.waits(&ARRIVED.replace("MARKER", &marker)).await?;
            arrivals.push((drawn.as_f64().context("a time")? - stored).max(0.0));
        }
        let p95_arrival = percentile(&mut arrivals, 0.95);
        self.row("text answered to row drawn, p95", format!("{p95_arrival:.0} ms"), "100 ms");
        self.sample
            .push(json!({ "switch_p95_ms": p95, "typed_p95_ms": found, "arrival_p95_ms": p95_arrival }));

        let before = rest(program, REST_S).await;
        for _ in 0..10 {
            window.waits(&SWITCHES.replace("TRIES", "100")).await?;
        }
        self.grew("PSS after 1,000 conversation switches", "+15 %", program, before).await;
        window.close().await?;

        // In a window of its own: what came before would count as well.
        let window = desktop.open(&program_of_ours, &arguments).await?;
        window.says(".placard", "Connected").await?;
        window.find("[data-conversation]").await?;
        let program = children_of(desktop.driver()).first().copied().context("no program")?;
        let before = rest(program, SETTLED.as_secs()).await;
        window.waits(BACK).await?;
        self.grew("PSS after scrolling 10,000 rows and back", "+20 %", program, before).await;
        window.close().await
    }

    /// How much more memory a program holds than before.
    async fn grew(&mut self, what: &str, must: &str, program: u32, before: f64) {
        let after = rest(program, REST_S).await;
        // The web view tidies up when it finds the time.
        let later = rest(program, 30 - REST_S).await;
        let more = |now: f64| (now / before - 1.0) * 100.0;
        self.row(
            &format!("{what} (30 s later)"),
            format!("{:+.0} % ({:+.0} %)", more(after), more(later)),
            must,
        );
        self.sample.push(json!({ "what": what, "pss_kb": before, "after_kb": after, "later_kb": later }));
    }

    fn size(&mut self) -> anyhow::Result<()> {
        let bytes = fs::metadata(program(HOUSES[0]))?.len();
        self.row("program, stripped", format!("{:.1} MB", bytes as f64 / 1e6), "20 MB");
        self.sample.push(json!({ "program_bytes": bytes }));
        Ok(())
    }

    fn print(self, before: &str) -> anyhow::Result<()> {
        let after = fs::read_to_string("/proc/loadavg")?;
        println!("\n| the window | reached | must |\n|---|---|---|");
        for (what, reached, must) in &self.rows {
            println!("| {what} | {reached} | {must} |");
        }
        println!("\nLoad before {}, after {}", before.trim(), after.trim());
        let file = repository().join("target/bench/window.json");
        fs::write(&file, serde_json::to_vec_pretty(&self.sample)?)?;
        println!("{}", file.display());
        Ok(())
    }
}

/// Whether the screen shows what is waited for.
fn drawn(desktop: &Desktop, what: What) -> anyhow::Result<bool> {
    match what {
        What::Blank => {
            let pixels = desktop.pixels(600, 400, 8, 8)?;
            Ok(pixels.iter().all(|[r, g, b]| (*r, *g, *b) == (0xFC, 0xFA, 0xF6)))
        }
        What::Ringdesk(..) => {
            // Dark letters on light paper in the upper and the lower half of the list.
            let rows = |y: i16| -> anyhow::Result<bool> {
                let pixels = desktop.pixels(260, y, 240, 120)?;
                let light = |[r, g, b]: &&[u8; 3]| u32::from(*r) + u32::from(*g) + u32::from(*b);
                let dark = pixels.iter().filter(|pixel| light(pixel) < 240).count();
                let paper = pixels.iter().filter(|pixel| light(pixel) > 660).count();
                Ok(dark > 100 && paper > pixels.len() / 2)
            };
            Ok(rows(180)? && rows(600)?)
        }
    }
}

async fn end(child: &mut Child) -> anyhow::Result<()> {
    let id = child.id().context("it ended")?.to_string();
    Command::new("kill").args(["-TERM", &id]).status().await?;
    match tokio::time::timeout(PATIENCE, child.wait()).await {
        Ok(ended) => ended.map(|_| ())?,
        Err(_) => bail!("the program did not end"),
    }
    Ok(())
}

/// One conversation of the folder, asked of the program itself.
async fn some_conversation(desktop: &Desktop, owner: &Owner) -> anyhow::Result<String> {
    let mut child = desktop.run(&program(HOUSES[1]), &owner.arguments(&["--hidden"]))?;
    owner.answers().await?;
    let list = owner.call("conversations", json!({ "limit": 1 })).await?;
    end(&mut child).await?;
    Ok(list["conversations"][0]["id"].as_str().context("a conversation")?.to_owned())
}

fn children_of(process: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// A process and everything below it.
fn tree(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let mut at = 0;
    while at < all.len() {
        let tasks = fs::read_dir(format!("/proc/{}/task", all[at]));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        at += 1;
    }
    all
}

/// The memory of a program once it has rested for so many seconds, in kB.
async fn rest(program: u32, seconds: u64) -> f64 {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    memory_of(program)
}

/// Proportional set size of a program with all its processes, in kB.
fn memory_of(process: u32) -> f64 {
    let pss = |id: &u32| -> f64 {
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find(|line| line.starts_with("Pss:"));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0.0)
    };
    tree(process).iter().map(pss).sum()
}

/// Seconds a program with all its processes has worked, by the scheduler's count.
fn work_of(process: u32) -> f64 {
    let worked = |id: &u32| -> f64 {
        let tasks = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
        tasks
            .filter_map(|task| {
                let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
                stat.split_whitespace().next()?.parse::<f64>().ok()
            })
            .sum()
    };
    tree(process).iter().map(worked).sum::<f64>() / 1e9
}

fn now_ms() -> anyhow::Result<f64> {
    #[allow(clippy::disallowed_methods, reason = "compared with the page's own clock")]
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1_000.0)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn median(mut all: Vec<f64>) -> f64 {
    percentile(&mut all, 0.5)
}

fn percentile(all: &mut [f64], share: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
    let place = ((all.len().saturating_sub(1)) as f64 * share).round() as usize;
    all.get(place).copied().unwrap_or(f64::NAN)
}

/// Frames of a page on which nothing happens.
const BLANK_FRAMES: &str = "
    const done = arguments[arguments.length - 1], taken = [];
    let last = performance.now();
    const frame = (now) => {
        taken.push(now - last);
        last = now;
        taken.length < 240 ? requestAnimationFrame(frame) : done(taken.slice(2));
    };
    requestAnimationFrame(frame);";

/// Frames while the list goes by, half a screen at a time.
const SCROLL: &str = "
    const done = arguments[arguments.length - 1], taken = [];
    const list = document.querySelector('.virtual');
    let last = performance.now();
    const frame = (now) => {
        taken.push(now - last);
        last = now;
        list.scrollTop += 300;
        taken.length < 240 ? requestAnimationFrame(frame) : (list.scrollTop = 0, done(taken.slice(2)));
    };
    requestAnimationFrame(frame);";

/// From a key to another conversation on the screen.
const SWITCHES: &str = "
    const done = arguments[arguments.length - 1];
    const frames = () => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
    const heading = () => document.querySelector('#open-title')?.textContent ?? '';
    (async () => {
        const taken = [];
        for (let n = 0; n < TRIES; n++) {
            const before = heading(), began = performance.now();
            const down = Math.floor(n / 50) % 2 === 0;
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key: down ? 'j' : 'k', bubbles: true }));
            for (let wait = 0; heading() === before && wait < 600; wait++)
                await new Promise((soon) => setTimeout(soon, 1));
            await frames();
            taken.push(performance.now() - began);
        }
        return taken;
    })().then(done);";

/// From a letter to the results it leads to.
const TYPING: &str = "
    const done = arguments[arguments.length - 1];
    const frames = () => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
    const field = document.querySelector('[role=search] input');
    (async () => {
        const taken = [];
        for (const words of ['boiler leak', 'kitchen quote', 'radiator valve', 'gate key', 'water pressure']) {
            for (let length = 3; length <= words.length; length++) {
                const begun = performance.now(), typed = words.slice(0, length);
                field.value = typed;
                field.dispatchEvent(new InputEvent('input', { bubbles: true }));
                while (document.querySelector('.results')?.dataset.answers !== typed)
                    await new Promise((soon) => setTimeout(soon, 1));
                await frames();
                taken.push(performance.now() - begun);
            }
        }
        field.value = '';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await frames();
        return taken;
    })().then(done);";

/// Notes when each text is on the screen.
const ARRIVALS: &str = "
    window.arrived = {};
    const look = () => {
        const words = document.querySelector('[data-conversation] .preview')?.textContent.trim();
        if (words && !(words in window.arrived))
            requestAnimationFrame(() => requestAnimationFrame(() => (window.arrived[words] = Date.now())));
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });";

const ARRIVED: &str = "
    const done = arguments[arguments.length - 1];
    const look = () => ('MARKER' in window.arrived ? done(window.arrived['MARKER']) : setTimeout(look, 5));
    look();";

/// Down ten thousand rows, and back.
const BACK: &str = "
    const done = arguments[arguments.length - 1];
    const list = document.querySelector('.virtual');
    let left = 1000;
    const frame = () => {
        list.scrollTop += left > 500 ? 1220 : -1220;
        left-- > 0 ? requestAnimationFrame(frame) : done(true);
    };
    requestAnimationFrame(frame);";
