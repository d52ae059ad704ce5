//! A file that is dropped anywhere on the page. Missing the panel by an inch must not have the browser
//! leave the page for the file: `page.js` sees to that where there is no panel.

use leptos::ev;
use leptos::prelude::{RwSignal, Set, on_cleanup, window_event_listener};
use web_sys::{DragEvent, File};

/// Has files taken by `take` until the owner is gone; tells whether one is held over the page.
pub fn follow(is_over: RwSignal<bool>, take: impl Fn(Option<File>) + Clone + 'static) {
    let over = window_event_listener(ev::dragover, move |event| {
        if holds_file(&event) {
            event.prevent_default();
            is_over.set(true);
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        // Left for the outside, not for another part of the page.
        if event.related_target().is_none() {
            is_over.set(false);
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        is_over.set(false);
        if holds_file(&event) {
            event.prevent_default();
            let files = event.data_transfer().and_then(|transfer| transfer.files());
            take(files.and_then(|files| files.get(0)));
        }
    });
    on_cleanup(move || {
        over.remove();
        left.remove();
        dropped.remove();
    });
}

fn holds_file(event: &DragEvent) -> bool {
    let kinds = event.data_transfer().map(|transfer| transfer.types());
    kinds.is_some_and(|kinds| kinds.includes(&"Files".into(), 0))
}
