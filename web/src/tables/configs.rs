//! The settings of a topic or a broker: where each comes from, what it does, and how to change it.

use std::collections::BTreeSet;

use highwater_cluster::configs::Holds;
use highwater_cluster::configs::layers::Source;
use highwater_cluster::tables::{ConfigOf, ConfigRow};
use highwater_cluster::view::ClusterView;
use highwater_shell::words::quoted;
use leptos::prelude::*;

use super::grid::{Cell, Column, Does, Grid, Row, column, exact, told, words};
use crate::inspector::actions::bootstrap;
use crate::play::Desk;
use crate::texts::of_engine;

const COLUMNS: &[Column] = &[
    told(text!("tables.setting"), text!("tables.press-to-change")),
    column(text!("tables.value")),
    told(text!("tables.from"), text!("tables.where-value-comes")),
    column(text!("tables.default")),
    told(text!("tables.type"), text!("tables.and-what-it")),
    column(text!("tables.what-it-does")),
];

/// The settings.
#[component]
pub fn Configs() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let chosen = desk.tables.configs;
    let search = RwSignal::new(String::new());
    let are_given_only = RwSignal::new(false);
    let things = Memo::new(move |_| sim.calm.with(things));
    // What was chosen may be of another scenario.
    let of = Memo::new(move |_| {
        let things = things.read();
        chosen.get().filter(|of| things.contains(of)).or_else(|| things.first().cloned())
    });
    let all = Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        let of = of.get()?;
        sim.read(|session| session.world().config_table(&of)).flatten()
    });
    let edited = desk.tables.edited;
    let rows = Memo::new(move |_| {
        let wanted = search.read().to_lowercase();
        let all = all.read();
        let rows = all
            .iter()
            .flatten()
            .filter(|row| (!are_given_only.get() || row.is_given()) && matches(row, &wanted));
        let mut rows: Vec<&ConfigRow> = rows.collect();
        rows.sort_by_key(|row| !row.is_given());
        rows.into_iter().map(row).collect::<Vec<_>>()
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        let of = things.read_untracked().iter().find(|of| name_of(of) == name).cloned();
        edited.set(None);
        chosen.set(of);
    };
    let caption = Signal::derive(move || {
        of.read().as_ref().map_or_else(
            || t!("tables.configs").to_owned(),
            |of| t!("tables.configs-name", name = name_of(of)),
        )
    });
    let opened = Memo::new(move |_| {
        let name = edited.get()?;
        all.read().as_ref()?.iter().find(|row| row.name == name).cloned()
    });
    let name = Memo::new(move |_| opened.read().as_ref().map(|row| row.name.clone()));
    view! {
        <div class="table-bar" role="group" aria-label=t!("tables.which-settings")>
            <label>{t!("tables.of")}
                <select on:change=choose>
                    {move || things.get().into_iter().map(|thing| {
                        let is_it = of.get().as_ref() == Some(&thing);
                        view! { <option value=name_of(&thing) selected=is_it>{name_of(&thing)}</option> }
                    }).collect_view()}
                </select>
            </label>
            <label class="check">
                <input type="checkbox" bind:checked=are_given_only/>
                <span>{t!("tables.changed-ones-only")}</span>
            </label>
            <input type="search" aria-label=t!("tables.search-settings") placeholder=t!("tables.search-name-value")
                autocomplete="off" spellcheck="false" bind:value=search/>
        </div>
        {move || name.get().and_then(|_| Some(view! { <Change of=of.get_untracked()? row=opened.get_untracked()?/> }))}
        <Grid caption=caption columns=COLUMNS rows empty=t!("tables.nothing-here-by") is_ordered=true/>
    }
    .into_any()
}

/// What has settings.
fn things(view: &std::sync::Arc<ClusterView>) -> Vec<ConfigOf> {
    let of_kind = |internal| view.topics.iter().filter(move |it| it.is_internal == internal);
    let topics = of_kind(false).chain(of_kind(true)).map(|it| ConfigOf::Topic(it.name.clone()));
    topics.chain(view.brokers.iter().map(|it| ConfigOf::Broker(it.id))).collect()
}

fn name_of(of: &ConfigOf) -> String {
    match of {
        ConfigOf::Topic(name) => t!("tables.topic-name", name = name),
        ConfigOf::Broker(id) => format!("broker {id}"),
    }
}

/// Whether all words of a search stand in what is said of a setting.
fn matches(row: &ConfigRow, wanted: &str) -> bool {
    let value = row.value.as_deref().unwrap_or_default();
    let said =
        format!("{} {value} {}", row.name, row.sentence.map_or("", of_engine)).to_lowercase();
    wanted.split_whitespace().all(|word| said.contains(word))
}

/// What a setting can hold; empty if the type says all.
fn holds_in_words(holds: &Holds) -> String {
    match holds {
        Holds::Anything => String::new(),
        Holds::Range { least, most, other } => {
            let range = match (least, most) {
                (Some(least), Some(most)) => t!("tables.from-to", least = least, most = most),
                (Some(least), None) => t!("tables.or-more", least = least),
                (None, most) => t!("tables.at-most", most = most.unwrap_or_default()),
            };
            match other {
                Some(other) => t!("tables.or-other", range = range, other = other),
                None => range,
            }
        }
        Holds::Words(words) => words.join(", "),
        Holds::ThrottledReplicas => t!("tables.throttled-replicas").to_owned(),
    }
}

fn row(row: &ConfigRow) -> Row {
    let value = match &row.value {
        Some(value) => exact(if value.is_empty() { t!("tables.empty") } else { value }),
        None if row.is_sensitive => words(t!("tables.hidden")),
        None => words(t!("tables.none")),
    };
    let kind = row.config_type.map_or_else(String::new, |it| it.name().to_lowercase());
    let holds = holds_in_words(&row.holds);
    let holds = if holds.is_empty() { kind } else { format!("{kind}: {holds}") };
    let says = match (row.sentence, row.is_simulated) {
        (Some(sentence), true) => words(of_engine(sentence)),
        (Some(sentence), false) => {
            words(of_engine(sentence)).with(t!("tables.changes-nothing-here"))
        }
        (None, true) => words(""),
        (None, false) => words(t!("tables.known-and-changes")),
    };
    let cells: Vec<Cell> = vec![
        exact(&row.name),
        value,
        words(of_engine(row.source.words())).strong_if(row.is_given()),
        exact(match row.default.as_deref() {
            Some("") => t!("tables.empty"),
            Some(default) => default,
            None => t!("tables.none"),
        }),
        words(holds),
        says.in_prose(),
    ];
    let does = if row.can_change { Does::Edit(row.name.clone()) } else { Does::Nothing };
    Row { key: row.name.clone(), does, cells, links: Vec::new() }
}

/// A setting changed: the value, what is wrong with it, and the line that it comes to.
#[component]
fn Change(of: ConfigOf, row: ConfigRow) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let value = RwSignal::new(row.value.clone().unwrap_or_default());
    let is_for_all = RwSignal::new(false);
    let is_broker = matches!(of, ConfigOf::Broker(_));
    let definition = of.kind().definition(&row.name);
    let wrong = Memo::new(move |_| definition.and_then(|it| it.check(&value.read()).err()));
    let whose = move |of: &ConfigOf| match of {
        ConfigOf::Topic(name) => format!("--topic {}", quoted(name.as_str())),
        ConfigOf::Broker(_) if is_for_all.get() => "--broker-defaults".to_owned(),
        ConfigOf::Broker(id) => format!("--broker {id}"),
    };
    let alter = {
        let of = of.clone();
        move || {
            let server = sim.calm.with(|view| bootstrap(view));
            format!("kafka-configs.sh --bootstrap-server {server} --alter {}", whose(&of))
        }
    };
    let name = row.name.clone();
    let set = {
        let (alter, name) = (alter.clone(), name.clone());
        Memo::new(move |_| {
            let value = value.get();
            let value = if value.contains(',') { format!("[{value}]") } else { value };
            format!("{} --add-config {}", alter(), quoted(&format!("{name}={value}")))
        })
    };
    let removes = BTreeSet::from([1, 2, 3]).contains(&row.source.id());
    let back = {
        let name = name.clone();
        move || format!("{} --delete-config {}", alter(), quoted(&name))
    };
    let close = move || {
        desk.tables.edited.set(None);
        crate::anatomy::focus(".grid .row-head[tabindex='0']");
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if wrong.read_untracked().is_none() {
            sim.press(&set.get_untracked());
            close();
        }
    };
    let take_back = move |_| {
        sim.press(&untrack(&back));
        close();
    };
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let of_source = if row.source == Source::Default { t!("tables.it-has-its") } else { "" };
    view! {
        <form class="change" aria-label=t!("tables.change", name = name) on:submit=submit
            on:keydown=move |event| if event.key() == "Escape" { close() }>
            <label><code>{name.clone()}</code>" = "
                <input type="text" node_ref=field autocomplete="off" spellcheck="false" bind:value=value aria-describedby="change-says"/>
            </label>
            {is_broker.then(|| view! {
                <label class="check"><input type="checkbox" bind:checked=is_for_all/><span>{t!("tables.all-brokers")}</span></label>
            })}
            <button type="submit" class="main" disabled=move || wrong.read().is_some()>{t!("tables.change-it")}</button>
            {removes.then(|| view! { <button type="button" on:click=take_back>{t!("tables.take-it-back")}</button> })}
            <button type="button" class="quiet" on:click=move |_| close()>{t!("tables.cancel")}</button>
            <p id="change-says">
                {row.sentence.map_or("", of_engine)} " " {of_source} " "
                {move || match wrong.get() {
                    Some(wrong) => view! { <span class="error" role="alert">{wrong}</span> }.into_any(),
                    None => view! { <span>{t!("tables.writes")}<code>{set.get()}</code></span> }.into_any(),
                }}
            </p>
        </form>
    }
    .into_any()
}
