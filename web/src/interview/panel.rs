//! One question, as it stands on the left of the stage.

use highwater_cluster::time::Time;
use highwater_exercises::Question;
use leptos::prelude::*;

use super::asking::Asking;
use super::fields::Field;
use super::row::{RowEnd, RowHead};
use super::said_of;
use super::verdict::Verdict;
use crate::kept;
use crate::route;
use crate::save::Keeper;

/// One question, as it stands on the left of the stage.
#[component]
pub fn QuestionPanel(
    /// Which.
    question: &'static Question,
    /// What draws its numbers.
    draw: u32,
) -> impl IntoView {
    let draw = RwSignal::new(draw);
    // Asked anew with the same numbers, one below the other.
    let turn = RwSignal::new(0_u32);
    let keeper = expect_context::<Keeper>();
    let stand = move || {
        let drawn = question.draw(u64::from(draw.get_untracked()));
        let shown = Time(question.run.as_ref().map_or(0, |run| run.shows));
        keeper.open_script(question.situation_drawn(&drawn), shown, false);
    };
    let other = move |_| {
        draw.update(|draw| *draw = question.next_draw(*draw));
        route::rename(&format!("#/interview/{}/{}", question.id, draw.get_untracked()));
        stand();
    };
    let again = move |_| {
        kept::keep_given(&question.id, draw.get_untracked(), None);
        turn.update(|turn| *turn += 1);
        if question.is_computed() {
            stand();
        }
    };
    view! {
        <section class="guide" aria-label=t!("interview.question")>
            <RowHead id=question.id.as_str()/>
            <p class="over">{said_of(question)}</p>
            <h2 class="title">{question.title.as_str()}</h2>
            {move || {
                turn.track();
                view! { <Asked question draw=draw.get() again=Callback::new(again)/> }
            }}
            {question.is_template().then(|| view! {
                <p class="sources">
                    <button type="button" on:click=other>{t!("interview.with-other-numbers")}</button>
                </p>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn Asked(question: &'static Question, draw: u32, again: Callback<()>) -> impl IntoView {
    let asking = Asking::new(question, draw);
    let failed = RwSignal::new(false);
    // What was answered in this tab is there after a reload, and who comes back from what a verdict led to finds it.
    if let Some(given) = kept::given(&question.id, draw) {
        asking.given.set(Some(given));
        asking.judged.set(asking.grade());
    }
    let lock = move |_| {
        let graded = asking.grade();
        failed.set(graded.is_none() && asking.given.with_untracked(Option::is_some));
        let Some((answer, grade)) = graded else { return };
        // The verdict asks what was shown before.
        asking.judged.set(Some((answer, grade.clone())));
        asking.note(Some(&grade));
        asking.given.with_untracked(|given| kept::keep_given(&question.id, draw, given.as_ref()));
        if let Some(mut row) = kept::practice()
            && row.answer(&question.id)
        {
            kept::keep_practice(&row);
        }
        request_animation_frame(|| {
            if let Some(verdict) = document().get_element_by_id("verdict") {
                verdict.scroll_into_view();
            }
        });
    };
    let label =
        if question.is_computed() { t!("interview.lock-in-and") } else { t!("interview.lock-in") };
    view! {
        <div class="text" inner_html=asking.with(&question.text_html)></div>
        <Field asking/>
        <p class="sources">
            <button type="button" class="main" on:click=lock
                disabled=move || asking.given.with(Option::is_none) || asking.is_locked()>
                {label}
            </button>
        </p>
        <div role="status">
            {move || failed.get().then_some(t!("interview.question-could-not"))}
            {move || asking.judged.get().map(|(answer, grade)| view! { <Verdict asking answer grade/> })}
        </div>
        <Show when=move || asking.judged.with(Option::is_some)>
            <RowEnd id=question.id.as_str()/>
            <p class="sources">
                <button type="button" on:click=move |_| again.run(())>{t!("interview.answer-again")}</button>
            </p>
        </Show>
    }
    .into_any()
}
