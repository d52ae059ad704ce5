//! The controllers, above the matrix, and the terminal from which commands come.

use highwater_cluster::ids::ControllerId;
use highwater_cluster::view::ControllerView;
use leptos::prelude::*;

use super::Scene;
use super::press::is_press;
use crate::each::Each;
use crate::subject::Subject;

/// All controllers, and the terminal.
#[component]
pub fn Controllers() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let terminal = Memo::new(move |_| scene.geometry.read().terminal);
    view! {
        <g class="terminal-node">
            <rect x=move || terminal.get().x y=move || terminal.get().y width=move || terminal.get().w
                height=move || terminal.get().h rx="4"/>
            <text x=move || terminal.get().middle() y=move || terminal.get().y + 20.5 text-anchor="middle">{t!("stage.terminal")}</text>
        </g>
        <Each each=move || scene.shape.read().controllers.clone() key=|id| *id let:id>
            <Controller id/>
        </Each>
    }
    .into_any()
}

#[component]
fn Controller(id: ControllerId) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let area = Memo::new(move |_| scene.geometry.read().controller(id).unwrap_or_default());
    let state = Memo::new(move |_| {
        let view = desk.sim.view.read();
        view.controllers.iter().find(|controller| controller.id == id).map(state)
    });
    let subject = Subject::Controller(id);
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let is_active = move || state.read().as_ref().is_some_and(|(is_active, _)| *is_active);
    view! {
        <g class="node controller" class:active=is_active class:selected=is_selected role="button" tabindex="0"
            aria-label=t!("stage.controller", id = id)
            aria-description=move || state.get().map(|(_, words)| words)
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <rect class="face" x=move || area.get().x y=move || area.get().y width=move || area.get().w
                height=move || area.get().h rx="16"/>
        </g>
        <text class="controller-state" x=move || area.get().middle() y=move || area.get().y + 20.5 text-anchor="middle">
                {move || {
                    let words = state.get().map(|(_, words)| words).unwrap_or_default();
                    let has_room = area.get().w >= 168.0;
                    if has_room { t!("stage.controller-words", words = words) } else { words }
                }}
        </text>
    }
}

fn state(controller: &ControllerView) -> (bool, String) {
    let words = if !controller.is_running {
        t!("stage.does-not-run").to_owned()
    } else if controller.is_active {
        t!("stage.active-epoch", epoch = controller.epoch.0)
    } else {
        t!("stage.voter").to_owned()
    };
    (controller.is_active && controller.is_running, words)
}
