//! The borders between the panels, which can be dragged, moved with the arrow keys, and folded.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::save::storage;

/// How far an arrow key moves a border, in pixels.
const STEP: f64 = 24.0;

/// A panel that has been made narrower than this is folded away, in pixels.
const FOLDS_BELOW: f64 = 90.0;

/// A border between two panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Between the task and the stage.
    Task,
    /// Between the stage and the inspector.
    Inspector,
    /// Above the log and the terminal.
    Bottom,
    /// Between the log and the terminal.
    Terminal,
}

impl Split {
    const ALL: [Self; 4] = [Self::Task, Self::Inspector, Self::Bottom, Self::Terminal];

    /// The name of its size in the style sheet, and in the browser's storage.
    fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Inspector => "inspector",
            Self::Bottom => "bottom",
            Self::Terminal => "terminal",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Task => t!("splits.width-task"),
            Self::Inspector => t!("splits.width-inspector"),
            Self::Bottom => t!("splits.height-log-and"),
            Self::Terminal => t!("splits.width-terminal"),
        }
    }

    fn is_upright(self) -> bool {
        self != Self::Bottom
    }

    /// The panel whose size it sets.
    fn panel(self) -> &'static str {
        match self {
            Self::Task => "panel-task",
            Self::Inspector => "panel-inspector",
            Self::Bottom | Self::Terminal => "panel-terminal",
        }
    }

    /// The size that a pointer at `(x, y)` gives, within a desk that reaches from `left`, `right` to
    /// `bottom`.
    fn size_at(self, (x, y): (f64, f64), desk: &web_sys::DomRect) -> f64 {
        match self {
            Self::Task => x - desk.left(),
            Self::Inspector | Self::Terminal => desk.right() - x,
            Self::Bottom => desk.bottom() - y,
        }
    }

    /// The largest size that leaves the rest of the desk usable.
    fn most(self, desk: &web_sys::DomRect) -> f64 {
        match self {
            Self::Task | Self::Inspector => (desk.width() * 0.4).max(FOLDS_BELOW),
            Self::Terminal => (desk.width() * 0.8).max(FOLDS_BELOW),
            Self::Bottom => (desk.height() * 0.6).max(FOLDS_BELOW),
        }
    }

    /// The change that an arrow key means.
    fn step(self, key: &str) -> Option<f64> {
        match (self, key) {
            (Self::Task, "ArrowRight") | (Self::Bottom, "ArrowUp") => Some(STEP),
            (Self::Task, "ArrowLeft") | (Self::Bottom, "ArrowDown") => Some(-STEP),
            (Self::Inspector | Self::Terminal, "ArrowLeft") => Some(STEP),
            (Self::Inspector | Self::Terminal, "ArrowRight") => Some(-STEP),
            _ => None,
        }
    }
}

/// The borders of a desk, with the sizes that the reader gave them.
#[component]
pub fn Splits() -> impl IntoView {
    view! { {Split::ALL.map(|split| view! { <Border split/> }).collect_view()} }.into_any()
}

#[component]
fn Border(split: Split) -> impl IntoView {
    let border = NodeRef::<Div>::new();
    let size = RwSignal::new(stored(split));
    let is_dragged = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(border) = border.get() else { return };
        let Some(desk) = border.parent_element() else { return };
        let folded = format!("data-no-{}", split.name());
        let _ = if size.get() == Some(0.0) {
            desk.set_attribute(&folded, "")
        } else {
            desk.remove_attribute(&folded)
        };
        let style = desk.unchecked_into::<HtmlElement>().style();
        let name = format!("--{}", split.name());
        let _ = match size.get() {
            Some(size) => style.set_property(&name, &format!("{size}px")),
            None => style.remove_property(&name).map(|_| ()),
        };
    });
    let set = move |wanted: f64, desk: &web_sys::DomRect| {
        let wanted = wanted.clamp(0.0, split.most(desk)).round();
        size.set(Some(if wanted < FOLDS_BELOW { 0.0 } else { wanted }));
    };
    let desk_of =
        move || Some(border.get_untracked()?.parent_element()?.get_bounding_client_rect());
    let keep = move || {
        // Where nothing can be stored, the next visit begins with the usual sizes; no more.
        match size.get_untracked() {
            Some(size) => drop(storage::set(&key(split), &size.to_string())),
            None => storage::remove(&key(split)),
        }
    };
    let press = move |event: PointerEvent| {
        let Some(border) = border.get_untracked() else { return };
        event.prevent_default();
        is_dragged.set(border.set_pointer_capture(event.pointer_id()).is_ok());
    };
    let drag = move |event: PointerEvent| {
        if let (true, Some(desk)) = (is_dragged.get_untracked(), desk_of()) {
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            set(split.size_at(at, &desk), &desk);
        }
    };
    let release = move |_: PointerEvent| {
        if is_dragged.get_untracked() {
            is_dragged.set(false);
            keep();
        }
    };
    let reset = move || {
        size.set(None);
        keep();
    };
    let by_key = move |event: KeyboardEvent| {
        let Some(desk) = desk_of() else { return };
        let pressed = event.key();
        let now = shown_size(split);
        match (split.step(&pressed), pressed.as_str()) {
            // From the folded state a single step brings the panel back.
            (Some(step), _) if now < FOLDS_BELOW && step > 0.0 => set(2.0 * FOLDS_BELOW, &desk),
            (Some(step), _) => set(now + step, &desk),
            (None, "Home") => set(0.0, &desk),
            (None, "End") => set(split.most(&desk), &desk),
            (None, "Enter") if now < FOLDS_BELOW => return reset(),
            (None, "Enter") => set(0.0, &desk),
            _ => return,
        }
        event.prevent_default();
        keep();
    };
    let now = move || {
        size.track();
        is_dragged.track();
        shown_size(split).round().to_string()
    };
    view! {
        <div class=format!("split split-{}", split.name()) node_ref=border tabindex="0"
            role="separator" aria-label=split.label()
            aria-orientation=if split.is_upright() { "vertical" } else { "horizontal" }
            aria-controls=split.panel() aria-valuemin="0" aria-valuenow=now
            title=t!("splits.drag-to-resize")
            class:dragged=is_dragged
            on:pointerdown=press on:pointermove=drag on:pointerup=release on:pointercancel=release
            on:dblclick=move |_| reset() on:keydown=by_key></div>
    }
    .into_any()
}

/// The size that the panel has on the screen; the usual one, if the reader gave none.
fn shown_size(split: Split) -> f64 {
    let Some(panel) = document().get_element_by_id(split.panel()) else { return 0.0 };
    let area = panel.get_bounding_client_rect();
    if split.is_upright() { area.width() } else { area.height() }
}

fn stored(split: Split) -> Option<f64> {
    let size: f64 = storage::get(&key(split))?.parse().ok()?;
    (size.is_finite() && size >= 0.0).then_some(size)
}

fn key(split: Split) -> String {
    format!("highwater.layout.{}", split.name())
}
