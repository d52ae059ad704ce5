//! Below the strips: for each group a pennant where it has committed, a caret where its consumer reads
//! next, and the stretch from the pennant to the waterline, which is its lag.

use highwater_cluster::anatomy::ReaderMark;
use highwater_scenario::cluster::log::Offset;
use leptos::prelude::*;

use super::strips::{Picture, Plan};
use crate::format::shorten;

/// The height of a group's row.
pub const ROW: f64 = 40.0;

/// The groups of the partition.
#[component]
pub fn ReadersView(picture: Picture, top: Signal<f64>) -> impl IntoView {
    let Picture { opened, marks, plan, .. } = picture;
    move || {
        let place = opened.with(|opened| {
            let opened = opened.as_ref()?;
            let leader = opened.replicas.first()?;
            Some((opened.from, leader.replica.high_watermark))
        });
        let (from, water) = place?;
        let plan = plan.get();
        let rows = marks.get().into_iter().enumerate().map(move |(index, mark)| {
            let y = top.get() + index as f64 * ROW;
            view! { <g transform=format!("translate(0 {y})")>{row(&plan, from, water, &mark)}</g> }
        });
        Some(rows.collect_view())
    }
}

fn row(plan: &Plan, from: Offset, water: Offset, mark: &ReaderMark) -> AnyView {
    let inside = |offset: Offset| {
        let last = Offset(from.0 + i64::from(plan.cells));
        plan.x(from, offset.clamp(from, last))
    };
    let (left, right) = (plan.left, plan.left + f64::from(plan.cells) * plan.cell);
    let lag = mark.committed.map(|committed| {
        let (x, to) = (inside(committed), inside(water));
        let is_before = committed < from;
        let flag = if is_before {
            view! { <text class="line-name" x=x y="38">{t!("anatomy.committed", committed = committed)}</text> }.into_any()
        } else {
            view! { <path class="pennant" d=format!("M{x} 26V8l9 3.5-9 3.5")/> }.into_any()
        };
        view! { <line class="lag-stretch" x1=x x2=to.max(x) y1="26" y2="26"/> {flag} }
    });
    let caret = mark.position.and_then(|(_, position)| position).map(|position| {
        let x = inside(position);
        view! { <path class="caret" d=format!("M{} 36l5-7 5 7", x - 5.0)/> }
    });
    let words = match mark.lag {
        Some(lag) => t!("anatomy.lag-lag", lag = lag),
        None => t!("anatomy.nothing-committed").to_owned(),
    };
    let narrow = left < 100.0;
    let name = shorten(&mark.group.to_string(), 17);
    view! {
        <line class="bed" x1=left x2=right y1="26" y2="26"/>
        {lag}
        {caret}
        <text class="reader-name" x="4" y=if narrow { 6.0 } else { 30.0 }>{name}</text>
        <text class="line-name" x=right + 8.0 y="30">{words}</text>
    }
    .into_any()
}
