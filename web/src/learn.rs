//! Exercises: the list of them, and one beside the cluster, with a checklist that ticks by itself.

mod buttons;
mod hints;
mod predictions;

use std::collections::BTreeSet;

use highwater_cluster::time::Time;
use highwater_exercises::learning::Deed;
use highwater_exercises::{CheckState, Checklist, Exercise, Stage, Step, road};
use leptos::prelude::*;

use crate::data::DataPanel;
use crate::guide::Tick;
use crate::learning::{self, OwnReport};
use crate::lesson;
use crate::packs::{self, PackShelf};
use crate::play::Desk;
use crate::prose::Prose;
use crate::save::Keeper;
use crate::save::storage;
use crate::shows::Shows;
use crate::sim::{Sim, entries_of};
use buttons::Buttons;
use hints::Hints;
use predictions::Predictions;

/// The list of exercises.
#[component]
pub fn ExerciseList() -> impl IntoView {
    view! {
        <main class="prose">
            <h1>{t!("learn.learn")}</h1>
            <p class="lead">{t!("learn.what-for")}</p>
            {begin()}
            <p class="aside">{t!("learn.each-exercise-gives")}</p>
            {road().stages.iter().enumerate().map(stage).collect_view()}
            <p><a href="#/terms">{t!("learn.all-words")}</a></p>
            <p><a href="#/beliefs">{t!("learn.wrong-beliefs")}</a></p>
            <p><a href="#/class">{t!("learn.for-class")}</a></p>
            <PackShelf/>
            <OwnReport is_linked=true/>
        </main>
    }
    .into_any()
}

/// A stage of the road in words: its number, how many there are, and what it is about.
pub fn stage_name(number: u8) -> String {
    let stages = road().stages.len();
    match highwater_exercises::stage(number) {
        Some(stage) => t!("learn.stage-of", number = number, stages = stages, about = stage.title),
        None => t!("learn.stage-beyond", number = number, stages = stages),
    }
}

/// The way to the first exercise that is not solved.
fn begin() -> Option<AnyView> {
    let all = highwater_exercises::all();
    let next = all.iter().find(|exercise| !is_noted_solved(&exercise.id))?;
    let is_first = all.first().is_some_and(|first| first.id == next.id);
    let words = match is_first {
        true => t!("learn.begin-here", title = next.title),
        false => t!("learn.go-on", title = next.title),
    };
    let href = format!("#/learn/{}", next.id);
    Some(view! { <p class="sources"><a class="button main" href=href>{words}</a></p> }.into_any())
}

/// A stage of the road: what one can do after it, its lesson, and its exercises, or why they are not there.
fn stage((index, stage): (usize, &'static Stage)) -> AnyView {
    let exercise =
        |step: &Step| highwater_exercises::all().iter().find(|one| one.id == step.exercise);
    let entry = |exercise: &'static Exercise| {
        view! {
            <li class="card">
                <h3><a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a></h3>
                <p>{exercise.summary.as_str()}</p>
                <p class="over">
                    {t!("learn.about-minutes", minutes = exercise.minutes)}
                    {is_noted_solved(&exercise.id).then_some(t!("learn.solved"))}
                </p>
            </li>
        }
    };
    let exercises: Vec<&Exercise> = stage.steps.iter().filter_map(exercise).collect();
    let solved = exercises.iter().filter(|one| is_noted_solved(&one.id)).count();
    let solved =
        (solved > 0).then(|| t!("learn.solved-of", solved = solved, all = exercises.len()));
    let challenge = stage.challenge.as_ref().filter(|id| !is_noted_solved(id));
    let skips = challenge.and_then(|id| exercises.iter().find(|one| one.id == *id)).map(|one| {
        let href = format!("#/learn/{}", one.id);
        view! { <p class="aside">{t!("learn.know-it")} " " <a href=href>{one.title.as_str()}</a></p> }
    });
    view! {
        <section>
            <h2>{t!("learn.stage", number = index + 1, title = stage.title)}</h2>
            <p>{stage.after.as_str()}</p>
            {solved.map(|solved| view! { <p class="over">{solved}</p> })}
            {stage.missing.as_ref().map(|missing| view! {
                <p class="aside">{t!("learn.not-there-yet", why = missing)}</p>
            })}
            {lesson::links(index + 1)}
            {skips}
            {(!exercises.is_empty()).then(|| view! {
                <ul class="cards">{exercises.into_iter().map(entry).collect_view()}</ul>
            })}
        </section>
    }
    .into_any()
}

/// One exercise, as it stands on the left of the stage.
#[component]
pub fn ExercisePanel(exercise: &'static Exercise) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let sim = desk.sim;
    let given = entries_of(&exercise.start);
    Effect::new(move |_| {
        sim.loaded.track();
        sim.awaits_line.set_value(sim.written_lines() == given);
    });
    let checklist = StoredValue::new((0, Checklist::default()));
    let states = Memo::new(move |_| {
        // The clock at a reader's pace, and every line that is written.
        sim.calm.track();
        sim.written.track();
        let loaded = sim.loaded.get();
        let look = |session: &_| {
            checklist.try_update_value(|(of, checklist)| {
                if *of != loaded {
                    (*of, *checklist) = (loaded, Checklist::default());
                }
                checklist.look(exercise, session)
            })
        };
        sim.read(look).flatten().unwrap_or_default()
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
            if !learning::noted().has_solved(&exercise.id) {
                learning::note(Deed::Solved { exercise: exercise.id.clone() });
            }
        }
    });
    note_progress(exercise, sim, given, held);
    // Who has written a line may not know that it waits for time.
    let waits = Memo::new(move |_| {
        sim.written.track();
        let is_written = sim.written_lines() > given;
        is_written && !sim.playing.get() && !solved.get() && sim.clock.get() >= sim.reached.get()
    });
    let open_guess = RwSignal::new(None::<String>);
    let lines = move || {
        states.with(|states| {
            let first_unmet = states.iter().position(|state| !state.met);
            let held = held.read();
            let line = |(index, state): (usize, &CheckState)| {
                let has_lapsed = !state.met && held.checks.contains(&state.id);
                check_line(sim, state.clone(), first_unmet == Some(index), has_lapsed)
            };
            states.iter().enumerate().map(line).collect_view()
        })
    };
    let shows = Shows::of(&exercise.shows);
    view! {
        <section class="guide" aria-label=t!("learn.exercise")>
            <p class="over">{t!("learn.minutes", stage = stage_name(exercise.stage), minutes = exercise.minutes)}</p>
            <h2 class="title">{exercise.title.as_str()}</h2>
            <Prose html=exercise.text_html.as_str() demonstrations=exercise.demonstrations.as_slice() shows/>
            // A guess comes before what would answer it.
            <Predictions exercise open_guess/>
            <Buttons exercise states are_first=false/>
            <ol class="checks" id="checklist">{lines}</ol>
            <p role="status" class="solved">
                {move || solved.get().then_some(t!("learn.solved-everything-on"))}
            </p>
            <Show when=move || solved.get() fallback=move || view! { <Hints exercise first_unmet/> }>
                <h3>{t!("learn.why-it-works")}</h3>
                <Prose html=exercise.why_html.as_str() demonstrations=exercise.demonstrations.as_slice() shows/>
                {exercise.carry.as_ref().map(|carry| view! {
                    <h3>{t!("learn.elsewhere")}</h3>
                    <div class="text" inner_html=carry.asks_html.as_str()></div>
                    <details>
                        <summary>{t!("learn.answer")}</summary>
                        <div class="text" inner_html=carry.answer_html.as_str()></div>
                    </details>
                })}
            </Show>
            <p class="sources">
                <button type="button" on:click=move |_| {
                    learning::note(Deed::Began { exercise: exercise.id.clone() });
                    keeper.begin_anew();
                }>{t!("learn.begin-exercise-anew")}</button>
            </p>
        </section>
        <DataPanel is_folded=true/>
        <div class="at-hand">
            <Buttons exercise states are_first=true/>
            <Standing exercise states waits open_guess/>
        </div>
    }
    .into_any()
}

/// The way to what follows on the road: the next exercise, or the lesson of the next stage.
#[component]
fn Next(exercise: &'static Exercise) -> impl IntoView {
    let all = packs::exercises_beside(&exercise.id);
    let mut all = all.iter().skip_while(|one| one.id != exercise.id);
    let next = all.nth(1);
    next.map(|next| {
        let lesson = lesson::first(next.stage).filter(|_| next.stage != exercise.stage);
        let (href, title) = match lesson {
            Some(lesson) => (format!("#/lesson/{}", lesson.id), &lesson.title),
            None => (format!("#/learn/{}", next.id), &next.title),
        };
        view! { <a class="button main" href=href>{t!("learn.next", title = title)}</a> }
    })
}

/// Notes that the exercise was begun, when its first record came of a line that is not `given`, and each line as it is met.
fn note_progress(exercise: &'static Exercise, sim: Sim, given: usize, held: Memo<Held>) {
    let began = Deed::Began { exercise: exercise.id.clone() };
    if learning::noted().deeds.iter().all(|noted| noted.deed != began) {
        learning::note(began);
    }
    learning::note_first_record(sim, given);
    Effect::new(move |before: Option<Held>| {
        let held = held.get();
        // What is brought back was met before.
        let before = before.filter(|before| before.loaded == held.loaded);
        if let Some(before) = before.filter(|_| sim.replaying.get_untracked().is_none()) {
            for check in held.checks.difference(&before.checks) {
                let (exercise, check) = (exercise.id.clone(), check.clone());
                learning::note(Deed::Met { exercise, check });
            }
        }
        held
    });
}

/// How far one is, always in sight: how many lines are met, what is next, and what it waits for.
#[component]
fn Standing(
    exercise: &'static Exercise,
    states: Memo<Vec<CheckState>>,
    /// Something was written, and time stands.
    waits: Memo<bool>,
    /// The guess that is to be made now.
    open_guess: RwSignal<Option<String>>,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let next = Memo::new(move |_| {
        states.with(|states| {
            let next = states.iter().find(|state| !state.met)?;
            // Who has not begun need not be told what is missing.
            let why = next.why_not.clone().filter(|_| states.iter().any(|state| state.met));
            Some((next.says.clone(), why))
        })
    });
    let is_solved =
        Memo::new(move |_| states.with(|states| !states.is_empty()) && next.read().is_none());
    let count = move || {
        states.with(|states| {
            let met = states.iter().filter(|state| state.met).count();
            t!("learn.of", met = met, all = states.len())
        })
    };
    let goal = move || match next.get() {
        Some((says, _)) => t!("learn.goal", says = says),
        None => t!("learn.all-done").to_owned(),
    };
    let guess = move || {
        open_guess.get().map(|id| {
            let show = move |_| {
                if let Some(guess) = document().get_element_by_id(&id) {
                    guess.scroll_into_view();
                }
            };
            view! { <button type="button" on:click=show>{t!("learn.guess-waits")}</button> }
        })
    };
    view! {
        <div class="standing">
            <p><strong>{count}</strong> <span>{goal}</span></p>
            {move || next.get().and_then(|(_, why)| why).map(|why| view! { <p class="why-not">{why}</p> })}
            <p role="status" class="waits">
                {move || waits.get().then(|| view! {
                    <span>{t!("learn.time-stands-still")}</span>
                    <button type="button" class="main" on:click=move |_| sim.play()>{t!("learn.let-time-run")}</button>
                })}
            </p>
            <p class="ways">{guess}<Show when=move || is_solved.get()><Next exercise/></Show></p>
        </div>
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
fn check_line(sim: Sim, state: CheckState, tells_why: bool, has_lapsed: bool) -> AnyView {
    // What can no longer be met could be met before that moment.
    let before = state.broke.and_then(|broke| broke.at).map(|at| Time(at.0.saturating_sub(1)));
    let reason = state.why_not.filter(|_| tells_why);
    view! {
        <li class="check-line" class:met=state.met class:lapsed=has_lapsed>
            <Tick met=state.met/>
            <div>
                {state.says}
                {has_lapsed.then(|| view! { <p class="aside">{t!("learn.it-held-before")}</p> })}
                {reason.map(|reason| view! { <p class="why-not">{reason}</p> })}
                {before.map(|before| view! {
                    <p class="sources">
                        <button type="button" on:click=move |_| sim.seek(before)>{t!("learn.go-back-before-it")}</button>
                    </p>
                })}
            </div>
        </li>
    }
    .into_any()
}

/// Whether this browser has seen the exercise solved.
pub fn is_noted_solved(id: &str) -> bool {
    storage::get(&solved_key(id)).is_some()
}

fn solved_key(id: &str) -> String {
    format!("highwater.solved.{id}")
}
