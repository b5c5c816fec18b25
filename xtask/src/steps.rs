//! What each command does, step by step.

use crate::machine::{
    announce, cargo, command, finish, npm_run, official_libraries, prepare, references, repository,
    run_counting, said, ui,
};
use anyhow::bail;
use std::{fs, time::Instant};

const BUILDING: &str = "Building the program (the first time takes some minutes)";

/// Plays the story in the real window.
pub(crate) fn demo() -> anyhow::Result<()> {
    prepare()?;
    ui()?;
    announce(BUILDING);
    finish(cargo(&["build", "--package", "ringdesk", "--package", "ringdesk-tests", "--bins"]))?;
    announce("Playing a customer's short story");
    finish(command("target/debug/demo", &[]))
}

/// Opens the program for real use.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    prepare()?;
    ui()?;
    announce(BUILDING);
    finish(cargo(&["build", "--release", "--package", "ringdesk"]))?;
    let mut program = command("target/release/ringdesk", &[]);
    program.args(arguments);
    finish(program)
}

/// Everything that must hold.
pub(crate) fn test() -> anyhow::Result<()> {
    let began = Instant::now();
    prepare()?;
    ui()?;
    check()?;
    official_libraries()?;
    announce("Building programs and tests");
    finish(cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    announce("Testing: rules, store, stories through the practice line, the real window");
    let passed = run_counting(cargo(&["test", "--workspace", "--lib", "--bins", "--tests"]))?;
    announce("Testing the window's own code");
    finish(npm_run("test"))?;
    println!("\nEverything holds, after {} s.", began.elapsed().as_secs());
    println!("{passed} passed, 0 failed");
    Ok(())
}

/// The quick part of the tests, with what it needs.
pub(crate) fn check_only() -> anyhow::Result<()> {
    prepare()?;
    ui()?;
    check()
}

fn check() -> anyhow::Result<()> {
    announce("Formatting");
    finish(cargo(&["fmt", "--all", "--check"]))?;
    announce("Lints");
    finish(cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    announce("The window's types and lints");
    finish(npm_run("check"))?;
    finish(npm_run("lint"))?;
    planted_error_is_found()?;
    announce("Architecture and generated types");
    finish(cargo(&["test", "--quiet", "--package", "ringdesk-tests", "--test", "architecture"]))?;
    announce("Licences and sources of what we build on");
    if said("cargo", &["deny", "--version"]).is_err() {
        finish(cargo(&["install", "--locked", "cargo-deny@0.20.2"]))?;
    }
    finish(cargo(&["deny", "--offline", "--log-level", "error", "check", "bans", "licenses", "sources"]))
}

/// The type checker was once seen to find nothing at all; so it must find this.
fn planted_error_is_found() -> anyhow::Result<()> {
    let canary = repository().join("ui/src/canary.ts");
    fs::write(&canary, "export const wrong: number = 'text';\n")?;
    let found = npm_run("check").output();
    fs::remove_file(&canary)?;
    if found?.status.success() {
        bail!("svelte-check did not find a planted error");
    }
    Ok(())
}

/// Writes the window's types from the counter's table.
pub(crate) fn types() -> anyhow::Result<()> {
    let types = said("cargo", &["run", "--quiet", "--package", "ringdesk-desk", "--example", "typescript"])?;
    fs::write(repository().join("ui/src/backend/generated/desk.ts"), types + "\n")?;
    Ok(())
}

/// Takes the pictures of `docs/pictures`, under the names they have there.
pub(crate) fn pictures() -> anyhow::Result<()> {
    prepare()?;
    ui()?;
    announce(BUILDING);
    let packages = ["--package", "ringdesk", "--package", "ringdesk-server", "--package", "ringdesk-tests"];
    let mut build = cargo(&["build", "--bins"]);
    build.args(packages);
    finish(build)?;
    announce("Taking the pictures of the documents (some minutes)");
    finish(command("target/debug/demo", &["--looks"]))?;
    println!("  They are in target/pictures, in full colours. A palette of 256 is enough for docs/pictures:");
    println!("  pngquant --strip --force --ext .png 256 target/pictures/*.png");
    println!("  cp target/pictures/*.png docs/pictures/");
    Ok(())
}

/// Measures.
pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    let what = arguments.first().map_or("", String::as_str);
    let (bins, built): (&[&str], &str) = match what {
        "door" => (&["ringdeskd", "bench-door"], "the door"),
        "voice" => (&["ringdeskd", "bench-voice"], "what answers calls"),
        "asleep" => (&["ringdeskd", "bench-asleep"], "what catches up"),
        "window" => (&["ringdesk", "ringdeskd", "ringdesk-blank", "bench-window"], "the window"),
        _ => bail!("cargo xtask bench door|window|voice|asleep"),
    };
    prepare()?;
    if what == "door" {
        references()?;
    } else {
        ui()?;
    }
    // A host has a profile of its own.
    let (profile, how) =
        if what == "window" { ("release", "it is released") } else { ("host", "a host has it") };
    announce(&format!("Building {built} as {how}"));
    let mut build = cargo(&["build", "--profile", profile, "--workspace"]);
    for bin in bins {
        build.args(["--bin", bin]);
    }
    finish(build)?;
    announce("Measuring (some minutes; leave the machine alone)");
    let rounds: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    finish(command(&format!("target/{profile}/bench-{what}"), &rounds))
}
