//! The brokers: the columns of the matrix.

use highwater_cluster::ids::BrokerId;
use highwater_cluster::view::{BrokerState, BrokerView};
use leptos::prelude::*;

use super::Scene;
use super::geometry::Area;
use super::measures::Density;
use super::press::is_press;
use crate::each::Each;
use crate::format::shorten;
use crate::shows::Shown;
use crate::subject::Subject;

/// All brokers.
#[component]
pub fn Brokers() -> impl IntoView {
    let scene = expect_context::<Scene>();
    view! {
        <Each each=move || scene.shape.read().brokers.clone() key=|id| *id let:id>
            <Broker id/>
        </Each>
    }
    .into_any()
}

/// How a broker is drawn and said.
#[derive(Clone, Debug, PartialEq)]
struct Face {
    /// Whether its process runs.
    runs: bool,
    /// Its rack, if it runs and all is well; else what is the matter.
    words: String,
    /// The same where there is little room: a rack by its name alone.
    short: String,
    /// Whether that is a matter of concern.
    warns: bool,
}

#[component]
fn Broker(id: BrokerId) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let area = Memo::new(move |_| scene.geometry.read().broker(id).unwrap_or_default());
    let face = Memo::new(move |_| {
        let view = desk.sim.view.read();
        view.brokers.iter().find(|broker| broker.id == id).map(face)
    });
    let is_selected = desk.is_selected(Subject::Broker(id));
    let runs = move || face.read().as_ref().is_none_or(|face| face.runs);
    let is_compact = move || scene.shape.read().density == Density::Compact;
    view! {
        <g class="broker" class:compact=is_compact class:down=move || !runs() class:selected=is_selected>
            <rect class="column" x=move || area.get().x y=move || area.get().y width=move || area.get().w
                height=move || area.get().h rx="10"/>
            <Show when=move || scene.shows(Shown::Brokers)><Head id area face/></Show>
        </g>
    }
}

/// What names a broker.
#[component]
fn Head(id: BrokerId, area: Memo<Area>, face: Memo<Option<Face>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let select = scene.desk.selecting(Subject::Broker(id));
    let by_key = select.clone();
    let warns = move || face.read().as_ref().is_some_and(|face| face.warns);
    let density = Memo::new(move |_| scene.shape.read().density);
    let is_narrow = move || density.get() != Density::Wide;
    let name = move || match density.get() {
        // The column's head says which kind of thing it is as long as there is room.
        Density::Compact if id.0 >= 10 => t!("stage.brok", id = id),
        _ => t!("stage.broker", id = id),
    };
    view! {
        <g class="node broker-head" role="button" tabindex="0" aria-label=t!("stage.broker", id = id)
            aria-description=move || face.get().map(|face| face.words)
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <rect class="hit" x=move || area.get().x + 4.0 y=move || area.get().y + 4.0
                width=move || (area.get().w - 8.0).max(0.0) height="36" rx="7"/>
        </g>
        <g class="drawn">
            <text class="broker-name" x=move || area.get().x + scene.geometry.read().measures.padding
                y=move || area.get().y + if is_narrow() { 20.0 } else { 27.0 }>
                {name}
            </text>
            <text class="broker-state" class:warns=warns
                x=move || {
                    let padding = scene.geometry.read().measures.padding;
                    if is_narrow() { area.get().x + padding } else { area.get().right() - padding }
                }
                y=move || area.get().y + if is_narrow() { 36.0 } else { 27.0 }
                text-anchor=move || if is_narrow() { "start" } else { "end" }>
                {move || {
                    let face = face.read();
                    let Some(face) = face.as_ref() else { return String::new() };
                    if density.get() == Density::Compact { shorten(&face.short, 11) } else { face.words.clone() }
                }}
            </text>
        </g>
    }
    .into_any()
}

fn face(broker: &BrokerView) -> Face {
    let matter = match broker.state {
        BrokerState::Stopped if broker.was_killed => Some((t!("stage.killed"), true)),
        BrokerState::Stopped => Some((t!("stage.stopped"), true)),
        BrokerState::Starting => Some((t!("stage.starting"), false)),
        BrokerState::ShuttingDown => Some((t!("stage.shutting-down"), true)),
        BrokerState::Running if broker.is_paused => Some((t!("stage.paused"), true)),
        BrokerState::Running if broker.is_fenced => Some((t!("stage.fenced"), true)),
        BrokerState::Running => None,
    };
    let (words, short) = match (matter, &broker.rack) {
        (Some((matter, _)), _) => (matter.to_owned(), matter.to_owned()),
        (None, Some(rack)) => (t!("stage.rack", rack = rack), rack.to_string()),
        (None, None) => Default::default(),
    };
    let warns = matter.is_some_and(|(_, warns)| warns);
    Face { runs: broker.state != BrokerState::Stopped, words, short, warns }
}
