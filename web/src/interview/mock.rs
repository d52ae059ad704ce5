//! `#/mock`: a mock interview is set up here, gone on with, and reported on.

use highwater_exercises::{Question, questions, road, taught};
use highwater_standing::{Filter, Mock, find};
use leptos::prelude::*;

use super::bank::{choice, level_of, levels, roles};
use super::report::MockReport;
use crate::kept;
use crate::route;
use crate::save::storage::{self, StorageError};

/// So many questions are asked.
const COUNT: usize = 10;

/// The page of the mock interview.
#[component]
pub fn MockPage() -> impl IntoView {
    let mock = RwSignal::new(kept::mock());
    let body = move || match mock.get() {
        Some(mock) if mock.is_over() => {
            view! { <MockReport mock/> <SetUp is_again=true/> }.into_any()
        }
        Some(known) => view! { <UnderWay known mock/> }.into_any(),
        None => view! { <SetUp is_again=false/> }.into_any(),
    };
    view! {
        <main class="prose interview">
            <p class="over"><a href="#/interview">{t!("interview.interview")}</a></p>
            <h1>{t!("hub.mock")}</h1>
            {body}
        </main>
    }
    .into_any()
}

/// One that is under way: go on, or end it here.
#[component]
fn UnderWay(known: Mock, mock: RwSignal<Option<Mock>>) -> impl IntoView {
    let place = known.place().unwrap_or_default() + 1;
    let end = move |_| {
        let mut ended = known.clone();
        ended.is_ended = true;
        let _ = kept::keep_mock(&ended);
        mock.set(Some(ended));
    };
    view! {
        <p class="lead">{t!("mock.under-way", place = place, all = mock.with_untracked(|mock| mock.as_ref().map_or(0, |mock| mock.slots.len())))}</p>
        <p class="sources">
            <a class="button main" href=format!("#/mock/{place}")>{t!("hub.go-on")}</a>
            <button type="button" on:click=end>{t!("mock.end-here")}</button>
        </p>
    }
    .into_any()
}

/// Begins one: its questions take the place of those of the one before.
///
/// # Errors
/// It cannot be kept.
pub fn start(mock: &Mock) -> Result<(), StorageError> {
    kept::keep_mock(mock)?;
    // What was done with the clusters of the one before is not to stand in this one.
    for key in
        ["highwater.scenario.mock/", "highwater.last.mock/"].into_iter().flat_map(storage::keys)
    {
        storage::remove(&key);
    }
    route::go("#/mock/1");
    Ok(())
}

/// What is asked before it begins.
#[component]
fn SetUp(is_again: bool) -> impl IntoView {
    let [role, level] = [(); 2].map(|()| RwSignal::new(String::new()));
    let (is_timed, tells) = (RwSignal::new(true), RwSignal::new(false));
    let trouble = RwSignal::new(false);
    let found = Memo::new(move |_| {
        let some = |word: String| (!word.is_empty()).then_some(word);
        let filter =
            Filter { role: some(role.get()), level: level_of(&level.read()), ..Filter::default() };
        let found = find(questions(), road(), &filter);
        found.into_iter().map(|question| question.id.as_str()).collect::<Vec<&'static str>>()
    });
    let start = move |_| {
        let found: Vec<&Question> =
            found.read_untracked().iter().filter_map(|id| kept::question(id)).collect();
        let seed = (js_sys::Math::random() * 9e15) as u64;
        let drawn = Mock::draw(&found, taught(), seed, COUNT);
        let mock = Mock {
            began_ms: kept::clock().now_ms,
            tells: tells.get_untracked(),
            is_timed: is_timed.get_untracked(),
            ..drawn
        };
        trouble.set(start(&mock).is_err());
    };
    let count = move || found.read().len().min(COUNT) as u64;
    let tick = |label: &'static str, to: RwSignal<bool>| {
        view! {
            <label class="tick-line">
                <input type="checkbox" prop:checked=to on:change=move |event| to.set(event_target_checked(&event))/>
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <section aria-labelledby="set-up">
            <h2 id="set-up">{if is_again { t!("mock.another") } else { t!("mock.set-up") }}</h2>
            <p>{t!("mock.lead")}</p>
            <div class="bank-filters">
                {choice(t!("bank.role"), roles(), role)}
                {choice(t!("bank.level"), levels(), level)}
            </div>
            {tick(t!("mock.timed"), is_timed)}
            {tick(t!("mock.tells"), tells)}
            <p class="sources">
                <button type="button" class="main" on:click=start disabled=move || found.read().is_empty()>
                    {move || t!("mock.begin", number = count())}
                </button>
            </p>
            <div role="alert">{move || trouble.get().then_some(t!("mock.no-room"))}</div>
        </section>
    }
    .into_any()
}
