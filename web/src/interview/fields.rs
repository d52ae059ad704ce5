//! Where a question is answered: a field for each kind.

use highwater_exercises::{Choice, Given, Item, Pointed, Rubric, Solution, Task};
use leptos::prelude::*;

use super::asking::Asking;
use super::spoken::Spoken;
use crate::play::{Desk, Tab};
use crate::subject::Subject;

/// The field of the question.
#[component]
pub fn Field(asking: Asking) -> impl IntoView {
    match &asking.question.task {
        Task::Choose(choices) | Task::Predict(choices) | Task::FindFault(choices) => {
            view! { <Choices asking choices=choices.as_slice() takes_all=false/> }.into_any()
        }
        Task::ChooseAll(choices) => {
            view! { <Choices asking choices=choices.as_slice() takes_all=true/> }.into_any()
        }
        Task::Order(items) => view! { <Order asking items=items.as_slice()/> }.into_any(),
        Task::Number { unit, .. } => view! { <Number asking unit=unit.as_str()/> }.into_any(),
        Task::Point { at, .. } => view! { <Point asking at=*at/> }.into_any(),
        Task::Open(rubric) => view! { <Open asking rubric/> }.into_any(),
    }
}

/// One option to be chosen, or several.
#[component]
fn Choices(asking: Asking, choices: &'static [Choice], takes_all: bool) -> impl IntoView {
    let choose = move |index: usize, is_chosen: bool| {
        asking.given.update(|given| {
            *given = match given.take() {
                _ if !takes_all => Some(Given::Choice(index)),
                Some(Given::Choices(mut chosen)) => {
                    chosen.retain(|known| *known != index);
                    if is_chosen {
                        chosen.push(index);
                    }
                    (!chosen.is_empty()).then_some(Given::Choices(chosen))
                }
                _ => Some(Given::Choices(vec![index])),
            };
        });
    };
    let order = asking.question.shown_order();
    let option = move |(index, choice): (usize, &'static Choice)| {
        view! {
            <li>
                <label class="choice">
                    <input type=if takes_all { "checkbox" } else { "radio" } name="choice"
                        prop:checked=move || is_chosen(asking, index)
                        disabled=move || asking.is_locked()
                        on:change=move |event| choose(index, event_target_checked(&event))/>
                    <span inner_html=asking.with(&escaped(&choice.text))></span>
                    {move || mark(asking, index)}
                </label>
            </li>
        }
    };
    let legend =
        if takes_all { t!("interview.all-that-hold") } else { t!("interview.your-prediction") };
    view! {
        <fieldset class="choices">
            <legend class:sr-only=!takes_all>{legend}</legend>
            <ol>{order.into_iter().filter_map(|index| Some((index, choices.get(index)?))).map(option).collect_view()}</ol>
        </fieldset>
    }
    .into_any()
}

fn is_chosen(asking: Asking, index: usize) -> bool {
    asking.given.with(|given| match given {
        Some(Given::Choice(chosen)) => *chosen == index,
        Some(Given::Choices(chosen)) => chosen.contains(&index),
        _ => false,
    })
}

/// A word beside an option once the cluster has answered.
fn mark(asking: Asking, index: usize) -> Option<AnyView> {
    let is_right = asking.judged.with(|judged| match &judged.as_ref()?.0.solution {
        Solution::Choice(right) => Some(*right == index),
        Solution::Choices(right) => Some(right.contains(&index)),
        _ => None,
    })?;
    let is_mine = is_chosen(asking, index);
    let happened = if asking.question.is_computed() {
        t!("interview.this-happened")
    } else {
        t!("interview.this-holds")
    };
    match (is_right, is_mine) {
        (true, _) => Some(view! { <strong class="right">{happened}</strong> }.into_any()),
        (false, true) => {
            let words = t!("interview.your-prediction");
            Some(view! { <strong class="wrong">{words}</strong> }.into_any())
        }
        (false, false) => None,
    }
}

/// Items to be put in order, by buttons: they begin in the order of their words, which tells nothing.
#[component]
fn Order(asking: Asking, items: &'static [Item]) -> impl IntoView {
    let mut first: Vec<usize> = (0..items.len()).collect();
    first.sort_by_key(|index| items[*index].text.clone());
    // An order that was answered before is one of these items, each once.
    if let Some(Given::Order(known)) = asking.given.get_untracked() {
        let mut sorted = known.clone();
        sorted.sort_unstable();
        if sorted.iter().copied().eq(0..items.len()) {
            first = known;
        }
    }
    let order = RwSignal::new(first.clone());
    asking.given.set(Some(Given::Order(first)));
    let swap = move |place: usize| {
        order.update(|order| order.swap(place, place + 1));
        asking.given.set(Some(Given::Order(order.get_untracked())));
    };
    let entry = move |place: usize| {
        let is_locked = move || asking.is_locked();
        let words = move || asking.with(&items[order.read()[place]].text);
        let (up, down) = (t!("interview.earlier"), t!("interview.later"));
        view! {
            <li>
                <span>{words}</span>
                <span class="moves">
                    <button type="button" disabled=move || is_locked() || place == 0
                        aria-label=move || format!("{up}: {}", words())
                        on:click=move |_| swap(place - 1)>"\u{2191}"</button>
                    <button type="button" disabled=move || is_locked() || place + 1 == items.len()
                        aria-label=move || format!("{down}: {}", words())
                        on:click=move |_| swap(place)>"\u{2193}"</button>
                </span>
            </li>
        }
    };
    let right = move || {
        asking.judged.with(|judged| match &judged.as_ref()?.0.solution {
            Solution::Order(right) => {
                let words = right.iter().map(|index| asking.with(&items[*index].text));
                let words = words.map(|words| view! { <li>{words}</li> }).collect_view();
                Some(view! { <p><strong>{t!("interview.in-this-order")}</strong></p> <ol class="order">{words}</ol> })
            }
            _ => None,
        })
    };
    view! {
        <fieldset class="choices">
            <legend>{t!("interview.first-on-top")}</legend>
            <ol class="order">{(0..items.len()).map(entry).collect_view()}</ol>
        </fieldset>
        {right}
    }
    .into_any()
}

/// A number to be typed.
#[component]
fn Number(asking: Asking, unit: &'static str) -> impl IntoView {
    let typed = move |event| {
        let number = event_target_value(&event).trim().parse().ok();
        asking.given.set(number.map(Given::Number));
    };
    view! {
        <label class="answer">{t!("interview.your-number")}
            <input type="number" step="1" inputmode="numeric" prop:value=typed_before(asking) disabled=move || asking.is_locked() on:input=typed/>
            <span>{unit}</span>
        </label>
        {it_is(asking, unit)}
    }
    .into_any()
}

fn typed_before(asking: Asking) -> String {
    match asking.given.get_untracked() {
        Some(Given::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Something to be pressed on the stage.
#[component]
fn Point(asking: Asking, at: Pointed) -> impl IntoView {
    let desk = expect_context::<Desk>();
    Effect::new(move |_| {
        let subject = desk.selected.get();
        if asking.is_locked() {
            return;
        }
        let found = subject.and_then(|subject| pointed(desk, at, &subject));
        if let Some(found) = found {
            asking.given.set(Some(Given::Point(found)));
            // On a phone what was pressed would take the place of the question.
            if desk.is_phone.get_untracked() {
                desk.tab.set(Tab::Task);
            }
        }
    });
    let words = move || match asking.given.get() {
        Some(Given::Point(found)) => t!("interview.you-point-at", what = found),
        _ => t!("interview.press-on-stage", what = kind(at)),
    };
    view! {
        <p class="answer" role="status">{words}</p>
        {it_is(asking, "")}
    }
    .into_any()
}

/// What is right, once the cluster has answered: a number of so many `unit`, or the name of what was to be pressed.
fn it_is(asking: Asking, unit: &'static str) -> impl Fn() -> Option<AnyView> {
    move || {
        let words = asking.judged.with(|judged| match &judged.as_ref()?.0.solution {
            Solution::Number(right) if !unit.is_empty() => {
                Some(t!("interview.it-is-of", answer = right, unit = unit))
            }
            Solution::Number(right) => Some(t!("interview.it-is", answer = right)),
            Solution::Point(right) => Some(t!("interview.it-is", answer = right)),
            _ => None,
        })?;
        Some(view! { <p><strong>{words}</strong></p> }.into_any())
    }
}

fn kind(at: Pointed) -> &'static str {
    match at {
        Pointed::Broker => t!("interview.a-broker"),
        Pointed::Partition => t!("interview.a-partition"),
        Pointed::Topic => t!("interview.a-topic"),
        Pointed::Producer => t!("interview.a-producer"),
        Pointed::Consumer => t!("interview.a-consumer"),
        Pointed::Group => t!("interview.a-group"),
    }
}

/// What was pressed, as an answer to the question; none if it is of another kind.
fn pointed(desk: Desk, at: Pointed, subject: &Subject) -> Option<String> {
    let view = desk.sim.calm.get_untracked();
    match (at, subject) {
        (Pointed::Broker, Subject::Broker(id) | Subject::Replica(id, _)) => Some(id.to_string()),
        (Pointed::Partition, Subject::Partition(partition) | Subject::Replica(_, partition)) => {
            Some(partition.to_string())
        }
        (Pointed::Topic, Subject::Topic(topic)) => Some(topic.to_string()),
        (Pointed::Topic, Subject::Partition(partition) | Subject::Replica(_, partition)) => {
            Some(partition.topic.to_string())
        }
        (Pointed::Producer, Subject::Producer(id)) => {
            let known = view.producers.iter().find(|known| known.client == *id);
            known.map(|known| known.name.to_string())
        }
        (Pointed::Consumer, Subject::Consumer(id)) => {
            let known = view.consumers.iter().find(|known| known.client == *id);
            known.map(|known| known.name.to_string())
        }
        (Pointed::Group, Subject::Group(group)) => Some(group.to_string()),
        _ => None,
    }
}

/// An answer in one's own words, then the points of the rubric, each to be judged by oneself.
#[component]
fn Open(asking: Asking, rubric: &'static Rubric) -> impl IntoView {
    let all = rubric.contains.len() + rubric.separates.len();
    let before = match asking.given.get_untracked() {
        Some(Given::Open(had)) if had.len() == all => Some(had),
        _ => None,
    };
    let is_written = RwSignal::new(before.is_some());
    let had = RwSignal::new(before.unwrap_or_else(|| vec![false; all]));
    let compare = move |_| {
        is_written.set(true);
        asking.given.set(Some(Given::Open(had.get_untracked())));
    };
    let point = move |(index, text): (usize, &'static String)| {
        let tick = move |event| {
            had.update(|had| had[index] = event_target_checked(&event));
            asking.given.set(Some(Given::Open(had.get_untracked())));
        };
        view! {
            <li>
                <label class="choice">
                    <input type="checkbox" disabled=move || asking.is_locked() on:change=tick
                        prop:checked=move || had.read()[index]/>
                    <span>{text.as_str()}</span>
                </label>
            </li>
        }
    };
    let points = move |from: usize, texts: &'static [String]| {
        let texts = texts.iter().enumerate().map(|(index, text)| (from + index, text));
        view! { <ol>{texts.map(point).collect_view()}</ol> }
    };
    view! {
        <Show when=move || asking.speaks && !is_written.get() && !asking.is_locked()><Spoken/></Show>
        <label class="open-answer">{t!("interview.in-your-words")}
            <textarea rows="6" readonly=is_written prop:value=asking.words
                on:input=move |event| asking.words.set(event_target_value(&event))></textarea>
        </label>
        <Show when=move || is_written.get() fallback=move || asking.compares.then(|| view! {
            <p class="sources"><button type="button" on:click=compare>{t!("interview.compare")}</button></p>
        })>
            <fieldset class="choices">
                <legend>{t!("interview.good-answer-has")}</legend>
                {points(0, &rubric.contains)}
            </fieldset>
            <fieldset class="choices">
                <legend>{t!("interview.what-separates")}</legend>
                {points(rubric.contains.len(), &rubric.separates)}
            </fieldset>
            <h3>{t!("interview.then-asked")}</h3>
            <ul>{rubric.follow_ups.iter().map(|text| view! { <li>{text.as_str()}</li> }).collect_view()}</ul>
        </Show>
    }
    .into_any()
}

/// A text of an option, in which a code in backquotes is the only thing that is more than a text.
pub fn escaped(text: &str) -> String {
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::new();
    for (index, piece) in safe.split('`').enumerate() {
        let is_code = index % 2 == 1;
        html.push_str(if is_code { "<code>" } else { "" });
        html.push_str(piece);
        html.push_str(if is_code { "</code>" } else { "" });
    }
    html
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn an_option_is_a_text_with_code_in_it() {
        assert_eq!(escaped("a < b & `acks=all`"), "a &lt; b &amp; <code>acks=all</code>");
        assert_eq!(escaped("one ` alone"), "one <code> alone</code>");
    }
}
