//! Keys that work anywhere in the page: space plays and pauses, a full stop goes to the next event.

use leptos::ev;
use leptos::prelude::{GetUntracked, on_cleanup, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use crate::sim::Sim;

/// What uses the keys itself.
const OWN_USE: &str =
    "input, textarea, select, button, a, summary, [role=button], [role=tab], [contenteditable]";

/// What text is typed into.
const FIELDS: &str = "input, textarea, select, [contenteditable]";

/// Listens until the owner is gone.
pub fn listen(sim: Sim) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return;
        }
        if sim.replaying.get_untracked().is_some() {
            return;
        }
        let target = event.target();
        match event.key().as_str() {
            " " if !is_within(target.as_ref(), OWN_USE) => {
                event.prevent_default();
                sim.toggle();
            }
            "." if !is_within(target.as_ref(), FIELDS) => {
                event.prevent_default();
                sim.step();
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

fn is_within(target: Option<&EventTarget>, selector: &str) -> bool {
    let element = target.and_then(|target| target.dyn_ref::<Element>());
    element.is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}
