//! What a group needs while it handles one thing.

use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::group::OffsetsLog;
use crate::group::server_assignor::ServerAssignor;
use crate::group::writes::Writes;
use crate::ids::{BrokerId, NodeId};

/// What a group needs while it handles one thing: the world, the log, and the writes under way.
pub(super) struct Turn<'a, 'w> {
    pub(super) ctx: &'a mut Ctx<'w>,
    pub(super) log: &'a mut dyn OffsetsLog,
    pub(super) writes: &'a mut Writes,
}

impl Turn<'_, '_> {
    /// The settings of the coordinator's broker.
    pub(super) fn config(&self) -> BrokerConfig {
        config(self.ctx)
    }

    /// `group.consumer.assignors`, the default first. Names of classes of one's own are passed over.
    pub(super) fn assignors(&self) -> Vec<ServerAssignor> {
        let given = self.ctx.world.spec.config(me(self.ctx), "group.consumer.assignors");
        let Some(given) = given else { return ServerAssignor::ALL.to_vec() };
        given.split(',').filter_map(|name| ServerAssignor::named(name.trim())).collect()
    }

    /// Whether `group.consumer.migration.policy` lets a group with members of the classic protocol go over
    /// to the consumer protocol.
    pub(super) fn may_upgrade(&self) -> bool {
        self.may_migrate("upgrade")
    }

    /// Whether it lets one go back.
    pub(super) fn may_downgrade(&self) -> bool {
        self.may_migrate("downgrade")
    }

    fn may_migrate(&self, way: &str) -> bool {
        let given = self.ctx.world.spec.config(me(self.ctx), "group.consumer.migration.policy");
        given.is_none_or(|policy| {
            [way, "bidirectional"].iter().any(|known| policy.eq_ignore_ascii_case(known))
        })
    }

    /// The assignor of groups that ask for none.
    pub(super) fn default_assignor(&self) -> ServerAssignor {
        self.assignors().first().copied().unwrap_or(ServerAssignor::Uniform)
    }
}

/// The settings of the coordinator's broker.
pub(super) fn config(ctx: &Ctx<'_>) -> BrokerConfig {
    BrokerConfig::new(&ctx.world.spec, me(ctx))
}

fn me(ctx: &Ctx<'_>) -> BrokerId {
    match ctx.me() {
        NodeId::Broker(broker) => broker,
        other => unreachable!("{other} coordinates no groups"),
    }
}
