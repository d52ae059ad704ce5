//! Questions: predict first, then let the cluster answer.

use highwater_cluster::time::{Span, Time};
use highwater_exercises::{Answer, Question, stage_name};
use leptos::prelude::*;

use crate::play::Desk;
use crate::save::Keeper;

/// The speed at which the run is looked at: slow enough to see who waits for whom.
const LOOK_SPEED: f64 = 0.3;

/// How long before the time in question the looking begins.
const LEAD: Span = Span(600_000);

/// The list of questions.
#[component]
pub fn QuestionList() -> impl IntoView {
    let entry = |question: &'static Question| {
        view! {
            <li class="card">
                <h2><a href=format!("#/interview/{}", question.id)>{question.title.as_str()}</a></h2>
                <p class="over">{format!("{}; predict, then run", stage_name(question.stage))}</p>
            </li>
        }
    };
    view! {
        <main class="prose">
            <h1>"Interview"</h1>
            <p class="lead">"Say what will happen. Then the cluster runs, and what happened is the right answer."</p>
            <ul class="cards">{highwater_exercises::questions().iter().map(entry).collect_view()}</ul>
        </main>
    }
    .into_any()
}

/// One question, as it stands on the left of the stage.
#[component]
pub fn QuestionPanel(question: &'static Question) -> impl IntoView {
    let chosen = RwSignal::new(None::<usize>);
    let answer = RwSignal::new(None::<Answer>);
    let is_locked = move || answer.with(Option::is_some);
    let option = move |(index, choice): (usize, &'static highwater_exercises::Choice)| {
        view! {
            <li>
                <label class="choice">
                    <input type="radio" name="choice" disabled=is_locked
                        on:change=move |_| chosen.set(Some(index))/>
                    <span>{choice.text.as_str()}</span>
                    {move || mark(answer, chosen, index)}
                </label>
            </li>
        }
    };
    let failed = RwSignal::new(false);
    let lock = move |_| match question.try_ask() {
        Ok(found) => {
            answer.set(Some(found));
            request_animation_frame(|| {
                if let Some(verdict) = document().get_element_by_id("verdict") {
                    verdict.scroll_into_view();
                }
            });
        }
        Err(_) => failed.set(true),
    };
    view! {
        <section class="guide" aria-label="Question">
            <p class="over">{format!("{}; predict, then run", stage_name(question.stage))}</p>
            <h2 class="title">{question.title.as_str()}</h2>
            <div class="text" inner_html=question.text_html.as_str()></div>
            <fieldset class="choices">
                <legend class="sr-only">"Your prediction"</legend>
                <ol>{question.options.iter().enumerate().map(option).collect_view()}</ol>
            </fieldset>
            <p class="sources">
                <button type="button" class="main" disabled=move || chosen.get().is_none() || is_locked()
                    on:click=lock>
                    "Lock in and run"
                </button>
            </p>
            <div role="status">
                {move || failed.get().then_some("The question could not be run. Please report it with its name.")}
                {move || verdict(question, answer, chosen)}
            </div>
        </section>
    }
    .into_any()
}

/// A word beside an option once the cluster has answered.
fn mark(
    answer: RwSignal<Option<Answer>>,
    chosen: RwSignal<Option<usize>>,
    index: usize,
) -> Option<AnyView> {
    let right = answer.with(|answer| answer.as_ref().map(|answer| answer.right))?;
    if index == right {
        return Some(view! { <strong class="right">"This happened"</strong> }.into_any());
    }
    let is_mine = chosen.get() == Some(index);
    is_mine.then(|| view! { <strong class="wrong">"Your prediction"</strong> }.into_any())
}

/// What the cluster answered, and why.
fn verdict(
    question: &'static Question,
    answer: RwSignal<Option<Answer>>,
    chosen: RwSignal<Option<usize>>,
) -> Option<AnyView> {
    let Answer { right, evidence, script } = answer.get()?;
    let mine = chosen.get_untracked()?;
    let reply =
        question.options.get(mine).map(|choice| choice.reply_html.as_str()).unwrap_or_default();
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let show = move |_| {
        let moment = Time(question.since.saturating_sub(LEAD.0));
        desk.sim.speed.set(LOOK_SPEED);
        keeper.open_script(script.clone(), moment, true);
        desk.show_stage();
    };
    let title = if mine == right { "You predicted it." } else { "The cluster did something else." };
    Some(
        view! {
            <h3 id="verdict">{title}</h3>
            <p class="evidence">{evidence}</p>
            <div class="text" inner_html=reply></div>
            <h3>"Why"</h3>
            <div class="text" inner_html=question.explanation_html.as_str()></div>
            <p class="sources">
                <button type="button" on:click=show>"Show me the run"</button>
            </p>
        }
        .into_any(),
    )
}
