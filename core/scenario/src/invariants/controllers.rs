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
        for controller in look.world.controllers().filter(|controller| controller.is_active) {
            let first = *self.0.entry(controller.epoch).or_insert(controller.id);
            if first != controller.id {
                let (epoch, controllers) = (controller.epoch, [first, controller.id]);
                look.report(Anomaly::TwoControllers { epoch, controllers }, []);
            }
        }
    }
}
