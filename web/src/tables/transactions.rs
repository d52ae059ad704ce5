//! The transactional ids.

use highwater_cluster::tables::{TransactionRow, transactions};
use leptos::prelude::*;

use super::grid::{Column, Does, Grid, Row, column, exact, shown, told, words};
use crate::format::{count, list};
use crate::play::Desk;
use crate::subject::Subject;

const COLUMNS: &[Column] = &[
    column(text!("tables.transactional-id")),
    told(text!("tables.coordinator"), text!("tables.broker-that-leads-ids")),
    column(text!("tables.producer")),
    column(text!("tables.producer-id")),
    told(text!("tables.epoch"), text!("tables.who-has-lower")),
    column(text!("tables.state")),
    column(text!("tables.partitions")),
    told(text!("tables.open-for"), text!("tables.how-long-transaction")),
    told(text!("tables.timeout"), text!("tables.transaction-timeout-ms")),
];

/// The transactional ids.
#[component]
pub fn Transactions() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let rows = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        let now = desk.sim.read(|session| session.world().timestamp());
        now.map(|now| transactions(&view, now).iter().map(row).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    view! { <Grid caption=t!("tables.transactions") columns=COLUMNS rows empty=t!("tables.no-coordinator-knows-transactional")/> }
        .into_any()
}

fn row(known: &TransactionRow) -> Row {
    let millis = |millis: u64| t!("tables.ms", millis = count(millis));
    let state = match known.pending {
        Some(pending) => t!("tables.becomes", state = known.state.name(), pending = pending.name()),
        None => known.state.name().to_owned(),
    };
    let timeout = u64::try_from(known.timeout_ms).unwrap_or(0);
    let open = match known.open_for_ms {
        Some(open) => shown(open, millis(open)).warns_if(open > timeout),
        None => shown(-1, t!("tables.not-open").to_owned()),
    };
    Row {
        key: known.id.to_string(),
        does: known
            .producer
            .as_ref()
            .map_or(Does::Nothing, |(client, _)| Does::Select(Subject::Producer(*client))),
        cells: vec![
            exact(&known.id),
            shown(known.coordinator.0, t!("tables.broker-inline", broker = known.coordinator)),
            words(known.producer.as_ref().map_or(t!("tables.gone"), |(_, name)| name)),
            shown(known.producer_id.0, known.producer_id.to_string()),
            shown(known.producer_epoch.0, known.producer_epoch.to_string()),
            words(state),
            exact(list(&known.partitions)),
            open,
            shown(timeout, millis(timeout)),
        ],
        links: Vec::new(),
    }
}
