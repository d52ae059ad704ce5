//! What a terminal shows. Only the rows that are seen stand in the page; they are made and moved by
//! hand, since a component for each would cost more than a frame has.

use std::collections::VecDeque;

use highwater_scenario::screens::{LineKind, Screen};
use highwater_scenario::session::Session;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

use super::Terminals;
use super::rows::{Rows, text_of};
use super::said::ReadOut;

/// How high a row is, in pixels; the style sheet says the same.
const ROW: f64 = 20.0;

/// How many rows are made beyond those that are seen, above and below: what scrolling shows next.
const SPARE: u64 = 24;

/// How near the end counts as being there, in pixels: a bar to scroll sideways, which comes with the first
/// long line, takes that much without anybody having scrolled.
const NEAR: i32 = 32;

/// What stands beside the rows, in pixels.
const PADDING: f64 = 44.0;

/// The screen of the terminal that is shown.
#[component]
pub fn ScreenView(terminals: Terminals) -> impl IntoView {
    let parts = Parts::default();
    let painter = StoredValue::new_local(Painter::default());
    let sim = terminals.sim;
    let paint = move || {
        let name = terminals.current.get_untracked();
        let run =
            u64::from(sim.written.get_untracked()) << 32 | u64::from(sim.loaded.get_untracked());
        let cleared = terminals.cleared_at(&name);
        sim.read(|session| {
            let nothing = Screen::default();
            let screen = session.screens().get(&name).unwrap_or(&nothing);
            let _ = painter
                .try_update_value(|painter| painter.paint(parts, &name, screen, cleared, run));
        });
    };
    Effect::new(move |_| {
        sim.calm.track();
        sim.written.track();
        terminals.current.track();
        terminals.cleared.track();
        terminals.desk.tab.track();
        paint();
    });
    Effect::new(move |_| {
        terminals.to_end.track();
        let _ = painter.try_update_value(Painter::go_to_end);
        paint();
    });
    let scrolled = move |_| {
        let _ = painter.try_update_value(|painter| painter.note_scroll(parts));
        paint();
    };
    Effect::new(move |_| {
        let (Some(scroller), Some(probe)) = (parts.scroller.get(), parts.probe.get()) else {
            return;
        };
        let callback = Closure::<dyn FnMut()>::new(move || {
            let _ = painter.try_update_value(|painter| painter.measure(parts));
            paint();
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&scroller);
            // Its letters become others when their typeface has come.
            observer.observe(&probe);
            let held = StoredValue::new_local((observer, callback));
            on_cleanup(move || {
                let _ = held.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
    let is_empty = move || {
        sim.calm.track();
        sim.written.track();
        terminals.printed(&terminals.current.get()) == 0
    };
    // A screen keeps so many lines: that older ones are gone is said.
    let forgotten = Memo::new(move |_| {
        sim.calm.track();
        let name = terminals.current.get();
        let read = |session: &Session| session.screens().get(&name).map(Screen::forgotten);
        sim.read(read).flatten().unwrap_or(0)
    });
    view! {
        <div class="screen" id="terminal-screen" role="tabpanel" tabindex="0" node_ref=parts.scroller
            aria-label=move || t!("terminal.output-of", terminal = super::label(&terminals.current.get()))
            on:scroll=scrolled>
            <span class="probe" aria-hidden="true" node_ref=parts.probe>"00000000000000000000000000000000000000000000000000"</span>
            <div class="rows" node_ref=parts.height><div class="seen" node_ref=parts.seen></div></div>
            <Show when=is_empty><super::Beginning terminals/></Show>
        </div>
        <Show when=move || forgotten.get() != 0>
            <p class="forgotten">{move || t!("terminal.older-lines", number = forgotten.get())}</p>
        </Show>
        <ReadOut terminals/>
    }
    .into_any()
}

/// The elements of a screen.
#[derive(Clone, Copy, Default)]
struct Parts {
    scroller: NodeRef<Div>,
    /// As high as all rows.
    height: NodeRef<Div>,
    /// Holds the rows that are seen.
    seen: NodeRef<Div>,
    /// Fifty letters, to be measured.
    probe: NodeRef<leptos::html::Span>,
}

/// What is painted.
#[derive(Default)]
struct Painter {
    terminal: String,
    rows: Rows,
    /// The rows that stand in the page, in order.
    made: VecDeque<Made>,
    /// The reader has scrolled away from the end.
    is_away: bool,
    /// Since its sizes became others, it was scrolled to the end.
    is_placed: bool,
    sizes: Sizes,
    shown: Shown,
}

/// What was measured last. To ask the page costs a layout of it, which a frame has no time for: it is asked when a size
/// changes, or something was scrolled.
#[derive(Default)]
struct Sizes {
    /// Of what is seen, in pixels; 0 while it is not shown.
    width: f64,
    height: f64,
    /// How wide a letter is, in pixels.
    letter: f64,
    /// How far it is scrolled, in pixels.
    top: f64,
}

/// What the elements were told last.
#[derive(Default, PartialEq)]
struct Shown {
    count: u64,
    first: u64,
}

struct Made {
    row: u64,
    element: HtmlElement,
    text: String,
    class: &'static str,
}

impl Painter {
    fn paint(
        &mut self,
        parts: Parts,
        terminal: &str,
        screen: &Screen,
        cleared: u64,
        run: u64,
    ) -> Option<()> {
        let scroller = parts.scroller.get_untracked()?;
        let (height, seen) = (parts.height.get_untracked()?, parts.seen.get_untracked()?);
        if self.sizes.width == 0.0 {
            return None;
        }
        if self.terminal != terminal {
            terminal.clone_into(&mut self.terminal);
            self.go_to_end();
        }
        let Sizes { width, letter, .. } = self.sizes;
        let columns = ((width - PADDING) / letter.max(1.0)).max(20.0) as usize;
        let base = screen.forgotten().max(screen.cleared()).max(cleared).min(screen.printed());
        let before = self.rows.base();
        self.rows.follow(screen, base, columns, run);
        let count = self.rows.count();
        let has_other_height = self.shown.count != count;
        if has_other_height {
            let _ = web_sys::HtmlElement::style(&height)
                .set_property("height", &format!("{}px", count as f64 * ROW));
        }
        let is_moved = base > before;
        if !self.is_away && (has_other_height || !self.is_placed) {
            self.is_placed = true;
            scroller.set_scroll_top(
                i32::try_from(count).unwrap_or(i32::MAX).saturating_mul(ROW as i32),
            );
            self.sizes.top = f64::from(scroller.scroll_top());
        } else if self.is_away && is_moved {
            // What was forgotten above must not push away what is read.
            let by = ((base - before) as f64 * ROW) as i32;
            scroller.set_scroll_top((scroller.scroll_top() - by).max(0));
            self.sizes.top = f64::from(scroller.scroll_top());
        }
        let top = self.sizes.top;
        let first = ((top / ROW) as u64).saturating_sub(SPARE);
        let last = ((top + self.sizes.height) / ROW) as u64 + SPARE;
        self.make(&seen, first.min(count)..last.min(count));
        if self.shown.first != first {
            let move_to = format!("translateY({}px)", first as f64 * ROW);
            let _ = web_sys::HtmlElement::style(&seen).set_property("transform", &move_to);
        }
        self.shown = Shown { count, first };
        for made in &mut self.made {
            let place = self.rows.place(made.row);
            let Some(line) = screen.line(place.line) else { continue };
            let class = class(line.kind, place.part);
            let text = text_of(line, place.part, columns);
            if made.class != class {
                made.element.set_class_name(class);
                made.class = class;
            }
            if made.text != text {
                made.element.set_text_content(Some(&text));
                made.text = text;
            }
        }
        Some(())
    }

    /// Lets the rows of a range stand in the page. Those that stay are not touched, so that what a
    /// reader has selected stays selected; the others are taken for those that are new.
    fn make(&mut self, seen: &HtmlElement, range: std::ops::Range<u64>) {
        let mut spare = Vec::new();
        while self.made.front().is_some_and(|made| made.row < range.start) {
            spare.extend(self.made.pop_front());
        }
        while self.made.back().is_some_and(|made| made.row >= range.end) {
            spare.extend(self.made.pop_back());
        }
        let (begin, end) = match (self.made.front(), self.made.back()) {
            (Some(first), Some(last)) => (first.row, last.row + 1),
            _ => (range.start, range.start),
        };
        for row in (range.start..begin).rev() {
            let Some(made) = take(&mut spare, row) else { return };
            let first = self.made.front().map(|made| made.element.as_ref());
            let _ = seen.insert_before(&made.element, first);
            self.made.push_front(made);
        }
        for row in end..range.end {
            let Some(made) = take(&mut spare, row) else { return };
            let _ = seen.append_child(&made.element);
            self.made.push_back(made);
        }
        for made in spare {
            made.element.remove();
        }
    }

    fn go_to_end(&mut self) {
        self.is_away = false;
        self.is_placed = false;
    }

    fn measure(&mut self, parts: Parts) {
        let (Some(scroller), Some(probe)) =
            (parts.scroller.get_untracked(), parts.probe.get_untracked())
        else {
            return;
        };
        self.sizes = Sizes {
            width: f64::from(scroller.client_width()),
            height: f64::from(scroller.client_height()),
            letter: probe.get_bounding_client_rect().width() / 50.0,
            top: f64::from(scroller.scroll_top()),
        };
        self.is_placed = false;
    }

    fn note_scroll(&mut self, parts: Parts) {
        let Some(scroller) = parts.scroller.get_untracked() else { return };
        let top = scroller.scroll_top();
        // This was no reader: it is where the last painting left it, and something has taken room from it since.
        if f64::from(top) == self.sizes.top {
            return;
        }
        let left = scroller.scroll_height() - top - scroller.client_height();
        self.sizes.top = f64::from(top);
        self.is_away = left > NEAR;
    }
}

/// An element for a row: one that is left over, or a new one.
fn take(spare: &mut Vec<Made>, row: u64) -> Option<Made> {
    if let Some(made) = spare.pop() {
        return Some(Made { row, ..made });
    }
    let element = document().create_element("div").ok()?.unchecked_into();
    Some(Made { row, element, text: String::new(), class: "" })
}

fn class(kind: LineKind, part: usize) -> &'static str {
    match (kind, part) {
        (LineKind::Typed, 0) => "row typed",
        (LineKind::Typed, _) => "row typed more",
        (LineKind::Output, _) => "row",
        (LineKind::Error, _) => "row err",
        (LineKind::Explanation, 0) => "row own",
        (LineKind::Explanation, _) => "row own more",
    }
}
