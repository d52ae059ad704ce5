//! Keys that work anywhere in the page: space plays and pauses, a full stop goes to the next event, a
//! comma to the one before, m to the next message, M to the one before, n passes over a wait, b shows the
//! breakpoints, d goes a depth deeper, f leaves the stage alone, Ctrl Z undoes a line.

use highwater_scenario::narration::Depth;
use highwater_scenario::session::Stop;
use leptos::ev;
use leptos::prelude::{GetUntracked, on_cleanup, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use crate::alone;
use crate::breakpoints;
use crate::play::Desk;

/// What uses the keys itself.
pub const OWN_USE: &str =
    "input, textarea, select, button, a, summary, [role=button], [role=tab], [contenteditable]";

/// What text is typed into.
pub const FIELDS: &str = "input, textarea, select, [contenteditable]";

/// Listens until the owner is gone.
pub fn listen(desk: Desk) {
    let sim = desk.sim;
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.alt_key() || event.default_prevented() || sim.replaying.get_untracked().is_some() {
            return;
        }
        let target = event.target();
        if event.ctrl_key() || event.meta_key() {
            // In a field the browser undoes what was typed.
            if event.key().eq_ignore_ascii_case("z") && !is_within(target.as_ref(), FIELDS) {
                event.prevent_default();
                if event.shift_key() { sim.redo() } else { sim.undo() }
            }
            return;
        }
        match event.key().as_str() {
            " " if !is_within(target.as_ref(), OWN_USE) => {
                event.prevent_default();
                sim.toggle();
            }
            "." if !is_within(target.as_ref(), FIELDS) => {
                event.prevent_default();
                sim.step();
            }
            "," if !is_within(target.as_ref(), FIELDS) => {
                event.prevent_default();
                sim.step_back();
            }
            "m" | "M" | "n" | "b" | "d" | "f" if !is_within(target.as_ref(), FIELDS) => {
                event.prevent_default();
                match event.key().as_str() {
                    "m" => sim.step_to(Stop::Message),
                    "M" => sim.step_back_to(Stop::Message),
                    "n" => sim.skip(),
                    "b" => breakpoints::toggle(),
                    "f" => alone::toggle(desk),
                    _ => sim.set_depth(next(sim.telling.depth.get_untracked())),
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

/// The next depth; after the deepest, the story again.
fn next(depth: Depth) -> Depth {
    let deeper = Depth::ALL.into_iter().find(|other| *other > depth);
    deeper.unwrap_or_default()
}

/// Whether an event happened in such an element.
pub fn is_within(target: Option<&EventTarget>, selector: &str) -> bool {
    let element = target.and_then(|target| target.dyn_ref::<Element>());
    element.is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}
