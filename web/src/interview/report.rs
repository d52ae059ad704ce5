//! The report of a mock interview.

use highwater_exercises::taught;
use highwater_standing::{Kind, Line, Mock, Practice, Results, Review, concept_name};
use leptos::prelude::*;

use super::row::begin;
use crate::beliefs;
use crate::format;
use crate::kept;
use crate::share::files;

/// What was right, which beliefs showed, and what to go over again.
#[component]
pub fn MockReport(mock: Mock) -> impl IntoView {
    let report = mock.report(taught(), kept::question);
    let all = report.lines.len();
    let wrong: Vec<String> = report
        .lines
        .iter()
        .filter(|line| is_wrong(line))
        .map(|line| line.question.clone())
        .collect();
    let wrongs = wrong.len() as u64;
    let review_wrong = move |_| begin(Practice::of(Kind::Wrong, wrong.clone()));
    let times = mock.is_timed.then(|| {
        t!(
            "mock.times",
            spent = format::minutes(report.spent_ms),
            limit = format::minutes(report.limit_ms)
        )
    });
    let lines = report.lines.iter().map(|one| line(one, mock.is_timed)).collect_view();
    let beliefs: Vec<AnyView> = report.beliefs.iter().filter_map(|(id, _)| belief(id)).collect();
    let review: Vec<AnyView> = report.review.iter().map(review).collect();
    view! {
        <section aria-labelledby="report">
            <h2 id="report">{t!("mock.report")}</h2>
            <p class="lead">{t!("mock.right", right = report.right, all = all - report.to_compare)}</p>
            {(report.to_compare > 0).then(|| view! {
                <p>{t!("mock.to-compare", number = report.to_compare as u64)}</p>
            })}
            {times.map(|times| view! { <p class="aside">{times}</p> })}
            {(wrongs > 0).then(|| view! {
                <p class="sources">
                    <button type="button" class="main" on:click=review_wrong>{t!("mock.ask-again", number = wrongs)}</button>
                </p>
            })}
            {handed_in(&mock)}
            <ol class="mock-lines">{lines}</ol>
            {(!beliefs.is_empty()).then(|| view! {
                <h3>{t!("mock.beliefs")}</h3>
                <ul class="mock-beliefs">{beliefs}</ul>
            })}
            {(!review.is_empty()).then(|| view! {
                <h3>{t!("mock.review")}</h3>
                <ul class="mock-review">{review}</ul>
            })}
        </section>
    }
    .into_any()
}

/// What a class gave goes to the teacher as a file.
fn handed_in(mock: &Mock) -> Option<AnyView> {
    let results = Results::of(mock, kept::clock().now_ms)?;
    let trouble = RwSignal::new(None::<String>);
    let name = format!("highwater-class-{}.json", results.of.student);
    let save = move |_| files::save("text", &name, &results.write(), trouble);
    Some(
        view! {
            <div class="led">
                <p>{t!("class.hand-in")}</p>
                <p class="sources"><button type="button" class="main" on:click=save>{t!("class.save-results")}</button></p>
                <p role="status">{trouble}</p>
            </div>
        }
        .into_any(),
    )
}

/// Whether it was answered wrong, or not known.
fn is_wrong(line: &Line) -> bool {
    line.judged.as_ref().is_some_and(|judged| judged.share.is_some() && !judged.is_right)
}

fn line(line: &Line, is_timed: bool) -> AnyView {
    let title = kept::question(&line.question).map(|question| question.title.as_str());
    let href = format!("#/mock/{}", line.place + 1);
    let (said, is_right) = match &line.judged {
        None => (t!("mock.line-not-come-to").to_owned(), false),
        Some(judged) => match judged.share {
            None => (t!("mock.line-to-compare").to_owned(), false),
            Some(_) if judged.is_right => (t!("mock.line-right").to_owned(), true),
            Some(_) if !line.is_answered => (t!("mock.line-not-known").to_owned(), false),
            Some(0) => (t!("mock.line-wrong").to_owned(), false),
            Some(share) => (t!("mock.line-partly", share = share), false),
        },
    };
    let time = (is_timed && line.judged.is_some()).then(|| {
        let spent = format::minutes(line.spent_ms);
        if line.spent_ms > line.limit_ms {
            t!("mock.line-over", spent = spent, limit = format::minutes(line.limit_ms))
        } else {
            spent
        }
    });
    let way = match &line.judged {
        None => None,
        Some(judged) if judged.share.is_none() => Some(t!("interview.compare")),
        Some(_) => Some(t!("mock.show-me")),
    };
    view! {
        <li class:is-right=is_right>
            <span>{title}</span>
            <span class="said">{said}</span>
            {time.map(|time| view! { <span class="aside">{time}</span> })}
            {way.map(|way| view! {
                <a href=href aria-label=format!("{way}: {}", title.unwrap_or_default())>{way}</a>
            })}
        </li>
    }
    .into_any()
}

fn belief(id: &str) -> Option<AnyView> {
    let belief = beliefs::find(id)?;
    let exercise = belief.exercise.as_ref().and_then(|id| exercise_link(id));
    Some(
        view! {
            <li>
                <a href=format!("#/beliefs/{id}")>{t!("led.belief", belief = belief.belief)}</a>
                {exercise}
            </li>
        }
        .into_any(),
    )
}

fn review(one: &Review) -> AnyView {
    let name = concept_name(&one.concept, taught());
    let said = t!("mock.review-line", concept = name, wrong = one.wrong, of = one.of);
    view! { <li>{said} {one.exercise.as_ref().and_then(|id| exercise_link(id))}</li> }.into_any()
}

fn exercise_link(id: &str) -> Option<AnyView> {
    let exercise = highwater_exercises::all().iter().find(|one| one.id == *id)?;
    let title = t!("hub.exercise", title = exercise.title);
    Some(
        view! { <span class="aside"><a href=format!("#/learn/{id}")>{title}</a></span> }.into_any(),
    )
}
