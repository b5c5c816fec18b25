//! Where the built programs and the repository are.

use std::path::{Path, PathBuf};

/// The repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}

/// A program built beside this one. `cargo xtask` builds them first.
pub fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let beside = own.ancestors().skip(1).map(|dir| dir.join(name)).find(|path| path.is_file());
    beside.unwrap_or_else(|| repository().join("target/debug").join(name))
}
