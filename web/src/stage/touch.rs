//! The stage in the hand: two fingers make it larger and smaller, a long press asks what can be done with a
//! thing. One finger moves it as any page moves.

use std::cell::Cell;
use std::time::Duration;

use leptos::ev::{MouseEvent, TouchEvent, WheelEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::press;
use super::zoom::Zoom;

/// How long a finger stays for a long press.
const LONG: Duration = Duration::from_millis(500);

/// How far it may stray meanwhile, in pixels of the screen.
const STRAYS: f64 = 10.0;

/// What the fingers do at present.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Doing {
    #[default]
    Nothing,
    /// One finger rests on a thing.
    Rests { at: (f64, f64) },
    /// A long press was made: what comes with lifting the finger is no press.
    Pressed,
    /// Two fingers, so far apart when they came, at this zoom.
    Pinches { apart: f64, zoom: f64 },
}

/// The hand over the stage.
#[derive(Clone, Copy)]
pub struct Hand {
    scroller: NodeRef<Div>,
    zoom: Zoom,
    doing: StoredValue<Cell<Doing>, LocalStorage>,
    timer: StoredValue<Cell<Option<TimeoutHandle>>, LocalStorage>,
    /// Where the stage is to be scrolled to once it is drawn in its new size.
    aim: StoredValue<Cell<Option<(f64, f64)>>, LocalStorage>,
}

impl Hand {
    /// A hand over what is to be seen in `scroller`.
    pub fn new(scroller: NodeRef<Div>, zoom: Zoom) -> Self {
        let hand = Self {
            scroller,
            zoom,
            doing: StoredValue::new_local(Cell::default()),
            timer: StoredValue::new_local(Cell::default()),
            aim: StoredValue::new_local(Cell::default()),
        };
        on_cleanup(move || hand.stop_timer());
        hand
    }

    /// Fingers came.
    pub fn touch(self, event: &TouchEvent) {
        self.stop_timer();
        match &points(event)[..] {
            [at] => {
                self.set(Doing::Rests { at: *at });
                let thing = thing(event.target());
                let ripen = move || {
                    if let (Doing::Rests { .. }, Some(thing)) = (self.doing(), &thing) {
                        self.set(Doing::Pressed);
                        open_menu(thing);
                    }
                };
                if let Ok(timer) = set_timeout_with_handle(ripen, LONG) {
                    let _ = self.timer.try_with_value(|held| held.set(Some(timer)));
                }
            }
            [a, b] => {
                let (apart, zoom) = (distance(*a, *b), self.zoom.value_now());
                self.set(Doing::Pinches { apart: apart.max(1.0), zoom });
            }
            _ => self.set(Doing::Nothing),
        }
    }

    /// Fingers moved.
    pub fn slide(self, event: &TouchEvent) {
        match (self.doing(), &points(event)[..]) {
            (Doing::Rests { at }, [now]) if distance(at, *now) > STRAYS => self.forget(),
            (Doing::Pinches { apart, zoom }, [a, b]) => {
                event.prevent_default();
                let middle = (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
                self.zoom_at(zoom * distance(*a, *b) / apart, middle);
            }
            _ => {}
        }
    }

    /// A finger was lifted.
    pub fn lift(self, event: &TouchEvent) {
        if self.doing() == Doing::Pressed {
            // Else the browser makes a click of it, which would press the thing once more.
            event.prevent_default();
        }
        self.forget();
    }

    /// The browser took the gesture for its own.
    pub fn forget(self) {
        self.stop_timer();
        self.set(Doing::Nothing);
    }

    /// The right button of a mouse, or the key for menus; some browsers say a long press so, too.
    pub fn menu(self, event: &MouseEvent) {
        let Some(thing) = thing(event.target()) else { return };
        event.prevent_default();
        if self.doing() == Doing::Pressed {
            return;
        }
        if self.doing() != Doing::Nothing {
            self.stop_timer();
            self.set(Doing::Pressed);
        }
        open_menu(&thing);
    }

    /// The wheel, with the key that makes pages larger; browsers say pinching on a touch pad so.
    pub fn wheel(self, event: &WheelEvent) {
        if event.ctrl_key() {
            event.prevent_default();
            let factor = (-event.delta_y() / 300.0).exp();
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            self.zoom_at(self.zoom.value_now() * factor, at);
        }
    }

    /// Zooms such that what is at a place of the screen stays there.
    fn zoom_at(self, wanted: f64, (x, y): (f64, f64)) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let area = scroller.get_bounding_client_rect();
        let before = self.zoom.value_now();
        let after = self.zoom.set(wanted);
        let now = (f64::from(scroller.scroll_left()), f64::from(scroller.scroll_top()));
        let (left, top) = self.aim.try_with_value(Cell::get).flatten().unwrap_or(now);
        let keep = |scrolled: f64, offset: f64| (scrolled + offset) * after / before - offset;
        let aim = (keep(left, x - area.left()), keep(top, y - area.top()));
        let _ = self.aim.try_with_value(|held| held.set(Some(aim)));
        // The drawing takes its new size first.
        request_animation_frame(move || {
            let aim = self.aim.try_with_value(Cell::take).flatten();
            if let (Some(scroller), Some((left, top))) = (self.scroller.get_untracked(), aim) {
                scroller.set_scroll_left(left.round() as i32);
                scroller.set_scroll_top(top.round() as i32);
            }
        });
    }

    fn doing(self) -> Doing {
        self.doing.try_with_value(Cell::get).unwrap_or_default()
    }

    fn set(self, doing: Doing) {
        let _ = self.doing.try_with_value(|held| held.set(doing));
    }

    fn stop_timer(self) {
        if let Some(timer) = self.timer.try_with_value(Cell::take).flatten() {
            timer.clear();
        }
    }
}

/// Inspects a thing, and goes to what can be done with it.
fn open_menu(thing: &Element) {
    press::press_for_menu(thing);
    request_animation_frame(|| {
        let first = document().query_selector("#panel-inspector .actions button").ok().flatten();
        let panel = || document().get_element_by_id("panel-inspector");
        if let Some(found) = first.or_else(panel) {
            let _ = found.unchecked_into::<HtmlElement>().focus();
        }
    });
}

/// What can be pressed at the place of an event.
fn thing(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest("[role=button]").ok().flatten()
}

/// Where the fingers are.
fn points(event: &TouchEvent) -> Vec<(f64, f64)> {
    let touches = event.touches();
    let at = |index: u32| {
        let touch = touches.item(index)?;
        Some((f64::from(touch.client_x()), f64::from(touch.client_y())))
    };
    (0..touches.length()).filter_map(at).collect()
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}
