//! The stage: the cluster as a matrix of partitions and brokers, with the controllers above it,
//! producers and consumers below, and the messages that fly between them.

mod brokers;
mod clients;
mod controllers;
mod geometry;
mod halted;
mod legend;
mod painter;
mod pennants;
pub mod picture;
mod press;
mod replica;
mod rows;
mod shape;
pub mod strip;
mod ways;
mod zoom;

use std::collections::BTreeSet;
use std::sync::Arc;

use highwater_cluster::ids::TopicName;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use crate::faults::FaultTray;
use crate::forms::NewClient;
use crate::play::Desk;
use geometry::Geometry;
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
    /// The topics whose partitions are shown though they are many.
    pub opened: RwSignal<BTreeSet<TopicName>>,
}

/// The stage.
#[component]
pub fn Stage() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let opened = RwSignal::new(BTreeSet::new());
    let is_narrow = desk.is_phone;
    let shape = Memo::new(move |_| {
        let (narrow, opened) = (is_narrow.get(), opened.read());
        desk.sim.view.with(|view| Arc::new(Shape::new(view, &opened, narrow)))
    });
    let geometry = Memo::new(move |_| Arc::new(Geometry::new(&shape.read())));
    let scene = Scene { desk, shape, geometry, opened };
    provide_context(scene);

    let scroller = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let zoom = zoom::Zoom::new(scroller, geometry);
    painter::install(scene, scroller, canvas, zoom);
    let left_out = Memo::new(move |_| shape.read().left_out);

    view! {
        <section class="stage" aria-label="Stage">
            <div class="stage-scroll" node_ref=scroller on:scroll=move |_| desk.sim.repaint()>
                <svg
                    role="group"
                    aria-label="The cluster"
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
                    <rows::Rows/>
                    <clients::Clients/>
                </svg>
                <Show when=move || { left_out.get() > 0 }>
                    <p class="stage-note">{move || left_out.get()} " more partitions are not drawn; the inspector of their topic lists them."</p>
                </Show>
            </div>
            <canvas node_ref=canvas class="flights" aria-hidden="true"></canvas>
            <halted::Halted/>
            <div class="stage-bar">
                <legend::Legend/>
                <FaultTray/>
                <NewClient/>
                <zoom::ZoomButtons zoom/>
            </div>
        </section>
    }
    .into_any()
}

impl Scene {
    /// The upper edge of a row.
    pub fn row_y(self, row: &Row) -> f64 {
        self.geometry.read().row(row).unwrap_or(0.0)
    }
}
