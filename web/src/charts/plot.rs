//! One chart, drawn by plotters: axes, grid and lines, and where they are.

use std::convert::Infallible;
use std::ops::Range;

use highwater_cluster::time::Time;
use highwater_scenario::metrics::{Chart, Line, Thousandths};
use plotters::prelude::*;

use super::backend::{Canvas, LETTER, Role, Shape};
use crate::format::{bytes, count};

/// The lines that a chart shows at most: more could not be told apart. The table has them all.
pub const MOST_LINES: usize = 8;

/// The height of a chart, in pixels.
pub const HEIGHT: u32 = 152;

/// The room for the labels of the axes, in pixels.
const LEFT: u32 = 60;
const BELOW: u32 = 26;

/// A chart as it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What plotters drew.
    pub shapes: Vec<Shape>,
    /// Where the plot lies within the whole, from left to right and from top to bottom.
    pub area: (Range<i32>, Range<i32>),
}

/// Draws the lines of a chart `width` pixels wide, for the first `span_s` seconds.
pub fn draw(chart: Chart, lines: &[Line], width: u32, span_s: u64) -> Scene {
    let mut scene = Scene::default();
    let canvas = Canvas { shapes: &mut scene.shapes, size: (width, HEIGHT) };
    // Drawing upon plain data cannot fail: what is too narrow to be drawn stays empty.
    if let Ok(area) = try_draw(canvas, chart, lines, span_s) {
        scene.area = area;
    }
    scene
}

type Failed = DrawingAreaErrorKind<Infallible>;

fn try_draw(
    canvas: Canvas<'_>,
    chart: Chart,
    lines: &[Line],
    span_s: u64,
) -> Result<(Range<i32>, Range<i32>), Failed> {
    let area = canvas.into_drawing_area();
    let mut context = ChartBuilder::on(&area)
        .margin_top(8)
        .margin_right(12)
        .x_label_area_size(BELOW)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(0.0..span_s as f64, 0.0..top(chart, lines))?;
    context
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(Role::Grid.colour())
        .axis_style(Role::Axis.colour())
        .x_labels(6)
        .y_labels(4)
        .x_label_formatter(&|seconds| instant(*seconds as u64))
        .y_label_formatter(&|value| amount(chart, Thousandths((value * 1e3).round() as i64)))
        .label_style(("sans-serif", LETTER))
        .draw()?;
    for (number, line) in lines.iter().enumerate() {
        let number = number as u8;
        for mut stretch in stretches(line) {
            // A single value would be a line of no length.
            if let [(at, value)] = stretch[..] {
                stretch.push((at + span_s as f64 / 200.0, value));
            }
            if is_filled(chart) {
                let fill = Role::Under(number).colour();
                context.draw_series(AreaSeries::new(stretch.iter().copied(), 0.0, fill))?;
            }
            context.draw_series(LineSeries::new(stretch, Role::Series(number).colour()))?;
        }
    }
    Ok(context.plotting_area().get_pixel_range())
}

/// The lines that are drawn: the most telling ones, in the order in which they came.
pub fn shown(chart: Chart, lines: &[Line]) -> Vec<Line> {
    let last = |line: &Line| line.points.iter().rev().find_map(|(_, value)| *value);
    let peak = |line: &Line| line.points.iter().filter_map(|(_, value)| *value).max();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    match chart {
        // A small ISR is worth more attention than a large one; the limit is always there.
        Chart::Isr => order.sort_by_key(|at| {
            let lowest = lines[*at].points.iter().filter_map(|(_, value)| *value).min();
            (!is_limit(&lines[*at]), last(&lines[*at]), lowest)
        }),
        _ => order.sort_by_key(|at| std::cmp::Reverse((last(&lines[*at]), peak(&lines[*at])))),
    }
    order.truncate(MOST_LINES);
    order.sort_unstable();
    order.into_iter().map(|at| lines[at].clone()).collect()
}

/// Whether a line is a limit rather than a measurement.
fn is_limit(line: &Line) -> bool {
    line.label.starts_with("min.insync.replicas")
}

/// A value as it is said in a chart.
pub fn amount(chart: Chart, value: Thousandths) -> String {
    match chart {
        Chart::Disk | Chart::Tiers => bytes((value.0 / 1_000).max(0) as u64),
        _ if value.0 % 1_000 == 0 => count((value.0 / 1_000).max(0) as u64),
        _ if value.0 >= 100_000 => count((value.0 / 1_000) as u64),
        _ => format!("{:.1}", value.0 as f64 / 1e3),
    }
}

/// Whether the water stands under the lines: what lies on disks, and what was written.
fn is_filled(chart: Chart) -> bool {
    matches!(chart, Chart::Disk | Chart::Tiers | Chart::Throughput)
}

/// An instant on the axis: `0:20`.
fn instant(seconds: u64) -> String {
    match seconds {
        0..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

/// A little more than the largest value, and never so little that nothing has a scale.
fn top(chart: Chart, lines: &[Line]) -> f64 {
    let values = lines.iter().flat_map(|line| &line.points).filter_map(|(_, value)| *value);
    let most = values.max().map_or(0.0, |most| most.0 as f64 / 1e3);
    let least = match chart {
        Chart::Isr => 3.0,
        Chart::Disk | Chart::Tiers => 1_000.0,
        _ => 4.0,
    };
    most.max(least) * 1.08
}

/// The stretches of a line over which it has values.
fn stretches(line: &Line) -> Vec<Vec<(f64, f64)>> {
    let mut stretches: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut is_new = true;
    for (Time(at), value) in &line.points {
        let Some(value) = value else {
            is_new = true;
            continue;
        };
        let point = (*at as f64 / 1e6, value.0 as f64 / 1e3);
        match stretches.last_mut().filter(|_| !is_new) {
            Some(stretch) => stretch.push(point),
            None => stretches.push(vec![point]),
        }
        is_new = false;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(label: &str, values: &[Option<i64>]) -> Line {
        let points = values.iter().enumerate();
        let points =
            points.map(|(at, value)| (Time(at as u64 * 1_000_000), value.map(Thousandths)));
        Line { label: label.to_owned(), points: points.collect() }
    }

    #[test]
    fn a_gap_parts_a_line() {
        let drawn = stretches(&line("a", &[None, Some(1_000), Some(2_000), None, Some(500)]));
        assert_eq!(drawn, [vec![(1.0, 1.0), (2.0, 2.0)], vec![(4.0, 0.5)]]);
    }

    #[test]
    fn of_many_lines_the_most_telling_are_drawn() {
        let lines: Vec<Line> = (0..12).map(|at| line(&at.to_string(), &[Some(at)])).collect();
        let labels = |chart| -> Vec<String> {
            shown(chart, &lines).into_iter().map(|line| line.label).collect()
        };
        assert_eq!(labels(Chart::Lag), ["4", "5", "6", "7", "8", "9", "10", "11"]);
        assert_eq!(labels(Chart::Isr), ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }

    #[test]
    fn plotters_draws_every_line_within_the_plot() {
        let lines = [line("a", &[Some(0), Some(4_000)]), line("b", &[Some(1_000), Some(1_000)])];
        let scene = draw(Chart::Lag, &lines, 400, 20);
        let classes: Vec<&str> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Stroke { class, .. } => Some(class.as_str()),
                _ => None,
            })
            .collect();
        assert!(classes.contains(&"series series-0") && classes.contains(&"series series-1"));
        assert!(
            scene
                .shapes
                .iter()
                .any(|shape| matches!(shape, Shape::Text { text, .. } if text == "0:10"))
        );
        assert_eq!((scene.area.0.start, scene.area.0.end), (60, 388));
    }
}
