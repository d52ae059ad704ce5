//! How large the stage is drawn.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::geometry::Geometry;
use super::is_presented;
use crate::play::Desk;

const SMALLEST: f64 = 0.5;

/// As small as a stage is made by itself, so that all of it is seen.
const LEAST: f64 = 0.75;
const LARGEST: f64 = 3.0;
const STEP: f64 = 1.25;

/// The height of the bar that stands over the lower edge.
const BAR: f64 = 48.0;

/// The zoom of the stage: as chosen, else as large as there is room for the text to stay legible.
#[derive(Clone, Copy)]
pub struct Zoom {
    chosen: RwSignal<Option<f64>>,
    room: RwSignal<(f64, f64)>,
    fitting: Memo<f64>,
}

impl Zoom {
    /// Follows the room that the stage has.
    pub fn new(scroller: NodeRef<Div>, geometry: Memo<Arc<Geometry>>) -> Self {
        let room = RwSignal::new((0.0_f64, 0.0_f64));
        let desk = expect_context::<Desk>();
        Effect::new(move |_| {
            let Some(element) = scroller.get() else { return };
            let measured = element.clone();
            let callback = Closure::<dyn FnMut()>::new(move || {
                let size =
                    (f64::from(measured.client_width()), f64::from(measured.client_height()));
                if room.try_set(size).is_none() {
                    desk.sim.repaint();
                }
            });
            if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
                observer.observe(&element);
                let held = StoredValue::new_local((observer, callback));
                on_cleanup(move || {
                    let _ = held.try_with_value(|(observer, _)| observer.disconnect());
                });
            }
        });
        let fitting = Memo::new(move |_| {
            let ((width, height), size) = (room.get(), geometry.read().size);
            if width == 0.0 {
                return 1.0;
            }
            // Never smaller than the text can be read, never larger than the whole can be seen. On a phone, and from the last
            // row, it is small enough as it is.
            let is_small = desk.is_phone.get() || is_presented(desk);
            let least = if is_small { 1.0 } else { LEAST };
            (width / size.0).min(((height - BAR) / size.1).max(least)).clamp(least, 2.0)
        });
        Self { chosen: RwSignal::new(None), room, fitting }
    }

    /// The zoom in force.
    pub fn value(self) -> f64 {
        self.chosen.get().unwrap_or_else(|| self.fitting.get())
    }

    /// The same, without following it.
    pub fn value_now(self) -> f64 {
        self.chosen.get_untracked().unwrap_or_else(|| self.fitting.get_untracked())
    }

    /// The width and height of what is to be seen of the stage. To ask the page for them in each frame has it laid out anew.
    pub fn room_now(self) -> (f64, f64) {
        self.room.get_untracked()
    }

    fn scale(self, factor: f64) {
        self.set(self.value_now() * factor);
    }

    /// Draws it as large as that, within bounds. Gives what became of it.
    pub fn set(self, value: f64) -> f64 {
        let value = value.clamp(SMALLEST, LARGEST);
        self.chosen.set(Some(value));
        value
    }
}

/// Smaller, fitting, larger.
#[component]
pub fn ZoomButtons(zoom: Zoom) -> impl IntoView {
    view! {
        <div class="zoom" role="group" aria-label=t!("stage.zoom")>
            <button type="button" class="quiet" aria-label=t!("stage.zoom-out") on:click=move |_| zoom.scale(1.0 / STEP)>"−"</button>
            <button type="button" class="quiet zoom-value" aria-label=move || t!("stage.fit-stage", percent = format_args!("{:.0}", zoom.value() * 100.0))
                on:click=move |_| zoom.chosen.set(None)>
                {move || format!("{:.0} %", zoom.value() * 100.0)}
            </button>
            <button type="button" class="quiet" aria-label=t!("stage.zoom-in") on:click=move |_| zoom.scale(STEP)>"+"</button>
        </div>
    }
}
