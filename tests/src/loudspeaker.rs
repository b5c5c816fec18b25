//! A loudspeaker and a microphone of a test's own: a sound server, `PulseAudio`, whose devices lead nowhere.
//! All that is played is recorded; what is to be spoken is played into the microphone.

pub mod ear;

use crate::programs::repository;
use anyhow::{Context, bail, ensure};
use ear::Sound;
use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Longest wait for the server, and for something to be heard.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(50);
/// Samples a second of what is recorded, one channel of 16 bits.
const RATE: u32 = 48_000;
const SAMPLE_BYTES: u64 = 2;

/// ALSA's settings, which lead all sound to the server, as Debian's do where one answers.
const ROUTING: &str = "pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.pulse { type pulse hint { show on description \"PulseAudio Sound Server\" } }
";

/// Variables for a program that is to find no sound, whatever the computer has: no server, and an ALSA that
/// knows no device.
pub const NO_SOUND: [(&str, &str); 2] =
    [("PULSE_SERVER", "unix:/nowhere/pulse"), ("ALSA_CONFIG_PATH", "/dev/null")];

/// A computer's sound, which ends with its value.
#[derive(Debug)]
pub struct Loudspeaker {
    /// What programs play on now.
    plugged_in: Option<Device>,
    // Ended when dropped.
    _server: Child,
    /// Of the server, as its clients name it.
    address: String,
    /// ALSA's settings that lead there.
    routing: String,
    // What all the others write to.
    folder: TempDir,
}

/// Something sound goes to, and who records it.
#[derive(Debug)]
struct Device {
    /// The server's number of it.
    module: String,
    /// All that was played, silence included, from when it was plugged in.
    recorded: PathBuf,
    _recorder: Child,
}

impl Loudspeaker {
    /// Starts a server with one loudspeaker.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(false).await
    }

    /// Starts a server with one loudspeaker and a microphone. Sound would go on there after the loudspeaker.
    pub async fn and_microphone() -> anyhow::Result<Self> {
        Self::with(true).await
    }

    async fn with(microphone: bool) -> anyhow::Result<Self> {
        crate::end_if_stuck();
        // For its owner only, as the server wants it.
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("native");
        let mut server = command("pulseaudio", folder.path());
        server
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L"])
            .arg(format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()));
        let server = server.spawn().context("PulseAudio did not start")?;
        // Whatever this computer's own ALSA does by default.
        let routing = folder.path().join("asound.conf");
        fs::write(&routing, ROUTING)?;
        let mut speaker = Self {
            plugged_in: None,
            _server: server,
            address: format!("unix:{}", socket.display()),
            routing: routing.display().to_string(),
            folder,
        };
        let began = Instant::now();
        while let Err(error) = speaker.ask(&["info"]).await {
            ensure!(began.elapsed() < PATIENCE, "PulseAudio does not answer: {error}");
            tokio::time::sleep(AGAIN).await;
        }
        if microphone {
            // First: whoever records would be moved to a default that changes.
            speaker.load("mic").await?;
            speaker.ask(&["set-default-source", "mic.monitor"]).await?;
        }
        speaker.plug_in("vm").await?;
        Ok(speaker)
    }

    /// What a program must know to play here.
    pub fn environment(&self) -> [(&str, &str); 2] {
        [("PULSE_SERVER", self.address.as_str()), ("ALSA_CONFIG_PATH", self.routing.as_str())]
    }

    /// Plugs in a loudspeaker; what is played from now on is played on it. Recording has begun when this is
    /// back.
    pub async fn plug_in(&mut self, name: &str) -> anyhow::Result<()> {
        let module = self.load(name).await?;
        self.ask(&["set-default-sink", name]).await?;
        let recorded = self.folder.path().join(format!("{name}.raw"));
        let mut recorder = self.client("parec");
        recorder
            .arg(format!("--device={name}.monitor"))
            .args(["--format=s16le", "--channels=1", "--latency-msec=20"])
            .arg(format!("--rate={RATE}"))
            .stdout(fs::File::create(&recorded)?);
        let recorder = recorder.spawn().context("parec did not start")?;
        let device = Device { module, recorded, _recorder: recorder };
        let began = Instant::now();
        while device.moment()? == 0 {
            ensure!(began.elapsed() < PATIENCE, "nothing is recorded of {name}");
            tokio::time::sleep(AGAIN).await;
        }
        self.plugged_in = Some(device);
        Ok(())
    }

    /// Pulls the loudspeaker out, in the middle of whatever it plays; all that was played on it.
    pub async fn pull_out(&mut self) -> anyhow::Result<Sound> {
        let device = self.plugged_in.take().context("nothing is plugged in")?;
        self.ask(&["unload-module", &device.module]).await?;
        Ok(device.since(0)?)
    }

    /// Plays a file into the microphone, to its end.
    pub async fn speak(&self, wav: &Path) -> anyhow::Result<()> {
        let mut play = self.client("paplay");
        play.arg("--device=mic").arg(wav).stdout(Stdio::null());
        let ended = tokio::time::timeout(PATIENCE, play.status()).await.context("paplay does not end")??;
        ensure!(ended.success(), "paplay: {ended}");
        Ok(())
    }

    /// Now: how many samples were recorded so far.
    pub fn moment(&self) -> anyhow::Result<u64> {
        Ok(self.device()?.moment()?)
    }

    /// Waits until something was heard after a moment, and nothing more for half a second; all since then.
    pub async fn hears(&self, moment: u64) -> anyhow::Result<Sound> {
        let began = Instant::now();
        let pause = usize::try_from(RATE / 2)?;
        while began.elapsed() < PATIENCE {
            let heard = self.device()?.since(moment)?;
            if heard.span().is_some_and(|span| span.end + pause <= heard.samples.len()) {
                return Ok(heard);
            }
            tokio::time::sleep(2 * AGAIN).await;
        }
        bail!("nothing was heard that came to an end")
    }

    fn device(&self) -> anyhow::Result<&Device> {
        self.plugged_in.as_ref().context("nothing is plugged in")
    }

    /// A device that leads nowhere; the server's number of it.
    async fn load(&self, name: &str) -> anyhow::Result<String> {
        // When rewound, it begins the next sounds up to a second late.
        let sink = format!("sink_name={name}");
        let how = ["load-module", "module-null-sink", sink.as_str(), "rate=48000", "norewinds=1"];
        Ok(self.ask(&how).await?.trim().to_owned())
    }

    async fn ask(&self, what: &[&str]) -> anyhow::Result<String> {
        let asked = self.client("pactl").args(what).output().await?;
        ensure!(asked.status.success(), "pactl {}: {}", what.join(" "), asked.status);
        Ok(String::from_utf8(asked.stdout)?)
    }

    fn client(&self, program: &str) -> Command {
        let mut client = command(program, self.folder.path());
        client.env("PULSE_SERVER", &self.address);
        client
    }
}

impl Device {
    fn moment(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.recorded)?.len() / SAMPLE_BYTES)
    }

    fn since(&self, moment: u64) -> io::Result<Sound> {
        let mut file = fs::File::open(&self.recorded)?;
        file.seek(SeekFrom::Start(moment * SAMPLE_BYTES))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Sound::of(RATE, &bytes))
    }
}

/// Keeps sounds for people to hear, and figures of them to read, in `target/sound`.
pub fn keep(story: &str, sounds: &[(&str, &Sound)], figures: &str) -> anyhow::Result<()> {
    let folder = repository().join("target/sound");
    fs::create_dir_all(&folder)?;
    for (name, sound) in sounds {
        fs::write(folder.join(format!("{story}-{name}.wav")), sound.to_wav())?;
    }
    Ok(fs::write(folder.join(format!("{story}.txt")), figures)?)
}

/// One of the recordings of speech.
pub fn speech(name: &str) -> PathBuf {
    repository().join("tests/data/speech").join(name)
}

/// A program that knows nothing of this computer's own sound.
fn command(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home).env("XDG_RUNTIME_DIR", home).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}
