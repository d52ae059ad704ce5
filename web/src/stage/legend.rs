//! What the marks mean.

use leptos::prelude::*;

use super::replica::CROWN;
use super::shares::key;
use crate::play::Desk;
use crate::shows::Shown;

/// A disclosure with the marks of the stage, which are made once somebody asks for them.
#[component]
pub fn Legend() -> impl IntoView {
    let is_asked_for = RwSignal::new(false);
    view! {
        <details class="legend" on:toggle=move |_| is_asked_for.set(true)>
            <summary>{t!("stage.what-marks-mean")}</summary>
            <Show when=move || is_asked_for.get()><Marks/></Show>
        </details>
    }
    .into_any()
}

/// The marks and what they mean.
#[component]
fn Marks() -> impl IntoView {
    view! {
        <dl>
            <Mark of=Shown::HighWatermark says=t!("stage.below-high-watermark")><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-under"/></Mark>
            <Mark of=Shown::HighWatermark says=t!("stage.above-this-replicas")><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-above"/></Mark>
            <Mark of=Shown::Brokers says=t!("stage.on-broker-that")><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-offline"/></Mark>
            <Mark of=Shown::HighWatermark says=t!("stage.high-watermark")><line x1="10" x2="10" y1="1" y2="19" class="mark-water"/></Mark>
            <Mark of=Shown::LastStableOffset says=t!("stage.last-stable-offset")><line x1="10" x2="10" y1="1" y2="19" class="mark-stable"/></Mark>
            <Mark of=Shown::HighWatermark says=t!("stage.leo-says")><text x="10" y="13.5" text-anchor="middle" class="mark-word">{t!("stage.leo-mark")}</text></Mark>
            <Mark of=Shown::Replicas says=t!("stage.behind-says")><text x="10" y="14" text-anchor="middle" class="mark-word">"\u{2190}"</text></Mark>
            <Mark says=t!("stage.every-fifth-offset")><path d="M10 6v8" class="mark-notch"/></Mark>
            <Mark of=Shown::Leaders says=t!("stage.leader-its-partition")><path d=CROWN transform="translate(4.5 6)" class="mark-ink"/></Mark>
            <Mark of=Shown::Committed says=t!("stage.offset-that-group")><path d="M6 3v14 m0 -14 l9 4 -9 4" class="mark-pennant"/></Mark>
            <Mark of=Shown::Positions says=t!("stage.where-its-consumer")><path d="M4 14l6 -7 6 7" class="mark-caret"/></Mark>
            <Mark of=Shown::Transactions says=t!("stage.transaction-bracket-over")><path d="M13 4h-6v12h6M7 10h6" class="mark-bracket"/></Mark>
            <Mark of=Shown::Groups says=t!("stage.what-member-group")><rect x="3" y="4" width="14" height="12" rx="3" class="mark-under"/></Mark>
            <Mark of=Shown::Groups says=t!("stage.what-it-to")><rect x="3" y="4" width="14" height="12" rx="3" class="mark-leaves"/></Mark>
            <Mark of=Shown::Groups says=t!("stage.what-it-to-inline")><rect x="3" y="4" width="14" height="12" rx="3" class="mark-comes"/></Mark>
            <Mark of=Shown::InternalTopics says=t!("stage.in-band-topic")><rect x="3" y="6" width="14" height="8" class="mark-leads"/></Mark>
            <Mark says=t!("stage.produce-request")><rect x="6" y="6" width="8" height="8" class="mark-ink"/></Mark>
            <Mark of=Shown::Requests says=t!("stage.fetch-request")><path d="M10 4l6 6 -6 6 -6 -6z" class="mark-hollow"/></Mark>
            <Mark of=Shown::Requests says=t!("stage.other-request-metadata")><rect x="7" y="7" width="6" height="6" class="mark-ink"/></Mark>
            <Mark says=t!("stage.response")><circle cx="10" cy="10" r="5" class="mark-ring"/></Mark>
            <Mark of=Shown::Replicas says=t!("stage.refusal")><path d="M5 5l10 10 M15 5l-10 10" class="mark-cross"/></Mark>
            <ShareMarks/>
        </dl>
    }
    .into_any()
}

/// The marks of records in share groups, where there is one.
#[component]
fn ShareMarks() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let is_there = Memo::new(move |_| desk.sim.calm.with(|view| !view.share_groups.is_empty()));
    let marks = move || {
        let marks = key(10.0, 10.0).map(|(class, path, says)| {
            view! { <Mark says=says><g class="share-marks"><path class=class d=path.clone()/></g></Mark> }
        });
        marks.collect_view()
    };
    view! { <Show when=move || is_there.get()>{marks}</Show> }
}

#[component]
fn Mark(
    says: &'static str,
    /// What it is a mark of, if that can be left out.
    #[prop(optional)]
    of: Option<Shown>,
    children: Children,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let is_shown = move || of.is_none_or(|of| desk.shows.get().has(of));
    view! {
        <div hidden=move || !is_shown()>
            <dt><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">{children()}</svg></dt>
            <dd>{says}</dd>
        </div>
    }
}
