//! The branches of the scenario, drawn under the timeline once there is more than one.

use highwater_cluster::time::Time;
use highwater_scenario::timeline::Branch;
use leptos::prelude::*;

use crate::each::Each;
use crate::format::clock;
use crate::play::Desk;
use crate::timeline::part;

/// The branches; nothing while there is only one.
#[component]
pub fn Branches(
    /// The seconds that the timeline stands for.
    span: Memo<u64>,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let branches = Memo::new(move |_| {
        sim.written.track();
        sim.reached.track();
        let all = sim.read_timeline(highwater_scenario::timeline::Timeline::branches);
        all.filter(|all| all.len() > 1).unwrap_or_default()
    });
    view! {
        <Show when=move || !branches.read().is_empty()>
            <ul class="branches" aria-label=t!("branches.branches")>
                <Each each=move || branches.get() key=|branch| branch.clone() let:branch>
                    <Row branch span/>
                </Each>
            </ul>
        </Show>
    }
    .into_any()
}

#[component]
fn Row(branch: Branch, span: Memo<u64>) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let Branch { id, name, parent, reached, lines, is_current } = branch;
    let from = parent.map_or(Time::ZERO, |(_, at)| at);
    let left = move || format!("{:.2}%", 100.0 * part(from, span.get()));
    let width = move || {
        let (from, to) = (part(from, span.get()), part(reached, span.get()));
        format!("{:.2}%", 100.0 * (to - from).max(0.002))
    };
    let title =
        t!("branches.lines-from-to", lines = lines, from = clock(from), to = clock(reached));
    let words = title.clone();
    let (shown, old) = (name.clone(), name.clone());
    let rename = move |_| {
        let asked = window().prompt_with_message_and_default(t!("branches.name-for-this"), &old);
        if let Ok(Some(new)) = asked
            && !new.trim().is_empty()
        {
            sim.change_branches(|timeline| timeline.rename(id, new.trim()));
        }
    };
    let delete = move |_| sim.change_branches(|timeline| timeline.delete(id));
    view! {
        <li class="branch" class:current=is_current>
            <button type="button" class="quiet branch-name" title=title aria-pressed=is_current.to_string()
                on:click=move |_| sim.switch(id)>
                {shown}<span class="sr-only">", " {words}</span>
            </button>
            <span class="branch-track" aria-hidden="true"><span class="branch-bar" style:left=left style:width=width></span></span>
            <span>
                <button type="button" class="quiet" title=t!("branches.rename") aria-label=t!("branches.rename-name", name = name) on:click=rename>
                    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path class="outline" d="M2.5 11.5l0.7 -2.8 6 -6 2.1 2.1 -6 6z"/></svg>
                </button>
                <button type="button" class="quiet" title=t!("branches.delete") aria-label=t!("branches.delete-name", name = name) disabled=is_current on:click=delete>
                    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path class="outline" d="M3 3l8 8 M11 3l-8 8"/></svg>
                </button>
            </span>
        </li>
    }
    .into_any()
}
