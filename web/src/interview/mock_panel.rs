//! One question of a mock interview, beside the stage.

use highwater_exercises::{Grade, Question};
use highwater_standing::{Mock, Slot, minutes_for};
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;

use super::asking::Asking;
use super::fields::Field;
use super::verdict::Verdict;
use crate::format;
use crate::kept;
use crate::route;

/// A step of the clock counts at most so much: a page that slept was not thought in front of.
const MOST_STEP_MS: f64 = 2_000.0;

/// The time is kept every so many steps.
const KEPT_EACH: u32 = 5;

/// One question of the mock interview.
#[component]
pub fn MockPanel(
    /// Which.
    question: &'static Question,
    /// Its place, from 0.
    place: usize,
) -> impl IntoView {
    let mock = kept::mock()?;
    let slot = mock.slots.get(place)?.clone();
    let mut asking = Asking::new(question, slot.draw);
    asking.compares = false;
    asking.given.set(slot.given.clone());
    asking.words.set(slot.words.clone());
    let all = mock.slots.len();
    let body = match &slot.judged {
        None if mock.is_over() => {
            view! { <p class="aside">{t!("mock.not-come-to")}</p> <ToReport/> }.into_any()
        }
        None => view! { <Open asking place was=slot is_timed=mock.is_timed tells=mock.tells/> }
            .into_any(),
        Some(_) if !mock.is_over() && !mock.tells => view! { <Closed mock/> }.into_any(),
        Some(_) => view! { <Told asking place was=slot mock/> }.into_any(),
    };
    Some(
        view! {
            <section class="guide" aria-label=t!("interview.question")>
                <p class="row-place"><a href="#/mock">{t!("mock.place", place = place + 1, all = all)}</a></p>
                <h2 class="title">{question.title.as_str()}</h2>
                <div class="text" inner_html=asking.with(&question.text_html)></div>
                {body}
            </section>
        }
        .into_any(),
    )
}

/// While it is open.
#[component]
fn Open(asking: Asking, place: usize, was: Slot, is_timed: bool, tells: bool) -> impl IntoView {
    let spent_ms = RwSignal::new(was.spent_ms);
    let limit_ms = u64::from(minutes_for(asking.question)) * 60_000;
    let trouble = RwSignal::new(None::<&'static str>);
    // What is answered so far is there after a reload.
    let keep = move || {
        change(place, |slot| {
            slot.spent_ms = spent_ms.get_untracked();
            slot.given = asking.given.get_untracked();
            slot.words = asking.words.get_untracked();
        })
    };
    Effect::new(move |_| {
        asking.given.track();
        keep();
    });
    follow_time(spent_ms, move || {
        keep();
    });
    let left = window_event_listener(ev::pagehide, move |_| {
        keep();
    });
    on_cleanup(move || left.remove());
    let has_words = move || !asking.words.read().trim().is_empty();
    let is_answered =
        move || if asking.is_open() { has_words() } else { asking.given.read().is_some() };
    let close = move |takes_answer: bool| {
        if !takes_answer {
            asking.given.set(None);
            asking.words.set(String::new());
        }
        let graded = if asking.is_open() { None } else { asking.grade() };
        if takes_answer && !asking.is_open() && graded.is_none() {
            return trouble.set(Some(t!("interview.question-could-not")));
        }
        let grade = graded.as_ref().map(|(_, grade)| grade.clone());
        keep();
        let Some(mock) = change(place, |slot| slot.close(asking.question, grade.as_ref())) else {
            return trouble.set(Some(t!("mock.no-room")));
        };
        // What is to be compared with a good answer is noted then.
        let waits = asking.is_open() && takes_answer;
        if !waits {
            asking.note(grade.as_ref());
        }
        if tells {
            return route::show_anew();
        }
        go_on(&mock);
    };
    let is_over_time = Memo::new(move |_| spent_ms.get() > limit_ms);
    view! {
        {is_timed.then(|| view! {
            <p class="mock-clock" class:over-time=move || is_over_time.get()>
                <span role="timer">{move || format::minutes(spent_ms.get())}</span>
                <span class="aside">{t!("mock.of-minutes", limit = format::minutes(limit_ms))}</span>
            </p>
        })}
        <p role="status" class="aside waits">
            {move || (is_timed && is_over_time.get()).then_some(t!("mock.time-is-over"))}
        </p>
        <Field asking/>
        <p class="sources">
            <button type="button" class="main" on:click=move |_| close(true) disabled=move || !is_answered()>
                {t!("mock.lock-in")}
            </button>
            <button type="button" on:click=move |_| close(false)>{t!("mock.i-do-not-know")}</button>
        </p>
        <div role="alert">{trouble}</div>
    }
    .into_any()
}

/// Answered, and the verdict comes at the end.
#[component]
fn Closed(mock: Mock) -> impl IntoView {
    let next = mock.place().map(|place| format!("#/mock/{}", place + 1));
    view! {
        <p class="evidence">{t!("mock.locked-in")}</p>
        {next.map(|href| view! {
            <p class="sources"><a class="button main" href=href>{t!("row.next")}</a></p>
        })}
    }
    .into_any()
}

/// Answered, and what came of it is told.
#[component]
fn Told(asking: Asking, place: usize, was: Slot, mock: Mock) -> impl IntoView {
    let waits = was.judged.as_ref().is_some_and(|judged| judged.share.is_none());
    let mut asking = asking;
    asking.speaks = false;
    asking.compares = waits || !was.words.is_empty();
    if asking.given.with_untracked(Option::is_none) && !asking.is_open() {
        // Nothing was answered: what would have been right is told all the same.
        asking.given.set(Some(highwater_exercises::Given::Point(String::new())));
    }
    if !waits {
        asking.judged.set(asking.grade());
    }
    let compare = move |_| {
        let Some((answer, grade)) = asking.grade() else { return };
        change(place, |slot| {
            slot.given = asking.given.get_untracked();
            slot.close(asking.question, Some(&grade));
        });
        asking.note(Some(&grade));
        asking.judged.set(Some((answer, grade)));
    };
    let next = mock.place().map(|place| format!("#/mock/{}", place + 1));
    view! {
        {was.given.is_none().then(|| (!asking.is_open()).then(|| view! { <p class="aside">{t!("mock.nothing-answered")}</p> }))}
        <Field asking/>
        {waits.then(|| view! {
            <p class="sources">
                <button type="button" class="main" on:click=compare
                    disabled=move || asking.given.with(Option::is_none) || asking.is_locked()>
                    {t!("interview.lock-in")}
                </button>
            </p>
        })}
        <div role="status">
            {move || asking.judged.get().map(|(answer, grade): (_, Grade)| view! { <Verdict asking answer grade/> })}
        </div>
        {match next {
            Some(href) => view! { <p class="sources"><a class="button main" href=href>{t!("row.next")}</a></p> }.into_any(),
            None => view! { <ToReport/> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn ToReport() -> impl IntoView {
    view! { <p class="sources"><a class="button main" href="#/mock">{t!("mock.to-report")}</a></p> }
}

/// Changes what is kept of a question, and gives the interview as it is then; none if it could not be kept.
fn change(place: usize, act: impl FnOnce(&mut Slot)) -> Option<Mock> {
    let mut mock = kept::mock()?;
    act(mock.slots.get_mut(place)?);
    kept::keep_mock(&mock).ok()?;
    Some(mock)
}

fn go_on(mock: &Mock) {
    match mock.place() {
        Some(place) => route::go(&format!("#/mock/{}", place + 1)),
        None => route::go("#/mock"),
    }
}

/// Counts the time in front of the question, and has it kept now and then.
fn follow_time(spent_ms: RwSignal<u64>, keep: impl Fn() + 'static) {
    let last = StoredValue::new(js_sys::Date::now());
    let steps = StoredValue::new(0_u32);
    let step = move || {
        // A clock that stands still for a test cannot be taken down: then it steps on after the question is gone.
        let Some(before) = last.try_get_value() else { return };
        let now = js_sys::Date::now();
        let since = (now - before).clamp(0.0, MOST_STEP_MS);
        last.set_value(now);
        spent_ms.update(|spent| *spent += since as u64);
        steps.update_value(|steps| *steps += 1);
        if steps.get_value().is_multiple_of(KEPT_EACH) {
            keep();
        }
    };
    if let Ok(handle) = set_interval_with_handle(step, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
}
