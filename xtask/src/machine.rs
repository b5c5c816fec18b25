//! What this machine has, and installing what it lacks.

use anyhow::{Context, bail, ensure};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Instant, SystemTime},
};

/// To build the window, to open it on a virtual display and in a browser, and to hear what it plays.
const PACKAGES: [&str; 22] = [
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libasound2-dev",
    "webkit2gtk-driver",
    "chromium",
    "chromium-driver",
    "xvfb",
    "dbus",
    "dunst",
    "gnome-keyring",
    "pulseaudio",
    "pulseaudio-utils",
    "libasound2-plugins",
    "libayatana-appindicator3-1",
    "python3",
    "python3-venv",
    "fonts-inter",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "ca-certificates",
    "procps",
];

/// The repository.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}

/// Says what happens now.
pub(crate) fn announce(what: &str) {
    println!("\n▸ {what}");
}

/// A command in the repository.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(repository());
    command
}

/// Runs a command to its end and says how long it took.
pub(crate) fn finish(mut command: Command) -> anyhow::Result<()> {
    let began = Instant::now();
    let what = format!("{command:?}").replace('"', "");
    let status = command.status().with_context(|| what.clone())?;
    ensure!(status.success(), "{what}: {status}");
    let took = began.elapsed().as_secs();
    if took > 2 {
        println!("  done in {took} s");
    }
    Ok(())
}

/// Runs tests and counts what passed.
pub(crate) fn run_counting(mut command: Command) -> anyhow::Result<u64> {
    let what = format!("{command:?}").replace('"', "");
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| what.clone())?;
    let mut passed = 0;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if let Some(rest) = line.strip_prefix("test result: ok. ") {
                passed += rest.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
            }
            println!("{line}");
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "{what}: {status}");
    Ok(passed)
}

/// What a command prints, trimmed.
pub(crate) fn said(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = command(program, arguments).output().with_context(|| program.to_owned())?;
    ensure!(output.status.success(), "{program} {}", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Installs missing system packages, printed first.
pub(crate) fn prepare() -> anyhow::Result<()> {
    node()?;
    if said("dpkg-query", &["--version"]).is_err() {
        announce("Not a Debian system: these packages or their like are needed");
        println!("  {}", PACKAGES.join(" "));
        return Ok(());
    }
    let installed = |package: &&str| {
        said("dpkg-query", &["-W", "-f=${Status}", package])
            .is_ok_and(|status| status == "install ok installed")
    };
    let missing: Vec<&str> = PACKAGES.into_iter().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    announce(&format!("Installing {}", missing.join(" ")));
    let root = said("id", &["-u"])? == "0";
    let apt = |arguments: &[&str]| {
        let mut apt = if root { command("apt-get", &[]) } else { command("sudo", &["-E", "apt-get"]) };
        apt.args(["-q", "-y", "-o", "Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        apt.stdin(Stdio::null());
        finish(apt)
    };
    apt(&["update"])?;
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)
}

fn node() -> anyhow::Result<()> {
    let version = said("node", &["--version"]).context("Node.js is needed: 20.19 or newer")?;
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < (20, 19) {
        bail!("Node.js {version} is too old: 20.19 or newer is needed");
    }
    Ok(())
}

/// Installs the window's packages when the lock file changed, and builds it when a source did.
pub(crate) fn ui() -> anyhow::Result<()> {
    let ui = repository().join("ui");
    let modules = ui.join("node_modules/.package-lock.json");
    if newest(&ui.join("package-lock.json")) > newest(&modules) {
        announce("Installing the window's packages");
        let mut npm =
            command("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
        npm.current_dir(&ui);
        finish(npm)?;
        // npm keeps the times it unpacked; this one says when we did.
        let file = fs::File::options().append(true).open(&modules)?;
        #[allow(clippy::disallowed_methods, reason = "a file's own time")]
        file.set_modified(SystemTime::now())?;
    }
    let icon = "../icons/32x32.png";
    let sources = ["src", "index.html", "vite.config.ts", "svelte.config.js", "package.json", icon];
    let newest_source = sources.iter().map(|part| newest(&ui.join(part))).max();
    if newest_source > Some(newest(&ui.join("dist/index.html"))) {
        announce("Building the window's page");
        finish(npm_run("build"))?;
    }
    Ok(())
}

/// A script of the window's package.
pub(crate) fn npm_run(script: &str) -> Command {
    let mut npm = command("npm", &["run", "--silent", "--loglevel=error", script]);
    npm.current_dir(repository().join("ui"));
    npm
}

/// Cargo, told that the window's page is built.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo", arguments);
    cargo.env("RINGDESK_UI_BUILT", "1");
    cargo
}

/// Installs Twilio's own packages for Python and Node, which the stories hold us against.
pub(crate) fn official_libraries() -> anyhow::Result<()> {
    const PYTHON: &str = "twilio==9.13.0";
    const NODE: &str = "twilio@6.2.0";
    let tools = repository().join("target/tools");
    let stamp = tools.join("installed");
    let wanted = format!("{PYTHON} {NODE}");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    announce("Installing Twilio's own packages to test against");
    fs::create_dir_all(tools.join("node"))?;
    finish(command("python3", &["-m", "venv", "target/tools/python"]))?;
    finish(command("target/tools/python/bin/python", &["-m", "pip", "install", "--quiet", PYTHON]))?;
    let mut npm =
        command("npm", &["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", NODE]);
    npm.current_dir(tools.join("node"));
    fs::write(tools.join("node/package.json"), "{\"private\":true}")?;
    finish(npm)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Installs and builds what the door is measured beside.
pub(crate) fn references() -> anyhow::Result<()> {
    const PYTHON: [&str; 4] =
        ["fastapi==0.165.0", "uvicorn==0.54.0", "python-multipart==0.0.34", "twilio==9.13.0"];
    const NODE: [&str; 3] = ["express@5.3.0", "better-sqlite3@12.11.1", "twilio@6.2.0"];
    let tools = repository().join("target/tools");
    let stamp = tools.join("bench-installed");
    let wanted = format!("{PYTHON:?} {NODE:?}");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        announce("Installing the references: Express, FastAPI");
        fs::create_dir_all(tools.join("bench-node"))?;
        finish(command("python3", &["-m", "venv", "target/tools/bench-python"]))?;
        let mut pip = command("target/tools/bench-python/bin/python", &["-m", "pip", "install", "--quiet"]);
        pip.args(PYTHON);
        finish(pip)?;
        fs::write(tools.join("bench-node/package.json"), "{\"private\":true}")?;
        let mut npm = command("npm", &["install", "--no-audit", "--no-fund", "--loglevel=error"]);
        npm.args(NODE).current_dir(tools.join("bench-node"));
        // better-sqlite3 is compiled here; Node's headers lie beside Node itself.
        let node =
            said("node", &["-p", "require('path').dirname(require('path').dirname(process.execPath))"])?;
        npm.env("npm_config_nodedir", node);
        finish(npm)?;
        let mut cc = command("cc", &["-shared", "-fPIC", "-O2", "-o", "target/tools/slow-sync.so"]);
        cc.args(["tests/bench/slow-sync.c", "-ldl"]);
        finish(cc)?;
        fs::write(stamp, wanted)?;
    }
    announce("Building the Rust reference");
    let mut ceiling = cargo(&["build", "--release", "--quiet", "--bins", "--target-dir", "target/ceiling"]);
    ceiling.args(["--manifest-path", "tests/bench/ceiling/Cargo.toml"]);
    finish(ceiling)
}

/// The newest change in a file or folder; the beginning of time where there is none.
fn newest(path: &Path) -> SystemTime {
    let Ok(about) = fs::metadata(path) else { return SystemTime::UNIX_EPOCH };
    let own = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    if !about.is_dir() {
        return own;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| newest(&entry.path())).fold(SystemTime::UNIX_EPOCH, SystemTime::max)
}
