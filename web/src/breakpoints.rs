//! Breakpoints: a list, behind a button by the controls of time, of what the run is to pause at. Steps
//! from message to message stand there too, where there is no room for more buttons.

use highwater_scenario::breakpoints::{Condition, Hit};
use highwater_scenario::script::Action;
use highwater_scenario::session::{Session, Stop};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::each::Each;
use crate::format::clock;
use crate::opened::Opened;
use crate::play::Desk;
use crate::sim::Sim;

/// The id of the list, by which its button finds it.
const LIST: &str = "breakpoints";

/// The last hits that are listed.
const HITS_SHOWN: usize = 6;

/// The lag that is suggested.
const USUAL_LAG: u64 = 100;

/// The conditions that need nothing but to be switched on.
const PLAIN: [Condition; 6] = [
    Condition::LeaderElected,
    Condition::IsrChanged,
    Condition::RecordLost,
    Condition::RebalanceBegan,
    Condition::TransactionAborted,
    Condition::ErrorAnswered,
];

/// Shows the list of breakpoints, or hides it.
pub fn toggle() {
    let list = document().get_element_by_id(LIST).and_then(|list| list.dyn_into().ok());
    if let Some(list) = list {
        let list: HtmlElement = list;
        let _ = list.toggle_popover();
    }
}

/// The button that shows the list, and the list.
#[component]
pub fn Breakpoints() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let count = move || sim.telling.conditions.with(Vec::len);
    let label = move || match count() {
        0 => t!("breakpoints.breakpoints").to_owned(),
        count => t!("breakpoints.breakpoints-on", count = count),
    };
    let once = RwSignal::new(false);
    view! {
        <button type="button" class="icon" class:on=move || 0 < count() aria-label=label
            title=t!("breakpoints.what-run-to") aria-haspopup="dialog" on:click=move |_| toggle()>
            <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                <path class="outline stop" d="M6 2.5h6l3.5 3.5v6l-3.5 3.5h-6l-3.5 -3.5v-6z"/>
            </svg>
        </button>
        <div class="breakpoints" id=LIST popover="auto" role="dialog" aria-label=t!("breakpoints.breakpoints") on:beforetoggle=move |_: web_sys::Event| once.set(true)>
            <Opened once>
            <div class="row">
                <h2>{t!("breakpoints.pause-when")}</h2>
                <button type="button" class="quiet" aria-label=t!("breakpoints.close") on:click=move |_| toggle()>"×"</button>
            </div>
            {PLAIN.map(|condition| view! { <Plain sim condition/> }).collect_view()}
            <Lag sim/>
            <Line sim/>
            <Hits sim/>
            <div class="row steps" role="group" aria-label=t!("breakpoints.step-by-step")>
                <button type="button" on:click=move |_| sim.step_back_to(Stop::Message)
                    title=t!("breakpoints.back-to-message")>{t!("breakpoints.message-before")}</button>
                <button type="button" on:click=move |_| sim.step_to(Stop::Message)
                    title=t!("breakpoints.to-next-message")>{t!("breakpoints.next-message")}</button>
                <button type="button" class="from-start" on:click=move |_| sim.restart()>{t!("breakpoints.restart")}</button>
            </div>
            </Opened>
        </div>
    }
    .into_any()
}

#[component]
fn Plain(sim: Sim, condition: Condition) -> impl IntoView {
    let words = sim.read(|session| condition.words(session)).unwrap_or_default();
    let known = condition.clone();
    let is_on = move || sim.telling.conditions.with(|all| all.contains(&known));
    let change = move |event| {
        let on = event_target_checked(&event).then(|| condition.clone());
        replace(sim, |other| *other != condition, on);
    };
    view! {
        <label><input type="checkbox" prop:checked=is_on on:change=change/><span>{words}</span></label>
    }
    .into_any()
}

#[component]
fn Lag(sim: Sim) -> impl IntoView {
    let most = RwSignal::new(USUAL_LAG);
    let is_on = move || sim.telling.conditions.with(|all| all.iter().any(is_lag));
    let set = move |on: bool| {
        let condition = on.then(|| Condition::LagOver(most.get_untracked()));
        replace(sim, |other| !is_lag(other), condition);
    };
    let type_in = move |event| {
        let Ok(typed) = event_target_value(&event).parse() else { return };
        most.set(typed);
        if is_on() {
            set(true);
        }
    };
    view! {
        <div class="with">
            <label>
                <input type="checkbox" prop:checked=is_on on:change=move |event| set(event_target_checked(&event))/>
                <span>{t!("breakpoints.lag-group-over")}</span>
            </label>
            <input type="number" min="0" step="1" aria-label=t!("breakpoints.records-lag") prop:value=move || most.get() on:change=type_in/>
        </div>
    }
    .into_any()
}

#[component]
fn Line(sim: Sim) -> impl IntoView {
    // What the script says and has not been done, and what was done: it can be gone back to.
    let lines = Memo::new(move |_| {
        sim.written.track();
        sim.loaded.track();
        sim.read(lines).unwrap_or_default()
    });
    let chosen = move || {
        sim.telling.conditions.with(|all| {
            all.iter().find_map(|condition| match condition {
                Condition::LineRan(line) => Some(line.to_string()),
                _ => None,
            })
        })
    };
    let choose = move |event| {
        let line = Some(event_target_value(&event)).filter(|line| !line.is_empty());
        let condition = line.map(|line| Condition::LineRan(line.into()));
        replace(sim, |other| !matches!(other, Condition::LineRan(_)), condition);
    };
    view! {
        <label class="line-ran">
            <span>{t!("breakpoints.this-line-ran")}</span>
            <select on:change=choose prop:value=move || chosen().unwrap_or_default()>
                <option value="">{t!("breakpoints.none")}</option>
                <Each each=move || lines.get() key=Clone::clone let:line>
                    <option value=line.clone() selected={let line = line.clone(); move || chosen().as_ref() == Some(&line)}>{line.clone()}</option>
                </Each>
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn Hits(sim: Sim) -> impl IntoView {
    let last = move || {
        let hits = sim.telling.hits.read();
        hits.iter().rev().take(HITS_SHOWN).rev().cloned().collect::<Vec<Hit>>()
    };
    view! {
        <Show when=move || !sim.telling.hits.read().is_empty()>
            <h3>{t!("breakpoints.hit-so-far")}</h3>
            <ul class="hits">
                <Each each=last key=|hit| (hit.event, hit.condition.clone()) let:hit>
                    <li>
                        <button type="button" class="quiet" title=t!("breakpoints.go-to-this") on:click=move |_| { sim.pause(); sim.seek(hit.at) }>
                            <span class="at">{clock(hit.at)}</span>
                            {hit.said.clone()}
                        </button>
                    </li>
                </Each>
            </ul>
        </Show>
    }
    .into_any()
}

fn is_lag(condition: &Condition) -> bool {
    matches!(condition, Condition::LagOver(_))
}

/// Keeps some of the conditions, and adds one.
fn replace(sim: Sim, keep: impl Fn(&Condition) -> bool, add: Option<Condition>) {
    let mut conditions = sim.telling.conditions.get_untracked();
    conditions.retain(keep);
    conditions.extend(add);
    sim.set_conditions(conditions);
}

/// The lines of a script, each once.
fn lines(session: &Session) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in session.entries() {
        if let Action::Command { line, .. } = &entry.action
            && !lines.contains(line)
        {
            lines.push(line.clone());
        }
    }
    lines
}
