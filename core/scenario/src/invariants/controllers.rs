//! One active controller for each controller epoch.

use std::collections::BTreeMap;

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{ControllerId, NodeId};
use highwater_cluster::log::LeaderEpoch;

use super::{Anomaly, Look};

/// Who was active when.
#[derive(Clone, Debug, Default)]
pub(super) struct Controllers(BTreeMap<LeaderEpoch, ControllerId>);

impl Controllers {
    /// A controller becomes active by what it is told, so that is when to look.
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        if !matches!(look.kind(), EventKind::MessageDelivered { to: NodeId::Controller(_), .. }) {
            return;
        }
        for (controller, epoch) in look.world.active_controllers() {
            let first = *self.0.entry(epoch).or_insert(controller);
            if first != controller {
                let controllers = [first, controller];
                look.report(Anomaly::TwoControllers { epoch, controllers }, []);
            }
        }
    }
}
