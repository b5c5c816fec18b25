//! The icon in the tray: how the line is, what is unread, and the way back to the window.

use crate::{
    front::Front,
    window::{self, Call},
    words,
};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tauri::{
    AppHandle, Manager, Wry,
    image::Image,
    menu::{Menu, MenuBuilder, MenuItemBuilder, SubmenuBuilder},
    tray::{TrayIcon, TrayIconBuilder},
};
use tokio::sync::{oneshot, watch};

const ICON: Image<'_> = tauri::include_image!("../icons/32x32.png");
/// Side of the icon, in pixels.
const SIDE: u32 = 32;
/// Longest wait for one that is being made.
const MADE: Duration = Duration::from_secs(3);

/// What it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is shown by itself")]
pub(crate) struct State {
    /// How the line is, in words; none is open where there are none.
    pub(crate) line: Option<&'static str>,
    /// Whether it works.
    pub(crate) good: bool,
    /// Conversations with something unread.
    pub(crate) unread: u32,
    /// Whether something about the line waits for its owner.
    pub(crate) asks: bool,
    /// Whether notifications are paused.
    pub(crate) paused: bool,
    /// Whether the business closed early.
    pub(crate) closed: bool,
    /// Whether a sleep backup answers while this computer is off, where that is known.
    pub(crate) backup: Option<bool>,
}

impl State {
    fn words(&self) -> String {
        words::status(self.line.unwrap_or(words::NO_LINE), self.unread, self.asks)
    }
}

/// What is to be shown, whether or not there is an icon yet.
#[derive(Default)]
pub(crate) struct Wanted {
    state: Mutex<State>,
    /// Whether there is an icon by now, or none can be.
    tried: watch::Sender<bool>,
}

impl Wanted {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Tray {
    icon: TrayIcon,
    /// What it shows or is about to; none where that failed.
    shows: Mutex<Option<State>>,
}

impl Tray {
    fn shows(&self) -> MutexGuard<'_, Option<State>> {
        self.shows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts it there, where the desktop can show one, once the window has what it shows first: while the icon is made,
/// the window's own thread draws nothing. Its picture for the panel is kept in `folder`.
pub(crate) async fn put(app: AppHandle, folder: PathBuf) {
    window::shown_first(&app).await;
    if let Err(error) = try_put(&app, folder).await {
        tracing::warn!(%error, "there is no tray icon");
    }
    let wanted = app.state::<Wanted>();
    wanted.tried.send_replace(true);
    let state = *wanted.state();
    // It may be another by now.
    draw(&app, state);
}

async fn try_put(app: &AppHandle, folder: PathBuf) -> anyhow::Result<()> {
    if !tauri::async_runtime::spawn_blocking(can_be_shown).await? {
        tracing::info!("this desktop shows no tray icon");
        return Ok(());
    }
    let (done, put) = oneshot::channel();
    let owned = app.clone();
    // Where the toolkit lives. Nobody hears of it once the program ends.
    app.run_on_main_thread(move || drop(done.send(build(&owned, &folder))))?;
    Ok(put.await??)
}

fn build(app: &AppHandle, folder: &Path) -> tauri::Result<()> {
    let state = *app.state::<Wanted>().state();
    let icon = TrayIconBuilder::with_id("ringdesk")
        .icon(drawn(state))
        .temp_dir_path(folder)
        .tooltip(words::tooltip(&state.words()))
        .menu(&menu(app, state)?)
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .build(app)?;
    app.manage(Tray { icon, shows: Mutex::new(Some(state)) });
    Ok(())
}

/// Whether it is before the owner's eyes: there is one, and a panel that shows it. Waits while it is made.
pub(crate) async fn is_shown(app: &AppHandle) -> bool {
    let mut tried = app.state::<Wanted>().tried.subscribe();
    // One that is not there by then is not reckoned with.
    let _ = tokio::time::timeout(MADE, tried.wait_for(|tried| *tried)).await;
    let is_put = app.try_state::<Tray>().is_some();
    is_put && ringdesk_machine::panel_shows_icons().await
}

/// The library that speaks to the panel is loaded when it is used, and its absence would end the program.
#[cfg(target_os = "linux")]
fn can_be_shown() -> bool {
    let known = ["ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"].into_iter().find_map(|program| {
        std::process::Command::new(program).arg("-p").output().ok().filter(|output| output.status.success())
    });
    known.is_some_and(|known| {
        let known = String::from_utf8_lossy(&known.stdout);
        ["libayatana-appindicator3.so.1", "libappindicator3.so.1"].iter().any(|name| known.contains(name))
    })
}

#[cfg(not(target_os = "linux"))]
fn can_be_shown() -> bool {
    true
}

/// Shows how things are now.
pub(crate) fn draw(app: &AppHandle, state: State) {
    *app.state::<Wanted>().state() = state;
    let Some(tray) = app.try_state::<Tray>() else { return };
    if tray.shows().replace(state) == Some(state) {
        return;
    }
    let icon = tray.icon.clone();
    let owned = app.clone();
    // Where the toolkit lives; nobody waits for it.
    let asked = app.run_on_main_thread(move || {
        let drawn = menu(&owned, state)
            .and_then(|menu| icon.set_menu(Some(menu)))
            .and_then(|()| icon.set_icon(Some(drawn(state))))
            .and_then(|()| icon.set_tooltip(Some(words::tooltip(&state.words()))));
        if let Err(error) = drawn {
            not_changed(&owned, &error);
        }
    });
    if let Err(error) = asked {
        not_changed(app, &error);
    }
}

/// Nobody knows what it shows: it is drawn again with whatever comes next.
fn not_changed(app: &AppHandle, error: &tauri::Error) {
    tracing::warn!(%error, "the tray icon could not be changed");
    if let Some(tray) = app.try_state::<Tray>() {
        *tray.shows() = None;
    }
}

fn menu(app: &AppHandle, state: State) -> tauri::Result<Menu<Wry>> {
    let status = MenuItemBuilder::new(state.words()).enabled(false).build(app)?;
    let mut menu = MenuBuilder::new(app).item(&status).separator().text("open", words::OPEN);
    if state.line.is_some() {
        let early =
            if state.closed { ("early 0", words::OPEN_AGAIN) } else { ("early 1", words::CLOSE_EARLY) };
        menu = menu.text("new", words::NEW_TEXT).text("check", words::CHECK).separator();
        menu = menu.text(early.0, early.1);
        if state.paused {
            menu = menu.text("pause 0", words::RESUME);
        } else {
            let mut pauses = SubmenuBuilder::new(app, words::PAUSE);
            for (said, minutes) in words::PAUSES {
                let minutes = minutes.map_or_else(String::new, |minutes| minutes.to_string());
                pauses = pauses.text(format!("pause {minutes}"), said);
            }
            menu = menu.item(&pauses.build()?);
        }
    }
    let quit = match state.backup {
        Some(true) => words::QUIT_BACKED,
        None if state.line.is_some() => words::QUIT_UNSURE,
        Some(false) | None => words::QUIT,
    };
    menu.separator().text("quit", quit).build()
}

fn chosen(app: &AppHandle, id: &str) {
    match id {
        "open" => window::show(app, None),
        "new" => window::show(app, Some(Call::NewText)),
        "check" => window::show(app, Some(Call::Health)),
        "quit" => {
            if window::may_quit(app) {
                app.exit(0);
            }
        }
        "early 0" => close_early(app.clone(), false),
        "early 1" => close_early(app.clone(), true),
        _ => {
            let Some(minutes) = id.strip_prefix("pause ").map(|minutes| minutes.parse().ok()) else { return };
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                let Some(open) = app.state::<Front>().open() else { return };
                if let Err(error) = open.desk.inbox.pause_notifications(minutes).await {
                    tracing::warn!(%error, "notifications could not be paused");
                }
            });
        }
    }
}

fn close_early(app: AppHandle, closed: bool) {
    tauri::async_runtime::spawn(async move {
        let Some(open) = app.state::<Front>().open() else { return };
        if let Err(error) = open.desk.inbox.close_early(closed).await {
            tracing::warn!(%error, "the hours could not be changed");
        }
    });
}

/// The icon: grey without a line, with a dot where something is unread or wrong.
fn drawn(state: State) -> Image<'static> {
    let mut pixels = ICON.rgba().to_vec();
    let dot: Option<[u8; 3]> = match state {
        State { line: None, .. } => None,
        State { good: false, .. } => Some([0xB7, 0x79, 0x1F]),
        State { unread: 1.., .. } => Some([0xB3, 0x3A, 0x2B]),
        State { .. } => None,
    };
    for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let at = u32::try_from(at).unwrap_or(0);
        let (x, y) = ((at % SIDE).abs_diff(24), (at / SIDE).abs_diff(8));
        let from_dot = x * x + y * y;
        match dot {
            Some(colour) if from_dot <= 49 => {
                pixel[..3].copy_from_slice(&colour);
                pixel[3] = u8::MAX;
            }
            // A gap around it, so that it can be told from the rest.
            Some(_) if from_dot <= 81 => pixel[3] = 0,
            _ if state.line.is_none() => {
                let grey = u8::try_from(pixel[..3].iter().map(|c| u16::from(*c)).sum::<u16>() / 3);
                pixel[..3].fill(grey.unwrap_or(u8::MAX));
            }
            _ => {}
        }
    }
    Image::new_owned(pixels, SIDE, SIDE)
}
