//! The consumer groups, and who is in one and how far it has read.

use highwater_cluster::ids::GroupId;
use highwater_cluster::tables::{
    GroupPartitionRow, GroupRow, MemberRow, group_partitions, groups, members,
};
use highwater_cluster::view::ClusterView;
use leptos::prelude::*;

use super::Go;
use super::grid::{Cell, Column, Does, Grid, Row, column, exact, number, shown, told, words};
use crate::format::{count, list};
use crate::play::Desk;
use crate::subject::Subject;

const GROUPS: &[Column] = &[
    column("Group"),
    column("State"),
    told("Protocol", "classic, or consumer: KIP-848"),
    told("Assignor", "How the partitions are shared"),
    told(
        "Generation",
        "Of the classic protocol; in the consumer protocol the group epoch and that of the target assignment",
    ),
    told("Coordinator", "The broker that leads the group's partition of __consumer_offsets"),
    column("Members"),
    column("Partitions"),
    told("Lag", "The sum over its partitions: from what is committed to what could be read"),
];

const PARTITIONS: &[Column] = &[
    column("Partition"),
    told("Committed", "The offset with which the group would go on"),
    told("Log end offset", "What Kafka's tools call so: the leader's high watermark"),
    column("Lag"),
    told("Owner", "The member that reads it"),
];

const MEMBERS: &[Column] = &[
    column("Client"),
    column("Member id"),
    told("Host", "Where it runs"),
    told("Epoch", "The member epoch of the consumer protocol"),
    column("State"),
    column("Owns"),
    told("Gives up", "What it was told to give up, and has not yet"),
];

/// The groups; or the one that was opened.
#[component]
pub fn Groups() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let opened = desk.tables.group;
    move || match opened.get() {
        Some(group) => view! { <Opened group/> }.into_any(),
        None => {
            let rows = Memo::new(move |_| {
                desk.sim.calm.with(|view| groups(view).iter().map(row).collect::<Vec<_>>())
            });
            view! { <Grid caption="Consumer groups" columns=GROUPS rows empty="No coordinator knows a group yet. A consumer brings one with it."/> }
                .into_any()
        }
    }
}

fn lag(lag: Option<u64>) -> Cell {
    match lag {
        Some(lag) => number(lag),
        None => shown(-1, "unknown".to_owned()),
    }
}

fn row(group: &GroupRow) -> Row {
    let generation = match group.assignment_epoch {
        Some(epoch) => format!("epoch {}, target {epoch}", group.generation),
        None => group.generation.to_string(),
    };
    let state = group.state.name();
    Row {
        key: group.id.to_string(),
        does: Does::Select(Subject::Group(group.id.clone())),
        cells: vec![
            exact(&group.id),
            words(state).warns_if(!matches!(state, "Stable" | "Empty")),
            words(group.protocol),
            words(group.assignor.as_deref().unwrap_or("none")),
            words(generation),
            shown(group.coordinator.0, format!("broker {}", group.coordinator)),
            number(u64::from(group.members)),
            number(u64::from(group.partitions)),
            lag(group.lag),
        ],
        links: vec![("Members and lag", Go::Group(group.id.clone()))],
    }
}

#[component]
fn Opened(group: GroupId) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (of_partitions, of_members, name) = (group.clone(), group.clone(), group.clone());
    let read = move |view: &ClusterView| group_partitions(view, &of_partitions);
    let partitions = Memo::new(move |_| desk.sim.calm.with(|view| read(view)));
    let sum = move || {
        let lags = partitions.read();
        let known = lags.iter().filter_map(|row| row.lag);
        known.reduce(u64::saturating_add).map_or_else(|| "unknown".to_owned(), count)
    };
    let partition_rows =
        Memo::new(move |_| partitions.read().iter().map(partition).collect::<Vec<_>>());
    let member_rows = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        members(&view, &of_members).iter().map(|row| member(&view, row)).collect::<Vec<_>>()
    });
    view! {
        <p class="table-bar">
            <button type="button" class="quiet" on:click=move |_| desk.show_table(Go::Groups)>"All groups"</button>
            <strong>{format!("Group {name}")}</strong>
            <span role="status">"Lag: " {sum}</span>
        </p>
        <div class="two-grids">
            <Grid caption=format!("Partitions of group {name}") columns=PARTITIONS rows=partition_rows empty="Nothing is committed and nothing owned."/>
            <Grid caption=format!("Members of group {name}") columns=MEMBERS rows=member_rows empty="It has no members."/>
        </div>
    }
    .into_any()
}

fn partition(row: &GroupPartitionRow) -> Row {
    let committed = match row.committed {
        Some(offset) => shown(offset.0, offset.to_string()),
        None => shown(-1, "none".to_owned()),
    };
    let end = row.log_end_offset;
    Row {
        key: row.partition.to_string(),
        does: Does::Select(Subject::Partition(row.partition.clone())),
        cells: vec![
            exact(&row.partition),
            committed,
            shown(
                end.map_or(-1, |end| end.0),
                end.map_or("unknown".to_owned(), |it| it.to_string()),
            ),
            lag(row.lag),
            words(row.owner.as_ref().map_or("nobody", |(_, name)| name)),
        ],
        links: Vec::new(),
    }
}

fn member(view: &ClusterView, row: &MemberRow) -> Row {
    let is_app = |client| view.apps.iter().any(|app| app.client == client);
    let does = match row.client {
        Some(client) if is_app(client) => Does::Select(Subject::App(client)),
        Some(client) => Does::Select(Subject::Consumer(client)),
        None => Does::Nothing,
    };
    let name = if row.is_leader {
        format!("{}, leader", row.client_name)
    } else {
        row.client_name.to_string()
    };
    Row {
        key: row.id.to_string(),
        does,
        cells: vec![
            exact(name),
            exact(&row.id),
            words(row.host),
            words(row.epoch.map_or_else(String::new, |epoch| epoch.to_string())),
            words(row.state.map_or("", |state| state.name())),
            exact(list(&row.owns)),
            exact(if row.revoking.is_empty() { String::new() } else { list(&row.revoking) }),
        ],
        links: Vec::new(),
    }
}
