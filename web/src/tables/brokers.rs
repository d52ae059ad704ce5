//! The brokers.

use highwater_cluster::tables::{BrokerRow, ConfigOf, brokers};
use leptos::prelude::*;

use super::Go;
use super::grid::{Cell, Column, Does, Grid, Row, column, number, shown, told, words};
use crate::format::bytes;
use crate::play::Desk;
use crate::subject::Subject;

const COLUMNS: &[Column] = &[
    column("Broker"),
    column("Rack"),
    told(
        "Controller",
        "Whether a controller runs in the same process, and whether it is the active one",
    ),
    column("State"),
    told("Replicas", "How many replicas of partitions lie on its disk"),
    told("Leaders", "How many partitions it leads"),
    told("In sync", "How many of its replicas are in the ISR of their partitions"),
    told("Out of sync", "How many of its replicas are not"),
    told("Disk", "The bytes of all its logs"),
];

/// The brokers.
#[component]
pub fn Brokers() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let rows = Memo::new(move |_| {
        sim.calm.with(|view| brokers(view).into_iter().map(row).collect::<Vec<_>>())
    });
    view! { <Grid caption="Brokers" columns=COLUMNS rows empty="There are no brokers."/> }
        .into_any()
}

fn row(broker: BrokerRow) -> Row {
    let controller = match broker.controller {
        Some(true) => "active",
        Some(false) => "standby",
        None => "no",
    };
    let cells: Vec<Cell> = vec![
        shown(broker.id.0, format!("Broker {}", broker.id)),
        words(broker.rack.as_deref().unwrap_or("none")),
        words(controller),
        words(broker.state).warns_if(!broker.takes_part),
        number(u64::from(broker.replicas)),
        number(u64::from(broker.leaders)),
        number(u64::from(broker.in_sync)),
        number(u64::from(broker.out_of_sync)).warns_if(broker.out_of_sync > 0),
        shown(broker.disk_bytes, bytes(broker.disk_bytes)),
    ];
    Row {
        key: broker.id.to_string(),
        does: Does::Select(Subject::Broker(broker.id)),
        cells,
        links: vec![("Configs", Go::Configs(ConfigOf::Broker(broker.id)))],
    }
}
