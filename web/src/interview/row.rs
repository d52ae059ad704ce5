//! The row of questions that is under way, around the question that is answered.

use highwater_standing::{Kind, Practice};
use leptos::prelude::*;

use crate::kept;
use crate::learning;
use crate::route;

/// Begins a row, with its first question.
pub fn begin(row: Practice) {
    let Some(first) = row.next(None).map(str::to_owned) else { return };
    kept::keep_practice(&row);
    kept::keep_given("", 0, None);
    route::go(&kept::address(&first, &learning::noted()));
}

/// What a row is called.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Today => t!("row.today"),
        Kind::Wrong => t!("row.wrong"),
        Kind::Chosen => t!("row.chosen"),
    }
}

/// Above a question: its place in the row.
#[component]
pub fn RowHead(id: &'static str) -> impl IntoView {
    let row = kept::practice()?;
    let place = row.place(id)?;
    let (name, all) = (kind_name(row.kind), row.questions.len());
    Some(view! {
        <p class="row-place">
            <a href="#/interview">{t!("row.place", row = name, place = place, all = all)}</a>
        </p>
    })
}

/// Below a question that was answered: the way to the next.
#[component]
pub fn RowEnd(id: &'static str) -> impl IntoView {
    let row = kept::practice().filter(|row| row.place(id).is_some());
    let Some(row) = row else {
        return view! {
            <p class="sources"><a class="button" href="#/interview">{t!("row.to-interview")}</a></p>
        }
        .into_any();
    };
    match row.next(Some(id)) {
        Some(next) => {
            let href = kept::address(next, &learning::noted());
            view! {
                <p class="sources"><a class="button main" href=href>{t!("row.next")}</a></p>
            }
            .into_any()
        }
        None => {
            kept::end_practice();
            view! {
                <p class="evidence">{t!("row.done")}</p>
                <p class="sources"><a class="button" href="#/interview">{t!("row.to-interview")}</a></p>
            }
            .into_any()
        }
    }
}
