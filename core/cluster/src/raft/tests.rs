//! Voters alone, without a world: what they promise each other, under faults drawn from a seed.

use highwater_log::{Offset, TimestampMs};

use super::config::QuorumConfig;
use super::role::Votes;
use crate::cluster_spec::ClusterSpec;
use crate::ids::{BrokerId, ControllerId};
use crate::metadata::record::{
    PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};
use crate::metadata::{MetadataImage, MetadataRecord, SnapshotRecords, decode_snapshot};
use crate::time::{Span, Time};

mod simulation;

use simulation::Simulation;

/// Seeds in each run of the tests.
const SEEDS: u64 = 100;

#[test]
fn under_faults_leaders_are_unique_and_what_is_committed_stays() {
    for seed in 0..SEEDS {
        check_faults(seed);
    }
}

/// Half a minute of faults, then none: the voters must agree on all that was ever committed, and
/// commit more. The simulation itself checks after each step that no epoch has two leaders, that
/// nobody commits anything else than the others, and that each leader has all that was committed.
#[track_caller]
fn check_faults(seed: u64) {
    let voters = [1, 3, 5][(seed % 3) as usize];
    let mut simulation = Simulation::new(seed, voters, &[("metadata.max.retention.bytes", "3000")]);
    simulation.run_with_faults(Time(30_000_000));
    simulation.heal();
    simulation.run(Span(10_000_000));
    let before = simulation.committed();
    simulation.propose();
    simulation.run(Span(3_000_000));
    let after = simulation.committed();
    assert!(after > before, "seed {seed}: nothing is committed after healing, {after}");
    simulation.assert_all_agree(after);
}

#[test]
fn three_voters_elect_one_within_two_election_timeouts() {
    for seed in 0..20 {
        let mut simulation = Simulation::new(seed, 3, &[]);
        simulation.run(Span(4_000_000));
        let leaders = simulation.leaders();
        assert_eq!(leaders.len(), 1, "seed {seed}: {leaders:?}");
    }
}

#[test]
fn a_leader_that_is_cut_off_resigns_and_another_is_elected() {
    for seed in 0..20 {
        let mut simulation = Simulation::new(seed, 3, &[]);
        simulation.run(Span(4_000_000));
        let old = simulation.leaders()[0];
        simulation.isolate(old);
        simulation.propose_to(old);
        // One and a half times the fetch timeout for the old one; the fetch timeout, a pre-vote and
        // an election for the new one.
        simulation.run(Span(6_000_000));
        let leaders = simulation.leaders();
        assert!(leaders.len() == 1 && leaders[0] != old, "seed {seed}: {leaders:?}");
        simulation.propose();
        simulation.heal();
        simulation.run(Span(5_000_000));
        simulation.assert_all_agree(simulation.committed());
        assert_eq!(simulation.leaders(), leaders, "seed {seed}: who comes back unseats nobody");
    }
}

#[test]
fn without_a_majority_nothing_is_committed() {
    let mut simulation = Simulation::new(7, 5, &[]);
    simulation.run(Span(4_000_000));
    let leader = simulation.leaders()[0];
    let others = simulation.ids().into_iter().filter(|id| *id != leader).take(3);
    others.collect::<Vec<_>>().into_iter().for_each(|id| simulation.kill(id));
    let before = simulation.committed();
    simulation.propose_to(leader);
    simulation.run(Span(10_000_000));
    assert_eq!((simulation.committed(), simulation.leaders()), (before, Vec::new()));
}

#[test]
fn successors_of_a_leader_that_resigns_wait_longer_one_after_the_other() {
    let config = QuorumConfig::new(&ClusterSpec::default());
    let waits = |place| config.successor_backoff(place, 4).millis();
    let places = [Some(0), Some(1), Some(2), Some(3), Some(4), None];
    assert_eq!(places.map(waits), [0, 125, 250, 500, 1_000, 1_000]);
}

#[test]
fn an_election_is_lost_once_no_majority_is_left() {
    let mut votes = Votes::of(ControllerId(1));
    let stands = |votes: &Votes| (votes.is_granted(3), votes.is_rejected(5, 3));
    votes.record(ControllerId(2), false);
    votes.record(ControllerId(3), false);
    assert_eq!(stands(&votes), (false, false));
    let mut lost = votes.clone();
    lost.record(ControllerId(4), false);
    assert_eq!(stands(&lost), (false, true));
    votes.record(ControllerId(4), true);
    votes.record(ControllerId(5), true);
    assert_eq!(stands(&votes), (true, false));
}

/// A snapshot stands for the records that it was made of.
#[test]
fn a_snapshot_leads_to_the_same_image_as_the_log() {
    use crate::metadata::record::{ConfigRecord, ConfigResourceType, DIRECTORY_UNASSIGNED};
    let partition = |topic_id: u128, index: i32| PartitionRecord {
        partition: crate::ids::PartitionIndex(index),
        topic_id: crate::ids::TopicId(topic_id),
        registration: crate::metadata::PartitionRegistration {
            replicas: vec![BrokerId(1), BrokerId(2)],
            isr: vec![BrokerId(1), BrokerId(2)],
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            removing: Vec::new(),
            adding: Vec::new(),
            leader: Some(BrokerId(1)),
            leader_epoch: highwater_log::LeaderEpoch(0),
            partition_epoch: crate::ids::PartitionEpoch(0),
            recovering: false,
        },
        directories: vec![DIRECTORY_UNASSIGNED; 2],
    };
    let topic =
        |id: u128, name: &str| TopicRecord { name: name.into(), topic_id: crate::ids::TopicId(id) };
    let config = |value: Option<&str>| ConfigRecord {
        resource_type: ConfigResourceType::TOPIC,
        resource_name: "kept".into(),
        name: "segment.ms".into(),
        value: value.map(Into::into),
    };
    let records: Vec<MetadataRecord> = vec![
        topic(7, "gone").into(),
        partition(7, 0).into(),
        topic(8, "kept").into(),
        partition(8, 0).into(),
        partition(8, 1).into(),
        config(Some("1000")).into(),
        PartitionChangeRecord {
            partition: crate::ids::PartitionIndex(1),
            topic_id: crate::ids::TopicId(8),
            isr: Some(vec![BrokerId(2)]),
            leader: Some(Some(BrokerId(2))),
            ..PartitionChangeRecord::default()
        }
        .into(),
        RemoveTopicRecord { topic_id: crate::ids::TopicId(7) }.into(),
        config(Some("2000")).into(),
    ];
    let mut image = MetadataImage::default();
    let mut snapshot = SnapshotRecords::default();
    for (record, offset) in records.iter().zip(0..) {
        image.apply(record, Offset(offset));
        snapshot.add(record.clone());
    }
    let bytes = snapshot.encode(TimestampMs(1_000));
    let mut loaded = MetadataImage::default();
    for record in decode_snapshot(&bytes) {
        loaded.apply(&record, image.end_offset - 1);
    }
    assert_eq!(loaded, image);
}
