//! A tunnel program's stand-in: it is cloudflared, tailscale or ngrok by the name it is called by, prints
//! what they print in the places where they do, answers on this computer as they do, and really forwards,
//! from a port of this computer instead of a public host.
//!
//! Beside the file it is called by lie `<file>.control.json`, which says how it shall behave (see
//! `ringdesk_tests::tunnels`), and `<file>.log`, where it notes each start, a JSON object a line.

use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Longest line of a request's head.
const LONGEST_LINE: u64 = 8192;

fn main() -> anyhow::Result<ExitCode> {
    ringdesk_tests::end_if_stuck();
    let mut words = std::env::args_os();
    let file = PathBuf::from(words.next().context("called by no name")?);
    let name = file.file_stem().context("called by no name")?.to_string_lossy().into_owned();
    let words = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let called = Called { file, words };
    match name.as_str() {
        "cloudflared" => cloudflared(&called),
        "tailscale" => tailscale(&called),
        "ngrok" => ngrok(&called),
        _ => bail!("no stand-in for {name}"),
    }
}

/// How it was called, and what it was told.
#[derive(Clone)]
struct Called {
    file: PathBuf,
    words: Vec<String>,
}

impl Called {
    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.file.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    fn control(&self) -> Value {
        let text = fs::read(self.beside(".control.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn fails(&self, way: &str) -> bool {
        self.control()["fail"] == way
    }

    fn version(&self, usual: &str) -> String {
        self.control()["version"].as_str().unwrap_or(usual).to_owned()
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    /// The value of an option, `--name value` or `--name=value`.
    fn option(&self, name: &str) -> anyhow::Result<String> {
        let joined = self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let apart = || self.words.iter().skip_while(|word| *word != name).nth(1).map(String::as_str);
        joined.or_else(apart).map(str::to_owned).with_context(|| format!("no {name}"))
    }

    /// Notes this start.
    fn note(&self, host: Option<&str>) -> anyhow::Result<()> {
        let address = host.map(|host| format!("http://{host}"));
        let start = json!({ "pid": std::process::id(), "address": address, "arguments": self.words });
        let mut log = fs::OpenOptions::new().append(true).create(true).open(self.beside(".log"))?;
        log.write_all(format!("{start}\n").as_bytes())?;
        Ok(())
    }

    /// Opens the "public" port, which forwards to `target`, and tells its host and port.
    fn open(&self, target: &str) -> anyhow::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let (called, target) = (self.clone(), target.trim_start_matches("http://").to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (called, target) = (called.clone(), target.clone());
                // Whoever hung up needs no answer.
                thread::spawn(move || called.forward(stream, &target).is_ok());
            }
        });
        self.note(Some(&host))?;
        Ok(host)
    }

    fn forward(&self, mut from: TcpStream, target: &str) -> io::Result<()> {
        if self.control()["forgotten"] == true {
            let said = "Unauthorized: Tunnel not found";
            complain(&format!(
                "2026-01-01T00:00:00Z ERR Register tunnel error from server side error=\"{said}\" connIndex=0"
            ))
            .map_err(io::Error::other)?;
            return from.shutdown(Shutdown::Both);
        }
        if self.control()["hang"] == true {
            return io::copy(&mut from, &mut io::sink()).map(|_| ());
        }
        let mut to = TcpStream::connect(target)?;
        let (mut back, mut answers) = (from.try_clone()?, to.try_clone()?);
        let answering = thread::spawn(move || {
            let copied = io::copy(&mut answers, &mut back);
            // The other end may have gone first.
            let _ = back.shutdown(Shutdown::Write);
            copied
        });
        io::copy(&mut from, &mut to)?;
        to.shutdown(Shutdown::Write)?;
        answering.join().map_or(Ok(()), |copied| copied.map(|_| ()))
    }

    /// What every program can do wrong: end at once, or run without ever having an address.
    fn fail_as_all_do(&self) -> anyhow::Result<Option<ExitCode>> {
        if self.fails("exit") {
            complain("something went wrong")?;
            return Ok(Some(ExitCode::from(3)));
        }
        if self.fails("silent") {
            self.note(None)?;
            for_ever();
        }
        Ok(None)
    }
}

fn cloudflared(called: &Called) -> anyhow::Result<ExitCode> {
    if called.has("--version") {
        wait_if_silent(called);
        say(&format!("cloudflared version {} (built 2025-02-03-1125 UTC)", called.version("2025.2.0")))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !called.has("tunnel") || !called.has("--no-autoupdate") {
        bail!("called with {:?}", called.words);
    }
    let (metrics, target) = (called.option("--metrics")?, called.option("--url")?);
    let named = called.option("run").ok();
    let log = |level: &str, text: &str| complain(&format!("2026-01-01T00:00:00Z {level} {text}"));
    if called.fails("sign_in") {
        log("ERR", "Cannot determine default origin certificate path. No file cert.pem in [~/.cloudflared]")?;
        let said = "Error locating origin cert: client didn't specify origincert path";
        complain(&format!("error parsing tunnel ID: {said}"))?;
        return Ok(ExitCode::FAILURE);
    }
    if called.fails("not_allowed") {
        log("INF", "Requesting new quick Tunnel on trycloudflare.com...")?;
        let said = "invalid character 'e' looking for beginning of value";
        let status = "status_code=\"429 Too Many Requests\"";
        let response = "Error unmarshaling QuickTunnel response: error code: 1015";
        log("ERR", &format!("{response} error=\"{said}\" {status}"))?;
        complain(&format!("failed to unmarshal quick Tunnel: {said}"))?;
        return Ok(ExitCode::FAILURE);
    }
    if let Some(code) = called.fail_as_all_do()? {
        return Ok(code);
    }
    if named.is_none() {
        // The real one reads it and refuses when it is not there.
        fs::read_to_string(called.option("--config")?)?;
        log("INF", "Requesting new quick Tunnel on trycloudflare.com...")?;
    }
    let host = called.open(&target)?;
    if named.is_none() {
        let soon = "(it may take some time to be reachable)";
        log("INF", &format!("|  Your quick Tunnel has been created! Visit it at {soon}:  |"))?;
        log("INF", &format!("|  https://{host}  |"))?;
    }
    let listener = TcpListener::bind(&metrics)?;
    log("INF", &format!("Starting metrics server on {metrics}/metrics"))?;
    // The host name is known before it leads anywhere.
    let connected = AtomicBool::new(false);
    let hostname = if named.is_some() { "" } else { host.as_str() };
    answer(&listener, |path| match path {
        "/quicktunnel" => Some((200, json!({ "hostname": hostname }))),
        "/ready" if called.control()["cut_off"] != true && connected.swap(true, Ordering::Relaxed) => {
            Some((200, json!({ "status": 200, "readyConnections": 1 })))
        }
        "/ready" => Some((503, json!({ "status": 503, "readyConnections": 0 }))),
        _ => None,
    })
}

fn tailscale(called: &Called) -> anyhow::Result<ExitCode> {
    let words: Vec<&str> = called.words.iter().map(String::as_str).collect();
    match words[..] {
        ["--version"] => {
            wait_if_silent(called);
            say(&format!("{}\n  tailscale commit: 4f4686503b7f", called.version("1.80.2")))?;
            say("  go version: go1.23.6")?;
        }
        ["status", "--json", ..] => {
            let state = if called.fails("sign_in") { "NeedsLogin" } else { "Running" };
            let status = json!({
                "Version": "1.80.2",
                "BackendState": state,
                "Self": { "HostName": "front-desk", "DNSName": "127.0.0.1." },
            });
            say(&format!("{status:#}"))?;
        }
        ["serve", "status", "--json"] => say(&format!("{:#}", called.control()["serve"]))?,
        ["funnel", https, target] => {
            let port = https.strip_prefix("--https=").context("no port")?;
            return funnel(called, port, target);
        }
        _ => bail!("called with {words:?}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn funnel(called: &Called, port: &str, target: &str) -> anyhow::Result<ExitCode> {
    if !["443", "8443", "10000"].contains(&port) {
        complain(&format!("port {port} is not allowed for funnel; allowed ports are: 443,8443,10000"))?;
        return Ok(ExitCode::FAILURE);
    }
    if called.control()["serve"]["TCP"].get(port).is_some() {
        let off = format!("tailscale funnel --https={port} off");
        complain(&format!("background configuration already exists, use `{off}` to remove it"))?;
        return Ok(ExitCode::FAILURE);
    }
    if called.fails("not_allowed") {
        say("\nFunnel is not enabled on your tailnet.\nTo enable, visit:\n")?;
        say("         https://login.tailscale.com/f/funnel?node=nStandIn\n")?;
        for_ever();
    }
    if called.fails("taken") {
        complain("foreground already exists under this port")?;
        return Ok(ExitCode::FAILURE);
    }
    if let Some(code) = called.fail_as_all_do()? {
        return Ok(code);
    }
    let host = called.open(target)?;
    say(&format!("Available on the internet:\n\nhttps://{host}/\n|-- proxy http://{target}\n"))?;
    say("Press Ctrl+C to exit.")?;
    for_ever();
}

fn ngrok(called: &Called) -> anyhow::Result<ExitCode> {
    if called.has("--version") {
        wait_if_silent(called);
        say(&format!("ngrok version {}", called.version("3.20.0")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let logs_as_asked = called.option("--log")? == "stdout" && called.option("--log-format")? == "json";
    if !called.has("http") || !logs_as_asked {
        bail!("called with {:?}", called.words);
    }
    let log = |mut line: Value| {
        line["t"] = json!("2026-01-01T00:00:00+0000");
        say(&line.to_string())
    };
    let refuse = |said: &str, code: &str| -> anyhow::Result<ExitCode> {
        log(json!({ "lvl": "crit", "msg": "command failed", "err": format!("{said}\r\n\r\n{code}\r\n") }))?;
        complain(&format!("ERROR:  {said}\nERROR:\nERROR:  {code}\nERROR:"))?;
        Ok(ExitCode::FAILURE)
    };
    log(json!({ "lvl": "info", "msg": "no configuration paths supplied" }))?;
    if called.fails("sign_in") {
        let said = "authentication failed: Usage of ngrok requires a verified account and authtoken.";
        return refuse(said, "ERR_NGROK_4018");
    }
    if called.fails("not_allowed") {
        let said = "failed to start tunnel: Only paid plans may create endpoints with custom subdomains.";
        return refuse(said, "ERR_NGROK_313");
    }
    if called.fails("taken") {
        let said = "failed to start tunnel: The endpoint 'https://desk.ngrok-free.dev' is already online.";
        return refuse(said, "ERR_NGROK_334");
    }
    if let Some(code) = called.fail_as_all_do()? {
        return Ok(code);
    }
    let target = called.words.last().context("no target")?;
    let web = TcpListener::bind("127.0.0.1:0")?;
    let addr = web.local_addr()?.to_string();
    log(json!({ "lvl": "info", "msg": "starting web service", "obj": "web", "addr": addr }))?;
    log(json!({ "lvl": "info", "msg": "client session established", "obj": "tunnels.session" }))?;
    let host = called.open(target)?;
    let (forwards, url) = (format!("http://{target}"), format!("https://{host}"));
    if called.control()["quiet"] != true {
        let started = json!({
            "lvl": "info", "msg": "started tunnel", "obj": "tunnels", "name": "command_line",
            "addr": forwards, "url": url,
        });
        log(started)?;
    }
    // Another tunnel of the same agent comes first.
    let others = json!({
        "name": "printer", "public_url": "https://printer.example.test", "proto": "https",
        "config": { "addr": "http://localhost:9", "inspect": true },
    });
    let ours = json!({
        "name": "command_line", "public_url": url, "proto": "https",
        "config": { "addr": forwards, "inspect": false },
    });
    let tunnels = json!({ "tunnels": [others, ours], "uri": "/api/tunnels" });
    answer(&web, |path| (path == "/api/tunnels").then(|| (200, tunnels.clone())))
}

/// Answers requests for paths with a status and JSON, one after the other, for ever.
fn answer(listener: &TcpListener, known: impl Fn(&str) -> Option<(u16, Value)>) -> anyhow::Result<ExitCode> {
    for stream in listener.incoming() {
        let mut stream = BufReader::new(stream?);
        let mut head = String::new();
        // As long as there is more of the head; whoever hung up gets an answer nobody reads.
        while stream.by_ref().take(LONGEST_LINE).read_line(&mut head).is_ok_and(|read| read > 2) {}
        let path = head.split(' ').nth(1).unwrap_or_default();
        let (status, body) = known(path).unwrap_or((404, json!({ "error": "not found" })));
        let body = body.to_string();
        let text = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.into_inner().write_all(text.as_bytes());
    }
    bail!("nobody asks any more")
}

fn wait_if_silent(called: &Called) {
    if called.fails("silent") {
        for_ever();
    }
}

fn for_ever() -> ! {
    loop {
        thread::park();
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{text}").context("nobody listens")
}

fn complain(text: &str) -> anyhow::Result<()> {
    writeln!(io::stderr(), "{text}").context("nobody listens")
}
