//! On a phone the panels are a sheet below the stage, which is pulled up and folded away: by its handle, by
//! the keys, or by a button. The stage has what the sheet leaves, and never nothing.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::play::Desk;

/// How far an arrow key moves the handle, in pixels.
const STEP: f64 = 48.0;

/// A sheet that is left lower than this is folded away, in pixels.
const FOLDS_BELOW: f64 = 72.0;

/// How high the sheet is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Height {
    /// As high as the style sheet says.
    #[default]
    Usual,
    /// As it was left, in pixels.
    Left(f64),
    /// Not to be seen.
    Folded,
}

/// The handle of the sheet, with a button for those who do not drag.
#[component]
pub fn SheetHandle() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let handle = NodeRef::<Div>::new();
    let height = RwSignal::new(Height::Usual);
    // Where the pointer took hold of it, and how high the sheet was then.
    let held = RwSignal::new(None::<(f64, f64)>);
    Effect::new(move |was: Option<()>| {
        desk.tab.track();
        desk.selected.track();
        // What is asked for is to be seen; but nobody has asked for anything at first.
        if was.is_some() && height.get_untracked() == Height::Folded {
            height.set(Height::Usual);
        }
    });
    Effect::new(move |_| {
        let Some(root) = handle.get().and_then(|handle| desk_of(&handle)) else { return };
        let height = height.get();
        let _ = if height == Height::Folded {
            root.set_attribute("data-sheet", "folded")
        } else {
            root.remove_attribute("data-sheet")
        };
        let style = root.unchecked_into::<HtmlElement>().style();
        let _ = match height {
            Height::Left(pixels) => style.set_property("--sheet", &format!("{pixels:.0}px")),
            _ => style.remove_property("--sheet").map(|_| ()),
        };
    });
    let set = move |pixels: f64| {
        let most = handle.get_untracked().and_then(|handle| desk_of(&handle)).map_or(600.0, most);
        height.set(if pixels < FOLDS_BELOW {
            Height::Folded
        } else {
            Height::Left(pixels.min(most))
        });
    };
    let toggle = move || {
        height.update(|height| {
            *height = if *height == Height::Folded { Height::Usual } else { Height::Folded };
        });
    };
    let press = move |event: PointerEvent| {
        let Some(handle) = handle.get_untracked() else { return };
        event.prevent_default();
        if handle.set_pointer_capture(event.pointer_id()).is_ok() {
            held.set(Some((f64::from(event.client_y()), shown_height(desk))));
        }
    };
    let drag = move |event: PointerEvent| {
        if let Some((from, before)) = held.get_untracked() {
            set(before + from - f64::from(event.client_y()));
        }
    };
    let release = move |_: PointerEvent| held.set(None);
    let by_key = move |event: KeyboardEvent| {
        let now = shown_height(desk);
        match event.key().as_str() {
            // From the folded state a single step brings it back.
            "ArrowUp" if now < FOLDS_BELOW => height.set(Height::Usual),
            "ArrowUp" => set(now + STEP),
            "ArrowDown" => set(now - STEP),
            "Home" => height.set(Height::Folded),
            "End" => set(f64::INFINITY),
            "Enter" | " " => toggle(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let now = move || {
        height.track();
        desk.tab.track();
        shown_height(desk).round().to_string()
    };
    let is_folded = move || height.get() == Height::Folded;
    view! {
        <div class="sheet-top">
            <div class="sheet-handle" node_ref=handle tabindex="0" role="separator" aria-orientation="horizontal"
                aria-label=t!("sheets.height-panel") aria-valuemin="0" aria-valuenow=now
                aria-valuetext=move || if is_folded() { t!("sheets.folded-away").to_owned() } else { t!("sheets.pixels", count = now()) }
                class:dragged=move || held.read().is_some()
                on:pointerdown=press on:pointermove=drag on:pointerup=release on:pointercancel=release
                on:keydown=by_key></div>
            <button type="button" class="quiet" aria-expanded=move || (!is_folded()).to_string() on:click=move |_| toggle()>
                {move || if is_folded() { t!("sheets.pull-up") } else { t!("sheets.fold-away") }}
            </button>
        </div>
    }
    .into_any()
}

fn desk_of(handle: &HtmlElement) -> Option<web_sys::Element> {
    handle.closest(".desk").ok().flatten()
}

/// How high a sheet may be: the stage keeps a strip.
fn most(desk: web_sys::Element) -> f64 {
    desk.get_bounding_client_rect().height() * 0.7
}

/// How high the panel is that is shown.
fn shown_height(desk: Desk) -> f64 {
    let panel = format!("panel-{}", desk.tab.get_untracked().name());
    let panel = document().get_element_by_id(&panel);
    panel.map_or(0.0, |panel| panel.get_bounding_client_rect().height())
}
