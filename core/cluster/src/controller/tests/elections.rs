//! Elections and reassignments as the controller answers them.

use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::create_topics_request::CreatableReplicaAssignment;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};

use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset, TimestampMs};

use super::*;
use crate::ids::{TopicName, TopicPartition};
use crate::node::Node;

/// What a response says, a line for each partition or resource: the error's code and message.
pub(super) fn lines(response: &Response) -> Vec<String> {
    let line = |code: i16, message: &Option<StrBytes>| match message {
        Some(message) => format!("{code} {}", &**message),
        None => format!("{code}"),
    };
    match response {
        Response::ElectLeaders(body) => {
            let topics = body.replica_election_results.iter();
            let results = topics.flat_map(|topic| &topic.partition_result);
            let top = (body.error_code != 0).then(|| body.error_code.to_string());
            let own = results.map(|result| line(result.error_code, &result.error_message));
            top.into_iter().chain(own).collect()
        }
        Response::AlterPartitionReassignments(body) => {
            let results = body.responses.iter().flat_map(|topic| &topic.partitions);
            results.map(|result| line(result.error_code, &result.error_message)).collect()
        }
        Response::ListPartitionReassignments(body) => {
            let ids = |ids: &[kafka::BrokerId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
            let results = body.topics.iter().flat_map(|topic| &topic.partitions);
            let line = |part: &kafka::list_partition_reassignments_response::OngoingPartitionReassignment| {
                let (all, adding) = (ids(&part.replicas), ids(&part.adding_replicas));
                format!("{all:?} adding {adding:?} removing {:?}", ids(&part.removing_replicas))
            };
            results.map(line).collect()
        }
        Response::IncrementalAlterConfigs(body) => {
            let results = body.responses.iter();
            results.map(|result| line(result.error_code, &result.error_message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Asks the controller, and gives what it answered.
fn ask(world: &mut World, request: impl Into<Request>) -> Vec<String> {
    start(world, Script { request: Some(request.into()), actions: Vec::new() });
    run(world, 1)
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::Output { text, .. } => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

/// Four brokers, and a topic of one partition on these.
fn world_on(replicas: &[i32], configs: &[(&str, &str)]) -> World {
    let mut world = World::new(ClusterSpec { brokers: 4, ..ClusterSpec::default() });
    run(&mut world, 5);
    let assignment = CreatableReplicaAssignment::default()
        .with_broker_ids(replicas.iter().map(|id| kafka::BrokerId(*id)).collect());
    let mut orders = topic("orders", -1, -1).with_assignments(vec![assignment]);
    for (name, value) in configs {
        orders = with_config(orders, name, value);
    }
    assert_eq!(&*create(&mut world, orders), "created");
    world
}

fn elect(kind: i8, topic: &'static str, index: i32) -> kafka::ElectLeadersRequest {
    let wanted = TopicPartitions::default()
        .with_topic(StrBytes::from_static_str(topic).into())
        .with_partitions(vec![index]);
    kafka::ElectLeadersRequest::default()
        .with_election_type(kind)
        .with_topic_partitions(Some(vec![wanted]))
}

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

/// Asks for other replicas of the partition, or, with none, that it be called off.
fn reassign(target: Option<&[i32]>) -> kafka::AlterPartitionReassignmentsRequest {
    let ids = |ids: &[i32]| ids.iter().map(|id| kafka::BrokerId(*id)).collect();
    let partition = ReassignablePartition::default().with_replicas(target.map(ids));
    let topic = ReassignableTopic::default()
        .with_name(StrBytes::from_static_str("orders").into())
        .with_partitions(vec![partition]);
    kafka::AlterPartitionReassignmentsRequest::default().with_topics(vec![topic])
}

fn list() -> kafka::ListPartitionReassignmentsRequest {
    kafka::ListPartitionReassignmentsRequest::default().with_topics(None)
}

fn leader(world: &World) -> Option<i32> {
    partitions(world)[0].leader.map(|id| id.0)
}

#[track_caller]
fn check_replicas(world: &World, replicas: &[i32], adding: &[i32], removing: &[i32]) {
    let part = partitions(world).remove(0);
    let ids = |ids: &[BrokerId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    let found = (ids(&part.replicas), ids(&part.adding), ids(&part.removing));
    assert_eq!(found, (replicas.to_vec(), adding.to_vec(), removing.to_vec()));
}

#[test]
fn elections_are_refused_in_kafkas_words() {
    let mut world = world_on(&[1, 2], &[]);
    for (request, answer) in [
        (elect(PREFERRED, "nope", 0), "3 No such topic as nope"),
        (elect(PREFERRED, "orders", 7), "3 No such partition as orders-7"),
        (elect(PREFERRED, "orders", 0), "84 Leader election not needed for topic partition."),
        (elect(UNCLEAN, "orders", 0), "84 Leader election not needed for topic partition."),
        (elect(9, "orders", 0), "42"),
    ] {
        assert_eq!(ask(&mut world, request), [answer]);
    }
    act(&mut world, Action::StopBroker(BrokerId(1)));
    run(&mut world, 5);
    assert_eq!(leader(&world), Some(2));
    let answer = "80 The preferred leader was not available.";
    assert_eq!(ask(&mut world, elect(PREFERRED, "orders", 0)), [answer]);
    act(&mut world, Action::KillBroker(BrokerId(2)));
    run(&mut world, 12);
    let answer = "83 Eligible topic partition leaders are not available.";
    assert_eq!(ask(&mut world, elect(UNCLEAN, "orders", 0)), [answer]);
}

#[test]
fn an_election_everywhere_speaks_only_of_partitions_that_needed_one() {
    let mut world = world_with_topic(3, 3, &[]);
    act(&mut world, Action::StopBroker(BrokerId(2)));
    run(&mut world, 5);
    act(&mut world, Action::StartBroker(BrokerId(2)));
    run(&mut world, 15);
    let is_moved = |part: &&PartitionView| part.leader != part.replicas.first().copied();
    let moved = partitions(&world).iter().filter(is_moved).count();
    assert!(moved > 0);
    let everywhere = kafka::ElectLeadersRequest::default().with_topic_partitions(None);
    assert_eq!(ask(&mut world, everywhere), vec!["0"; moved]);
    assert!(!partitions(&world).iter().any(|part| is_moved(&part)));
}

#[test]
fn unclean_leaders_are_looked_for_at_intervals_once_they_are_allowed() {
    let mut world = world_on(&[1, 2], &[]);
    for broker in [2, 1] {
        act(&mut world, Action::KillBroker(BrokerId(broker)));
        run(&mut world, 12);
    }
    act(&mut world, Action::StartBroker(BrokerId(2)));
    run(&mut world, 10);
    assert_eq!(leader(&world), None);
    let config = AlterableConfig::default()
        .with_name(StrBytes::from_static_str("unclean.leader.election.enable"))
        .with_value(Some(StrBytes::from_static_str("true")));
    let orders = AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(StrBytes::from_static_str("orders"))
        .with_configs(vec![config]);
    let allow = kafka::IncrementalAlterConfigsRequest::default().with_resources(vec![orders]);
    assert_eq!(ask(&mut world, allow), ["0"]);
    world.run_until(Time(299_900_000));
    world.take_events();
    assert_eq!(leader(&world), None, "the change by itself elects nobody");
    let events = run(&mut world, 1);
    let elected = events.iter().find(|event| {
        matches!(
            event.kind,
            EventKind::LeaderElected { leader: Some(BrokerId(2)), clean: false, .. }
        )
    });
    let Cause::Timer { timer, .. } = elected.expect("it is elected then").cause else {
        panic!("a timer ran out")
    };
    assert_eq!(timer.0, "unclean.leader.election.interval.ms");
}

#[test]
fn reassignments_are_refused_in_kafkas_words() {
    let mut world = world_on(&[1, 2], &[]);
    let mut elsewhere = reassign(Some(&[1]));
    elsewhere.topics[0].name = StrBytes::from_static_str("nope").into();
    let mut beyond = reassign(Some(&[1]));
    beyond.topics[0].partitions[0].partition_index = 7;
    let includes = "39 The manual partition assignment includes";
    for (request, answer) in [
        (elsewhere, "3 Unable to find a topic named nope.".to_owned()),
        (beyond, "3 Unable to find partition orders:7.".to_owned()),
        (reassign(None), "85 No partition reassignment is in progress.".to_owned()),
        (reassign(Some(&[])), format!("{includes} an empty replica list.")),
        (reassign(Some(&[9])), format!("{includes} broker 9, but no such broker is registered.")),
        (reassign(Some(&[1, 1])), format!("{includes} the broker 1 more than once.")),
        (
            reassign(Some(&[1, 2, 3])).with_allow_replication_factor_change(false),
            "38 The replication factor is changed from 2 to 3".to_owned(),
        ),
    ] {
        assert_eq!(ask(&mut world, request), [answer]);
    }
    check_replicas(&world, &[1, 2], &[], &[]);
    assert!(ask(&mut world, list()).is_empty());
}

#[test]
fn a_reassignment_waits_for_its_new_replicas_and_can_be_called_off() {
    let mut world = world_on(&[1, 2], &[]);
    act(&mut world, Action::StopBroker(BrokerId(4)));
    run(&mut world, 5);
    assert_eq!(ask(&mut world, reassign(Some(&[4, 3]))), ["0"]);
    run(&mut world, 10);
    check_replicas(&world, &[4, 3, 1, 2], &[3, 4], &[1, 2]);
    let ongoing = "[4, 3, 1, 2] adding [3, 4] removing [1, 2]";
    assert_eq!(ask(&mut world, list()), [ongoing]);
    // Another target: what was added first goes with what was there.
    assert_eq!(ask(&mut world, reassign(Some(&[1, 4]))), ["0"]);
    check_replicas(&world, &[1, 4, 2, 3], &[3, 4], &[2, 3]);
    assert_eq!(ask(&mut world, reassign(None)), ["0"]);
    check_replicas(&world, &[1, 2], &[], &[]);
    assert_eq!(leader(&world), Some(1));
}

#[test]
fn to_go_back_to_replicas_that_are_all_behind_takes_leave_to_lose_records() {
    for (allowed, answer) in [
        (
            "false",
            "39 Unable to revert partition assignment for orders:0 because it would require an unclean \
             leader election.",
        ),
        ("true", "0"),
    ] {
        let mut world = world_on(&[1], &[("unclean.leader.election.enable", allowed)]);
        act(&mut world, Action::StopBroker(BrokerId(4)));
        run(&mut world, 5);
        assert_eq!(ask(&mut world, reassign(Some(&[2, 4]))), ["0"]);
        run(&mut world, 5);
        act(&mut world, Action::StopBroker(BrokerId(1)));
        run(&mut world, 5);
        let isr = &partitions(&world)[0].isr;
        assert_eq!(isr, &[BrokerId(2)], "only a replica that was added is in sync");
        act(&mut world, Action::StartBroker(BrokerId(1)));
        assert_eq!(ask(&mut world, reassign(None)), [answer]);
    }
}

#[test]
fn a_new_replica_begins_where_the_log_of_its_leader_does() {
    let mut world = world_on(&[1], &[]);
    let orders = TopicPartition::new(&TopicName::from("orders"), 0);
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for value in 0..10_u8 {
        batch.append(TimestampMs(1_767_603_600_000), None, Some(&[value]), &[]);
    }
    let batch = batch.build(Offset(0), LeaderEpoch(-1));
    let slot = world.nodes.get_mut(&NodeId::Broker(BrokerId(1))).unwrap();
    let Some(Node::Broker(broker)) = slot.node.as_deref_mut() else { panic!("it is a broker") };
    let log = broker.log_mut(&orders);
    for _ in 0..2 {
        log.append_as_leader(batch.bytes(), LeaderEpoch(0), TimestampMs(1_767_603_600_000))
            .unwrap();
    }
    log.set_high_watermark(Offset(20));
    log.increment_log_start_offset(Offset(10)).unwrap();
    assert_eq!(ask(&mut world, reassign(Some(&[2]))), ["0"]);
    run(&mut world, 5);
    check_replicas(&world, &[2], &[], &[]);
    let log = world.log(BrokerId(2), &orders).expect("it has a log");
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (Offset(10), Offset(20)));
    assert!(world.log(BrokerId(1), &orders).is_none(), "it is deleted");
}
