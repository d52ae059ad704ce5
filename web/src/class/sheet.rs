//! Worksheets on paper: the questions of a playlist, each student's with numbers of their own, and the answers for the teacher.

use highwater_exercises::eval::Drawn;
use highwater_exercises::{Playlist, Question, Solution, Task};
use highwater_scenario::script::{Action, Document};
use highwater_standing::{MOST_STUDENTS, draw_of};
use leptos::prelude::*;

use crate::interview::escaped;
use crate::packs;

/// So many are made at once: each answer is a run.
const MOST_SHEETS: u32 = 40;

/// Worksheets, ready to be printed.
#[component]
pub fn SheetPage(
    /// Of which playlist.
    playlist: &'static Playlist,
) -> impl IntoView {
    let (first, last) = (RwSignal::new(1_u32), RwSignal::new(1_u32));
    let answers = RwSignal::new(false);
    let number = |label: &'static str, to: RwSignal<u32>| {
        view! {
            <label>{label}
                <input type="number" min="1" max=MOST_STUDENTS prop:value=move || to.get().to_string()
                    on:change=move |event| to.set(event_target_value(&event).trim().parse().unwrap_or(1).clamp(1, MOST_STUDENTS))/>
            </label>
        }
    };
    let sheets = move || {
        let begin = first.get();
        let end = last.get().clamp(begin, begin + MOST_SHEETS - 1);
        let has_answers = answers.get();
        (begin..=end).map(|student| sheet(playlist, student, has_answers)).collect_view()
    };
    let is_cut = move || last.get() > first.get() + MOST_SHEETS - 1;
    view! {
        <main class="prose interview sheets">
            <div class="no-print">
                <p class="over"><a href=format!("#/class/{}", playlist.id)>{playlist.title.as_str()}</a></p>
                <h1>{t!("class.worksheets")}</h1>
                <p>{t!("class.worksheets-says")}</p>
                <div class="bank-filters">
                    {number(t!("class.from-number"), first)}
                    {number(t!("class.to-number"), last)}
                </div>
                <label class="tick-line">
                    <input type="checkbox" on:change=move |event| answers.set(event_target_checked(&event))/>
                    <span>{t!("class.with-answers")}</span>
                </label>
                <p role="status">{move || is_cut().then(|| t!("class.most-sheets", number = u64::from(MOST_SHEETS)))}</p>
                <p class="sources">
                    <button type="button" class="main" on:click=move |_| { let _ = window().print(); }>{t!("class.print")}</button>
                </p>
            </div>
            {sheets}
        </main>
    }
    .into_any()
}

fn sheet(playlist: &'static Playlist, student: u32, has_answers: bool) -> AnyView {
    let mut seen = Vec::new();
    let questions: Vec<&'static Question> = playlist
        .questions()
        .filter_map(|(id, _)| packs::question(id))
        .filter(|question| {
            let is_new = !seen.contains(&question.id.as_str());
            seen.push(question.id.as_str());
            is_new
        })
        .collect();
    let parts = questions.into_iter().map(|question| part(question, student, has_answers));
    let title = playlist.title.as_str();
    view! {
        <section class="sheet">
            <h2>{title}</h2>
            <p class="sheet-head"><span>{t!("class.number-of", student = student)}</span>
                {if has_answers { t!("class.answers").to_owned() } else { t!("class.name-line").to_owned() }}</p>
            <ol>{parts.collect_view()}</ol>
        </section>
    }
    .into_any()
}

fn part(question: &'static Question, student: u32, has_answers: bool) -> AnyView {
    let drawn = question.draw(u64::from(draw_of(question, student)));
    let lines = lines_of(&question.situation_drawn(&drawn));
    let solution = has_answers.then(|| match question.try_ask_drawn(&drawn) {
        Ok(answer) => {
            let right = solution_of(question, &drawn, &answer.solution).join("; ");
            view! { <p class="solution"><strong>{right}</strong> " " {answer.evidence}</p> }
                .into_any()
        }
        Err(_) => view! { <p class="error">{t!("interview.question-could-not")}</p> }.into_any(),
    });
    view! {
        <li>
            <h3>{question.title.as_str()}</h3>
            {(!lines.is_empty()).then(|| view! { <pre class="sheet-lines">{lines.join("\n")}</pre> })}
            <div class="text" inner_html=question.with(&question.text_html, &drawn)></div>
            {solution.unwrap_or_else(|| blank(question, &drawn))}
        </li>
    }
    .into_any()
}

/// Where one answers on paper.
fn blank(question: &'static Question, drawn: &Drawn) -> AnyView {
    let boxes = |texts: Vec<String>| {
        let one = |text: String| view! { <li><span class="box" aria-hidden="true"></span> <span inner_html=escaped(&text)></span></li> };
        view! { <ul class="boxes">{texts.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    match &question.task {
        Task::Order(items) => {
            boxes(items.iter().map(|item| question.with(&item.text, drawn)).collect())
        }
        Task::Number { unit, .. } => {
            view! { <p class="answer-line">{t!("class.answer-line")} " " {unit.as_str()}</p> }
                .into_any()
        }
        Task::Point { .. } => {
            view! { <p class="answer-line">{t!("class.answer-line")}</p> }.into_any()
        }
        Task::Open(_) => view! { <div class="answer-room" aria-hidden="true"></div> }.into_any(),
        _ => {
            let text = |index: usize| {
                question.choices().get(index).map(|choice| question.with(&choice.text, drawn))
            };
            boxes(question.shown_order().into_iter().filter_map(text).collect())
        }
    }
}

/// What is right, in words.
pub fn solution_of(question: &Question, drawn: &Drawn, solution: &Solution) -> Vec<String> {
    let choice = |place: &usize| {
        question
            .choices()
            .get(*place)
            .map(|choice| question.with(&choice.text, drawn))
            .unwrap_or_default()
    };
    match (solution, &question.task) {
        (Solution::Choice(right), _) => vec![choice(right)],
        (Solution::Choices(right), _) => right.iter().map(choice).collect(),
        (Solution::Order(order), Task::Order(items)) => {
            let text =
                |place: &usize| items.get(*place).map(|item| question.with(&item.text, drawn));
            order.iter().filter_map(text).collect()
        }
        (Solution::Number(number), Task::Number { unit, .. }) => {
            vec![format!("{number} {unit}").trim_end().to_owned()]
        }
        (Solution::Point(name), _) => vec![name.clone()],
        (Solution::Open, Task::Open(rubric)) => rubric.contains.clone(),
        _ => Vec::new(),
    }
}

/// What was done before the question is asked, a line each with its moment.
fn lines_of(script: &str) -> Vec<String> {
    let document = Document::parse(script);
    let line = |entry: &highwater_scenario::script::Entry| match &entry.action {
        Action::Command { line, .. } => Some(format!("{}  {line}", entry.at)),
        _ => None,
    };
    document.entries().filter_map(line).collect()
}
