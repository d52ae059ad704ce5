//! A plan for one evening.

use highwater_exercises::taught;
use highwater_standing::{Planned, Reason, What, concept_name, evening};
use leptos::prelude::*;

use crate::beliefs;
use crate::kept;

/// The lengths that an evening may have, in minutes.
const LENGTHS: [u32; 5] = [20, 45, 60, 90, 120];

/// What to do in so many minutes.
#[component]
pub fn Evening() -> impl IntoView {
    let minutes = RwSignal::new(None::<u32>);
    let choose = move |event| minutes.set(event_target_value(&event).parse().ok());
    let plan = move || {
        let minutes = minutes.get()?;
        let kept::Standing { learning, schedule, today } = kept::standing();
        let plan = evening(taught(), &learning, &schedule, today, minutes);
        let all: u32 = plan.iter().map(|one| one.minutes).sum();
        let lines: Vec<AnyView> = plan.iter().filter_map(|one| line(one, &learning)).collect();
        Some(view! {
            <p class="aside" role="status">{t!("evening.in-all", number = u64::from(all))}</p>
            <ol class="plan-lines">{lines}</ol>
        })
    };
    view! {
        <section aria-labelledby="evening">
            <h2 id="evening">{t!("evening.one-evening")}</h2>
            <p>{t!("evening.lead")}</p>
            <div class="bank-filters">
                <label>{t!("evening.time")}
                    <select on:change=choose>
                        <option value="">{t!("evening.choose")}</option>
                        {LENGTHS.map(|length| view! {
                            <option value=length>{t!("evening.minutes", number = u64::from(length))}</option>
                        }).collect_view()}
                    </select>
                </label>
            </div>
            {plan}
        </section>
    }
    .into_any()
}

fn line(planned: &Planned, learning: &highwater_exercises::learning::Learning) -> Option<AnyView> {
    let (href, title) = match &planned.what {
        What::Question(id) => (kept::address(id, learning), kept::question(id)?.title.clone()),
        What::Exercise(id) => {
            let exercise = highwater_exercises::all().iter().find(|one| one.id == *id)?;
            (format!("#/learn/{id}"), t!("hub.exercise", title = exercise.title))
        }
        What::Belief(id) => {
            (format!("#/beliefs/{id}"), t!("led.belief", belief = beliefs::find(id)?.belief))
        }
    };
    let why = match &planned.why {
        Reason::Due => t!("evening.due").to_owned(),
        Reason::Wrong => t!("evening.wrong").to_owned(),
        Reason::Shown => t!("evening.shown").to_owned(),
        Reason::Begun => t!("evening.begun").to_owned(),
        Reason::Weak(concept) => t!("evening.weak", concept = concept_name(concept, taught())),
    };
    let minutes = t!("evening.minutes", number = u64::from(planned.minutes));
    Some(
        view! {
            <li><a href=href>{title}</a> <span class="aside">{format!("{minutes}; {why}")}</span></li>
        }
        .into_any(),
    )
}
