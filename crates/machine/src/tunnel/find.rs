//! Which tunnel programs are installed, and whether they are recent enough.

use super::{Program, child::plain, cloudflared, ngrok, tailscale};
use std::{
    env::consts::EXE_SUFFIX,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    sync::mpsc,
    thread,
    time::Duration,
};

/// Longest wait for a program to tell its version.
const LIMIT: Duration = Duration::from_secs(5);
/// Most of what it prints that is read.
const MOST_OUTPUT: u64 = 4096;

/// A tunnel program on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Which.
    pub program: Program,
    /// Its file.
    pub path: PathBuf,
    /// What it calls its version, such as `2025.2.0`.
    pub version: String,
    /// It is recent enough for what we ask of it.
    pub usable: bool,
}

/// The tunnel programs that are installed, in the order of [`Program::ALL`]. It blocks: each is asked for its
/// version.
pub fn installed() -> Vec<Installed> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // What is started from a desktop's menu often knows a shorter PATH than a terminal.
    folders.extend(usual_folders());
    installed_in(&folders)
}

/// As [`installed`], in these folders, save those that depend on where we were started. Of several copies the
/// first recent enough counts, or else the first.
pub fn installed_in(folders: &[PathBuf]) -> Vec<Installed> {
    Program::ALL.into_iter().filter_map(|program| best(program, folders)).collect()
}

fn best(program: Program, folders: &[PathBuf]) -> Option<Installed> {
    let minimum = match program {
        Program::Cloudflared => cloudflared::MINIMUM,
        Program::Tailscale => tailscale::MINIMUM,
        Program::Ngrok => ngrok::MINIMUM,
    };
    let name = format!("{}{EXE_SUFFIX}", program.name());
    let mut seen = Vec::new();
    let mut old = None;
    // What lies in whichever folder we happen to be in is not to be run.
    for path in folders.iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(&name)) {
        if seen.contains(&path) || !is_program(&path) {
            continue;
        }
        if let Some(version) = version(&path) {
            let usable = numbers(&version) >= minimum;
            let found = Installed { program, path: path.clone(), version, usable };
            if usable {
                return Some(found);
            }
            old.get_or_insert(found);
        }
        seen.push(path);
    }
    old
}

fn is_program(path: &Path) -> bool {
    let Ok(file) = path.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.is_file() && file.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// What a program calls its version; nothing when it does not say so in time.
fn version(path: &Path) -> Option<String> {
    let mut child = plain(path).arg("--version").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let stdout = child.stdout.take();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut printed = Vec::new();
        if let Some(stdout) = stdout {
            // What came before it broke is as good.
            let _ = stdout.take(MOST_OUTPUT).read_to_end(&mut printed);
        }
        // Nobody waits any more.
        let _ = tell.send(printed);
    });
    let printed = told.recv_timeout(LIMIT);
    // Ended already, as a rule.
    let _ = child.kill();
    let _ = child.wait();
    version_in(&String::from_utf8_lossy(&printed.ok()?))
}

/// The first word that looks like a version: `cloudflared version 2025.2.0 (built …)`,
/// `ngrok version 3.20.0`, and a first line that is nothing else, for Tailscale.
fn version_in(printed: &str) -> Option<String> {
    let is_version = |word: &&str| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
    let mut words = printed.split_whitespace().map(|word| word.trim_end_matches([',', ')']));
    words.find(is_version).map(str::to_owned)
}

fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(unix)]
fn usual_folders() -> Vec<PathBuf> {
    let fixed = [
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
        "/usr/sbin",
        "/snap/bin",
        "/opt/homebrew/bin",
        "/home/linuxbrew/.linuxbrew/bin",
        // Its file is written with a capital there; a Mac's disk does not mind.
        "/Applications/Tailscale.app/Contents/MacOS",
    ];
    let own = std::env::home_dir().into_iter().flat_map(|home| [home.join(".local/bin"), home.join("bin")]);
    fixed.into_iter().map(PathBuf::from).chain(own).collect()
}

#[cfg(windows)]
fn usual_folders() -> Vec<PathBuf> {
    let places = [
        ("ProgramFiles", "cloudflared"),
        ("ProgramFiles(x86)", "cloudflared"),
        ("ProgramFiles", "Tailscale"),
        ("LOCALAPPDATA", r"Microsoft\WinGet\Links"),
        ("LOCALAPPDATA", r"Microsoft\WindowsApps"),
        ("ProgramData", r"chocolatey\bin"),
    ];
    let folder =
        |(root, folder): (&str, &str)| std::env::var_os(root).map(|root| PathBuf::from(root).join(folder));
    places.into_iter().filter_map(folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        let check = |printed: &str, version| assert_eq!(version_in(printed).as_deref(), version);
        check("cloudflared version 2025.2.0 (built 2025-02-03-1125 UTC)\n", Some("2025.2.0"));
        check("1.80.2\n  tailscale commit: 4f4686503b7f\n  go version: go1.23.6\n", Some("1.80.2"));
        check("ngrok version 3.20.0\n", Some("3.20.0"));
        check("usage: something else\n", None);
        assert_eq!(numbers("2025.2.0"), [2025, 2, 0]);
        assert_eq!(numbers("1.80.2-t4f46"), [1, 80, 2]);
        assert!(numbers("3.9.1") < ngrok::MINIMUM, "numbers, not letters");
        assert!(numbers("1.100.0") > tailscale::MINIMUM);
    }
}
