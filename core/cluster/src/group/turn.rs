//! What a group needs while it handles one thing.

use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::group::OffsetsLog;
use crate::group::writes::Writes;
use crate::ids::NodeId;

/// What a group needs while it handles one thing: the world, the log, and the writes under way.
pub(super) struct Turn<'a, 'w> {
    pub(super) ctx: &'a mut Ctx<'w>,
    pub(super) log: &'a mut dyn OffsetsLog,
    pub(super) writes: &'a mut Writes,
}

impl Turn<'_, '_> {
    /// The settings of the coordinator's broker.
    pub(super) fn config(&self) -> BrokerConfig {
        match self.ctx.me() {
            NodeId::Broker(broker) => BrokerConfig::new(&self.ctx.world.spec, broker),
            other => unreachable!("{other} coordinates no groups"),
        }
    }
}
