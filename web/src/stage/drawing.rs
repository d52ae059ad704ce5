//! What moves in a replica while records come: drawn by one effect, which touches only what differs. A large cluster has dozens
//! of replicas that all change ten times a second: an effect for each attribute would cost more than all that flies.

use leptos::prelude::*;
use leptos::svg::G;
use web_sys::Element;

use super::Scene;
use super::measures::Density;
use super::strip::{Cut, Strip, draw_cells, draw_notches, draw_open};
use crate::shows::Shown;

/// The elements that are written to, by their classes, in the order of [`Part`].
const PARTS: [&str; 8] = [
    ".under",
    ".above",
    ".notches",
    ".open-transaction",
    ".stable",
    ".waterline",
    ".end",
    ".out-of-sight",
];

/// An element of a strip.
#[derive(Clone, Copy)]
enum Part {
    /// The cells below the high watermark.
    Under,
    /// Those from it on.
    Above,
    /// What stands under every fifth cell.
    Notches,
    /// The bracket over open transactions.
    Open,
    /// The last stable offset.
    Stable,
    /// The high watermark.
    Waterline,
    /// The log end offset in figures.
    End,
    /// How far behind the window its end lies.
    OutOfSight,
}

/// Has the elements below `group` follow a replica.
pub fn follow(scene: Scene, group: NodeRef<G>, state: RwSignal<Option<Strip>>) {
    let mut elements = None;
    Effect::new(move |before: Option<Drawing>| {
        let now = Drawing::of(scene, state.read().as_ref());
        if elements.is_none() {
            let group = group.get_untracked();
            elements = group
                .map(|group| Elements(PARTS.map(|part| group.query_selector(part).ok().flatten())));
        }
        if let Some(elements) = &elements {
            elements.write(before.as_ref(), &now);
        }
        now
    });
}

/// The elements of a strip.
struct Elements([Option<Element>; PARTS.len()]);

impl Elements {
    fn write(&self, before: Option<&Drawing>, now: &Drawing) {
        let (cell, height) = now.size;
        let same_size = before.is_some_and(|before| before.size == now.size);
        let keeps = |is_same: fn(&Drawing, &Drawing) -> bool| {
            same_size && before.is_some_and(|before| is_same(before, now))
        };
        if !keeps(|a, b| a.cut.under == b.cut.under) {
            self.draw(Part::Under, &draw_cells(now.cut.under, cell, height));
        }
        if !keeps(|a, b| a.cut.above == b.cut.above) {
            self.draw(Part::Above, &draw_cells(now.cut.above, cell, height));
        }
        if !keeps(|a, b| a.notched == b.notched) {
            self.draw(Part::Notches, &draw_notches(now.notched, cell, height));
        }
        if !keeps(|a, b| a.cut.open == b.cut.open) {
            self.draw(Part::Open, &draw_open(now.cut.open, cell));
        }
        if !keeps(|a, b| a.cut.stable == b.cut.stable) {
            self.stand(Part::Stable, now.cut.stable, cell);
        }
        if !keeps(|a, b| a.cut.waterline == b.cut.waterline) {
            self.stand(Part::Waterline, now.cut.waterline, cell);
        }
        if !keeps(|a, b| a.end == b.end) {
            self.say(Part::End, &now.end);
        }
        if !keeps(|a, b| a.out_of_sight == b.out_of_sight) {
            self.say(Part::OutOfSight, &now.out_of_sight);
        }
    }

    fn element(&self, part: Part) -> Option<&Element> {
        self.0[part as usize].as_ref()
    }

    fn draw(&self, part: Part, path: &str) {
        if let Some(element) = self.element(part) {
            let _ = element.set_attribute("d", path);
        }
    }

    fn say(&self, part: Part, text: &str) {
        if let Some(element) = self.element(part) {
            element.set_text_content(Some(text));
        }
    }

    /// Puts an upright line before a cell, or takes it away.
    fn stand(&self, part: Part, before_cell: Option<i64>, cell: f64) {
        let Some(line) = self.element(part) else { return };
        let Some(at) = before_cell else {
            let _ = line.set_attribute("display", "none");
            return;
        };
        let x = (at as f64 * cell).to_string();
        let _ = line.set_attribute("x1", &x);
        let _ = line.set_attribute("x2", &x);
        let _ = line.remove_attribute("display");
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

/// An offset for which there is little room.
fn short(offset: i64) -> String {
    match offset {
        0..10_000 => offset.to_string(),
        10_000..1_000_000 => format!("{}k", offset / 1_000),
        _ => format!("{}M", offset / 1_000_000),
    }
}
