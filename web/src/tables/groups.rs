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
    column(text!("tables.group")),
    column(text!("tables.state")),
    told(text!("tables.protocol"), text!("tables.classic-or-consumer")),
    told(text!("tables.assignor"), text!("tables.how-partitions-are")),
    told(text!("tables.generation"), text!("tables.classic-protocol-in")),
    told(text!("tables.coordinator"), text!("tables.broker-that-leads")),
    column(text!("tables.members")),
    column(text!("tables.partitions")),
    told(text!("tables.lag"), text!("tables.sum-over-its")),
];

const PARTITIONS: &[Column] = &[
    column(text!("tables.partition")),
    told(text!("tables.committed"), text!("tables.offset-with-which")),
    told(text!("tables.log-end-offset"), text!("tables.what-kafkas-tools")),
    column(text!("tables.lag")),
    told(text!("tables.owner"), text!("tables.member-that-reads")),
];

const MEMBERS: &[Column] = &[
    column(text!("tables.client")),
    column(text!("tables.member-id")),
    told(text!("tables.host"), text!("tables.where-it-runs")),
    told(text!("tables.epoch"), text!("tables.member-epoch-consumer")),
    column(text!("tables.state")),
    column(text!("tables.owns")),
    told(text!("tables.gives-up"), text!("tables.what-it-was")),
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
            view! { <Grid caption=t!("tables.consumer-groups") columns=GROUPS rows empty=t!("tables.no-coordinator-knows")/> }
                .into_any()
        }
    }
}

fn lag(lag: Option<u64>) -> Cell {
    match lag {
        Some(lag) => number(lag),
        None => shown(-1, t!("tables.unknown").to_owned()),
    }
}

fn row(group: &GroupRow) -> Row {
    let generation = match group.assignment_epoch {
        Some(epoch) => t!("tables.epoch-target", generation = group.generation, epoch = epoch),
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
            words(group.assignor.as_deref().unwrap_or(t!("tables.none"))),
            words(generation),
            shown(group.coordinator.0, t!("tables.broker-inline", broker = group.coordinator)),
            number(u64::from(group.members)),
            number(u64::from(group.partitions)),
            lag(group.lag),
        ],
        links: vec![(t!("tables.members-and-lag"), Go::Group(group.id.clone()))],
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
        known.reduce(u64::saturating_add).map_or_else(|| t!("tables.unknown").to_owned(), count)
    };
    let partition_rows =
        Memo::new(move |_| partitions.read().iter().map(partition).collect::<Vec<_>>());
    let member_rows = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        members(&view, &of_members).iter().map(|row| member(&view, row)).collect::<Vec<_>>()
    });
    view! {
        <p class="table-bar">
            <button type="button" class="quiet" on:click=move |_| desk.show_table(Go::Groups)>{t!("tables.all-groups")}</button>
            <strong>{t!("tables.group-name", name = name)}</strong>
            <span role="status">{t!("tables.lag-before")} {sum}</span>
        </p>
        <div class="two-grids">
            <Grid caption=t!("tables.partitions-group", name = name) columns=PARTITIONS rows=partition_rows empty=t!("tables.nothing-committed-and")/>
            <Grid caption=t!("tables.members-group", name = name) columns=MEMBERS rows=member_rows empty=t!("tables.it-has-no")/>
        </div>
    }
    .into_any()
}

fn partition(row: &GroupPartitionRow) -> Row {
    let committed = match row.committed {
        Some(offset) => shown(offset.0, offset.to_string()),
        None => shown(-1, t!("tables.none").to_owned()),
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
                end.map_or(t!("tables.unknown").to_owned(), |it| it.to_string()),
            ),
            lag(row.lag),
            words(row.owner.as_ref().map_or(t!("tables.nobody"), |(_, name)| name)),
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
        t!("tables.leader-client-name", client_name = row.client_name)
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
