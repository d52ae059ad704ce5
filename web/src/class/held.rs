//! How far a playlist is, as this browser keeps it: for a reload, and for the notes in another window.

use highwater_standing::Held;
use leptos::ev;
use leptos::prelude::{on_cleanup, window_event_listener};

use crate::kept;
use crate::save::storage;

/// Where it is kept how far the playlist is that was held last.
const KEY: &str = "highwater.class";

/// Where a window with notes writes what is to be done.
const WISH: &str = "highwater.class-wish";

/// What a window with notes asks of the one that shows the scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A step on.
    Forward,
    /// A step back.
    Back,
}

/// How far the playlist is, if it was the one that was held last.
pub fn of(playlist: &str) -> Option<Held> {
    let held: Held = kept::read(KEY)?;
    (held.playlist == playlist).then_some(held)
}

/// Keeps it. Where nothing can be stored, the notes do not follow, and a reload begins the scene anew.
pub fn keep(held: &Held) {
    let _ = kept::write(KEY, held);
}

/// Scenes begin as they are written, whatever was done in them the last time.
pub fn forget_scenes() {
    for prefix in ["highwater.scenario.class/", "highwater.last.class/"] {
        for key in storage::keys(prefix) {
            storage::remove(&key);
        }
    }
}

/// Asks the window that shows the scenes for something.
pub fn wish(wish: Wish) {
    let word = match wish {
        Wish::Forward => "forward",
        Wish::Back => "back",
    };
    // The same wish twice is told twice only if it is another text.
    let _ = storage::set(WISH, &format!("{word} {}", kept::clock().now_ms));
}

/// Hears what another window writes: a wish, or how far it is.
pub fn hear(wished: impl Fn(Wish) + 'static, moved: impl Fn() + 'static) {
    let listener = window_event_listener(ev::storage, move |event| match event.key().as_deref() {
        Some(KEY) => moved(),
        Some(WISH) => match event.new_value().as_deref().and_then(|text| text.split(' ').next()) {
            Some("forward") => wished(Wish::Forward),
            Some("back") => wished(Wish::Back),
            _ => {}
        },
        _ => {}
    });
    on_cleanup(move || listener.remove());
}
