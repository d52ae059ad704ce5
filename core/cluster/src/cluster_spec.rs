//! What a scenario's header says of its cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{TimestampMs, TransactionVersion};

use crate::bounds::Bounds;
use crate::bugs::Bugs;
use crate::ids::{BrokerId, ControllerId};
use crate::remote::store::StoreSpeed;
use crate::time::Span;

/// A cluster as it is before anything happens.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSpec {
    /// The seed of all randomness.
    pub seed: u64,
    /// What a wall clock would show when the scenario begins.
    pub start: TimestampMs,
    /// How many brokers there are; their ids begin at 1.
    pub brokers: u32,
    /// How many controllers there are. Their ids begin at 101, or at 1 if they are combined.
    pub controllers: u32,
    /// Whether the first brokers are the controllers too: `process.roles=broker,controller`. Both
    /// roles are one process, and have one id.
    pub combined: bool,
    /// The racks of the brokers, in the order of their ids; may be empty.
    pub racks: Vec<Arc<str>>,
    /// How long a message is under way at least.
    pub latency: Span,
    /// How fast the remote store is, of clusters that have tiered storage.
    pub store: StoreSpeed,
    /// Settings that all brokers share, by Kafka's names.
    pub configs: BTreeMap<Arc<str>, Arc<str>>,
    /// Settings of single brokers, which take precedence.
    pub broker_configs: BTreeMap<BrokerId, BTreeMap<Arc<str>, Arc<str>>>,
    /// The level of the feature `transaction.version`: 1, or 2 since Kafka 4.0 (KIP-890).
    pub transaction_version: TransactionVersion,
    /// The bounds of the world.
    pub bounds: Bounds,
    /// What is broken on purpose, in tests of the checkers.
    pub bugs: Bugs,
}

impl Default for ClusterSpec {
    fn default() -> Self {
        Self {
            seed: 1,
            start: TimestampMs(1_767_603_600_000),
            brokers: 3,
            controllers: 1,
            combined: false,
            racks: Vec::new(),
            latency: Span::from_millis(1),
            store: StoreSpeed::default(),
            configs: BTreeMap::new(),
            broker_configs: BTreeMap::new(),
            transaction_version: TransactionVersion(2),
            bounds: Bounds::default(),
            bugs: Bugs::default(),
        }
    }
}

impl ClusterSpec {
    /// The controllers' ids, which are the voters of the quorum.
    pub fn controller_ids(&self) -> Vec<ControllerId> {
        let first = if self.combined { 1 } else { 101 };
        (first..).take(self.controllers as usize).map(ControllerId).collect()
    }

    /// The setting `name` as it is given for `broker`.
    pub fn config(&self, broker: BrokerId, name: &str) -> Option<&str> {
        let own = self.broker_configs.get(&broker).and_then(|configs| configs.get(name));
        own.or_else(|| self.configs.get(name)).map(|value| &**value)
    }
}
