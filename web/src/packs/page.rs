//! The page that opens a pack: how far it is, and what came of it.

use leptos::html::Input;
use leptos::prelude::*;

use super::kept::Held;
use super::opening::{Opener, Reason, Source, Stage};
use super::shelf::Shown;
use super::{PAGE, handed, open_file};

/// So many reasons are told at once.
const MOST_REASONS: usize = 20;

/// The page, which opens what a link holds, or a file that was handed to it.
#[component]
pub fn PackPage(
    /// The word of the link; empty if there is none.
    word: String,
) -> impl IntoView {
    let opener = Opener::new();
    match handed() {
        Some(file) => opener.open(Source::File(file)),
        None if !word.is_empty() => opener.open(Source::Word(word)),
        None => {}
    }
    view! {
        <main class="prose packs">
            <p class="over"><a href="#/learn">{t!("learn.learn")}</a></p>
            <h1>{t!("packs.open-pack")}</h1>
            <p class="lead">{t!("packs.what-it-is")}</p>
            <p class="sources"><Chooser/><span class="aside">{t!("packs.or-drop")}</span></p>
            <Progress opener/>
            <div role="status">{move || outcome(opener)}</div>
        </main>
    }
    .into_any()
}

/// What is shown where an address leads into a pack that is not here.
#[component]
pub fn MissingPack() -> impl IntoView {
    view! {
        <main class="prose">
            <h1>{t!("packs.not-here")}</h1>
            <p>{t!("packs.belongs-to-pack")}</p>
            <p class="sources"><a class="button" href=PAGE>{t!("packs.open-pack")}</a></p>
        </main>
    }
    .into_any()
}

/// The button that chooses a file.
#[component]
pub fn Chooser() -> impl IntoView {
    let picker = NodeRef::<Input>::new();
    let picked = move |_| {
        let Some(picker) = picker.get_untracked() else { return };
        let file = picker.files().and_then(|files| files.get(0));
        // The same file may be chosen again, once it is mended.
        picker.set_value("");
        if let Some(file) = file {
            open_file(file);
        }
    };
    view! {
        <label class="button">
            {t!("packs.open-file")}
            <input type="file" class="sr-only" accept=".hwpack,application/json" node_ref=picker on:change=picked/>
        </label>
    }
    .into_any()
}

/// How far the proof is, with the way to call it off.
#[component]
fn Progress(opener: Opener) -> impl IntoView {
    let standing = Memo::new(move |_| match &*opener.stage.read() {
        Stage::Proving(_, done, all) => Some((*done, *all)),
        _ => None,
    });
    let is_under_way =
        Memo::new(move |_| matches!(*opener.stage.read(), Stage::Reading | Stage::Proving(..)));
    let text =
        move || standing.get().map(|(done, all)| t!("packs.of-proofs", done = done, all = all));
    let done = move || standing.get().map_or(0, |(done, _)| done).to_string();
    let all = move || standing.get().map_or(1, |(_, all)| all.max(1)).to_string();
    view! {
        <Show when=move || is_under_way.get()>
            <div class="proving">
                <progress aria-label=t!("packs.progress") max=all value=done></progress>
                <span>{text}</span>
                <button type="button" on:click=move |_| opener.call_off()>{t!("packs.call-off")}</button>
            </div>
        </Show>
    }
    .into_any()
}

/// What is told of it: in a sentence while it goes on, and in full at its end.
fn outcome(opener: Opener) -> AnyView {
    // The numbers go on beside it: what is read out would never end.
    let phase = Memo::new(move |_| Phase::of(&opener.stage.read()));
    (move || match (phase.get(), opener.stage.get_untracked()) {
        (_, Stage::Idle) => ().into_any(),
        (_, Stage::Reading) => view! { <p>{t!("packs.reading")}</p> }.into_any(),
        (_, Stage::Proving(title, ..)) => {
            view! { <p>{t!("packs.proving", title = title)}</p> }.into_any()
        }
        (_, Stage::CalledOff) => view! { <p>{t!("packs.called-off")}</p> }.into_any(),
        (_, Stage::Refused(reasons)) => refused(reasons),
        (_, Stage::Asks(other, waiting)) => view! {
            <p>{t!("packs.other-there", title = other.about.title, author = other.about.author)}</p>
            <p class="sources">
                <button type="button" class="main" on:click=move |_| opener.replace(waiting)>{t!("packs.replace")}</button>
                <button type="button" on:click=move |_| opener.call_off()>{t!("packs.keep-other")}</button>
            </p>
        }
        .into_any(),
        (_, Stage::Done(held)) => done(held),
    })
    .into_any()
}

/// A stage without its numbers.
#[derive(Clone, Copy, PartialEq)]
struct Phase(std::mem::Discriminant<Stage>);

impl Phase {
    fn of(stage: &Stage) -> Self {
        Self(std::mem::discriminant(stage))
    }
}

fn refused(reasons: Vec<Reason>) -> AnyView {
    let count = reasons.len();
    let more = count.saturating_sub(MOST_REASONS);
    let reason = |reason: Reason| {
        view! {
            <li>
                {reason.sentence}
                {(!reason.script.is_empty()).then(|| view! {
                    <details>
                        <summary>{t!("packs.scenario")}</summary>
                        <pre tabindex="0"><code>{numbered(&reason.script)}</code></pre>
                    </details>
                })}
            </li>
        }
    };
    view! {
        <h2>{t!("packs.not-opened")}</h2>
        <p>{t!("packs.things-wrong", number = count as u64)}</p>
        <ul class="reasons">{reasons.into_iter().take(MOST_REASONS).map(reason).collect_view()}</ul>
        {(more > 0).then(|| view! { <p>{t!("packs.and-more", count = more)}</p> })}
    }
    .into_any()
}

/// A scenario with the numbers of its lines.
fn numbered(script: &str) -> String {
    let lines = script.lines().take(200).enumerate();
    lines.map(|(index, line)| format!("{:4} {line}\n", index + 1)).collect()
}

fn done(held: &'static Held) -> AnyView {
    let exercises = held.content.exercises.len() as u64;
    view! {
        <h2>{held.about.title.as_str()}</h2>
        <p><strong>{t!("packs.proved", number = exercises)}</strong></p>
        {(!held.is_kept).then(|| view! { <p class="error">{t!("packs.no-room")}</p> })}
        <Shown held/>
        <p class="sources"><a class="button" href="#/learn">{t!("packs.to-all")}</a></p>
    }
    .into_any()
}
