//! A tunnel program as a child of ours: in a process group of its own, its output read line by line, and
//! ended with everything it started. A record in the tunnel's folder lets the next start find one that
//! outlived us.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(3);
/// How long the rest of a program's output is waited for once it ended; somebody else may keep it open.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Longest line that is read; the rest of it is skipped.
const LONGEST_LINE: usize = 8 * 1024;
/// Lines that may wait to be read before the program has to.
const WAITING_LINES: usize = 64;
/// The record's file.
const RECORD: &str = "child.json";

#[cfg(unix)]
type Process = tokio::process::Child;
#[cfg(windows)]
type Process = Box<dyn process_wrap::tokio::ChildWrapper>;

/// A running program. Dropped, it is killed.
pub(super) struct Child {
    process: Process,
    #[cfg(unix)]
    id: u32,
    lines: mpsc::Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    record: PathBuf,
    ended: Option<Ended>,
}

#[derive(Clone, Copy)]
struct Ended {
    code: Option<i32>,
}

/// What there is to know of a running program.
pub(super) enum News {
    /// It printed a line, without its end; at most 8 KiB of it.
    Line(String),
    /// It ended, and everything it printed has been told.
    Ended {
        /// Its exit code, unless a signal ended it.
        code: Option<i32>,
    },
}

impl Child {
    /// Starts a program and notes in `scratch` which process it is.
    pub(super) fn start(program: &Path, arguments: &[OsString], scratch: &Path) -> io::Result<Self> {
        private_folder(scratch)?;
        let mut command = command(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = system::start(command)?;
        let (tell, lines) = mpsc::channel(WAITING_LINES);
        let (stdout, stderr) = system::outputs(&mut process);
        let mut readers = Vec::with_capacity(2);
        readers.extend(stdout.map(|output| tokio::spawn(read_lines(output, tell.clone()))));
        readers.extend(stderr.map(|output| tokio::spawn(read_lines(output, tell))));
        let record = scratch.join(RECORD);
        let id = process.id().unwrap_or_default();
        let child = Self {
            process,
            #[cfg(unix)]
            id,
            lines,
            readers,
            record,
            ended: None,
        };
        // Without it a crash of ours would leave it running for good.
        system::record(id, &child.record)?;
        Ok(child)
    }

    /// What comes next: lines as they are printed, and at last the end.
    pub(super) async fn next(&mut self) -> News {
        let ended = if let Some(ended) = self.ended {
            ended
        } else {
            tokio::select! {
                biased;
                Some(line) = self.lines.recv() => return News::Line(line),
                status = self.process.wait() => {
                    // What it started goes with it; this soon the group's number is nobody else's.
                    self.kill();
                    let ended = Ended { code: status.ok().and_then(|status| status.code()) };
                    self.ended = Some(ended);
                    ended
                }
            }
        };
        match timeout(LAST_WORDS, self.lines.recv()).await {
            Ok(Some(line)) => News::Line(line),
            _ => News::Ended { code: ended.code },
        }
    }

    /// Ends it: asks it to, waits three seconds at most, and kills what is left.
    pub(super) async fn end(&mut self) {
        if self.ended.is_none() {
            self.ask_to_end();
            // Not in time: killed below.
            let _ = timeout(GRACE, self.process.wait()).await;
            self.kill();
            let code = self.process.wait().await.ok().and_then(|status| status.code());
            self.ended = Some(Ended { code });
        }
    }

    #[cfg(unix)]
    fn ask_to_end(&self) {
        system::signal(self.id, rustix::process::Signal::TERM);
    }

    #[cfg(unix)]
    fn kill(&mut self) {
        system::signal(self.id, rustix::process::Signal::KILL);
    }

    /// There is no polite way here.
    #[cfg(windows)]
    fn ask_to_end(&mut self) {
        self.kill();
    }

    #[cfg(windows)]
    fn kill(&mut self) {
        // Gone already is as good.
        let _ = self.process.start_kill();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.kill();
        }
        for reader in &self.readers {
            reader.abort();
        }
        // Not there is as good.
        let _ = fs::remove_file(&self.record);
    }
}

/// A program about to be run: nothing is typed into it, and it is killed with whoever runs it.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::from(plain(program));
    command.kill_on_drop(true);
    command
}

/// The same for a thread that waits for it: killing it is for whoever runs it.
pub(super) fn plain(program: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    // Our own secrets are none of its business.
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("RINGDESK_")) {
        command.env_remove(name);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        command.creation_flags(windows::Win32::System::Threading::CREATE_NO_WINDOW.0);
    }
    command.stdin(Stdio::null());
    command
}

/// Tells the lines of an output until it, or the interest in it, ends.
async fn read_lines(output: impl AsyncRead + Unpin, tell: mpsc::Sender<String>) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        let part = match output.fill_buf().await {
            Ok(part) if !part.is_empty() => part,
            _ => break,
        };
        let end = part.iter().position(|byte| *byte == b'\n');
        let text = &part[..end.unwrap_or(part.len())];
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(&text[..text.len().min(room)]);
        let used = end.map_or(part.len(), |end| end + 1);
        output.consume(used);
        if end.is_some() {
            if tell.send(words(&line)).await.is_err() {
                return;
            }
            line.clear();
        }
    }
    if !line.is_empty() {
        // Nobody listens any more is as good.
        let _ = tell.send(words(&line)).await;
    }
}

fn words(line: &[u8]) -> String {
    String::from_utf8_lossy(line.trim_ascii_end()).into_owned()
}

/// Makes a folder that only its owner can look into.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Ends a program of ours that outlived us, if the record names one and it is still the same process.
pub(super) async fn end_left_over(scratch: &Path) {
    let record = scratch.join(RECORD);
    system::end_recorded(&record).await;
    // Not there is as good.
    let _ = fs::remove_file(record);
}

#[cfg(unix)]
mod system {
    use super::{Command, GRACE, Process};
    use crate::write_private;
    use rustix::process::{Pid, Signal, kill_process_group};
    use serde::{Deserialize, Serialize};
    use std::{fs, io, path::Path, time::Duration};
    use tokio::{
        process::{ChildStderr, ChildStdout},
        time::{sleep, timeout},
    };

    /// How often it is looked whether a program we did not start ourselves is gone: nobody tells us.
    const LOOK_EVERY: Duration = Duration::from_millis(20);

    /// Which process runs. Its beginning tells it from another that was given the same number.
    #[derive(Serialize, Deserialize)]
    struct Running {
        id: u32,
        began: String,
    }

    pub(super) fn start(mut command: Command) -> io::Result<Process> {
        command.process_group(0).spawn()
    }

    pub(super) fn outputs(process: &mut Process) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (process.stdout.take(), process.stderr.take())
    }

    /// Sends a signal to the process group a program of ours leads.
    pub(super) fn signal(id: u32, signal: Signal) {
        // The numbers 0 and 1 would stand for far more than a group.
        let group = i32::try_from(id).ok().filter(|id| *id > 1).and_then(Pid::from_raw);
        if let Some(group) = group {
            // Gone already is as good.
            let _ = kill_process_group(group, signal);
        }
    }

    pub(super) fn record(id: u32, file: &Path) -> io::Result<()> {
        // It ended already: nothing to find later.
        let Some(began) = began(id) else { return Ok(()) };
        write_private(file, &serde_json::to_vec(&Running { id, began })?)
    }

    pub(super) async fn end_recorded(file: &Path) {
        let Some(running) =
            fs::read(file).ok().and_then(|text| serde_json::from_slice::<Running>(&text).ok())
        else {
            return;
        };
        for kind in [Signal::TERM, Signal::KILL] {
            if !is_there(&running) {
                return;
            }
            tracing::info!(process = running.id, "ending the tunnel program of before");
            signal(running.id, kind);
            let gone = async {
                while is_there(&running) {
                    sleep(LOOK_EVERY).await;
                }
            };
            // Not in time: killed next.
            let _ = timeout(GRACE, gone).await;
        }
    }

    fn is_there(running: &Running) -> bool {
        began(running.id).is_some_and(|began| began == running.began)
    }

    /// When a process began, in the system's own measure; nothing when it has ended.
    #[cfg(target_os = "linux")]
    fn began(id: u32) -> Option<String> {
        // See proc_pid_stat(5): the name, in brackets, may hold anything; state is field 3, the beginning in
        // ticks since the computer started is field 22.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        if matches!(fields.next()?, "Z" | "X") {
            return None;
        }
        let ticks = fields.nth(18)?;
        let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(format!("{} {ticks}", start.trim()))
    }

    /// When a process began, in the system's own measure; nothing when it has ended.
    #[cfg(not(target_os = "linux"))]
    fn began(id: u32) -> Option<String> {
        let id = id.to_string();
        let asked =
            std::process::Command::new("ps").args(["-o", "stat=,lstart=", "-p", &id]).output().ok()?;
        let text = String::from_utf8(asked.stdout).ok()?;
        let (state, began) = text.trim().split_once(char::is_whitespace)?;
        (!state.starts_with('Z')).then(|| began.trim().to_owned())
    }
}

/// A job object ends the program with us, however we end: nothing has to be recorded.
#[cfg(windows)]
mod system {
    use super::{Command, Process};
    use process_wrap::tokio::{CommandWrap, CreationFlags, JobObject, KillOnDrop};
    use std::{io, path::Path};
    use tokio::process::{ChildStderr, ChildStdout};
    use windows::Win32::System::Threading::CREATE_NO_WINDOW;

    pub(super) fn start(command: Command) -> io::Result<Process> {
        let mut wrapped = CommandWrap::from(command);
        wrapped.wrap(KillOnDrop).wrap(CreationFlags(CREATE_NO_WINDOW)).wrap(JobObject).spawn()
    }

    pub(super) fn outputs(process: &mut Process) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (process.stdout().take(), process.stderr().take())
    }

    pub(super) fn record(_id: u32, _file: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(super) async fn end_recorded(_file: &Path) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_told_one_by_one_and_none_without_bound() {
        let long = "x".repeat(LONGEST_LINE * 3);
        let printed = format!("first\r\n\n{long}\nlast");
        let (tell, mut lines) = mpsc::channel(WAITING_LINES);
        read_lines(printed.as_bytes(), tell).await;
        let mut heard = Vec::new();
        while let Some(line) = lines.recv().await {
            heard.push(line);
        }
        assert_eq!(heard, ["first", "", &long[..LONGEST_LINE], "last"]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_last_words_come_before_the_end() {
        let temp = tempfile::tempdir().expect("a place");
        let arguments = ["-c", "echo one; echo two >&2; exit 3"].map(OsString::from);
        let mut child = Child::start(Path::new("/bin/sh"), &arguments, temp.path()).expect("started");
        let mut heard = Vec::new();
        let code = loop {
            match child.next().await {
                News::Line(line) => heard.push(line),
                News::Ended { code } => break code,
            }
        };
        heard.sort();
        assert_eq!((heard, code), (vec!["one".to_owned(), "two".to_owned()], Some(3)));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_does_not_listen_is_killed_with_everything_it_started() {
        let temp = tempfile::tempdir().expect("a place");
        let deaf = "trap '' TERM; sleep 1000 & echo ready; wait; wait";
        let arguments = ["-c", deaf].map(OsString::from);
        let mut child = Child::start(Path::new("/bin/sh"), &arguments, temp.path()).expect("started");
        assert!(matches!(child.next().await, News::Line(line) if line == "ready"));
        child.end().await;
        // Whoever were left would hold the output open.
        assert!(child.lines.recv().await.is_none());
        assert!(matches!(child.next().await, News::Ended { code: None }));
        drop(child);
        assert!(!temp.path().join(RECORD).exists());
    }
}
