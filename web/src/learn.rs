//! Exercises: the list of them, and one beside the cluster, with a checklist that ticks by itself.

use highwater_exercises::{CheckState, Exercise, Hint, HintLevel};
use leptos::prelude::*;

use crate::guide::Tick;
use crate::play::Desk;
use crate::save::Keeper;

/// The list of exercises.
#[component]
pub fn ExerciseList() -> impl IntoView {
    let entry = |exercise: &'static Exercise| {
        view! {
            <li class="card">
                <h2><a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a></h2>
                <p>{exercise.summary.as_str()}</p>
                <p class="over">{format!("Stage {}, {} minutes", exercise.stage, exercise.minutes)}</p>
            </li>
        }
    };
    view! {
        <main class="prose">
            <h1>"Learn"</h1>
            <p class="lead">"Each exercise gives you a cluster and a goal. The cluster itself says when you are there, and what is still missing."</p>
            <ul class="cards">{highwater_exercises::all().iter().map(entry).collect_view()}</ul>
        </main>
    }
    .into_any()
}

/// One exercise, as it stands on the left of the stage.
#[component]
pub fn ExercisePanel(exercise: &'static Exercise) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let sim = desk.sim;
    let states = Memo::new(move |_| {
        // The clock at a reader's pace, and every line that is written.
        sim.calm.track();
        sim.written.track();
        sim.read(|session| exercise.check(session)).unwrap_or_default()
    });
    let solved = Memo::new(move |_| {
        states.with(|states| !states.is_empty() && states.iter().all(|state| state.met))
    });
    let lines = move || {
        states.with(|states| {
            let first_unmet = states.iter().position(|state| !state.met);
            let line = |(index, state): (usize, &CheckState)| {
                check_line(state.clone(), first_unmet == Some(index))
            };
            states.iter().enumerate().map(line).collect_view()
        })
    };
    view! {
        <section class="guide" aria-label="Exercise">
            <p class="over">{format!("Stage {}, {} minutes", exercise.stage, exercise.minutes)}</p>
            <h1>{exercise.title.as_str()}</h1>
            <div class="text" inner_html=exercise.text_html.as_str()></div>
            <ol class="checks">{lines}</ol>
            <p role="status" class="solved">
                {move || solved.get().then_some("Solved. Everything on the list holds.")}
            </p>
            <Show when=move || solved.get() fallback=move || view! { <Hints exercise states/> }>
                <h2>"Why it works"</h2>
                <div class="text" inner_html=exercise.why_html.as_str()></div>
            </Show>
            <p class="sources">
                <button type="button" on:click=move |_| keeper.begin_anew()>"Begin the exercise anew"</button>
            </p>
        </section>
    }
    .into_any()
}

/// A line of the checklist; the reason stands at the first that is not met.
fn check_line(state: CheckState, tells_why: bool) -> AnyView {
    let reason = state.why_not.filter(|_| tells_why);
    view! {
        <li class="check-line" class:met=state.met>
            <Tick met=state.met/>
            <div>
                {state.says}
                {reason.map(|reason| view! { <p class="why-not">{reason}</p> })}
            </div>
        </li>
    }
    .into_any()
}

/// Hints for what is missing first: asked for one by one, from where to look to the very line.
#[component]
fn Hints(exercise: &'static Exercise, states: Memo<Vec<CheckState>>) -> impl IntoView {
    let missing = Memo::new(move |_| {
        states.with(|states| states.iter().find(|state| !state.met).map(|state| state.id.clone()))
    });
    let shown = RwSignal::new(0_usize);
    // Another line is the first that is missing: its hints begin from the mildest.
    Effect::new(move |_| {
        missing.track();
        shown.set(0);
    });
    let hints = Memo::new(move |_| {
        let Some(check) = missing.get() else { return Vec::new() };
        exercise.hints_for(&check).cloned().collect::<Vec<_>>()
    });
    view! {
        <div class="hints">
            {move || hints.with(|hints| hints.iter().take(shown.get()).map(hint).collect_view())}
            <Show when=move || hints.with(|hints| shown.get() < hints.len())>
                <button type="button" on:click=move |_| shown.update(|count| *count += 1)>
                    {move || match shown.get() {
                        0 => "Show a hint",
                        _ => "Show the next hint",
                    }}
                </button>
            </Show>
        </div>
    }
}

fn hint(hint: &Hint) -> AnyView {
    let name = match hint.level {
        HintLevel::Where => "Where to look",
        HintLevel::Idea => "The idea",
        HintLevel::Step => "The next step",
        HintLevel::Solution => "The line",
    };
    view! {
        <div class="hint">
            <p class="over">{name}</p>
            <div class="text" inner_html=hint.text_html.clone()></div>
            {hint.line.clone().map(|line| view! { <p><code>{line}</code></p> })}
        </div>
    }
    .into_any()
}
