//! Clients from outside the simulation as the inspector shows them.

use highwater_cluster::ids::ClientId;
use highwater_cluster::view::{ClusterView, ConnectionView};

use super::client_sheets::principal;
use super::sheet::{Fact, Sheet, exact};
use crate::format::count;

#[inline(never)]
pub fn real_client(view: &ClusterView, connection: ClientId) -> Option<Sheet> {
    let client = view.real_client(connection)?;
    let mut facts = vec![exact("client.id", &client.name)];
    facts.extend(client.software.iter().map(|it| exact(t!("inspector.written-with"), it)));
    facts.extend(principal(view, connection));
    facts.extend(client.group.iter().map(|group| exact("group.id", group)));
    facts.extend([
        exact(t!("inspector.acknowledged"), count(client.records_produced())),
        exact(t!("inspector.records-fetched"), count(client.records_fetched())),
    ]);
    let connections = client.connections.iter().map(fact).collect();
    let sheet =
        Sheet::new(t!("inspector.real-client"), &*client.name, t!("inspector.runs-outside"), facts);
    Some(sheet.named().with(t!("inspector.connections"), connections))
}

/// A connection: to whom, and what it waits for.
fn fact(connection: &ConnectionView) -> Fact {
    let label = t!("inspector.connection-to", broker = connection.broker);
    match connection.waits_for {
        Some(api) => exact(label, format!("{api:?}")),
        None => exact(label, t!("inspector.asks-nothing")),
    }
}
