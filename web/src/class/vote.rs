//! A vote: hands are counted by typing, before the room talks about it and after that.

use std::time::Duration;

use highwater_exercises::{Answer, Question, Solution};
use highwater_standing::{Ballot, ClassStep, Hands, Share};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::format;
use crate::interview::escaped;

/// Where the first number is typed.
const FIRST: &str = "hands-0";

/// The answers, the hands for each, and what became of them.
#[component]
pub fn Vote(
    /// What is to be chosen from, and what is right.
    ballot: Ballot,
    /// Which step it is.
    step: Memo<ClassStep>,
    /// What was counted.
    counted: Memo<Hands>,
    /// Whether the run of the step is over: before that nothing is told.
    has_arrived: Memo<bool>,
    /// Notes hands: of the second vote, for which answer, how many.
    set: Callback<(bool, usize, Option<u16>)>,
    /// Goes a step on.
    forward: Callback<()>,
) -> impl IntoView {
    let count = ballot.answers.len();
    let asks = Memo::new(move |_| {
        matches!(step.get(), ClassStep::Asks | ClassStep::AsksAgain | ClassStep::Claims)
    });
    let is_told = Memo::new(move |_| match step.get() {
        ClassStep::Answers => has_arrived.get(),
        ClassStep::Tells => true,
        _ => false,
    });
    // Who counts hands has a keyboard before them, and looks at the room.
    Effect::new(move |_| {
        step.track();
        if asks.get() && count > 0 {
            request_animation_frame(|| focus(FIRST));
        }
    });
    let ballot = StoredValue::new(ballot);
    let shares = move || {
        let [first, second] = [false, true].map(|is_second| {
            counted.with(|hands| ballot.with_value(|all| hands.share(is_second, all)))
        });
        let said = match (first, second) {
            (Some(first), Some(second)) => {
                t!("class.shares", first = percent(first), second = percent(second))
            }
            (Some(one), None) | (None, Some(one)) => t!("class.share", share = percent(one)),
            (None, None) => return None,
        };
        is_told.get().then(|| view! { <p class="evidence">{said}</p> })
    };
    let answer = move |place: usize| {
        let text = ballot.with_value(|all| escaped(&all.answers[place]));
        let label = ballot.with_value(|all| all.answers[place].clone());
        let is_right = ballot.with_value(|all| all.right.contains(&place));
        let mark = move || {
            (is_told.get() && is_right)
                .then(|| view! { <strong class="right">{t!("class.right")}</strong> })
        };
        view! {
            <li class:is-right=move || is_told.get() && is_right>
                <span class="answer"><span inner_html=text></span> {mark}</span>
                {move || if asks.get() {
                    let is_second = step.get() == ClassStep::AsksAgain;
                    view! { <Count place count is_second label=label.clone() counted set forward/> }.into_any()
                } else if is_told.get() {
                    view! { <Bars place counted/> }.into_any()
                } else {
                    ().into_any()
                }}
            </li>
        }
    };
    view! {
        {move || match step.get() {
            ClassStep::Asks | ClassStep::Claims if count > 0 => Some(view! { <p class="call">{t!("class.vote")}</p> }.into_any()),
            ClassStep::AsksAgain => Some(view! { <p class="call">{t!("class.vote-again")}</p> }.into_any()),
            ClassStep::Discusses => Some(view! { <Talk/> }.into_any()),
            _ => None,
        }}
        <ol class="hands">{(0..count).map(answer).collect_view()}</ol>
        {shares}
    }
    .into_any()
}

/// The field in which the hands for an answer are typed.
#[component]
fn Count(
    place: usize,
    count: usize,
    is_second: bool,
    label: String,
    counted: Memo<Hands>,
    set: Callback<(bool, usize, Option<u16>)>,
    forward: Callback<()>,
) -> impl IntoView {
    let value = counted.with_untracked(|hands| hands.of(is_second).get(&place).copied());
    let typed = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        set.run((is_second, place, text.trim().parse().ok()));
    };
    let by_key = move |event: KeyboardEvent| {
        if event.key() != "Enter" {
            return;
        }
        event.prevent_default();
        if place + 1 < count { focus(&format!("hands-{}", place + 1)) } else { forward.run(()) }
    };
    view! {
        <input type="number" min="0" max="999" step="1" inputmode="numeric" autocomplete="off" id=format!("hands-{place}")
            aria-label=t!("class.hands-for", answer = label) value=value.map(|value| value.to_string())
            on:input=typed on:keydown=by_key/>
    }
    .into_any()
}

/// What was counted for an answer, as bars and as numbers.
#[component]
fn Bars(place: usize, counted: Memo<Hands>) -> impl IntoView {
    let bar = move |is_second: bool| {
        let hands = counted.get();
        let all: u16 = hands.of(is_second).values().sum();
        let own = hands.of(is_second).get(&place).copied().unwrap_or(0);
        (all > 0).then(|| {
            let width = format!("{}%", u32::from(own) * 100 / u32::from(all));
            let label = if is_second { t!("class.after") } else { t!("class.before") };
            view! {
                <span class="bar"><span class="bar-label">{label}</span>
                    <span class="bar-way"><span class="bar-own" class:is-second=is_second style:width=width></span></span>
                    <span class="bar-count">{own}</span></span>
            }
        })
    };
    view! { <span class="bars">{move || bar(false)} {move || bar(true)}</span> }.into_any()
}

/// While the room talks: what to do, and for how long it has.
#[component]
fn Talk() -> impl IntoView {
    let since = js_sys::Date::now();
    let spent_ms = RwSignal::new(0_u64);
    let step = move || {
        let _ = spent_ms.try_set((js_sys::Date::now() - since).max(0.0) as u64);
    };
    if let Ok(handle) = set_interval_with_handle(step, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    view! {
        <p class="call">{t!("class.talk")} " " <span role="timer">{move || format::minutes(spent_ms.get())}</span></p>
    }
    .into_any()
}

/// What the run showed, and why.
#[component]
pub fn Outcome(
    /// Of which question.
    question: &'static Question,
    /// What drew its numbers.
    draw: u32,
    /// What the run showed; none if it could not be played.
    answer: Option<Answer>,
) -> impl IntoView {
    let drawn = question.draw(u64::from(draw));
    let Some(answer) = answer else {
        return view! { <p class="error">{t!("interview.question-could-not")}</p> }.into_any();
    };
    let right = super::sheet::solution_of(question, &drawn, &answer.solution);
    let is_open = matches!(answer.solution, Solution::Open);
    view! {
        {(!is_open).then(|| view! { <p><strong>{t!("class.right-is", answer = right.join("; "))}</strong></p> })}
        {is_open.then(|| view! { <ul>{right.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view()}</ul> })}
        {(!answer.evidence.is_empty()).then(|| view! { <p class="evidence">{answer.evidence.clone()}</p> })}
        <div class="text" inner_html=question.with(&question.explanation_html, &drawn)></div>
    }
    .into_any()
}

fn percent(share: Share) -> String {
    t!("class.of", right = share.right, all = share.all)
}

fn focus(id: &str) {
    let field = document().get_element_by_id(id);
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        let _ = field.focus();
        field.select();
    }
}
