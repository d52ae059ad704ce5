//! The inspector: the true state of whatever was pressed, and what can be done to it.

pub mod actions;
mod app_sheet;
mod client_sheets;
mod cluster_sheets;
mod real_client_sheet;
mod share_sheets;
mod sheet;

use highwater_cluster::ids::ClientId;
use highwater_cluster::view::ClusterView;
use leptos::prelude::*;

use crate::each::Each;
use crate::forms::FormButtons;
use crate::play::Desk;
use crate::subject::Subject;
use crate::tables::TableLinks;
use actions::Actions;
use sheet::Sheet;

/// The inspector.
#[component]
pub fn Inspector() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sheet = Memo::new(move |_| {
        let selected = desk.selected.read();
        desk.sim.calm.with(|view| match selected.as_ref() {
            Some(subject) => sheet_of(view, subject),
            None => Some(cluster_sheets::cluster(view, desk.shows.get())),
        })
    });
    let has_sheet = Memo::new(move |_| sheet.read().is_some());
    // Who starts a client again under its name means the one that runs.
    Effect::new(move |_| {
        let selected = desk.selected.get();
        let again = desk.sim.calm.with(|view| started_again(view, selected.as_ref()?));
        if again.is_some() {
            desk.selected.set(again);
        }
    });
    view! {
        <section class="inspector" id="panel-inspector" aria-label=t!("inspector.inspector") tabindex="0">
            <Show when=move || has_sheet.get() fallback=Nothing>
                <SheetHead sheet/>
                <Sections sheet/>
                {move || match desk.selected.get() {
                    Some(subject) => view! {
                        <LookInside subject=subject.clone()/>
                        <TableLinks subject=subject.clone()/>
                        <Actions subject=subject.clone()/>
                        <FormButtons subject=Some(subject)/>
                        <Sections sheet are_first=false/>
                        <Back/>
                    }.into_any(),
                    None => view! {
                        <FormButtons subject=None/>
                        <Sections sheet are_first=false/>
                        <Invitation/>
                    }.into_any(),
                }}
            </Show>
        </section>
    }
    .into_any()
}

/// The client that runs under the name of one that does not run any more.
fn started_again(view: &ClusterView, selected: &Subject) -> Option<Subject> {
    let (old, subject): (_, fn(ClientId) -> Subject) = match selected {
        Subject::Producer(id) => (*id, Subject::Producer),
        Subject::Consumer(id) => (*id, Subject::Consumer),
        Subject::App(id) => (*id, Subject::App),
        _ => return None,
    };
    let (_, name, _) = view.clients().find(|(id, _, is_closed)| *id == old && *is_closed)?;
    let all = view.clients().filter(|(_, of, is_closed)| *of == name && !is_closed);
    // Of the same kind: a consumer may have the name of a producer that was.
    all.map(|(id, ..)| subject(id)).find(|new| sheet_of(view, new).is_some())
}

/// What was pressed where there is no room for all of its state: its name, how it is, and what can be done to it.
#[component]
pub fn Glance(
    /// What to say while nothing is pressed.
    invitation: &'static str,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sheet = Memo::new(move |_| {
        let selected = desk.selected.read();
        let subject = selected.as_ref()?;
        desk.sim.calm.with(|view| sheet_of(view, subject)).map(|sheet| (sheet.title, sheet.under))
    });
    view! {
        <div class="glance">
            {move || match sheet.get() {
                Some((title, under)) => view! { <p><strong>{title}</strong>" "{under}</p> }.into_any(),
                None => view! { <p class="empty">{invitation}</p> }.into_any(),
            }}
            {move || desk.selected.get().map(|subject| view! { <actions::MainActions subject/> })}
        </div>
    }
    .into_any()
}

/// What is inspected is not there any more.
#[component]
fn Nothing() -> impl IntoView {
    view! {
        <h2>{t!("inspector.inspector")}</h2>
        <p class="empty">{t!("inspector.what-was-pressed")}</p>
        <Back/>
    }
}

/// The way to the levels below the cluster.
#[component]
fn LookInside(subject: Subject) -> impl IntoView {
    let desk = expect_context::<Desk>();
    subject.place().map(|place| {
        let href = move || {
            // The page may change behind the inspector.
            desk.place.track();
            place.href(&crate::route::page())
        };
        view! { <p class="look-inside"><a class="button" href=href>{t!("inspector.look-inside")}</a></p> }
    })
}

/// Back from one thing to the whole.
#[component]
fn Back() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <button type="button" class="quiet back" on:click=move |_| desk.selected.set(None)>
            {t!("inspector.whole-cluster")}
        </button>
    }
}

/// What the inspector is for, while it shows the whole cluster.
#[component]
fn Invitation() -> impl IntoView {
    view! {
        <p class="empty invitation">
            {t!("inspector.press-anything-on")}
        </p>
    }
}

/// What it is, and how it is.
#[component]
fn SheetHead(sheet: Memo<Option<Sheet>>) -> impl IntoView {
    let part = move |read: fn(&Sheet) -> String| {
        move || sheet.read().as_ref().map(read).unwrap_or_default()
    };
    view! {
        <p class="over">{part(|sheet| sheet.over.clone())}</p>
        <h2 class:mono=move || sheet.read().as_ref().is_some_and(|sheet| sheet.is_name)>
            {part(|sheet| sheet.title.clone())}
        </h2>
        <p class="under">{part(|sheet| sheet.under.clone())}</p>
    }
}

/// Its state: the first facts, or all the others. What can be done to it stands between: settings can be many.
#[component]
fn Sections(sheet: Memo<Option<Sheet>>, #[prop(default = true)] are_first: bool) -> impl IntoView {
    let sections = move || {
        let mut first = sheet.get().map(|sheet| sheet.sections).unwrap_or_default();
        let rest = first.split_off(first.len().min(1));
        if are_first { first } else { rest }
    };
    view! {
        <Each each=sections
            key=|section| (section.title, section.facts.clone()) let:section>
            {(!section.title.is_empty()).then(|| view! { <h3>{section.title}</h3> })}
            <dl class="facts">
                {section.facts.into_iter().map(|fact| view! {
                    <div class:plain=!fact.is_exact><dt>{fact.label}</dt><dd>{fact.value}</dd></div>
                }).collect_view()}
            </dl>
        </Each>
    }
}

/// The state of a thing; none if it is not there any more.
fn sheet_of(view: &ClusterView, subject: &Subject) -> Option<Sheet> {
    match subject {
        Subject::Broker(id) => cluster_sheets::broker(view, *id),
        Subject::Controller(id) => cluster_sheets::controller(view, *id),
        Subject::Partition(partition) => cluster_sheets::partition(view, partition),
        Subject::Replica(broker, partition) => cluster_sheets::replica(view, *broker, partition),
        Subject::Topic(topic) => cluster_sheets::topic(view, topic),
        Subject::Producer(id) => client_sheets::producer(view, *id),
        Subject::Consumer(id) => {
            client_sheets::consumer(view, *id).or_else(|| share_sheets::share_consumer(view, *id))
        }
        Subject::App(id) => app_sheet::app(view, *id),
        Subject::RealClient(id) => real_client_sheet::real_client(view, *id),
        Subject::Group(id) => {
            share_sheets::share_group(view, id).or_else(|| client_sheets::group(view, id))
        }
    }
}
