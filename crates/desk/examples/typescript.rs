//! Prints the window's types; `cargo xtask types` writes them to their file.
#![allow(clippy::print_stdout)]

fn main() {
    print!("{}", ringdesk_desk::typescript());
}
