//! The metrics of controllers.

use highwater_cluster::ids::NodeId;
use highwater_cluster::view::{ClusterView, ControllerView};

use super::kind;
use super::number::Thousandths;
use super::readings::{Reader, Reading, Value};
use super::tally::Tally;

/// What the controllers that run answer. The figures of the cluster are those of the active one: the
/// others have the same, as late as they are with the metadata log.
pub(super) fn read(tally: &Tally, view: &ClusterView) -> Vec<Reading> {
    let running = view.controllers.iter().filter(|controller| controller.is_running);
    running.flat_map(|controller| read_controller(tally, view, controller)).collect()
}

fn read_controller(tally: &Tally, view: &ClusterView, controller: &ControllerView) -> Vec<Reading> {
    let mut reader = Reader::new(format!("controller{}", controller.id));
    reader.count(&kind::ACTIVE_CONTROLLERS, usize::from(controller.is_active));
    if controller.is_active {
        cluster(&mut reader, view);
    }
    let counted = tally.of_server(NodeId::Controller(controller.id));
    let unclean = counted.map(|counted| counted.unclean_elections).unwrap_or_default();
    reader.say(&kind::UNCLEAN_ELECTIONS, &[], Value::meter(&unclean));
    let leader = controller.leader.map_or(-1, |leader| i64::from(leader.0));
    reader.say(&kind::RAFT_LEADER, &[], Value::Number(Thousandths(leader * 1_000)));
    reader.say(&kind::RAFT_EPOCH, &[], Value::whole(controller.epoch.0));
    reader.say(&kind::RAFT_HIGH_WATERMARK, &[], Value::whole(controller.high_watermark.0));
    reader.say(&kind::RAFT_LOG_END, &[], Value::whole(controller.metadata_log_end_offset.0));
    reader.readings
}

fn cluster(reader: &mut Reader, view: &ClusterView) {
    let partitions = || view.topics.iter().flat_map(|topic| &topic.partitions);
    let registered = || view.brokers.iter().filter(|broker| broker.epoch.is_some());
    let offline = partitions().filter(|partition| partition.leader.is_none()).count();
    let imbalanced =
        partitions().filter(|known| known.leader != known.replicas.first().copied()).count();
    let fenced = registered().filter(|broker| broker.is_fenced).count();
    reader.count(&kind::OFFLINE_PARTITIONS, offline);
    reader.count(&kind::TOPICS, view.topics.len());
    reader.count(&kind::PARTITIONS, partitions().count());
    reader.count(&kind::IMBALANCE, imbalanced);
    reader.count(&kind::ACTIVE_BROKERS, registered().count() - fenced);
    reader.count(&kind::FENCED_BROKERS, fenced);
}
