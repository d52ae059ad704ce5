//! Exercises: the list of them, and one beside the cluster, with a checklist that ticks by itself.

mod hints;

use std::collections::BTreeSet;

use highwater_exercises::{CheckState, Exercise, stage_name};
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
                    {format!("{}; {} minutes", stage_name(exercise.stage), exercise.minutes)}
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
    // What held once and holds no longer is told apart from what never did.
    let held = Memo::new(move |before: Option<&Held>| {
        let loaded = sim.loaded.get();
        let mut checks = match before {
            Some(before) if before.loaded == loaded => before.checks.clone(),
            _ => BTreeSet::new(),
        };
        states.with(|states| {
            checks.extend(states.iter().filter(|state| state.met).map(|state| state.id.clone()));
        });
        Held { loaded, checks }
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
            let held = held.read();
            let line = |(index, state): (usize, &CheckState)| {
                let has_lapsed = !state.met && held.checks.contains(&state.id);
                check_line(state.clone(), first_unmet == Some(index), has_lapsed)
            };
            states.iter().enumerate().map(line).collect_view()
        })
    };
    view! {
        <section class="guide" aria-label="Exercise">
            <p class="over">{format!("{}; {} minutes", stage_name(exercise.stage), exercise.minutes)}</p>
            <h2 class="title">{exercise.title.as_str()}</h2>
            <div class="text" inner_html=exercise.text_html.as_str()></div>
            <ol class="checks" id="checklist">{lines}</ol>
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
        <Standing states/>
    }
    .into_any()
}

/// How far one is, always in sight: how many lines are met, and the first that is not.
#[component]
fn Standing(states: Memo<Vec<CheckState>>) -> impl IntoView {
    let text = move || {
        states.with(|states| {
            let met = states.iter().filter(|state| state.met).count();
            let next = states.iter().find(|state| !state.met);
            let next = next.map_or("all done", |state| state.says.as_str());
            (format!("{met} of {}", states.len()), next.to_owned())
        })
    };
    view! {
        <p class="standing">
            <strong>{move || text().0}</strong>
            <span>{move || text().1}</span>
        </p>
    }
    .into_any()
}

/// The lines of the checklist that have held since the scenario was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    loaded: u32,
    checks: BTreeSet<String>,
}

/// A line of the checklist; the reason stands at the first that is not met.
fn check_line(state: CheckState, tells_why: bool, has_lapsed: bool) -> AnyView {
    let reason = state.why_not.filter(|_| tells_why);
    view! {
        <li class="check-line" class:met=state.met class:lapsed=has_lapsed>
            <Tick met=state.met/>
            <div>
                {state.says}
                {has_lapsed.then(|| view! { <p class="aside">"It held before, and holds no longer."</p> })}
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
