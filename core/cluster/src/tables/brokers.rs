//! Brokers, as tools list them.

use std::sync::Arc;

use crate::ids::BrokerId;
use crate::view::{BrokerState, BrokerView, ClusterView};

/// A broker.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRow {
    /// Its `node.id`.
    pub id: BrokerId,
    /// Its `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// Whether a controller runs in its process, and if so whether that is the active one.
    pub controller: Option<bool>,
    /// How it is, in words.
    pub state: &'static str,
    /// Whether it takes part: it runs, and the controller does not fence it.
    pub takes_part: bool,
    /// The replicas on its disk.
    pub replicas: u32,
    /// The partitions that the controller has it lead.
    pub leaders: u32,
    /// Its replicas that are in the ISR of their partitions.
    pub in_sync: u32,
    /// Its replicas that are not.
    pub out_of_sync: u32,
    /// The bytes of all logs on its disk.
    pub disk_bytes: u64,
}

/// The brokers, in order of their ids.
pub fn brokers(view: &ClusterView) -> Vec<BrokerRow> {
    let row = |broker: &BrokerView| {
        let own = view.controllers.iter().find(|controller| controller.id.0 == broker.id.0);
        let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
        let in_sync = broker.replicas.iter().filter(|replica| replica.in_sync).count() as u32;
        let replicas = broker.replicas.len() as u32;
        BrokerRow {
            id: broker.id,
            rack: broker.rack.clone(),
            controller: own.map(|controller| controller.is_active),
            state: state(broker),
            takes_part: broker.state == BrokerState::Running && !broker.is_fenced,
            replicas,
            leaders: partitions.filter(|known| known.leader == Some(broker.id)).count() as u32,
            in_sync,
            out_of_sync: replicas - in_sync,
            disk_bytes: broker.replicas.iter().map(|replica| replica.size_bytes).sum(),
        }
    };
    view.brokers.iter().map(row).collect()
}

fn state(broker: &BrokerView) -> &'static str {
    match broker.state {
        BrokerState::Stopped if broker.was_killed => "killed",
        BrokerState::Stopped => "stopped",
        BrokerState::Starting => "starting",
        BrokerState::ShuttingDown => "shutting down",
        BrokerState::Running if broker.is_paused => "paused",
        BrokerState::Running if broker.is_fenced => "fenced",
        BrokerState::Running if broker.disk.is_full => "running, disk full",
        BrokerState::Running => "running",
    }
}
