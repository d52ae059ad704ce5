//! The interview's own page: what is due, what is next, and every way of being asked.

use highwater_exercises::Exercise;
use highwater_standing::{
    Day, Kind, Next, Practice, Queue, concept_name, queue, suggest, wrong_last,
};
use leptos::prelude::*;

use super::bank::Bank;
use super::evening::Evening;
use super::row::{begin, kind_name};
use crate::beliefs;
use crate::format;
use crate::kept::{self, Standing};

/// The interview's own page.
#[component]
pub fn InterviewPage() -> impl IntoView {
    let standing = kept::standing();
    let next = suggest(
        highwater_exercises::taught(),
        &standing.learning,
        &standing.schedule,
        standing.today,
    );
    view! {
        <main class="prose interview">
            <h1>{t!("interview.interview")}</h1>
            <p class="lead">{t!("interview.say-what-will")}</p>
            <p class="ways">
                <a href="#/standing">{t!("standing.where-you-stand")}</a>
                <a href="#/beliefs">{t!("beliefs.wrong-beliefs")}</a>
            </p>
            <NextSteps next/>
            <Today standing=&standing/>
            <MockDoor/>
            <Designs/>
            <Evening/>
            <Bank/>
        </main>
    }
    .into_any()
}

/// Designs to be sketched on a blank stage, and put to the test.
#[component]
fn Designs() -> impl IntoView {
    let designs = highwater_exercises::road().designs.iter();
    let exercise = |id: &String| highwater_exercises::all().iter().find(|one| one.id == *id);
    let designs: Vec<_> = designs.filter_map(exercise).collect();
    let line = |exercise: &'static Exercise| {
        view! {
            <li>
                <a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a>
                <span class="aside">" " {exercise.summary.as_str()}</span>
            </li>
        }
    };
    (!designs.is_empty()).then(|| {
        view! {
            <section aria-labelledby="designs">
                <h2 id="designs">{t!("hub.designs")}</h2>
                <p>{t!("hub.designs-say")}</p>
                <ul class="plain">{designs.into_iter().map(line).collect_view()}</ul>
            </section>
        }
    })
}

/// What is next, each with its reason.
#[component]
pub fn NextSteps(
    /// What.
    next: Vec<Next>,
) -> impl IntoView {
    let steps: Vec<AnyView> = next.iter().filter_map(step).collect();
    (!steps.is_empty()).then(|| {
        view! {
            <section aria-labelledby="next-steps">
                <h2 id="next-steps">{t!("hub.next")}</h2>
                <ul class="next-steps">{steps}</ul>
            </section>
        }
    })
}

fn step(next: &Next) -> Option<AnyView> {
    let all = highwater_exercises::taught();
    let exercise = |id: &String| all.exercises.iter().find(|one| one.id == *id);
    let name = |concept: &String| concept_name(concept, all);
    let (href, title, why) = match next {
        // Both begin where they are pressed.
        Next::Due { count } => {
            (None, t!("hub.due-title", number = *count as u64), t!("hub.why-due").to_owned())
        }
        Next::Wrong { count } => {
            (None, t!("hub.wrong-title", number = *count as u64), t!("hub.why-wrong").to_owned())
        }
        Next::GoOn { exercise: id } => (
            Some(format!("#/learn/{id}")),
            t!("hub.exercise", title = exercise(id)?.title),
            t!("hub.why-begun").to_owned(),
        ),
        Next::Learn { exercise: id, teaches } => {
            let concepts: Vec<String> = teaches.iter().map(name).collect();
            (
                Some(format!("#/learn/{id}")),
                t!("hub.exercise", title = exercise(id)?.title),
                t!("hub.why-learn", concepts = concepts.join(", ")),
            )
        }
        Next::Mend { belief: id } => (
            Some(format!("#/beliefs/{id}")),
            t!("led.belief", belief = beliefs::find(id)?.belief),
            t!("hub.why-mend").to_owned(),
        ),
        Next::Ask { concept, question: id } => (
            Some(format!("#/interview/{id}")),
            kept::question(id)?.title.clone(),
            t!("hub.why-ask", concept = name(concept)),
        ),
    };
    let is_due = matches!(next, Next::Due { .. });
    let ask = move |_| {
        let standing = kept::standing();
        if is_due {
            let due = queue(&standing.schedule, kept::is_known, standing.today).due;
            begin(Practice::of(Kind::Today, due));
        } else {
            begin(Practice::of(Kind::Wrong, wrong_last(&standing.schedule, kept::is_known)));
        }
    };
    let title = match href {
        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
        None => {
            view! { <button type="button" class="as-link" on:click=ask>{title}</button> }.into_any()
        }
    };
    Some(view! { <li><strong>{title}</strong> <span class="aside">{why}</span></li> }.into_any())
}

/// What is due today, what went wrong, and the row that is under way.
#[component]
fn Today<'a>(standing: &'a Standing) -> impl IntoView {
    let Queue { due, next } = queue(&standing.schedule, kept::is_known, standing.today);
    let wrong = wrong_last(&standing.schedule, kept::is_known);
    let row = kept::practice().and_then(|row| {
        let next = row.next(None)?;
        let href = kept::address(next, &standing.learning);
        let said = t!(
            "hub.row",
            row = kind_name(row.kind),
            answered = row.answered.len(),
            all = row.questions.len()
        );
        Some((href, said))
    });
    let count = due.len() as u64;
    let later = next.map(|(day, number)| {
        t!("hub.next-day", number = number as u64, day = day_name(day, standing.today))
    });
    let begin_due = move |_| begin(Practice::of(Kind::Today, due.clone()));
    let wrongs = wrong.len() as u64;
    let begin_wrong = move |_| begin(Practice::of(Kind::Wrong, wrong.clone()));
    view! {
        <section aria-labelledby="today">
            <h2 id="today">{t!("hub.today")}</h2>
            {row.map(|(href, said)| view! {
                <p class="way"><span>{said}</span> <a class="button" href=href>{t!("hub.go-on")}</a></p>
            })}
            {if count > 0 {
                view! {
                    <p class="way">
                        <span>{t!("hub.due", number = count)}</span>
                        <button type="button" class="main" on:click=begin_due>{t!("hub.todays-queue")}</button>
                    </p>
                }.into_any()
            } else {
                view! { <p>{t!("hub.nothing-due")}</p> }.into_any()
            }}
            {later.map(|later| view! { <p class="aside">{later}</p> })}
            {(wrongs > 0).then(|| view! {
                <p class="way">
                    <span>{t!("hub.wrong", number = wrongs)}</span>
                    <button type="button" on:click=begin_wrong>{t!("hub.review-wrong")}</button>
                </p>
            })}
        </section>
    }
    .into_any()
}

/// The way to the mock interview: to one that is under way, to the report of the last, or to a new one.
#[component]
fn MockDoor() -> impl IntoView {
    let mock = kept::mock();
    let all = mock.as_ref().map_or(0, |mock| mock.slots.len());
    let under_way = mock.as_ref().and_then(|mock| mock.place()).map(|place| place + 1);
    let way = match under_way {
        Some(place) => view! {
            <a class="button main" href=format!("#/mock/{place}")>{t!("hub.mock-go-on", place = place, all = all)}</a>
        }
        .into_any(),
        None => view! { <a class="button" href="#/mock">{t!("hub.mock-begin")}</a> }.into_any(),
    };
    let report = (mock.is_some() && under_way.is_none()).then(|| {
        view! { <p><a href="#/mock">{t!("hub.mock-report")}</a></p> }
    });
    view! {
        <section aria-labelledby="mock-door">
            <h2 id="mock-door">{t!("hub.mock")}</h2>
            <p class="way"><span>{t!("hub.mock-lead")}</span> {way}</p>
            {report}
        </section>
    }
    .into_any()
}

/// A day as one speaks of it.
pub fn day_name(day: Day, today: Day) -> String {
    match day.0 - today.0 {
        0 => t!("hub.today-word").to_owned(),
        1 => t!("hub.tomorrow").to_owned(),
        _ => format::day(day.noon_ms()),
    }
}
