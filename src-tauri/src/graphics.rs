//! How the web view draws on this computer.

/// Told to the web view: draw without handing buffers to a graphics device.
#[cfg(target_os = "linux")]
const PLAIN: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Where handing buffers to a graphics device only costs (there is none) or shows nothing (NVIDIA's own
/// driver), the web view is told to do without; what whoever started it chose stays. It looks when its first
/// window is made, long after this.
/// Measured on a computer without one: a frame of the scrolled list takes 16 ms instead of 90.
///
/// It changes the environment, which everything in the process shares: it comes before the first thread.
#[cfg(target_os = "linux")]
pub(crate) fn choose(safe: bool) {
    let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let device = devices.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"));
    let nvidia = std::path::Path::new("/proc/driver/nvidia/version").exists();
    if std::env::var_os(PLAIN).is_some() || !is_plain(device, nvidia, safe) {
        return;
    }
    if let Err(error) = glib::setenv(PLAIN, "1", false) {
        tracing::warn!(%error, "the web view draws as usual");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn choose(_: bool) {}

/// Whether it draws without a graphics device: there is none, it shows nothing, or the owner wants none.
#[cfg(target_os = "linux")]
const fn is_plain(device: bool, nvidia: bool, safe: bool) -> bool {
    !device || nvidia || safe
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_graphics_device_is_used_where_there_is_one_that_shows_something() {
        for (device, nvidia, safe, plain) in [
            (true, false, false, false),
            (false, false, false, true),
            (true, true, false, true),
            (true, false, true, true),
        ] {
            assert_eq!(is_plain(device, nvidia, safe), plain, "{device} {nvidia} {safe}");
        }
    }
}
