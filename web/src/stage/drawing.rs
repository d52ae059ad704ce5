//! What moves in a replica while records come: drawn by one effect, which touches only what differs. A large cluster has dozens
//! of replicas that all change ten times a second: an effect for each attribute would cost more than all that flies.

use leptos::prelude::*;
use leptos::svg::{Line, Path, Text};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::Scene;
use super::measures::Density;
use super::strip::{Cut, Strip, draw_cells, draw_notches, draw_open};
use crate::shows::Shown;

/// The elements of a strip that the effect writes to.
#[derive(Clone, Copy, Default)]
pub struct Drawn {
    /// The cells below the high watermark.
    pub under: NodeRef<Path>,
    /// Those from it on.
    pub above: NodeRef<Path>,
    /// What stands under every fifth cell.
    pub notches: NodeRef<Path>,
    /// The bracket over open transactions.
    pub open: NodeRef<Path>,
    /// How far behind the window its end lies.
    pub out_of_sight: NodeRef<Text>,
    /// The last stable offset.
    pub stable: NodeRef<Line>,
    /// The high watermark.
    pub waterline: NodeRef<Line>,
    /// The log end offset in figures.
    pub end: NodeRef<Text>,
}

impl Drawn {
    /// Has the elements follow a replica.
    pub fn follow(self, scene: Scene, state: RwSignal<Option<Strip>>) {
        Effect::new(move |before: Option<Drawing>| {
            let now = Drawing::of(scene, state.read().as_ref());
            self.write(before.as_ref(), &now);
            now
        });
    }

    fn write(self, before: Option<&Drawing>, now: &Drawing) {
        let (cell, height) = now.size;
        let same_size = before.is_some_and(|before| before.size == now.size);
        let keeps = |is_same: fn(&Drawing, &Drawing) -> bool| {
            same_size && before.is_some_and(|before| is_same(before, now))
        };
        if !keeps(|a, b| a.cut.under == b.cut.under) {
            set(element(self.under), "d", &draw_cells(now.cut.under, cell, height));
        }
        if !keeps(|a, b| a.cut.above == b.cut.above) {
            set(element(self.above), "d", &draw_cells(now.cut.above, cell, height));
        }
        if !keeps(|a, b| a.notched == b.notched) {
            set(element(self.notches), "d", &draw_notches(now.notched, cell, height));
        }
        if !keeps(|a, b| a.cut.open == b.cut.open) {
            set(element(self.open), "d", &draw_open(now.cut.open, cell));
        }
        if !keeps(|a, b| a.cut.stable == b.cut.stable) {
            stand(element(self.stable), now.cut.stable, cell);
        }
        if !keeps(|a, b| a.cut.waterline == b.cut.waterline) {
            stand(element(self.waterline), now.cut.waterline, cell);
        }
        if !keeps(|a, b| a.end == b.end) {
            say(element(self.end), &now.end);
        }
        if !keeps(|a, b| a.out_of_sight == b.out_of_sight) {
            say(element(self.out_of_sight), &now.out_of_sight);
        }
    }
}

/// What the elements show. What is not shown at this stage of the road is left out.
#[derive(Clone, Debug, Default, PartialEq)]
struct Drawing {
    /// The width of a cell, and the height of the strip.
    size: (f64, f64),
    cut: Cut,
    notched: (i64, i64),
    end: String,
    out_of_sight: String,
}

impl Drawing {
    fn of(scene: Scene, strip: Option<&Strip>) -> Self {
        let geometry = scene.geometry.read();
        let (cells, size) = (geometry.measures.cells, (geometry.cell(), geometry.measures.strip_h));
        let density = scene.shape.read().density;
        let shows = scene.desk.shows.get();
        let Some(strip) = strip else { return Self { size, ..Self::default() } };
        let cut = strip.cut(cells);
        Self {
            size,
            cut: Cut {
                open: cut.open.filter(|_| shows.has(Shown::Transactions)),
                stable: cut.stable.filter(|_| shows.has(Shown::LastStableOffset)),
                waterline: cut.waterline.filter(|_| shows.has(Shown::HighWatermark)),
                ..cut
            },
            notched: strip.notched(cells),
            end: match density {
                _ if !shows.has(Shown::Offsets) => String::new(),
                Density::Wide if shows.has(Shown::HighWatermark) => {
                    t!("stage.leo", end = strip.log_end)
                }
                Density::Wide | Density::Medium => strip.log_end.to_string(),
                Density::Compact => short(strip.log_end),
            },
            out_of_sight: match strip.out_of_sight(cells) {
                None => String::new(),
                Some(behind) if density == Density::Compact => {
                    format!("\u{2190} {}", short(behind))
                }
                Some(behind) => t!("stage.behind", behind = behind),
            },
        }
    }
}

/// What a reference leads to: something, once it stands in the page.
fn element<E>(reference: NodeRef<E>) -> Option<Element>
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + 'static,
{
    reference.get_untracked().map(JsCast::unchecked_into)
}

fn set(element: Option<Element>, name: &str, value: &str) {
    if let Some(element) = element {
        let _ = element.set_attribute(name, value);
    }
}

fn say(element: Option<Element>, text: &str) {
    if let Some(element) = element {
        element.set_text_content(Some(text));
    }
}

/// Puts an upright line before a cell, or takes it away.
fn stand(line: Option<Element>, before_cell: Option<i64>, cell: f64) {
    let Some(line) = line else { return };
    let Some(at) = before_cell else {
        let _ = line.set_attribute("display", "none");
        return;
    };
    let x = (at as f64 * cell).to_string();
    let _ = line.set_attribute("x1", &x);
    let _ = line.set_attribute("x2", &x);
    let _ = line.remove_attribute("display");
}

/// An offset for which there is little room.
fn short(offset: i64) -> String {
    match offset {
        0..10_000 => offset.to_string(),
        10_000..1_000_000 => format!("{}k", offset / 1_000),
        _ => format!("{}M", offset / 1_000_000),
    }
}
