//! A chart as a table: a row for each sample, the newest above.

use highwater_scenario::metrics::Chart;
use leptos::prelude::*;

use super::figure::Lines;
use super::plot::amount;
use crate::format::clock;
use crate::texts::of_engine;

/// The rows and columns that are shown at most.
const MOST_ROWS: usize = 120;
const MOST_COLUMNS: usize = 40;

/// What a chart shows, as a table.
#[component]
pub fn Table(chart: Chart, lines: Memo<Lines>) -> impl IntoView {
    view! {
        <div class="chart-table" tabindex="0" role="group" aria-label=t!("charts.as-table", title = of_engine(chart.title()))>
            {move || lines.with(|lines| table(chart, lines))}
        </div>
    }
    .into_any()
}

fn table(chart: Chart, lines: &Lines) -> AnyView {
    let shown = &lines.all[..lines.all.len().min(MOST_COLUMNS)];
    let rows = shown.first().map_or(0, |line| line.points.len());
    let left_out = rows.saturating_sub(MOST_ROWS);
    let head = shown.iter().map(|line| view! { <th scope="col">{line.label.clone()}</th> });
    let head = head.collect_view();
    let body = (left_out..rows).rev().map(|row| {
        let cells = shown.iter().map(|line| {
            let value = line.points[row].1.map(|value| amount(chart, value));
            view! { <td>{value.unwrap_or_default()}</td> }
        });
        view! { <tr><th scope="row">{clock(shown[0].points[row].0)}</th>{cells.collect_view()}</tr> }
    });
    let body = body.collect_view();
    let more_columns = lines.all.len() - shown.len();
    view! {
        <table>
            <caption>
                {of_engine(chart.meaning())} {t!("charts.in")} {of_engine(chart.unit())} "."
                {(left_out > 0).then(|| t!("charts.last-samples", shown = MOST_ROWS, rows = rows))}
                {(more_columns > 0).then(|| t!("charts.more-lines-are", more_columns = more_columns))}
            </caption>
            <thead><tr><th scope="col">{t!("charts.time")}</th>{head}</tr></thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}
