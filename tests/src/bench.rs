//! `cargo xtask bench door`: the door beside references that do the same job, in one run.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints numbers")]

use anyhow::Context;
use ringdesk_tests::{
    measure::{
        ACCOUNT, Figures, PUBLIC, TOKEN, closed_loop, healthy, kept, load_average, median, open_loop, report,
        ringdeskd, serving, text, write_figures,
    },
    programs::repository,
};
use serde_json::{Map, json};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

const ROUNDS: usize = 3;
const LANES: usize = 32;

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Who {
    Ringdesk,
    Express,
    FastApi,
    Ceiling,
}

impl Who {
    const ALL: [Self; 4] = [Self::Ringdesk, Self::Express, Self::FastApi, Self::Ceiling];

    const fn name(self) -> &'static str {
        match self {
            Self::Ringdesk => "ringdeskd",
            Self::Express => "Express",
            Self::FastApi => "FastAPI",
            Self::Ceiling => "Rust ceiling",
        }
    }

    /// Requests in one measurement, so that all take about as long.
    const fn load(self) -> usize {
        match self {
            Self::Ringdesk | Self::Ceiling => 20_000,
            Self::Express | Self::FastApi => 3_000,
        }
    }
}

/// A running server on a data folder of its own.
struct Server {
    child: Child,
    port: u16,
    home: Home,
}

/// Where a server keeps its data: for one measurement, or for all.
enum Home {
    Fresh(tempfile::TempDir),
    Kept(PathBuf),
}

impl Home {
    fn path(&self) -> &Path {
        match self {
            Self::Fresh(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

impl Server {
    async fn start(who: Who, slow_sync: bool) -> anyhow::Result<Self> {
        Self::start_on(who, slow_sync, Home::Fresh(tempfile::tempdir()?)).await
    }

    async fn start_on(who: Who, slow_sync: bool, home: Home) -> anyhow::Result<Self> {
        let port = ringdesk_tests::free_port()?;
        let root = repository();
        let bench = root.join("tests/bench");
        let mut command = match who {
            Who::Ringdesk => serving(home.path(), port),
            Who::Express => {
                let mut command = Command::new("node");
                command.arg(bench.join("express/server.cjs"));
                command
                    .env("NODE_PATH", root.join("target/tools/bench-node/node_modules"))
                    .env("NODE_ENV", "production");
                command
            }
            Who::FastApi => {
                let mut command = Command::new(root.join("target/tools/bench-python/bin/python"));
                command.arg(bench.join("fastapi/server.py"));
                command
            }
            Who::Ceiling => Command::new(root.join("target/ceiling/release/ceiling")),
        };
        command
            .env("PORT", port.to_string())
            .env("DATA", home.path())
            .env("PUBLIC_URL", PUBLIC)
            .env("TOKEN", TOKEN)
            .env("ACCOUNT", ACCOUNT)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if slow_sync {
            command.env("LD_PRELOAD", root.join("target/tools/slow-sync.so"));
        }
        let child = command.spawn().with_context(|| who.name())?;
        healthy(port).await.with_context(|| who.name())?;
        Ok(Self { child, port, home })
    }

    fn id(&self) -> u32 {
        self.child.id().unwrap_or(0)
    }

    /// CPU seconds used so far, and the largest resident set in MiB.
    fn cost(&self) -> (f64, f64) {
        let read = |part: &str| fs::read_to_string(format!("/proc/{}/{part}", self.id())).unwrap_or_default();
        let stat = read("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
        let status = read("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
        let peak: f64 = peak.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0.0);
        ((ticks(11) + ticks(12)) / 100.0, peak / 1024.0)
    }

    async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}

/// Signed requests, made before anything is timed. Of a mix every second one is a report, about a text
/// that is not known or has its ending: for all servers one row more and no status that moves.
fn requests(first: usize, count: usize, mixed: bool) -> Arc<Vec<Vec<u8>>> {
    let make = |n: usize| if mixed && n % 2 == 1 { report(n, n / 2) } else { text(n) };
    Arc::new((first..first + count).map(make).collect())
}

/// 128 connections at once while 16 are busy: the worst of their first answers.
async fn crowd(port: u16) -> anyhow::Result<Figures> {
    let busy = requests(900_000, 6_000, false);
    let load = tokio::spawn(closed_loop(port, busy, 16));
    tokio::time::sleep(Duration::from_millis(150)).await;
    let all = requests(800_000, 128, false);
    let newcomers = closed_loop(port, all, 128).await?;
    let _ = load.await;
    Ok(newcomers)
}

type Table = BTreeMap<(&'static str, Who), Vec<f64>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let load_before = load_average();
    let mut table = Table::new();
    let rounds = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    for round in 0..rounds {
        for who in Who::ALL {
            println!("  round {} of {rounds}: {}", round + 1, who.name());
            measure(who, &mut table).await?;
        }
        table.entry(("floor/s", Who::Ceiling)).or_default().push(floor_of_groups()?);
    }
    let start = start_with_a_full_house().await?;
    print_table(&table, start, &load_before)
}

async fn measure(who: Who, table: &mut Table) -> anyhow::Result<()> {
    let mut note = |what: &'static str, value: f64| table.entry((what, who)).or_default().push(value);
    let server = Server::start(who, false).await?;
    closed_loop(server.port, requests(0, 300, false), LANES).await?;
    let (cpu, _) = server.cost();
    let texts = closed_loop(server.port, requests(1_000, who.load(), false), LANES).await?;
    let (cpu_after, peak) = server.cost();
    note("texts/s", texts.rate);
    note("texts p99 ms", texts.p99);
    note("cpu s per 1000", (cpu_after - cpu) / who.load() as f64 * 1_000.0);
    note("rss MiB", peak);
    let mixed = closed_loop(server.port, requests(200_000, who.load(), true), LANES).await?;
    note("mixed/s", mixed.rate);
    let one = closed_loop(server.port, requests(400_000, 1_000, false), 1).await?;
    note("one p50 ms", one.p50);
    let open = open_loop(server.port, requests(500_000, 3_000, true), 1_000.0).await?;
    note("open p50 ms", open.p50);
    note("open p99 ms", open.p99);
    note("crowd worst ms", crowd(server.port).await?.worst);
    if who == Who::Ringdesk {
        note("not kept once", not_kept_once(&server).await?);
    }
    server.stop().await;
    let slow = Server::start(who, true).await?;
    let count = who.load() / 5;
    let slowly = closed_loop(slow.port, requests(600_000, count, true), LANES).await?;
    note("slow sync/s", slowly.rate);
    slow.stop().await;
    Ok(())
}

/// How many of the acknowledged texts are not in the export exactly once, and how many it has besides.
async fn not_kept_once(server: &Server) -> anyhow::Result<f64> {
    let kept = kept(server.home.path(), "text").await?;
    let load = Who::Ringdesk.load();
    // What `measure` asked, each answered by 200: texts, the even halves of the mixes, and the crowd's.
    let mut asked: Vec<usize> = (0..300).chain(1_000..1_000 + load).collect();
    asked.extend((200_000..200_000 + load).step_by(2));
    asked.extend((400_000..401_000).chain((500_000..503_000).step_by(2)));
    asked.extend((900_000..906_000).chain(800_000..800_128));
    let wrong = asked.iter().filter(|n| kept.get(&format!("SM{n:032x}")) != Some(&1)).count();
    Ok((wrong + kept.len().abs_diff(asked.len())) as f64)
}

/// Milliseconds from start to healthy with a million texts.
async fn start_with_a_full_house() -> anyhow::Result<f64> {
    // Filled once for a schema and kept: it takes some minutes.
    let mut schema = DefaultHasher::new();
    for step in fs::read_dir(repository().join("migrations/sqlite"))? {
        fs::read(step?.path())?.hash(&mut schema);
    }
    let house = repository().join(format!("target/bench/house-{:x}", schema.finish()));
    let filled = house.join("filled");
    if !filled.exists() {
        println!("  filling a house with a million texts (some minutes, once)");
        fs::create_dir_all(&house)?;
        let seed = ["seed", "--conversations", "20000", "--texts", "1000000"];
        let seeded = ringdeskd(&seed, &house).status().await?;
        anyhow::ensure!(seeded.success(), "seeding failed");
        fs::write(filled, "")?;
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let server = Server::start_on(Who::Ringdesk, false, Home::Kept(house.clone())).await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        server.stop().await;
    }
    Ok(median(times))
}

/// Whole text transactions per second at FULL sync, 32 in a commit, without any server: the floor
/// the ceiling's schema gives, measured by the same SQLite in one thread.
fn floor_of_groups() -> anyhow::Result<f64> {
    let output = std::process::Command::new(repository().join("target/ceiling/release/floor")).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

fn print_table(table: &Table, start: f64, load: &str) -> anyhow::Result<()> {
    let get = |what: &'static str, who: Who| median(table.get(&(what, who)).cloned().unwrap_or_default());
    println!(
        "\n{:<18}{:>14}{:>14}{:>14}{:>14}",
        "medians", "ringdeskd", "Express", "FastAPI", "Rust ceiling"
    );
    let rows = [
        "texts/s",
        "mixed/s",
        "slow sync/s",
        "texts p99 ms",
        "one p50 ms",
        "open p50 ms",
        "open p99 ms",
        "crowd worst ms",
        "cpu s per 1000",
        "rss MiB",
        "floor/s",
    ];
    let mut figures = Map::new();
    for what in rows {
        let values = Who::ALL.map(|who| get(what, who));
        let cells: Vec<String> = values.iter().map(|v| format!("{v:>14.2}")).collect();
        println!("{what:<18}{}", cells.concat());
        figures.insert(what.into(), json!(values));
    }
    let ours = |what| get(what, Who::Ringdesk);
    let express = |what| get(what, Who::Express);
    let over = |what| ours(what) / express(what);
    let mut all_met = true;
    println!("\n{:<52}{:>10}{:>12}", "door", "reached", "must");
    let mut judge = |what: &str, reached: f64, must: f64, more_is_better: bool| {
        let met = if more_is_better { reached >= must } else { reached <= must };
        all_met &= met;
        let sign = if more_is_better { "≥" } else { "≤" };
        println!(
            "{what:<52}{reached:>10.2}{:>12}  {}",
            format!("{sign} {}", (must * 100.0).round() / 100.0),
            if met { "met" } else { "NOT MET" }
        );
        figures.insert(what.into(), json!({ "reached": reached, "must": must, "met": met }));
    };
    judge("texts/s, 32 connections, x Express", over("texts/s"), 6.0, true);
    judge("  (the full-text index is part of that work)", over("texts/s"), 5.0, true);
    judge("mixed events/s, x Express", over("mixed/s"), 6.0, true);
    judge("mixed, every sync 5 ms slower, x Express", over("slow sync/s"), 10.0, true);
    judge("texts/s, share of the Rust ceiling", ours("texts/s") / get("texts/s", Who::Ceiling), 0.75, true);
    let floor = get("floor/s", Who::Ceiling);
    judge("texts/s, share of the group-of-32 floor", ours("texts/s") / floor, 0.6, true);
    judge("open loop 1,000/s, p50, x Express", over("open p50 ms"), 0.5, false);
    judge("open loop 1,000/s, p99, x Express", over("open p99 ms"), 0.8, false);
    judge("128 connections at once, worst ms", ours("crowd worst ms"), 250.0, false);
    judge("one connection, p50, x Express", over("one p50 ms"), 0.7, false);
    judge("CPU per 1,000 events, x Express", over("cpu s per 1000"), 1.0 / 6.0, false);
    judge("RSS peak, x Express", over("rss MiB"), 0.25, false);
    judge("start to healthy with 1M texts, ms", start, 150.0, false);
    judge("acknowledged and not kept exactly once", ours("not kept once"), 0.0, false);
    let after = load_average();
    println!("\nload before: {load}; after: {after}");
    println!("every must met: {}", if all_met { "yes" } else { "no" });
    figures.insert("load".into(), json!({ "before": load, "after": after }));
    write_figures("door.json", figures)
}
