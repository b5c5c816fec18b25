//! Makes sure the window's files exist, which `ringdeskd` carries for browsers and the program for its window, and
//! packs them for the browsers.

use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
    process::Command,
};

use flate2::{Compression, write::GzEncoder};

const WINDOW: &str = "../../ui/dist";

/// Builds them when there are none, so that a plain `cargo build` works. `RINGDESK_UI_BUILT=1` leaves
/// that to whoever calls.
fn main() {
    println!("cargo::rerun-if-env-changed=RINGDESK_UI_BUILT");
    for watched in ["src", "index.html", "package-lock.json", "dist"] {
        println!("cargo::rerun-if-changed=../../ui/{watched}");
    }
    if env::var_os("RINGDESK_UI_BUILT").is_none() && !Path::new(WINDOW).join("index.html").exists() {
        for step in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
            let done = Command::new("npm").args(step).current_dir("../../ui").status();
            assert!(done.is_ok_and(|status| status.success()), "npm {} failed in ui/", step.join(" "));
        }
    }
    let out = env::var_os("OUT_DIR").expect("cargo says where");
    let packed = Path::new(&out).join("window");
    // A file that is no longer built must not be carried on.
    drop(fs::remove_dir_all(&packed));
    pack(Path::new(WINDOW), &packed).expect("ui/dist can be packed");
}

fn pack(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let packed = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            pack(&entry.path(), &packed)?;
        } else {
            let mut gzip = GzEncoder::new(File::create(packed)?, Compression::best());
            io::copy(&mut File::open(entry.path())?, &mut gzip)?;
            gzip.finish()?;
        }
    }
    Ok(())
}
