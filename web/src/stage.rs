//! The stage: the cluster as a matrix of partitions and brokers, with the controllers above it,
//! producers and consumers below, and the messages that fly between them.

mod bands;
mod brackets;
mod brokers;
mod chips;
mod clients;
mod controllers;
mod cuts;
mod drawing;
mod fold;
mod geometry;
mod groups;
mod halted;
mod legend;
mod measures;
mod painter;
mod pennants;
pub mod picture;
mod press;
mod replica;
mod rows;
mod shape;
pub mod shares;
pub mod strip;
mod ties;
mod touch;
mod ways;
mod zoom;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::ownership::{self, Holding};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use crate::alone::AloneButton;
use crate::faults::FaultTray;
use crate::forms::NewClient;
use crate::play::Desk;
use crate::shows::{Shown, Shows};
use crate::subject::Subject;
use geometry::Geometry;
pub use press::is_for_menu;
use shape::{Row, Shape};

/// What the parts of the stage share.
#[derive(Clone, Copy)]
pub struct Scene {
    /// What the page shares.
    pub desk: Desk,
    /// What stands on the stage.
    pub shape: Memo<Arc<Shape>>,
    /// Where it stands.
    pub geometry: Memo<Arc<Geometry>>,
    /// Who owns what in the groups, and what moves.
    pub holdings: Memo<Arc<BTreeMap<GroupId, Vec<Holding>>>>,
    /// The topics whose partitions are shown though they are many.
    pub opened: RwSignal<BTreeSet<TopicName>>,
}

/// Whether it is to be read from the last row.
fn is_presented(desk: Desk) -> bool {
    // The looks say through this signal that they changed.
    desk.theme.track();
    let root = document().document_element();
    let size = root.and_then(|root| root.get_attribute("data-size"));
    desk.presents.get().is_some() || size.is_some_and(|size| size == "presenter")
}

/// The stage.
#[component]
pub fn Stage() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let opened = RwSignal::new(BTreeSet::new());
    let is_narrow = desk.is_phone;
    let picked = Memo::new(move |_| match desk.selected.read().as_ref() {
        Some(Subject::Partition(partition) | Subject::Replica(_, partition)) => {
            Some(partition.clone())
        }
        _ => None,
    });
    let is_presented = Memo::new(move |_| is_presented(desk));
    let shape = Memo::new(move |_| {
        let (narrow, opened, picked) = (is_narrow.get(), opened.read(), picked.read());
        let shows = desk.shows.get();
        let mut shape = desk
            .sim
            .standing
            .with(|view| Shape::new(view, &opened, picked.as_ref(), narrow, shows));
        if is_presented.get() {
            shape.density = shape.density.presented();
        }
        Arc::new(shape)
    });
    let holdings = Memo::new(move |_| {
        desk.sim.standing.with(|view| {
            let groups = view.groups.iter();
            let held = groups.map(|group| (group.id.clone(), ownership::holdings(view, &group.id)));
            Arc::new(held.collect::<BTreeMap<_, _>>())
        })
    });
    let geometry = Memo::new(move |_| Arc::new(Geometry::new(&shape.read())));
    let scene = Scene { desk, shape, geometry, holdings, opened };
    provide_context(scene);

    let scroller = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let zoom = zoom::Zoom::new(scroller, geometry);
    painter::install(scene, scroller, canvas, zoom);
    let folded = Memo::new(move |_| shape.read().folded.clone());
    let hand = touch::Hand::new(scroller, zoom);

    view! {
        <section class="stage" aria-label=t!("stage.stage")>
            <div class="stage-scroll" node_ref=scroller on:scroll=move |_| desk.sim.repaint()
                on:touchstart=move |event| hand.touch(&event)
                on:touchmove=move |event| hand.slide(&event)
                on:touchend=move |event| hand.lift(&event)
                on:touchcancel=move |_| hand.forget()
                on:contextmenu=move |event| hand.menu(&event)
                on:wheel=move |event| hand.wheel(&event)>
                <svg
                    role="group"
                    aria-label=t!("stage.cluster")
                    width=move || geometry.read().size.0 * zoom.value()
                    height=move || geometry.read().size.1 * zoom.value()
                    viewBox=move || {
                        let (w, h) = geometry.read().size;
                        format!("0 0 {w} {h}")
                    }
                >
                    <defs>
                        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse"
                            patternTransform="rotate(45)">
                            <line x1="0" y1="0" x2="0" y2="5" class="hatch-line"/>
                        </pattern>
                    </defs>
                    <controllers::Controllers/>
                    <brokers::Brokers/>
                    <ties::Ties/>
                    <brackets::Brackets/>
                    <rows::Rows/>
                    <clients::Clients/>
                    <cuts::Cuts/>
                </svg>
                {move || folded.get().map(|words| view! { <p class="stage-note">{words}</p> })}
            </div>
            <canvas node_ref=canvas class="flights" aria-hidden="true"></canvas>
            <halted::Halted/>
            <div class="stage-bar">
                <legend::Legend/>
                // What can go wrong with brokers, one learns when there are brokers.
                <Show when=move || desk.shows.get().has(Shown::Brokers)><FaultTray/></Show>
                <NewClient/>
                <zoom::ZoomButtons zoom/>
                <Show when=move || desk.opens><AloneButton/></Show>
                <Show when=move || desk.opens && desk.shows.get() != Shows::ALL>
                    <button type="button" on:click=move |_| desk.shows.set(Shows::ALL)>{t!("stage.show-everything")}</button>
                </Show>
            </div>
        </section>
    }
    .into_any()
}

impl Scene {
    /// Whether it is drawn.
    pub fn shows(self, what: Shown) -> bool {
        self.desk.shows.get().has(what)
    }

    /// The upper edge of a row.
    pub fn row_y(self, row: &Row) -> f64 {
        self.geometry.read().row(row).unwrap_or(0.0)
    }
}
