//! The keys that lead through a playlist: those of a presenter's remote control, and the arrows.

use leptos::ev;
use leptos::prelude::{on_cleanup, window_event_listener};

use super::held::Wish;
use crate::keys::{FIELDS, OWN_USE, is_within};

/// Listens until the owner is gone.
pub fn listen(wished: impl Fn(Wish) + 'static) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() || event.default_prevented() {
            return;
        }
        let target = event.target();
        // Tabs, sliders and fields use the arrows themselves; a remote control sends the others.
        let is_free = !is_within(target.as_ref(), FIELDS)
            && !is_within(target.as_ref(), "[role=tab], [role=slider], [role=tabpanel]");
        let wish = match event.key().as_str() {
            "PageDown" => Wish::Forward,
            "PageUp" => Wish::Back,
            "ArrowRight" if is_free => Wish::Forward,
            "ArrowLeft" if is_free => Wish::Back,
            "Enter" if !is_within(target.as_ref(), OWN_USE) => Wish::Forward,
            _ => return,
        };
        event.prevent_default();
        wished(wish);
    });
    on_cleanup(move || listener.remove());
}
