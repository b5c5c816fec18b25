//! Messages callers left, as the owner reads and hears them. The loudspeaker is a sound server's own; what is
//! played on it is recorded and laid beside what was said.

use crate::{
    helens_words::{MONDAY, RADIATOR, SAID, spoken, writes_down},
    one,
};
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use fantoccini::key::Key;
use ringdesk_sandbox::{CallIn, Heard, Speech};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    host::client,
    loudspeaker::{
        Loudspeaker, NO_SOUND,
        ear::{Sound, correlation, sample_correlation, stretched},
        keep, speech,
    },
    owner::{LINE, Owner},
    voicemail::{HELEN, HELEN_DISPLAY, HELEN_SAYS, helen, sound},
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

const PRIYA: &str = "+14155550123";
/// How long a spoken character takes on the practice line, in milliseconds.
const CHARACTER_MS: u64 = 60;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// So much later or earlier an envelope may begin, in hundredths of a second.
const AROUND: isize = 20;
/// So much alike is the same sound.
const ALIKE: f32 = 0.9;

pub(crate) async fn desktop(owner: &Owner, sound: &[(&str, &str)]) -> Desktop {
    ringdesk_tests::end_if_stuck();
    let environment = [owner.environment().as_slice(), sound].concat();
    Desktop::start_with("1280x800", &environment).await.expect("a desktop")
}

async fn open(desktop: &Desktop, owner: &Owner) -> Window {
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    desktop.open(&owner.program(), &arguments).await.expect("a window")
}

/// Goes to the messages by keys.
pub(crate) async fn at_voicemail(window: &Window) -> anyhow::Result<()> {
    window.says(".placard", "Connected").await?;
    window.keys(&[Key::Control], "3").await?;
    window.until("return document.activeElement?.id === 'voicemail'").await
}

/// Twilio writes messages down from now on.
async fn twilio_writes(owner: &Owner) -> anyhow::Result<()> {
    owner.call("apply_settings", json!({ "transcripts": { "engine": "twilio" } })).await?;
    Ok(())
}

/// Somebody leaves a message, and all that follows at Twilio has happened.
pub(crate) async fn leaves(owner: &Owner, from: &str, speech: Speech) {
    let call = CallIn { speech: Some(speech), ..CallIn::new(from, LINE) };
    let sid = owner.twilio.call_in(call);
    owner.twilio.forward(Duration::from_secs(120));
    owner.twilio.ended(&sid).await;
}

/// Opens the first message, once its sound is here.
async fn opens_first(window: &Window) -> anyhow::Result<()> {
    window.find("#voicemail [data-voicemail]").await?;
    window.press("j").await?;
    window.find(".deck .play[aria-disabled=false]").await?;
    Ok(())
}

/// Plays the open message to its end by Space; what was heard, without the silence around it.
async fn plays(window: &Window, speaker: &Loudspeaker) -> anyhow::Result<Sound> {
    let moment = speaker.moment()?;
    window.press(" ").await?;
    window.find(".deck[data-state=playing]").await?;
    window.find(".deck[data-state=ended]").await?;
    Ok(speaker.hears(moment).await?.found())
}

/// Waits until the deck stands in a second of the message, or has gone beyond it.
async fn passes(window: &Window, second: u32) -> anyhow::Result<()> {
    let now = "Number(document.querySelector('.deck [role=slider]').getAttribute('aria-valuenow'))";
    window.until(&format!("return {now} >= {second}")).await
}

/// Waits until so many messages are in the list.
pub(crate) async fn rows(window: &Window, count: usize) -> anyhow::Result<()> {
    let rows = "document.querySelectorAll('#voicemail [data-voicemail]').length";
    window.until(&format!("return {rows} === {count}")).await
}

/// The newest message, once the office says so of it.
async fn newest(owner: &Owner, so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    let began = Instant::now();
    let mut left = Value::Null;
    while began.elapsed() < PATIENCE {
        left = owner.call("voicemails", json!({})).await?[0].clone();
        if so(&left) {
            return Ok(left);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("never so: {left}")
}

/// How alike the envelopes of two sounds are.
fn alike(heard: &Sound, source: &Sound) -> f32 {
    correlation(&heard.envelope(), &source.envelope(), AROUND)
}

fn is_within(value: f32, expected: f32, percent: f32) -> bool {
    (value / expected - 1.0).abs() * 100.0 <= percent
}

#[tokio::test]
async fn a_message_is_read_and_heard() {
    let owner = Owner::new().await.expect("an owner");
    let speaker = Loudspeaker::start().await.expect("a loudspeaker");
    let desktop = desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        window.says("#voicemail-open .empty", "No voicemail").await?;
        twilio_writes(&owner).await?;
        // It is here before it is written down, which takes Twilio some seconds.
        let line = &owner.twilio;
        let sid = line.call_in(CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINE) });
        let greeting = line.heard(&sid, Heard::Said).await.context("no greeting")?.detail;
        line.forward(Duration::from_millis(CHARACTER_MS * u64::try_from(greeting.chars().count())?));
        line.heard(&sid, Heard::Beep).await.context("no tone")?;
        line.forward(Duration::from_secs(8));
        window.says("#voicemail [data-voicemail]", "Not heard, writing it down…").await?;
        window.press("j").await?;
        window.says(".transcript[data-writing=writing]", "Writing it down…").await?;
        line.forward(Duration::from_secs(60));
        window.says(".transcript", HELEN_SAYS).await?;
        window.says("#voicemail [data-voicemail]", "The radiator in the hall").await?;
        window.says("#voicemail [data-voicemail]", HELEN_DISPLAY).await?;
        // Opening it is not hearing it; three seconds of it are.
        window.find(".deck .play[aria-disabled=false]").await?;
        window.find("#voicemail [data-heard=false]").await?;
        let moment = speaker.moment()?;
        window.press(" ").await?;
        window.find(".deck[data-state=playing]").await?;
        passes(window, 1).await?;
        window
            .until(
                "return document.querySelector('#voicemail [data-heard=true]') !== null
                     && document.querySelector('.deck').dataset.state === 'playing'",
            )
            .await?;
        newest(&owner, |left| left["heard"] == true).await?;
        window.find(".deck[data-state=ended]").await?;
        let heard = speaker.hears(moment).await?.found();
        // From its end five seconds back, and back; forth; to its beginning.
        for (key, second) in [(Key::Left, 2), (Key::Left, 0), (Key::Right, 5), (Key::Left, 0)] {
            window.press(&one(key)).await?;
            window.find(&format!(".deck [role=slider][aria-valuenow='{second}']")).await?;
        }
        for speed in ["1.25×", "1.5×"] {
            window.press("]").await?;
            window.says(".deck [aria-label=Speed] [aria-pressed=true]", speed).await?;
        }
        let faster = plays(window, &speaker).await?;

        let source = spoken()?.found();
        let slowed = stretched(&faster.envelope(), 1.5);
        let figures = [
            ("said, seconds", source.seconds()),
            ("heard, seconds", heard.seconds()),
            ("heard at 1.5x, seconds", faster.seconds()),
            ("envelopes alike", alike(&heard, &source)),
            ("samples alike", sample_correlation(&heard, &source)),
            ("envelopes alike at 1.5x, stretched", correlation(&slowed, &source.envelope(), AROUND)),
            ("pitch said, hertz", source.voice()),
            ("pitch heard", heard.voice()),
            ("pitch heard at 1.5x", faster.voice()),
        ];
        let mut told = String::new();
        for (what, value) in figures {
            writeln!(told, "{what}: {value:.3}")?;
        }
        keep("message", &[("1x", &heard), ("1.5x", &faster)], &told)?;
        let [said_s, heard_s, faster_s, alike, exactly, slowed, said_hz, heard_hz, faster_hz] =
            figures.map(|(_, value)| value);
        ensure!(is_within(heard_s, said_s, 2.0) && alike >= ALIKE && exactly >= ALIKE, "{told}");
        ensure!(is_within(faster_s * 1.5, said_s, 10.0) && slowed >= ALIKE, "{told}");
        ensure!(is_within(heard_hz, said_hz, 5.0) && is_within(faster_hz, said_hz, 5.0), "{told}");
        let kept = owner.call("settings", json!({})).await?["playback"]["speed_percent"].clone();
        ensure!(kept == 150, "it plays as fast next time: {kept}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_tone_is_as_high_at_every_speed() {
    let owner = Owner::new().await.expect("an owner");
    let speaker = Loudspeaker::start().await.expect("a loudspeaker");
    let desktop = desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        let tone = Sound::tone(8_000, 440.0, 4.0);
        leaves(&owner, HELEN, Speech::new(tone.to_wav())).await;
        opens_first(window).await?;
        let mut told = String::new();
        let speeds = [("[", "1×", 1.0), ("]", "1.25×", 1.25), ("]", "1.5×", 1.5), ("]", "2×", 2.0)];
        for (key, speed, times) in speeds {
            window.press(key).await?;
            window.says(".deck [aria-label=Speed] [aria-pressed=true]", speed).await?;
            let heard = plays(window, &speaker).await?;
            writeln!(told, "{times}x: {:.0} Hz for {:.2} s", heard.pitch(), heard.seconds())?;
            let name = format!("{times}x");
            keep("tone", &[(name.as_str(), &heard)], &told)?;
            ensure!(is_within(heard.pitch(), tone.pitch(), 5.0), "{told}");
            ensure!(is_within(heard.seconds() * times, tone.seconds(), 10.0), "{told}");
        }
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_word_is_marked_while_it_is_said_and_leads_to_where_it_is() {
    let owner = Owner::new().await.expect("an owner");
    let speaker = Loudspeaker::start().await.expect("a loudspeaker");
    let desktop = desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        let program = owner.folder().join("writes-down");
        writes_down(&program)?;
        let command = json!({ "engine": "command", "program": program });
        owner.call("apply_settings", json!({ "transcripts": command })).await?;
        leaves(&owner, HELEN, helen()).await;
        opens_first(window).await?;
        window.says(".words", "The radiator in the hall").await?;
        window.says(".words .unsure", "radiator").await?;
        // Each word that is marked, by its place, as it comes.
        window
            .run(
                "window.marked = [];
                 const words = document.querySelector('.words');
                 const look = () => {
                     const now = Number(words.querySelector('.now')?.dataset.word ?? -1);
                     if (now >= 0 && window.marked.at(-1) !== now) window.marked.push(now);
                 };
                 new MutationObserver(look).observe(words, { subtree: true, attributes: true })",
            )
            .await?;
        let heard = plays(window, &speaker).await?;
        let source = spoken()?;
        ensure!(alike(&heard, &source.found()) >= ALIKE, "something else was played");
        let marked: Vec<usize> = serde_json::from_value(window.run("return window.marked").await?)?;
        // Some are shorter than a slow computer takes to draw.
        ensure!(marked.is_sorted() && marked.len() >= SAID.len() / 2, "one after the other: {marked:?}");
        ensure!(marked.contains(&RADIATOR) && marked.contains(&MONDAY), "{marked:?}");
        // A click on a word plays from there.
        let moment = speaker.moment()?;
        window.pick(".words [data-word]", "Monday").await?;
        window.find(".deck[data-state=playing]").await?;
        window.find(".deck[data-state=ended]").await?;
        let heard = speaker.hears(moment).await?.found();
        let rest = source.after(SAID[MONDAY].1).found();
        keep("word", &[("from-monday", &heard)], &format!("alike: {:.3}\n", alike(&heard, &rest)))?;
        ensure!(is_within(heard.seconds(), rest.seconds(), 10.0), "{} s", heard.seconds());
        ensure!(alike(&heard, &rest) >= ALIKE, "not from there on");
        // So does Enter, after the arrows, for whoever came there without a press.
        window.run("const box = document.querySelector('.words'); box.blur(); box.focus()").await?;
        window.press(&one(Key::Home)).await?;
        for _ in 0..RADIATOR {
            window.press(&one(Key::Right)).await?;
        }
        window.says(".words [aria-selected=true]", "radiator").await?;
        window.run("window.marked = []").await?;
        window.press(&one(Key::Enter)).await?;
        window.until(&format!("return window.marked[0] === {RADIATOR}")).await?;
        passes(window, 3).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn without_any_sound_everything_but_playing_works() {
    let owner = Owner::new().await.expect("an owner");
    let desktop = desktop(&owner, &NO_SOUND).await;
    let config = desktop.home().join(".config");
    fs::create_dir_all(&config).expect("a folder");
    fs::write(config.join("user-dirs.dirs"), "XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n").expect("written");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        twilio_writes(&owner).await?;
        leaves(&owner, HELEN, helen()).await;
        opens_first(window).await?;
        window.says(".transcript", "I am home on Monday after three.").await?;
        window.press(" ").await?;
        window.says(".deck[data-state=trouble] .notice", "This computer has no sound device").await?;
        window.says(".deck .notice", "then press play").await?;
        window.press("m").await?;
        window.find("#voicemail [data-heard=true]").await?;
        window.click(".bar [aria-label='Save a copy']").await?;
        window.says(".done .said", "Saved as").await?;
        let mut copies = fs::read_dir(desk.home().join("Downloads"))?;
        let copy = copies.next().context("no copy")??.path();
        ensure!(copies.next().is_none(), "one copy");
        ensure!(copy.extension().is_some_and(|kind| kind == "wav"), "{}", copy.display());
        window.says(".done .said", &copy.display().to_string()).await?;
        let id = newest(&owner, |left| left["heard"] == true).await?["id"].clone();
        let served = owner.call("voicemail_sound", json!({ "voicemail": id })).await?;
        let served = STANDARD.decode(served["base64"].as_str().context("no sound")?)?;
        ensure!(served == sound("helen.wav"), "the office has what was said");
        ensure!(served == fs::read(&copy)?, "the copy is the same");
        owner.call("health", json!({})).await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_loudspeaker_that_goes_away_keeps_the_place_and_the_next_goes_on() {
    let owner = Owner::new().await.expect("an owner");
    let mut speaker = Loudspeaker::start().await.expect("a loudspeaker");
    let desktop = desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        leaves(&owner, HELEN, helen()).await;
        opens_first(window).await?;
        window.press(" ").await?;
        passes(window, 2).await?;
        let before = speaker.pull_out().await?.found();
        window.says(".deck[data-state=trouble] .notice", "The sound device went away.").await?;
        let source = spoken()?;
        // The page draws it as a share of the whole; the office is told.
        let drawn = "return parseFloat(document.querySelector('.deck [role=slider]')
            .style.getPropertyValue('--at'))";
        let percent: f32 = serde_json::from_value(window.run(drawn).await?)?;
        let place = source.seconds() * percent / 100.0;
        let at = |left: &Value| serde_json::from_value::<f32>(left["position_ms"].clone()).unwrap_or(0.0);
        newest(&owner, |left| (at(left) / 1_000.0 - place).abs() < 0.05).await?;
        // With no other there, it is no use; with one, it goes on where it stopped.
        window.press(" ").await?;
        window.says(".deck[data-state=trouble] .notice", "This computer has no sound device").await?;
        speaker.plug_in("vm2").await?;
        let after = plays(window, &speaker).await?;
        let rest = source.after(place).found();
        // What was on its way when it went away may be heard twice, or not at all.
        let alike = correlation(&after.envelope(), &rest.envelope(), 2 * AROUND);
        let told = format!("stopped at: {place:.3} s\nthe rest alike: {alike:.3}\n");
        keep("gone", &[("before", &before), ("after", &after)], &told)?;
        ensure!(before.seconds() >= 1.5 && before.seconds() < source.seconds() - 1.0, "{told}");
        ensure!(alike >= ALIKE && (after.seconds() - rest.seconds()).abs() <= 0.4, "{told}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn callers_hear_what_the_owner_said_into_the_microphone() {
    let owner = Owner::new().await.expect("an owner");
    let speaker = Loudspeaker::and_microphone().await.expect("a loudspeaker");
    let desktop = desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        let always = json!([{ "from": "00:00", "to": "24:00" }]);
        let week: serde_json::Map<String, Value> =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
                .into_iter()
                .map(|day| (day.to_owned(), always.clone()))
                .collect();
        owner.call("apply_settings", json!({ "hours": { "week": week } })).await?;
        window.keys(&[Key::Control], ",").await?;
        window.pick(".sections button", "Calls & hours").await?;
        window.pick(".segments[aria-label='Nobody picks up'] button", "My recording").await?;
        window.pick(".recording button", "Record").await?;
        window.says(".recording button", "Stop recording").await?;
        let wav = speech("helen.wav");
        let level = "return Number(document.querySelector('.recording [role=meter]')
            ?.getAttribute('aria-valuenow')) > 5";
        tokio::try_join!(speaker.speak(&wav), window.until(level))?;
        window.pick(".recording button", "Stop recording").await?;
        window.says(".recording [role=status]", "Callers don’t hear it yet").await?;
        let moment = speaker.moment()?;
        window.pick(".recording button", "Listen").await?;
        let listened = speaker.hears(moment).await?.found();
        window.pick(".recording button", "Use it").await?;
        window.says(".done", "Callers hear your new recording.").await?;

        let sid = owner.twilio.call_in(CallIn::new(PRIYA, LINE));
        owner.twilio.forward(Duration::from_secs(120));
        let report = owner.twilio.ended(&sid).await;
        let fetched = report.fetched.first().context("nothing was fetched")?;
        let how = (fetched.status, fetched.content_type.as_str(), fetched.played);
        ensure!(how == (Some(200), "audio/wav", true), "{fetched:?}");
        ensure!(report.heard(Heard::Played) == [fetched.url.as_str()], "{report:?}");
        let served = client().get(fetched.url.as_str()).send().await?.bytes().await?;
        let (greeting, source) = (Sound::read(&served)?.found(), spoken()?.found());
        let (here, there) = (alike(&listened, &source), alike(&greeting, &source));
        let told = format!("alike to what was spoken: here {here:.3}, for callers {there:.3}\n");
        keep("greeting", &[("listened", &listened), ("served", &greeting)], &told)?;
        ensure!(here >= ALIKE && there >= ALIKE, "{told}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn messages_are_gone_through_by_keys_alone() {
    let owner = Owner::new().await.expect("an owner");
    let desktop = desktop(&owner, &NO_SOUND).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        twilio_writes(&owner).await?;
        leaves(&owner, HELEN, helen()).await;
        leaves(&owner, PRIYA, helen().saying("Could you send the invoice again?")).await;
        rows(window, 2).await?;
        for (key, who) in [("j", "(415) 555-0123"), ("j", HELEN_DISPLAY), ("k", "(415) 555-0123")] {
            window.press(key).await?;
            window.says("#voicemail-title", who).await?;
        }
        window.find("#voicemail [aria-current][data-heard=false]").await?;
        for heard in [true, false, true] {
            window.press("m").await?;
            window.find(&format!("#voicemail [aria-current][data-heard={heard}]")).await?;
        }
        // Deleted, the next one is open; taken back, it is again.
        window.press(&one(Key::Delete)).await?;
        window.says(".done", "Voicemail from (415) 555-0123 deleted.").await?;
        window.says("#voicemail-title", HELEN_DISPLAY).await?;
        rows(window, 1).await?;
        let counts = owner.call("voicemail_counts", json!({})).await?;
        ensure!(counts["total"] == 1, "{counts}");
        window.keys(&[Key::Control], "z").await?;
        window.says("#voicemail-title", "(415) 555-0123").await?;
        rows(window, 2).await?;
        // A word that was said leads to who said it.
        window.press("/").await?;
        window.until("return document.activeElement?.matches('#voicemail input') === true").await?;
        window.press("radiat").await?;
        rows(window, 1).await?;
        window.says("#voicemail [data-voicemail]", HELEN_DISPLAY).await?;
        window.press(&one(Key::Escape)).await?;
        rows(window, 2).await?;
        window.press(&one(Key::Escape)).await?;
        window.until("return document.activeElement === document.body").await?;
        // Calling back asks first; texting back is a key away.
        window.press("c").await?;
        window.says("dialog[open] h2", "(415) 555-0123").await?;
        window.press(&one(Key::Escape)).await?;
        window.gone("dialog[open]").await?;
        window.press("r").await?;
        window.says("h2#open-title", "(415) 555-0123").await?;
        window.until("return document.activeElement?.matches('form textarea') === true").await
    };
    desktop.tell(window, story).await;
}
