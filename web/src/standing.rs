//! `#/standing`: what is next, how far one has come with each concept, and all of it as a file.

mod file;

use highwater_exercises::{Stage, road, taught};
use highwater_standing::{Kind, Practice, Skill, Step, concept_name, skills, suggest};
use leptos::prelude::*;

use crate::interview::{NextSteps, begin};
use crate::kept;
use crate::learning::OwnReport;
use file::ProgressFile;

/// What one knows, and what is next.
#[component]
pub fn StandingPage() -> impl IntoView {
    // Another file, or none, and all of it is another.
    let changed = RwSignal::new(0_u32);
    let body = move || {
        changed.track();
        let standing = kept::standing();
        let next = suggest(taught(), &standing.learning, &standing.schedule, standing.today);
        let map = skills(taught(), &standing.learning, &standing.schedule);
        view! { <NextSteps next/> <SkillsMap map/> <OwnReport is_linked=false/> }
    };
    view! {
        <main class="prose interview">
            <h1>{t!("standing.where-you-stand")}</h1>
            <p class="lead">{t!("standing.lead")}</p>
            {body}
            <ProgressFile changed/>
        </main>
    }
    .into_any()
}

/// The steps, the farthest last, with their words.
fn word(step: Step) -> &'static str {
    match step {
        Step::New => t!("standing.new"),
        Step::Seen => t!("standing.seen"),
        Step::Done => t!("standing.done"),
        Step::Answered => t!("standing.answered"),
        Step::Kept => t!("standing.kept"),
    }
}

#[component]
fn SkillsMap(map: Vec<Skill>) -> impl IntoView {
    let stage = |(number, stage): (u8, &Stage)| {
        let here: Vec<&Skill> = map.iter().filter(|skill| skill.stage == number).collect();
        let kept = here.iter().filter(|skill| skill.step() == Step::Kept).count();
        let title = t!("learn.stage", number = number, title = stage.title);
        if here.is_empty() {
            return None;
        }
        let touched = here.iter().any(|skill| skill.step() > Step::New);
        Some(view! {
            <details class="skills" open=touched || number == 1>
                <summary><h3>{title}</h3> <span class="aside">{t!("standing.of-kept", kept = kept, all = here.len())}</span></summary>
                <ul>{here.into_iter().map(skill).collect_view()}</ul>
            </details>
        })
    };
    view! {
        <section aria-labelledby="skills">
            <h2 id="skills">{t!("standing.skills")}</h2>
            <p class="aside">{t!("standing.legend")}</p>
            {(1..).zip(&road().stages).filter_map(stage).collect_view()}
        </section>
    }
    .into_any()
}

fn skill(skill: &Skill) -> AnyView {
    let name = concept_name(&skill.concept, taught());
    let step = skill.step();
    let answers = (skill.answered > 0)
        .then(|| t!("standing.answers", right = skill.right, answered = skill.answered));
    let questions: Vec<&'static highwater_exercises::Question> =
        skill.questions.iter().filter_map(|id| kept::question(id)).collect();
    let label = t!("standing.ask-about", concept = name);
    let ask = move |_| {
        let standing = kept::standing();
        let seed = (js_sys::Math::random() * 4e9) as u64;
        let most = questions.len().min(10);
        let row = Practice::mixed(&questions, &standing.schedule, seed, most);
        begin(Practice { kind: Kind::Chosen, ..row });
    };
    let is_asked = !skill.questions.is_empty();
    let lesson = skill.exercises.first().map(|id| format!("#/learn/{id}"));
    let name = match lesson {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    };
    view! {
        <li data-step=step as u8>
            {name}
            <span class="step"><i aria-hidden="true"></i>{word(step)}</span>
            <span class="aside">{answers}</span>
            {is_asked.then(|| view! {
                <button type="button" class="quiet" aria-label=label on:click=ask>{t!("standing.ask")}</button>
            })}
        </li>
    }
    .into_any()
}
