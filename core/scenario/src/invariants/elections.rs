//! A leader comes from the ISR, or from the eligible leader replicas while that is empty; another only
//! if the topic allows it, if a person asked for it, or as the last known leader (KIP-966).

use std::collections::BTreeMap;

use highwater_cluster::configs::definition::topic_config;
use highwater_cluster::event::{Cause, EventKind};
use highwater_cluster::ids::{BrokerId, EventId, TopicPartition};
use highwater_cluster::protocol::messages::ApiKey;

use super::{Anomaly, Look};

/// The setting that allows it.
const UNCLEAN: &str = "unclean.leader.election.enable";

/// Who may be elected, as it was after the last change of each partition that was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Elections(BTreeMap<TopicPartition, Candidates>);

#[derive(Clone, Debug)]
struct Candidates {
    /// In sync or eligible.
    clean: Vec<BrokerId>,
    /// The last known leader.
    last_known: Vec<BrokerId>,
    event: EventId,
}

impl Elections {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::LeaderElected { partition, leader, clean, .. } => {
                if let Some(leader) = leader {
                    self.check(look, partition, *leader, *clean);
                }
                self.remember(look, partition);
            }
            EventKind::IsrChanged { partition, .. } => self.remember(look, partition),
            // What was decided and not committed may be gone with the controller before.
            EventKind::ControllerElected { .. } => self.0.clear(),
            EventKind::TopicDeleted { topic } => {
                self.0.retain(|partition, _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn check(
        &self,
        look: &mut Look<'_>,
        partition: &TopicPartition,
        leader: BrokerId,
        clean: bool,
    ) {
        let Some(known) = self.0.get(partition) else { return };
        let is_clean = clean && known.clean.contains(&leader);
        let is_last_known = known.last_known == [leader];
        // By Kafka's command, or by the playground's verb.
        let was_asked_for = matches!(look.event.cause, Cause::Entry(_))
            || look.delivery().is_some_and(|delivery| delivery.api == ApiKey::ElectLeaders);
        if is_clean || is_last_known || was_asked_for || is_allowed(look, partition) {
            return;
        }
        let (partition, evidence) = (partition.clone(), known.event);
        look.report(Anomaly::ForbiddenElection { partition, leader }, [evidence]);
    }

    fn remember(&mut self, look: &Look<'_>, partition: &TopicPartition) {
        let Some(registered) = look.registration(partition) else { return };
        let candidates = Candidates {
            clean: registered.isr.iter().chain(&registered.elr).copied().collect(),
            last_known: registered.last_known_elr.clone(),
            event: look.event.id,
        };
        self.0.insert(partition.clone(), candidates);
    }
}

/// Whether the topic's setting, or else the cluster's, allows an unclean election.
fn is_allowed(look: &Look<'_>, partition: &TopicPartition) -> bool {
    let Some(image) = look.metadata() else { return false };
    let value = match image.topic_config(&partition.topic, UNCLEAN) {
        Some(own) => own.to_owned(),
        None => {
            let layers = image.broker_layers(None, &look.world.spec().configs);
            topic_config(UNCLEAN).map_or_else(String::new, |config| layers.topic_default(&config))
        }
    };
    value.trim().eq_ignore_ascii_case("true")
}
