//! `cargo xtask bench door`: the door beside references that do the same job, in one run.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints numbers")]

use anyhow::{Context, bail};
use rand::{Rng, SeedableRng, rngs::StdRng};
use ringdesk_tests::programs::repository;
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    task::JoinSet,
};

const PUBLIC: &str = "https://bench.example.test";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "a-token-for-measuring";
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
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let root = repository();
        let bench = root.join("tests/bench");
        let mut command = match who {
            Who::Ringdesk => {
                let mut command = Command::new(root.join("target/release/ringdeskd"));
                command.args([
                    "serve",
                    "--twilio-url",
                    "http://127.0.0.1:9",
                    "--public-url",
                    PUBLIC,
                    "--listen",
                ]);
                command.arg(format!("127.0.0.1:{port}")).arg("--data-dir").arg(home.path());
                command
                    .env("RINGDESK_ACCOUNT_SID", ACCOUNT)
                    .env("RINGDESK_AUTH_TOKEN", TOKEN)
                    .env("RINGDESK_LOG", "error");
                command
            }
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
        let server = Self { child, port, home };
        let began = Instant::now();
        while server.healthy().await.is_err() {
            if began.elapsed() > Duration::from_secs(20) {
                bail!("{} did not start", who.name());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(server)
    }

    async fn healthy(&self) -> anyhow::Result<()> {
        let mut lane = Lane::open(self.port).await?;
        let status = lane.ask(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n").await?;
        anyhow::ensure!(status == 200);
        Ok(())
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

/// One connection that asks one thing after the other.
struct Lane {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Lane {
    async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 4_096] })
    }

    /// Sends a whole request, reads the whole answer, says its status.
    async fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            anyhow::ensure!(read > 0, "the connection was closed");
            filled += read;
            let text = &self.buffer[..filled];
            let Some(head) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head_text = String::from_utf8_lossy(&text[..head]).to_ascii_lowercase();
            let length = head_text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|n| n.trim().parse().ok()).unwrap_or(0);
            if filled >= head + 4 + length {
                return Ok(head_text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0));
            }
        }
    }
}

/// Signed requests, made before anything is timed. Of a mix every second one is a report, about a text
/// that is not known or has its ending: for all servers one row more and no status that moves.
fn requests(first: usize, count: usize, mixed: bool) -> Arc<Vec<Vec<u8>>> {
    let make = |n: usize| {
        let report = mixed && n % 2 == 1;
        let sid = format!("SM{:032x}", if report { n / 2 } else { n });
        let from = format!("+1415555{:04}", n % 2_000);
        let body =
            format!("Hello, could somebody look at the boiler on Thursday morning? Number {n}, thank you.");
        let mut fields: Vec<(&str, &str)> = vec![
            ("ToCountry", "US"),
            ("ToState", "CA"),
            ("SmsMessageSid", &sid),
            ("NumMedia", "0"),
            ("ToCity", ""),
            ("FromZip", "94103"),
            ("SmsSid", &sid),
            ("FromState", "CA"),
            ("SmsStatus", "received"),
            ("FromCity", ""),
            ("FromCountry", "US"),
            ("To", "+15005550006"),
            ("ToZip", ""),
            ("NumSegments", "1"),
            ("MessageSid", &sid),
            ("AccountSid", ACCOUNT),
            ("From", &from),
            ("ApiVersion", "2010-04-01"),
        ];
        let path = if report { "/phone/twilio/sms/status" } else { "/phone/twilio/sms/inbound" };
        let step = ["queued", "sent", "delivered"][n / 2 % 3];
        fields.push(if report { ("MessageStatus", step) } else { ("Body", &body) });
        let form = Form::from_pairs(fields);
        let signature = sign(TOKEN, Algorithm::HmacSha1, &signed_string(&format!("{PUBLIC}{path}"), &form));
        let body = form.encode();
        format!(
            "POST {path} HTTP/1.1\r\nHost: bench.example.test\r\nUser-Agent: TwilioProxy/1.1\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: {signature}\r\n\
             I-Twilio-Idempotency-Token: {n}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    Arc::new((first..first + count).map(make).collect())
}

/// What a measurement gave.
#[derive(Clone, Debug)]
struct Figures {
    rate: f64,
    p50: f64,
    p99: f64,
    worst: f64,
}

fn figures(mut times: Vec<f64>, took: f64) -> Figures {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or(0.0)
    };
    Figures { rate: times.len() as f64 / took, p50: at(0.5), p99: at(0.99), worst: at(1.0) }
}

/// Each lane asks as soon as it was answered.
async fn closed_loop(port: u16, requests: Arc<Vec<Vec<u8>>>, lanes: usize) -> anyhow::Result<Figures> {
    let began = Instant::now();
    let mut work = JoinSet::new();
    for lane in 0..lanes {
        let requests = requests.clone();
        work.spawn(async move {
            let mut connection = Lane::open(port).await?;
            let mut times = Vec::new();
            for request in requests.iter().skip(lane).step_by(lanes) {
                let asked = Instant::now();
                let status = connection.ask(request).await?;
                anyhow::ensure!((200..300).contains(&status), "answered {status}");
                times.push(asked.elapsed().as_secs_f64() * 1e3);
            }
            Ok(times)
        });
    }
    let mut all = Vec::new();
    while let Some(times) = work.join_next().await {
        all.extend(times??);
    }
    Ok(figures(all, began.elapsed().as_secs_f64()))
}

/// Requests at `rate` a second as people text, not as a metronome ticks (exponential pauses), whatever the
/// answers do; times count from the planned moment.
async fn open_loop(port: u16, requests: Arc<Vec<Vec<u8>>>, rate: f64) -> anyhow::Result<Figures> {
    let (give, take) = tokio::sync::mpsc::unbounded_channel::<(usize, Instant)>();
    let take = Arc::new(tokio::sync::Mutex::new(take));
    let mut work = JoinSet::new();
    for _ in 0..64 {
        let (take, requests) = (take.clone(), requests.clone());
        work.spawn(async move {
            let mut connection = Lane::open(port).await?;
            let mut times = Vec::new();
            loop {
                let next = take.lock().await.recv().await;
                let Some((n, planned)) = next else { return Ok(times) };
                let status = connection.ask(&requests[n]).await?;
                anyhow::ensure!((200..300).contains(&status), "answered {status}");
                times.push(planned.elapsed().as_secs_f64() * 1e3);
            }
        });
    }
    let began = Instant::now();
    let count = requests.len();
    // A thread of its own: the runtime's timers only know whole milliseconds.
    #[allow(clippy::disallowed_methods, reason = "this thread does nothing but keep the pace")]
    let pace = std::thread::spawn(move || {
        // The same pauses for every server.
        let mut chance = StdRng::seed_from_u64(7);
        let mut planned = began;
        for n in 0..count {
            planned += Duration::from_secs_f64(-(1.0 - chance.random::<f64>()).ln() / rate);
            std::thread::sleep(planned.saturating_duration_since(Instant::now()));
            if give.send((n, planned)).is_err() {
                return;
            }
        }
    });
    let mut all = Vec::new();
    while let Some(times) = work.join_next().await {
        all.extend(times.map_err(anyhow::Error::from).and_then(|times: anyhow::Result<Vec<f64>>| times)?);
    }
    pace.join().map_err(|_| anyhow::anyhow!("the pace was lost"))?;
    Ok(figures(all, began.elapsed().as_secs_f64()))
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

type Table = BTreeMap<(&'static str, Who), Vec<f64>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let load_before = fs::read_to_string("/proc/loadavg").unwrap_or_default();
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
    let program = repository().join("target/release/ringdeskd");
    let out = Command::new(program)
        .args(["export", "--format", "jsonl", "--data-dir"])
        .arg(server.home.path())
        .env("RINGDESK_LOG", "error")
        .output()
        .await?;
    anyhow::ensure!(out.status.success(), "the export failed");
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    for line in out.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: Value = serde_json::from_slice(line)?;
        if row["type"] == "text" {
            *kept.entry(row["provider_sid"].as_str().unwrap_or("").to_owned()).or_default() += 1;
        }
    }
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
        let program = repository().join("target/release/ringdeskd");
        let seeded = Command::new(program)
            .args(["seed", "--conversations", "20000", "--texts", "1000000", "--data-dir"])
            .arg(&house)
            .env("RINGDESK_LOG", "error")
            .status()
            .await?;
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
    let after = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("\nload before: {}; after: {}", load.trim(), after.trim());
    println!("every must met: {}", if all_met { "yes" } else { "no" });
    figures.insert("load".into(), json!({ "before": load.trim(), "after": after.trim() }));
    let out: PathBuf = repository().join("target/bench");
    fs::create_dir_all(&out)?;
    write_json(&out.join("door.json"), &Value::Object(figures))
}

fn write_json(file: &Path, value: &Value) -> anyhow::Result<()> {
    Ok(fs::write(file, serde_json::to_string_pretty(value)?)?)
}
