//! The brokers.

use highwater_cluster::tables::{BrokerRow, ConfigOf, brokers};
use leptos::prelude::*;

use super::Go;
use super::grid::{Cell, Column, Does, Grid, Row, column, number, shown, told, words};
use crate::format::bytes;
use crate::play::Desk;
use crate::subject::Subject;

const COLUMNS: &[Column] = &[
    column(text!("tables.broker")),
    column(text!("tables.rack")),
    told(text!("tables.controller"), text!("tables.whether-controller-runs")),
    column(text!("tables.state")),
    told(text!("tables.replicas"), text!("tables.how-many-replicas")),
    told(text!("tables.leaders"), text!("tables.how-many-partitions")),
    told(text!("tables.in-sync"), text!("tables.how-many-its")),
    told(text!("tables.out-sync"), text!("tables.how-many-its-replicas")),
    told(text!("tables.disk"), text!("tables.bytes-all-its")),
];

/// The brokers.
#[component]
pub fn Brokers() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let rows = Memo::new(move |_| {
        sim.calm.with(|view| brokers(view).into_iter().map(row).collect::<Vec<_>>())
    });
    view! { <Grid caption=t!("tables.brokers") columns=COLUMNS rows empty=t!("tables.there-are-no")/> }
        .into_any()
}

fn row(broker: BrokerRow) -> Row {
    let controller = match broker.controller {
        Some(true) => t!("tables.active"),
        Some(false) => t!("tables.standby"),
        None => t!("tables.no"),
    };
    let cells: Vec<Cell> = vec![
        shown(broker.id.0, t!("tables.broker-broker", broker = broker.id)),
        words(broker.rack.as_deref().unwrap_or(t!("tables.none"))),
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
        links: vec![(t!("tables.configs"), Go::Configs(ConfigOf::Broker(broker.id)))],
    }
}
