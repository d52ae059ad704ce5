//! The levels below the cluster: partition, log, segment, batch, record and bytes, and a broker from
//! within. Each takes the place of the stage, has an address, and a trail back.

mod batch_level;
mod broker_level;
mod bytes_level;
mod hex;
mod log_level;
mod partition_level;
mod parts;
mod pass;
pub mod place;
mod readers;
mod record_level;
mod segment_level;
mod shares;
mod steps;
mod strips;
mod why;

pub use parts::{focus, text_of};

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::play::Desk;
use crate::route;
use crate::subject::Subject;
use place::{Depth, Place};

/// The level that the address names.
#[component]
pub fn Anatomy() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let listener = window_event_listener(leptos::ev::keydown, move |event| on_key(desk, &event));
    let was = StoredValue::new(None::<Place>);
    on_cleanup(move || {
        listener.remove();
        let left = was.try_get_value().flatten();
        request_animation_frame(move || focus_on_stage(left.as_ref()));
    });
    Effect::new(move |_| {
        let now = desk.place.get();
        let before = was.try_get_value().flatten();
        was.set_value(now.clone());
        if let Some(place) = &now {
            // The inspector shows what one looks into, with what can be done to it.
            desk.selected.set(Some(Subject::of(place)));
        }
        request_animation_frame(move || focus_on(now.as_ref(), before.as_ref()));
    });
    view! {
        <section class="stage anatomy" aria-label=t!("anatomy.stage")>
            <div class="anatomy-scroll" id="anatomy">
                {move || desk.place.get().map(|place| view! {
                    <Trail place=place.clone()/>
                    {level(place)}
                })}
            </div>
        </section>
    }
    .into_any()
}

fn level(place: Place) -> AnyView {
    match place {
        Place::Broker(id) => view! { <broker_level::BrokerLevel id/> }.into_any(),
        Place::Partition(partition) => {
            view! { <partition_level::PartitionLevel partition/> }.into_any()
        }
        Place::Replica(broker, ref partition, depth) => {
            let (partition, place) = (partition.clone(), place.clone());
            match depth {
                Depth::Log => view! { <log_level::LogLevel broker partition/> }.into_any(),
                Depth::Segment(offset) => {
                    view! { <segment_level::SegmentLevel place broker partition offset/> }
                        .into_any()
                }
                Depth::Batch(_, offset) => {
                    view! { <batch_level::BatchLevel place broker partition offset/> }.into_any()
                }
                Depth::Record(_, _, offset) => {
                    view! { <record_level::RecordLevel place broker partition offset/> }.into_any()
                }
                Depth::Bytes(_, offset, record) => {
                    view! { <bytes_level::BytesLevel broker partition offset record/> }.into_any()
                }
            }
        }
    }
}

/// The way that leads here, each step a link.
#[component]
fn Trail(place: Place) -> impl IntoView {
    let page = route::page();
    let mut steps = Vec::new();
    let mut above = place.parent();
    while let Some(step) = above {
        above = step.parent();
        steps.push((step.name(), step.href(&page)));
    }
    steps.push((t!("anatomy.cluster").to_owned(), page));
    steps.reverse();
    view! {
        <nav class="trail" aria-label=t!("anatomy.where-you-are")>
            <ol>
                {steps.into_iter().map(|(name, href)| view! { <li><a href=href>{name}</a></li> }).collect_view()}
                <li><span aria-current="location">{place.name()}</span></li>
            </ol>
            <span class="trail-keys">{t!("anatomy.enter-goes-in")}</span>
        </nav>
    }
}

/// Escape and Backspace lead one level out.
fn on_key(desk: Desk, event: &KeyboardEvent) {
    const FIELDS: &str = "input, textarea, select, dialog, [role=dialog], [contenteditable]";
    if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let is_typing =
        element.is_some_and(|element| element.closest(FIELDS).is_ok_and(|it| it.is_some()));
    if is_typing || !matches!(event.key().as_str(), "Escape" | "Backspace") {
        return;
    }
    if let Some(place) = desk.place.get_untracked() {
        event.prevent_default();
        desk.go(place.parent().as_ref());
    }
}

/// Back at the cluster, what was opened has the focus.
fn focus_on_stage(left: Option<&Place>) {
    let name = match left {
        Some(Place::Broker(id)) => t!("stage.broker", id = id),
        Some(Place::Partition(partition)) => t!("stage.partition", name = partition),
        Some(Place::Replica(broker, partition, _)) => {
            t!("stage.on-broker", partition = partition, broker = broker)
        }
        None => return,
    };
    parts::focus(&format!(".stage [role=button][aria-label=\"{name}\"]"));
}

/// Going in, the heading has the focus, so that it is read out; going out, the link that led in.
fn focus_on(now: Option<&Place>, before: Option<&Place>) {
    let Some(now) = now else { return };
    let mut below = before.cloned();
    while let Some(child) = below {
        let parent = child.parent();
        if parent.as_ref() == Some(now) {
            let way_in = format!(
                "#anatomy :not(nav) > a[href=\"{}\"], #anatomy svg a[href=\"{0}\"]",
                child.href(&route::page())
            );
            if parts::focus(&way_in) {
                return;
            }
        }
        below = parent;
    }
    parts::focus("#anatomy h2");
}
