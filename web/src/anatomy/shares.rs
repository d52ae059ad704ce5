//! Below the readers: for each share group the records between its start and its end offset, each with the mark of its state.

use highwater_cluster::view::{InFlightView, SharePartitionView};
use highwater_scenario::cluster::log::Offset;
use leptos::prelude::*;

use super::parts::table;
use super::readers::ROW;
use super::strips::{Picture, Plan};
use crate::format::{count, shorten};
use crate::stage::shares::{HALF, held, key, marks, paths};
use crate::texts::Text;

/// The runs of records that the table has room for, of each group.
const MOST_RUNS: usize = 20;

/// The share groups of the partition.
#[component]
pub fn SharesView(picture: Picture, top: Signal<f64>) -> impl IntoView {
    let Picture { opened, shares, plan, .. } = picture;
    move || {
        let from = opened.with(|opened| opened.as_ref().map(|opened| opened.from))?;
        let plan = plan.get();
        let rows = shares.get().into_iter().enumerate().map(move |(index, known)| {
            let y = top.get() + index as f64 * ROW;
            view! { <g transform=format!("translate(0 {y})")>{row(&plan, from, &known)}</g> }
        });
        Some(rows.collect_view())
    }
}

fn row(plan: &Plan, from: Offset, known: &SharePartitionView) -> AnyView {
    let last = Offset(from.0 + i64::from(plan.cells));
    let inside = |offset: Offset| plan.x(from, offset.clamp(from, last));
    let (start, end) = (inside(known.start), inside(known.end));
    let right = plan.left + f64::from(plan.cells) * plan.cell;
    let drawn = marks(known, (from, last), plan.cell, 20.0);
    let narrow = plan.left < 100.0;
    let name = shorten(&known.group.to_string(), 17);
    view! {
        <line class="bed" x1=plan.left x2=right y1="32" y2="32"/>
        <path class="share-window" d=format!("M{start} 26v6H{}v-6", end.max(start))/>
        <g class="share-marks" transform=format!("translate({} 0)", plan.left)>{paths(drawn)}</g>
        <text class="reader-name" x="4" y=if narrow { 6.0 } else { 30.0 }>{name}</text>
        <text class="line-name" x=right + 8.0 y="30">{t!("anatomy.share-held", held = count(held(known)))}</text>
    }
    .into_any()
}

/// What the marks mean, where there are any.
#[component]
pub fn ShareLegend() -> impl IntoView {
    let marks = key(HALF + 6.0, 8.0).map(|(class, path, says)| {
        view! {
            <li><svg width="20" height="16" aria-hidden="true"><g class="share-marks"><path class=class d=path/></g></svg>{says}</li>
        }
    });
    view! { <ul class="marks" aria-label=t!("anatomy.share-what-marks-mean")>{marks.collect_view()}</ul> }
        .into_any()
}

/// The same in words: a run of alike records in a row.
#[component]
pub fn SharesTable(shares: Memo<Vec<SharePartitionView>>) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.share-group"),
        text!("anatomy.share-offsets"),
        text!("anatomy.share-state"),
        text!("anatomy.share-deliveries"),
        text!("anatomy.share-member"),
    ];
    let rows = move || {
        let rows = shares.get().into_iter().flat_map(|known| {
            let runs = known.in_flight.into_iter().take(MOST_RUNS);
            runs.map(move |run| (known.group.to_string(), run)).collect::<Vec<_>>()
        });
        rows.map(|(group, run)| table_row(group, run)).collect_view()
    };
    view! {
        <Show when=move || shares.read().iter().any(|known| !known.in_flight.is_empty())>
            <ShareLegend/>
            {table(t!("anatomy.share-records"), COLUMNS, view! { {rows} }.into_any())}
        </Show>
    }
    .into_any()
}

fn table_row(group: String, run: InFlightView) -> impl IntoView {
    let offsets = if run.first == run.last {
        run.first.to_string()
    } else {
        format!("{}\u{2013}{}", run.first, run.last)
    };
    let member = run.member.map_or_else(|| t!("anatomy.none").to_owned(), |id| id.to_string());
    view! {
        <tr>
            <th scope="row">{group}</th>
            <td>{offsets}</td>
            <td class="words">{run.state.name()}</td>
            <td>{run.delivery_count}</td>
            <td class="words">{member}</td>
        </tr>
    }
}
