//! What another program of the same desktop holds out: a picture that was copied there, or files that are
//! dragged from there onto the window (X11 selections; XDND 5, as freedesktop.org has it).

use anyhow::{Context, ensure};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME, NONE,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, MapState,
            PropMode, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Longest wait for an answer before the mouse moves on.
const STEP: Duration = Duration::from_millis(200);

/// What a program holds out, for as long as this lives.
#[derive(Debug)]
pub struct Hand {
    screen: Arc<RustConnection>,
    root: Window,
    window: Window,
    kind: Atom,
    heard: UnboundedReceiver<Heard>,
}

/// What the window below the mouse says.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// Whether what is dragged could be dropped there.
    Takes(bool),
    /// It has what was dropped.
    Done,
}

impl Hand {
    /// Something of a kind (a MIME type) was copied.
    pub fn copied(display: &str, kind: &str, bytes: Vec<u8>) -> anyhow::Result<Self> {
        Self::holding(display, "CLIPBOARD", kind, bytes)
    }

    /// A file is picked up with the mouse.
    pub fn file(display: &str, file: &std::path::Path) -> anyhow::Result<Self> {
        let list = format!("file://{}\r\n", file.to_str().context("a path in words")?);
        Self::holding(display, "XdndSelection", "text/uri-list", list.into_bytes())
    }

    fn holding(display: &str, selection: &str, kind: &str, bytes: Vec<u8>) -> anyhow::Result<Self> {
        let (screen, number) = x11rb::connect(Some(display))?;
        let screen = Arc::new(screen);
        let root = screen.setup().roots[number].root;
        let window = screen.generate_id()?;
        let (depth, looks) = (COPY_DEPTH_FROM_PARENT, CreateWindowAux::new());
        let class = WindowClass::INPUT_OUTPUT;
        screen.create_window(depth, window, root, 0, 0, 1, 1, 0, class, 0, &looks)?.check()?;
        let kind = atom(&screen, kind)?;
        screen.set_selection_owner(window, atom(&screen, selection)?, CURRENT_TIME)?.check()?;
        let (told, heard) = unbounded_channel();
        let server = Server::new(screen.clone(), kind, bytes, told)?;
        thread::Builder::new().name("hand".into()).spawn(move || server.run())?;
        Ok(Self { screen, root, window, kind, heard })
    }

    /// Drags what is held over the largest window that takes anything, and lets it go there.
    pub async fn drop_on_window(mut self) -> anyhow::Result<()> {
        let (target, middle) = self.target()?.context("no window takes what is dragged")?;
        self.tell(target, "XdndEnter", [self.window, 5 << 24, self.kind, 0, 0])?;
        let copy = atom(&self.screen, "XdndActionCopy")?;
        let began = Instant::now();
        let mut moved = 0;
        loop {
            ensure!(began.elapsed() < PATIENCE, "the window takes nothing");
            moved += 1;
            let at = (middle.0 + moved % 8) << 16 | middle.1;
            self.tell(target, "XdndPosition", [self.window, 0, at, CURRENT_TIME, copy])?;
            let heard = timeout(STEP, self.heard.recv()).await;
            // It may have taken what was there a moment before.
            if moved > 3 && heard == Ok(Some(Heard::Takes(true))) {
                break;
            }
        }
        self.tell(target, "XdndDrop", [self.window, 0, CURRENT_TIME, 0, 0])?;
        while timeout(PATIENCE, self.heard.recv()).await?.context("nobody listens")? != Heard::Done {}
        Ok(())
    }

    /// The largest window that takes what is dragged, and the middle of it on the screen.
    fn target(&self) -> anyhow::Result<Option<(Window, (u32, u32))>> {
        let aware = atom(&self.screen, "XdndAware")?;
        let mut open = vec![self.root];
        let mut best: Option<(u32, Window, (u32, u32))> = None;
        while let Some(window) = open.pop() {
            open.extend(self.screen.query_tree(window)?.reply()?.children);
            let there = self.screen.get_property(false, window, aware, AtomEnum::ANY, 0, 1)?.reply()?;
            let seen = self.screen.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE;
            if there.value_len == 0 || !seen {
                continue;
            }
            let shape = self.screen.get_geometry(window)?.reply()?;
            let (width, height) = (shape.width, shape.height);
            let at = self.screen.translate_coordinates(window, self.root, 0, 0)?.reply()?;
            // Some lie beside the screen.
            let from =
                |edge: i16, length: u16| u32::try_from((i32::from(edge) + i32::from(length) / 2).max(0));
            let middle = (from(at.dst_x, width)?, from(at.dst_y, height)?);
            let size = u32::from(width) * u32::from(height);
            if best.is_none_or(|(most, ..)| size > most) {
                best = Some((size, window, middle));
            }
        }
        Ok(best.map(|(_, window, middle)| (window, middle)))
    }

    fn tell(&self, window: Window, what: &str, data: [u32; 5]) -> anyhow::Result<()> {
        let message = ClientMessageEvent::new(32, window, atom(&self.screen, what)?, data);
        self.screen.send_event(false, window, EventMask::NO_EVENT, message)?;
        Ok(self.screen.flush()?)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // Whoever serves what was held ends with it; a desktop that is gone has ended it already.
        let _ = self.tell(self.window, "RINGDESK_END", [0; 5]);
    }
}

fn atom(screen: &RustConnection, name: &str) -> anyhow::Result<Atom> {
    Ok(screen.intern_atom(false, name.as_bytes())?.reply()?.atom)
}

/// Hands over what is held to whoever asks.
struct Server {
    screen: Arc<RustConnection>,
    kind: Atom,
    bytes: Vec<u8>,
    told: UnboundedSender<Heard>,
    targets: Atom,
    status: Atom,
    finished: Atom,
    end: Atom,
}

impl Server {
    fn new(
        screen: Arc<RustConnection>,
        kind: Atom,
        bytes: Vec<u8>,
        told: UnboundedSender<Heard>,
    ) -> anyhow::Result<Self> {
        let [targets, status, finished, end] =
            ["TARGETS", "XdndStatus", "XdndFinished", "RINGDESK_END"].map(|name| atom(&screen, name));
        Ok(Self {
            kind,
            bytes,
            told,
            targets: targets?,
            status: status?,
            finished: finished?,
            end: end?,
            screen,
        })
    }

    fn run(self) {
        while let Ok(event) = self.screen.wait_for_event() {
            let goes_on = match event {
                Event::SelectionRequest(asked) => self.hand_over(&asked).is_ok(),
                Event::ClientMessage(said) if said.type_ == self.end => false,
                Event::ClientMessage(said) if said.type_ == self.status => {
                    self.told.send(Heard::Takes(said.data.as_data32()[1] & 1 == 1)).is_ok()
                }
                Event::ClientMessage(said) if said.type_ == self.finished => {
                    self.told.send(Heard::Done).is_ok()
                }
                _ => true,
            };
            if !goes_on {
                return;
            }
        }
    }

    fn hand_over(&self, asked: &SelectionRequestEvent) -> anyhow::Result<()> {
        let place = if asked.property == NONE { asked.target } else { asked.property };
        let (mode, to) = (PropMode::REPLACE, asked.requestor);
        let has = if asked.target == self.targets {
            self.screen.change_property32(mode, to, place, AtomEnum::ATOM, &[self.targets, self.kind])?;
            true
        } else if asked.target == self.kind {
            self.screen.change_property8(mode, to, place, self.kind, &self.bytes)?;
            true
        } else {
            false
        };
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: to,
            selection: asked.selection,
            target: asked.target,
            property: if has { place } else { NONE },
        };
        self.screen.send_event(false, to, EventMask::NO_EVENT, answer)?;
        Ok(self.screen.flush()?)
    }
}
