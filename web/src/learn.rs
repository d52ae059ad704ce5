//! Exercises: the list of them, and one beside the cluster, with a checklist that ticks by itself.

mod hints;

use highwater_exercises::{CheckState, Exercise};
use leptos::prelude::*;

use crate::data::DataPanel;
use crate::guide::Tick;
use crate::play::Desk;
use crate::save::Keeper;
use crate::save::storage;
use hints::Hints;

/// The list of exercises.
#[component]
pub fn ExerciseList() -> impl IntoView {
    let entry = |exercise: &'static Exercise| {
        view! {
            <li class="card">
                <h2><a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a></h2>
                <p>{exercise.summary.as_str()}</p>
                <p class="over">
                    {format!("Stage {}, {} minutes", exercise.stage, exercise.minutes)}
                    {is_noted_solved(&exercise.id).then_some(", solved")}
                </p>
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
    let first_unmet = Memo::new(move |_| {
        states.with(|states| states.iter().find(|state| !state.met).map(|state| state.id.clone()))
    });
    Effect::new(move |_| {
        if solved.get() {
            // Where nothing can be stored, the list of exercises does not know of it; no more.
            let _ = storage::set(&solved_key(&exercise.id), "1");
        }
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
            <h2 class="title">{exercise.title.as_str()}</h2>
            <div class="text" inner_html=exercise.text_html.as_str()></div>
            <ol class="checks">{lines}</ol>
            <p role="status" class="solved">
                {move || solved.get().then_some("Solved. Everything on the list holds.")}
            </p>
            <Show when=move || solved.get() fallback=move || view! { <Hints exercise first_unmet/> }>
                <h3>"Why it works"</h3>
                <div class="text" inner_html=exercise.why_html.as_str()></div>
            </Show>
            <p class="sources">
                <button type="button" on:click=move |_| keeper.begin_anew()>"Begin the exercise anew"</button>
            </p>
        </section>
        <DataPanel/>
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

/// Whether this browser has seen the exercise solved.
fn is_noted_solved(id: &str) -> bool {
    storage::get(&solved_key(id)).is_some()
}

fn solved_key(id: &str) -> String {
    format!("highwater.solved.{id}")
}
