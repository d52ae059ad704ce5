//! Draws the messages in flight on a canvas above the stage, once per frame, grouped by shape.

use std::sync::Arc;

use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::Scene;
use super::ways;
use super::zoom::Zoom;
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
    let paint = move |flights: &mut Flights| {
        let (Some(scroller), Some(canvas)) = (scroller.get_untracked(), canvas.get_untracked())
        else {
            return;
        };
        let geometry = scene.geometry.get_untracked();
        if !Arc::ptr_eq(&geometry, &geometry_drawn) {
            flights.forget_paths();
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
        let (w, h) = (f64::from(scroller.client_width()), f64::from(scroller.client_height()));
        fit(&canvas, (w * ratio) as u32, (h * ratio) as u32);
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, w, h);
        let scale = zoom.value_now();
        // A stage smaller than its room stands in the middle.
        let aside = ((w - geometry.size.0 * scale) / 2.0).max(0.0);
        let (left, top) = (f64::from(scroller.scroll_left()), f64::from(scroller.scroll_top()));
        let _ = context.translate(aside - left, -top);
        let _ = context.scale(scale, scale);
        for flight in flights.all_mut() {
            if flight.path.is_empty() {
                let is_response = matches!(flight.mark, Mark::Response | Mark::Refusal);
                flight.path = ways::way(
                    &geometry,
                    flight.from,
                    flight.to,
                    flight.partition.as_ref(),
                    is_response,
                );
            }
        }
        draw_trails(&context, flights.all_mut(), &colours.trail);
        for ((mark, _), colour) in MARKS.iter().zip(&colours.marks) {
            draw_marks(&context, flights.all_mut(), *mark, colour, &colours.ground);
        }
        context.set_global_alpha(1.0);
    };
    sim.set_painter(Some(Box::new(paint)));
    on_cleanup(move || sim.set_painter(None));
    Effect::new(move |_| {
        scene.geometry.track();
        scene.desk.theme.track();
        zoom.value();
        sim.repaint();
    });
}

/// The ways that are in use, but not those of the cluster's own affairs.
fn draw_trails(context: &CanvasRenderingContext2d, flights: &[Flight], colour: &str) {
    context.set_global_alpha(1.0);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.0);
    context.begin_path();
    for flight in flights.iter().filter(|flight| !flight.is_quiet) {
        for (index, (x, y, _)) in flight.path.iter().enumerate() {
            if index == 0 { context.move_to(*x, *y) } else { context.line_to(*x, *y) }
        }
    }
    context.stroke();
}

fn draw_marks(
    context: &CanvasRenderingContext2d,
    flights: &[Flight],
    mark: Mark,
    colour: &str,
    ground: &str,
) {
    // Quiet ones faintly, then the rest, then those that fade, each at its own strength.
    let places = |wanted: &'static str| {
        flights.iter().filter(move |flight| {
            let kind = if flight.strength < 1.0 {
                "fading"
            } else if flight.is_quiet {
                "quiet"
            } else {
                "loud"
            };
            flight.mark == mark && kind == wanted
        })
    };
    context.set_stroke_style_str(colour);
    context.set_fill_style_str(if matches!(mark, Mark::Produce | Mark::Request) {
        colour
    } else {
        ground
    });
    context.set_line_width(1.75);
    for (kind, alpha, size) in [("quiet", 0.7, 0.7), ("loud", 1.0, 1.0)] {
        context.set_global_alpha(alpha);
        context.begin_path();
        for (x, y) in places(kind).filter_map(|flight| ways::at(&flight.path, flight.shown)) {
            outline(context, mark, x, y, size);
        }
        finish(context, mark);
    }
    for flight in places("fading") {
        let Some((x, y)) = ways::at(&flight.path, flight.shown) else { continue };
        context.set_global_alpha(flight.strength.clamp(0.0, 1.0));
        context.begin_path();
        outline(context, mark, x, y, 1.0);
        finish(context, mark);
    }
}

fn outline(context: &CanvasRenderingContext2d, mark: Mark, x: f64, y: f64, size: f64) {
    match mark {
        Mark::Produce => context.rect(x - 4.5 * size, y - 4.5 * size, 9.0 * size, 9.0 * size),
        Mark::Request => context.rect(x - 3.0 * size, y - 3.0 * size, 6.0 * size, 6.0 * size),
        Mark::Fetch => {
            let r = 6.0 * size;
            context.move_to(x, y - r);
            context.line_to(x + r, y);
            context.line_to(x, y + r);
            context.line_to(x - r, y);
            context.close_path();
        }
        Mark::Response => {
            let r = 4.5 * size;
            context.move_to(x + r, y);
            let _ = context.arc(x, y, r, 0.0, std::f64::consts::TAU);
        }
        Mark::Refusal => {
            let r = 5.0 * size;
            context.move_to(x - r, y - r);
            context.line_to(x + r, y + r);
            context.move_to(x + r, y - r);
            context.line_to(x - r, y + r);
        }
    }
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
