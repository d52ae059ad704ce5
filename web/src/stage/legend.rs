//! What the marks mean.

use leptos::prelude::*;

use super::replica::CROWN;

/// A disclosure with the marks of the stage.
#[component]
pub fn Legend() -> impl IntoView {
    view! {
        <details class="legend">
            <summary>"What the marks mean"</summary>
            <dl>
                <Mark says="below the high watermark: consumers may read it"><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-under"/></Mark>
                <Mark says="above this replica's high watermark: not known here to be committed"><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-above"/></Mark>
                <Mark says="on a broker that does not run"><rect x="4" y="3" width="12" height="14" rx="1.5" class="mark-offline"/></Mark>
                <Mark says="high watermark"><line x1="10" x2="10" y1="1" y2="19" class="mark-water"/></Mark>
                <Mark says="last stable offset: a transaction is open, and read_committed waits here"><line x1="10" x2="10" y1="1" y2="19" class="mark-stable"/></Mark>
                <Mark says="every fifth offset: by these a strip is seen to move"><path d="M10 6v8" class="mark-notch"/></Mark>
                <Mark says="leader of its partition"><path d=CROWN transform="translate(4.5 6)" class="mark-ink"/></Mark>
                <Mark says="offset that a group committed"><path d="M6 3v14 m0 -14 l9 4 -9 4" class="mark-pennant"/></Mark>
                <Mark says="where its consumer reads next"><path d="M4 14l6 -7 6 7" class="mark-caret"/></Mark>
                <Mark says="transaction: a bracket over the partitions it touches, dashed while its markers are written"><path d="M13 4h-6v12h6M7 10h6" class="mark-bracket"/></Mark>
                <Mark says="what a member of a group owns"><rect x="3" y="4" width="14" height="12" rx="3" class="mark-under"/></Mark>
                <Mark says="what it is to give up (\u{2212}), or gave up to join again (\u{b7})"><rect x="3" y="4" width="14" height="12" rx="3" class="mark-leaves"/></Mark>
                <Mark says="what it is to get (+)"><rect x="3" y="4" width="14" height="12" rx="3" class="mark-comes"/></Mark>
                <Mark says="in the band of a topic: the replicas that lead, then those that follow"><rect x="3" y="6" width="14" height="8" class="mark-leads"/></Mark>
                <Mark says="produce request"><rect x="6" y="6" width="8" height="8" class="mark-ink"/></Mark>
                <Mark says="fetch request"><path d="M10 4l6 6 -6 6 -6 -6z" class="mark-hollow"/></Mark>
                <Mark says="other request: metadata, heartbeat, commit"><rect x="7" y="7" width="6" height="6" class="mark-ink"/></Mark>
                <Mark says="response"><circle cx="10" cy="10" r="5" class="mark-ring"/></Mark>
                <Mark says="refusal"><path d="M5 5l10 10 M15 5l-10 10" class="mark-cross"/></Mark>
            </dl>
        </details>
    }
    .into_any()
}

#[component]
fn Mark(says: &'static str, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">{children()}</svg></dt>
            <dd>{says}</dd>
        </div>
    }
}
