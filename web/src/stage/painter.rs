//! Draws the messages in flight on a canvas above the stage, once per frame, grouped by shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::ids::{NodeId, TopicPartition};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::Scene;
use super::geometry::Geometry;
use super::ways;
use super::zoom::Zoom;
use crate::shows::{Shown, Shows};
use crate::sim::{Flight, Flights, Mark};

/// The shapes in the order in which they are drawn, with the property that holds their colour.
const MARKS: [(Mark, &str); 5] = [
    (Mark::Request, "--flight-request"),
    (Mark::Response, "--flight-response"),
    (Mark::Fetch, "--flight-fetch"),
    (Mark::Produce, "--flight-produce"),
    (Mark::Refusal, "--flight-refusal"),
];

/// The colours as the style sheets have them, read anew when the theme changes.
#[derive(Clone)]
struct Colours {
    marks: [String; 5],
    trail: String,
    ground: String,
}

/// Has the messages drawn on `canvas`, which covers what is to be seen of the stage in `scroller`.
pub fn install(scene: Scene, scroller: NodeRef<Div>, canvas: NodeRef<Canvas>, zoom: Zoom) {
    let sim = scene.desk.sim;
    let mut colours: Option<(u32, Colours)> = None;
    let mut geometry_drawn = scene.geometry.get_untracked();
    let mut known_ways = KnownWays::default();
    let mut places = Places::default();
    let paint = move |flights: &mut Flights| {
        let (Some(scroller), Some(canvas)) = (scroller.get_untracked(), canvas.get_untracked())
        else {
            return;
        };
        let geometry = scene.geometry.get_untracked();
        if !Arc::ptr_eq(&geometry, &geometry_drawn) {
            flights.forget_paths();
            known_ways = KnownWays::default();
            geometry_drawn = geometry.clone();
        }
        let theme = scene.desk.theme.get_untracked();
        if colours.as_ref().is_none_or(|(known, _)| *known != theme) {
            colours = Some((theme, Colours::read(&canvas)));
        }
        let (Some(context), Some((_, colours))) = (context_of(&canvas), colours.as_ref()) else {
            return;
        };
        let ratio = window().device_pixel_ratio().clamp(1.0, 3.0);
        let (w, h) = zoom.room_now();
        fit(&canvas, (w * ratio) as u32, (h * ratio) as u32);
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, w, h);
        let scale = zoom.value_now();
        // A stage smaller than its room stands in the middle.
        let aside = ((w - geometry.size.0 * scale) / 2.0).max(0.0);
        let (left, top) = (f64::from(scroller.scroll_left()), f64::from(scroller.scroll_top()));
        let _ = context.translate(aside - left, -top);
        let _ = context.scale(scale, scale);
        let shows = scene.desk.shows.get_untracked();
        for flight in flights.all_mut() {
            flight.is_shown = is_shown(flight, shows);
            if flight.path.is_none() {
                flight.path = Some(known_ways.of(&geometry, flight));
            }
        }
        draw_trails(&context, flights.all_mut(), &colours.trail);
        places.fill(flights.all_mut());
        for ((mark, _), colour) in MARKS.iter().zip(&colours.marks) {
            draw_marks(&context, &places, *mark, colour, &colours.ground);
        }
        context.set_global_alpha(1.0);
    };
    sim.set_painter(Some(Box::new(paint)));
    on_cleanup(move || sim.set_painter(None));
    Effect::new(move |_| {
        scene.geometry.track();
        scene.desk.theme.track();
        scene.desk.shows.track();
        zoom.value();
        sim.repaint();
    });
}

/// Whether a message is drawn: always if it carries records that are to be seen.
fn is_shown(flight: &Flight, shows: Shows) -> bool {
    let is_replication = matches!((flight.from, flight.to), (NodeId::Broker(_), NodeId::Broker(_)));
    (shows.has(Shown::Requests) || flight.carries_records)
        && (shows.has(Shown::Replicas) || !is_replication)
}

/// The ways that were found: all messages between two nodes about one partition share one.
#[derive(Default)]
struct KnownWays(BTreeMap<Between, Arc<[ways::Point]>>);

/// From whom to whom, about which partition, and whether it is a response.
type Between = (NodeId, NodeId, Option<TopicPartition>, bool);

impl KnownWays {
    fn of(&mut self, geometry: &Geometry, flight: &Flight) -> Arc<[ways::Point]> {
        let is_response = matches!(flight.mark, Mark::Response | Mark::Refusal);
        let Flight { from, to, partition, .. } = flight;
        let key = (*from, *to, partition.clone(), is_response);
        let find = || ways::way(geometry, *from, *to, partition.as_ref(), is_response).into();
        Arc::clone(self.0.entry(key).or_insert_with(find))
    }
}

/// The trails drawn at once. Of more, none could be followed.
const MOST_TRAILS: usize = 150;

/// The ways that are in use, but not those of the cluster's own affairs.
fn draw_trails(context: &CanvasRenderingContext2d, flights: &[Flight], colour: &str) {
    let loud = flights.iter().filter(|flight| flight.is_shown && !flight.is_quiet);
    let mut ways: BTreeMap<*const ways::Point, &Arc<[ways::Point]>> = BTreeMap::new();
    for way in loud.filter_map(|flight| flight.path.as_ref()) {
        if ways.len() == MOST_TRAILS {
            break;
        }
        ways.insert(way.as_ptr(), way);
    }
    let (mut points, mut lengths) = (Vec::with_capacity(1024), Vec::with_capacity(ways.len()));
    for way in ways.values() {
        for (x, y, _) in way.iter() {
            points.push(*x as f32);
            points.push(*y as f32);
        }
        lengths.push(u16::try_from(way.len()).unwrap_or(u16::MAX));
    }
    context.set_global_alpha(1.0);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.0);
    context.begin_path();
    trails(context, &points, &lengths);
    context.stroke();
}

/// Where the marks of a frame stand.
#[derive(Default)]
struct Places {
    /// Those that do not fade, by kind, and by whether they are quiet: x and y of each in turn.
    whole: [[Vec<f32>; 2]; MARKS.len()],
    fading: Vec<Fading>,
}

struct Fading {
    mark: Mark,
    strength: f64,
    point: [f32; 2],
}

impl Places {
    fn fill(&mut self, flights: &mut [Flight]) {
        self.whole.iter_mut().flatten().for_each(Vec::clear);
        self.fading.clear();
        for flight in flights.iter_mut().filter(|flight| flight.is_shown) {
            let Some(way) = &flight.path else { continue };
            let Some((x, y)) = ways::at_from(way, flight.shown, &mut flight.piece) else {
                continue;
            };
            let point = [x as f32, y as f32];
            let Flight { mark, is_quiet, strength, .. } = *flight;
            if strength >= 1.0 {
                self.whole[mark as usize][usize::from(is_quiet)].extend(point);
            } else {
                self.fading.push(Fading { mark, strength, point });
            }
        }
    }
}

fn draw_marks(
    context: &CanvasRenderingContext2d,
    places: &Places,
    mark: Mark,
    colour: &str,
    ground: &str,
) {
    context.set_stroke_style_str(colour);
    context.set_fill_style_str(if matches!(mark, Mark::Produce | Mark::Request) {
        colour
    } else {
        ground
    });
    context.set_line_width(1.75);
    // Quiet ones faintly, then the rest, then those that fade, each at its own strength.
    for (is_quiet, alpha, size) in [(true, 0.7, 0.7), (false, 1.0, 1.0)] {
        let whole = &places.whole[mark as usize][usize::from(is_quiet)];
        if whole.is_empty() {
            continue;
        }
        context.set_global_alpha(alpha);
        context.begin_path();
        outline(context, mark as u8, size, whole);
        finish(context, mark);
    }
    for fading in places.fading.iter().filter(|fading| fading.mark == mark) {
        context.set_global_alpha(fading.strength.clamp(0.0, 1.0));
        context.begin_path();
        outline(context, mark as u8, 1.0, &fading.point);
        finish(context, mark);
    }
}

#[wasm_bindgen]
extern "C" {
    /// Adds the outlines of marks of one kind, so large, at points given by x and y, to the path; see `web/marks.js`. Thousands
    /// of them take one call from here instead of several each.
    #[wasm_bindgen(js_name = highwaterOutline)]
    fn outline(context: &CanvasRenderingContext2d, mark: u8, size: f64, points: &[f32]);

    /// Adds lines to the path, one after another: the points of all of them, and how many each has.
    #[wasm_bindgen(js_name = highwaterTrails)]
    fn trails(context: &CanvasRenderingContext2d, points: &[f32], lengths: &[u16]);
}

fn finish(context: &CanvasRenderingContext2d, mark: Mark) {
    if mark != Mark::Refusal {
        context.fill();
    }
    if !matches!(mark, Mark::Produce | Mark::Request) {
        context.stroke();
    }
}

impl Colours {
    fn read(canvas: &HtmlCanvasElement) -> Self {
        let style = window().get_computed_style(canvas).ok().flatten();
        let value = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.filter(|value| !value.is_empty()).unwrap_or_else(|| "gray".to_owned())
        };
        Self {
            marks: MARKS.map(|(_, name)| value(name)),
            trail: value("--flight-trail"),
            ground: value("--flight-ground"),
        }
    }
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn fit(canvas: &HtmlCanvasElement, w: u32, h: u32) {
    if canvas.width() != w || canvas.height() != h {
        canvas.set_width(w);
        canvas.set_height(h);
    }
}
