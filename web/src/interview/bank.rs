//! The bank: all questions, searched by words, topic, level, role and form, and asked mixed.

use highwater_exercises::{Level, Question, questions, road, taught};
use highwater_standing::{Asks, Filter, Practice, ROLES, Recall, concept_name, find, skills};
use leptos::prelude::*;

use super::hub::day_name;
use super::row::begin;
use super::{kind_name, level_name};
use crate::kept;
use crate::learn::stage_name;

/// So many questions are asked in a row.
const ROW: usize = 10;

/// So many are listed before one asks for all.
const LISTED: usize = 20;

/// What a role is called.
pub fn role_name(role: &str) -> &'static str {
    match role {
        "role-backend" => t!("bank.backend"),
        "role-data" => t!("bank.data"),
        "role-platform" => t!("bank.platform"),
        "role-ml" => t!("bank.ml"),
        _ => t!("bank.architecture"),
    }
}

/// A level by its word in a form.
pub fn level_of(word: &str) -> Option<Level> {
    match word {
        "easy" => Some(Level::Easy),
        "medium" => Some(Level::Medium),
        "hard" => Some(Level::Hard),
        _ => None,
    }
}

/// The levels, by their words in a form.
pub fn levels() -> Vec<(String, String)> {
    let names = [("easy", Level::Easy), ("medium", Level::Medium), ("hard", Level::Hard)];
    names.map(|(word, level)| (word.to_owned(), level_name(level).to_owned())).to_vec()
}

/// The roles that some question is for.
pub fn roles() -> Vec<(String, String)> {
    let is_asked =
        |role: &&str| questions().iter().any(|it| it.tags.iter().any(|tag| tag == *role));
    let known = ROLES.into_iter().filter(is_asked);
    known.map(|role| (role.to_owned(), role_name(role).to_owned())).collect()
}

/// One of some things to be chosen, or any of them; nothing if there is nothing to choose.
pub fn choice(
    label: &'static str,
    options: Vec<(String, String)>,
    to: RwSignal<String>,
) -> Option<AnyView> {
    if options.is_empty() {
        return None;
    }
    let options =
        options.into_iter().map(|(value, name)| view! { <option value=value>{name}</option> });
    Some(
        view! {
            <label>{label}
                <select on:change=move |event| to.set(event_target_value(&event)) prop:value=to>
                    <option value="">{t!("bank.any")}</option>
                    {options.collect_view()}
                </select>
            </label>
        }
        .into_any(),
    )
}

/// The bank, with what one is looking for.
#[component]
pub fn Bank() -> impl IntoView {
    let sought = RwSignal::new(String::new());
    let [concept, level, role, asks] = [(); 4].map(|()| RwSignal::new(String::new()));
    let lists_all = RwSignal::new(false);
    let standing = StoredValue::new(kept::standing());
    let found = Memo::new(move |_| {
        let some = |word: String| (!word.is_empty()).then_some(word);
        let filter = Filter {
            concept: some(concept.get()),
            level: level_of(&level.read()),
            role: some(role.get()),
            asks: asks_of(&asks.read()),
            sought: sought.get(),
        };
        let found = find(questions(), road(), &filter);
        found.into_iter().map(|question| question.id.as_str()).collect::<Vec<&'static str>>()
    });
    let ask = move |_| {
        let found: Vec<&Question> =
            found.read_untracked().iter().filter_map(|id| kept::question(id)).collect();
        let seed = (js_sys::Math::random() * 4e9) as u64;
        begin(
            standing.with_value(|standing| Practice::mixed(&found, &standing.schedule, seed, ROW)),
        );
    };
    let list = move || {
        let found = found.get();
        let most = if lists_all.get() { found.len() } else { LISTED };
        let entry = |id: &&'static str| {
            let question = kept::question(id)?;
            Some(standing.with_value(|standing| {
                let href = kept::address(id, &standing.learning);
                let mark = standing.schedule.get(*id).map(|recall| mark(recall, standing.today));
                entry(question, href, mark)
            }))
        };
        found.iter().take(most).filter_map(entry).collect_view()
    };
    view! {
        <section aria-labelledby="bank">
            <h2 id="bank">{t!("bank.practise")}</h2>
            <div class="bank-filters">
                <label class="wide">{t!("bank.search")}
                    <input type="search" on:input=move |event| sought.set(event_target_value(&event))/>
                </label>
                {choice(t!("bank.topic"), topics(), concept)}
                {choice(t!("bank.level"), levels(), level)}
                {choice(t!("bank.role"), roles(), role)}
                {choice(t!("bank.form"), forms(), asks)}
            </div>
            <p class="way">
                <span role="status">{move || t!("bank.found", number = found.read().len() as u64)}</span>
                <button type="button" class="main" on:click=ask disabled=move || found.read().is_empty()>
                    {move || t!("bank.ask-mixed", number = found.read().len().min(ROW) as u64)}
                </button>
            </p>
            <ul class="bank">{list}</ul>
            <Show when=move || !lists_all.get() && (found.read().len() > LISTED)>
                <p class="sources">
                    <button type="button" on:click=move |_| lists_all.set(true)>
                        {move || t!("bank.list-all", all = found.read().len())}
                    </button>
                </p>
            </Show>
        </section>
    }
    .into_any()
}

fn entry(question: &'static Question, href: String, mark: Option<String>) -> AnyView {
    let about = [
        stage_name(question.stage),
        level_name(question.level).to_owned(),
        kind_name(&question.task).to_owned(),
    ];
    view! {
        <li>
            <a href=href>{question.title.as_str()}</a>
            <span class="aside">{about.join(" \u{b7} ")}</span>
            {mark.map(|mark| view! { <span class="mark">{mark}</span> })}
        </li>
    }
    .into_any()
}

/// What became of a question when it was asked last.
fn mark(recall: &Recall, today: highwater_standing::Day) -> String {
    if !recall.was_right {
        return t!("bank.wrong-last").to_owned();
    }
    let day = if recall.due <= today { today } else { recall.due };
    t!("bank.right-last", day = day_name(day, today))
}

/// The concepts that questions are about, by name.
fn topics() -> Vec<(String, String)> {
    let map = skills(taught(), &Default::default(), &Default::default());
    let asked = map.into_iter().filter(|skill| !skill.questions.is_empty());
    let mut topics: Vec<(String, String)> = asked
        .map(|skill| {
            let name = concept_name(&skill.concept, taught());
            let name = t!("bank.topic-count", topic = name, count = skill.questions.len());
            (skill.concept, name)
        })
        .collect();
    topics.sort_by_key(|(_, name)| name.to_lowercase());
    topics
}

fn forms() -> Vec<(String, String)> {
    let names = [
        ("incidents", t!("bank.incidents")),
        ("designs", t!("bank.designs")),
        ("words", t!("bank.in-own-words")),
        ("computed", t!("bank.computed")),
    ];
    names.map(|(word, name)| (word.to_owned(), name.to_owned())).to_vec()
}

fn asks_of(word: &str) -> Asks {
    match word {
        "incidents" => Asks::Incidents,
        "designs" => Asks::Designs,
        "words" => Asks::InOwnWords,
        "computed" => Asks::Computed,
        _ => Asks::Anything,
    }
}
