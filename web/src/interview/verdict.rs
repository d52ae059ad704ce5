//! What the cluster answered, and why.

use highwater_cluster::time::{Span, Time};
use highwater_exercises::{Answer, Grade, Task};
use leptos::prelude::*;

use super::asking::Asking;
use super::led::LedTo;
use crate::play::Desk;
use crate::save::Keeper;

/// The speed at which the run is looked at: slow enough to see who waits for whom.
pub const LOOK_SPEED: f64 = 0.3;

/// How long before the time in question the looking begins.
pub const LOOK_LEAD: Span = Span(600_000);

/// Whether it was right, what the run showed, and why.
#[component]
pub fn Verdict(asking: Asking, answer: Answer, grade: Grade) -> impl IntoView {
    let question = asking.question;
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let Answer { evidence, script, .. } = answer;
    let show = move |_| {
        let moment =
            Time(question.run.as_ref().map_or(0, |run| run.since.saturating_sub(LOOK_LEAD.0)));
        desk.sim.speed.set(LOOK_SPEED);
        keeper.open_script(script.clone(), moment, true);
        desk.show_stage();
    };
    let title = match (&question.task, grade.is_right, question.is_computed()) {
        (Task::Open(_), true, _) => t!("interview.all-there"),
        (Task::Open(_), false, _) => t!("interview.not-all-there"),
        (_, true, true) => t!("interview.you-predicted-it"),
        (_, false, true) => t!("interview.cluster-did-something"),
        (_, true, false) => t!("interview.that-is-so"),
        (_, false, false) => t!("interview.that-is-not-so"),
    };
    let partly = (!grade.is_right && grade.share > 0)
        .then(|| view! { <p>{t!("interview.partly", share = grade.share)}</p> });
    let replies = grade.replies.iter().map(|reply| asking.with(reply));
    let replies = replies.map(|html| view! { <div class="text" inner_html=html></div> });
    view! {
        <h3 id="verdict">{title}</h3>
        {partly}
        {(!evidence.is_empty()).then(|| view! { <p class="evidence">{evidence}</p> })}
        {replies.collect_view()}
        <LedTo ids=grade.beliefs.clone() known=asking.known.get_value()/>
        <h3>{t!("interview.why")}</h3>
        <div class="text" inner_html=asking.with(&question.explanation_html)></div>
        {question.is_computed().then(|| view! {
            <p class="sources">
                <button type="button" on:click=show>{t!("interview.show-me-run")}</button>
            </p>
        })}
    }
    .into_any()
}
