//! How the web view draws on this computer.

/// Told to the web view: draw without handing buffers to a graphics device.
#[cfg(target_os = "linux")]
const PLAIN: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Where handing buffers to a graphics device only costs (there is none) or shows nothing (NVIDIA's own
/// driver), the program starts itself once more without it: the web view reads that when it is loaded.
/// Measured on a computer without one: a frame of the scrolled list takes 16 ms instead of 90.
#[cfg(target_os = "linux")]
pub(crate) fn choose(safe: bool) {
    use std::os::unix::process::CommandExt;
    let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let device = devices.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"));
    let nvidia = std::path::Path::new("/proc/driver/nvidia/version").exists();
    if std::env::var_os(PLAIN).is_some() || (device && !nvidia && !safe) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    // Only comes back when it could not be done; then it is drawn as usual.
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(PLAIN, "1").exec();
    tracing::warn!(%error, "the web view draws as usual");
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn choose(_: bool) {}
