//! The map of wrong beliefs: each with what is true, the cluster that refutes it, and what is tied to it.

use highwater_exercises::{Misconception, taught};
use highwater_standing::{OfBelief, Shown, beliefs, concept_name};
use leptos::prelude::*;

use crate::kept;
use crate::learn::stage_name;
use crate::miniature::Miniature;
use crate::prose::Prose;
use crate::shows::Shows;

/// The belief of that id.
pub fn find(id: &str) -> Option<&'static Misconception> {
    taught().misconceptions.iter().find(|belief| belief.id == id)
}

/// All of them.
#[component]
pub fn BeliefList() -> impl IntoView {
    let all = beliefs(taught(), &kept::standing().learning);
    let count = all.len() as u64;
    let shown = all.iter().filter(|one| one.shown.is_some()).count() as u64;
    let lines: Vec<Line> = all.iter().map(Line::of).collect();
    let (sought, only_mine) = (RwSignal::new(String::new()), RwSignal::new(false));
    let groups = move || {
        let sought = sought.read().to_lowercase();
        let words: Vec<&str> = sought.split_whitespace().collect();
        let fits = |line: &&Line| {
            (!only_mine.get() || line.mark.is_some())
                && words.iter().all(|word| line.searched.contains(word))
        };
        let found: Vec<&Line> = lines.iter().filter(fits).collect();
        if found.is_empty() {
            return view! { <p class="aside">{t!("beliefs.none-found")}</p> }.into_any();
        }
        let mut groups: Vec<(&str, Vec<AnyView>)> = Vec::new();
        for line in found {
            match groups.last_mut().filter(|(title, _)| *title == line.group) {
                Some((_, entries)) => entries.push(line.view()),
                None => groups.push((&line.group, vec![line.view()])),
            }
        }
        let group = |(title, entries): (&str, Vec<AnyView>)| {
            view! { <section><h2>{title.to_owned()}</h2> <ul class="beliefs">{entries}</ul></section> }
        };
        groups.into_iter().map(group).collect_view().into_any()
    };
    view! {
        <main class="prose interview">
            <h1>{t!("beliefs.wrong-beliefs")}</h1>
            <p class="lead">{t!("beliefs.lead", number = count)}</p>
            <div class="bank-filters">
                <label class="wide">{t!("beliefs.find")}
                    <input type="search" on:input=move |event| sought.set(event_target_value(&event))/>
                </label>
            </div>
            {(shown > 0).then(|| view! {
                <label class="tick-line">
                    <input type="checkbox" on:change=move |event| only_mine.set(event_target_checked(&event))/>
                    <span>{t!("beliefs.only-mine", number = shown)}</span>
                </label>
            })}
            {groups}
        </main>
    }
    .into_any()
}

/// A line of the list.
struct Line {
    belief: &'static Misconception,
    group: String,
    about: String,
    mark: Option<&'static str>,
    searched: String,
}

impl Line {
    fn of(one: &OfBelief<'static>) -> Self {
        let names = one.concepts.iter().map(|concept| concept_name(concept, taught()));
        let about = names.collect::<Vec<String>>().join(", ");
        let group = one.stage.map_or_else(|| t!("beliefs.no-stage").to_owned(), stage_name);
        let belief = one.belief;
        let searched =
            format!("{} {} {about} {}", belief.belief, belief.id, belief.truth_html).to_lowercase();
        let mark = one.shown.map(mark);
        Self { belief, group, about, mark, searched }
    }

    fn view(&self) -> AnyView {
        view! {
            <li>
                <a href=format!("#/beliefs/{}", self.belief.id)>{self.belief.belief.as_str()}</a>
                <span class="aside">{self.about.clone()}</span>
                {self.mark.map(|mark| view! { <span class="mark">{mark}</span> })}
            </li>
        }
        .into_any()
    }
}

fn mark(shown: Shown) -> &'static str {
    if shown.is_mended { t!("beliefs.mended") } else { t!("beliefs.shown") }
}

/// One of them.
#[component]
pub fn BeliefPage(
    /// Which.
    belief: &'static Misconception,
) -> impl IntoView {
    let standing = kept::standing();
    let all = beliefs(taught(), &standing.learning);
    let one = all.into_iter().find(|one| one.belief.id == belief.id)?;
    let shown = one.shown.map(|shown| {
        let said = t!("beliefs.shown-times", number = u64::from(shown.times));
        view! { <p class="mark">{said} {shown.is_mended.then_some(t!("beliefs.right-since"))}</p> }
    });
    let exercises = one.exercises.iter().map(|exercise| {
        view! { <li><a href=format!("#/learn/{}", exercise.id)>{exercise.title.clone()}</a></li> }
    });
    let questions = one.questions.iter().map(|question| {
        let href = kept::address(&question.id, &standing.learning);
        view! { <li><a href=href>{question.title.clone()}</a></li> }
    });
    let (exercises, questions) = (exercises.collect::<Vec<_>>(), questions.collect::<Vec<_>>());
    Some(
        view! {
            <main class="prose interview">
                <p class="over"><a href="#/beliefs">{t!("beliefs.wrong-beliefs")}</a></p>
                <h1>{t!("led.belief", belief = belief.belief)}</h1>
                <p class="aside">{t!("beliefs.many-think-so")}</p>
                {shown}
                <h2>{t!("beliefs.what-is-true")}</h2>
                <Prose html=belief.truth_html.as_str()/>
                <h2>{t!("beliefs.see-it")}</h2>
                <p>{belief.look.as_str()}</p>
                <Miniature script=belief.scenario.as_str() shows=Shows::without_own_affairs() is_wide=true/>
                {(!exercises.is_empty()).then(|| view! {
                    <h2>{t!("beliefs.exercises")}</h2> <ul class="links">{exercises}</ul>
                })}
                {(!questions.is_empty()).then(|| view! {
                    <h2>{t!("beliefs.questions")}</h2> <ul class="links">{questions}</ul>
                })}
            </main>
        }
        .into_any(),
    )
}
