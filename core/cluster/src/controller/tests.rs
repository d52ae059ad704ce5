//! The controller in a world of brokers: what it decides, and what it gives as the reason.

use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::protocol::StrBytes;

use crate::action::Action;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::{Cause, Event, EventKind, IsrChangeReason};
use crate::ids::{BrokerId, ControllerId, EntryId, NodeId, TerminalName};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::program::Program;
use crate::time::{Span, Time};
use crate::view::PartitionView;
use crate::world::World;

mod elections;

const CONTROLLER: NodeId = NodeId::Controller(ControllerId(101));

/// A command that sends one request to the controller and does some things as a person would.
#[derive(Clone, Debug)]
struct Script {
    request: Option<Request>,
    actions: Vec<Action>,
}

impl Program for Script {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                for action in self.actions.drain(..) {
                    ctx.act(action).expect("the action can be done");
                }
                match self.request.take() {
                    Some(request) => {
                        ctx.send(CONTROLLER, request, Span::from_millis(5_000));
                    }
                    None => ctx.exit(0),
                }
            }
            Input::Response(_, Response::CreateTopics(body)) => {
                for topic in &body.topics {
                    let message = topic.error_message.as_deref().unwrap_or("created");
                    ctx.print(message);
                }
                ctx.exit(0);
            }
            Input::Response(_, response) => {
                elections::lines(&response).iter().for_each(|line| ctx.print(line));
                ctx.exit(0);
            }
            other => panic!("{other:?}"),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

#[test]
fn a_broker_that_falls_silent_is_fenced_and_what_follows_has_that_as_its_cause() {
    let mut world = world_with_topic(3, 3, &[]);
    let first_leader = partitions(&world)[0].leader.unwrap();
    act(&mut world, Action::KillBroker(first_leader));
    let events = run(&mut world, 12);
    let fenced = events.iter().find(|event| {
        event.kind == EventKind::BrokerFenced { broker: first_leader, silent_for_ms: Some(9_000) }
    });
    let fenced = fenced.expect("the broker is fenced after its session timeout");
    let Cause::Timer { timer, .. } = fenced.cause else { panic!("a timer ran out") };
    assert_eq!(timer.0, "broker.session.timeout.ms");
    let shrinks = events.iter().filter(|event| {
        matches!(event.kind, EventKind::IsrChanged { reason: IsrChangeReason::BrokerFenced, .. })
    });
    assert_eq!(shrinks.clone().count(), 3);
    assert!(shrinks.clone().all(|event| event.cause == Cause::Event(fenced.id)));
    let elections: Vec<_> = elections(&events).collect();
    assert_eq!(elections.len(), 1);
    assert!(elections[0].1, "the new leader was in sync");
    for partition in partitions(&world) {
        assert_eq!(partition.isr.len(), 2);
        assert_ne!(partition.leader, Some(first_leader));
    }
}

#[test]
fn the_last_member_of_the_isr_leads_again_when_it_comes_back_after_a_controlled_shutdown() {
    let mut world = world_with_topic(1, 1, &[]);
    let only = partitions(&world)[0].leader.unwrap();
    act(&mut world, Action::StopBroker(only));
    let events = run(&mut world, 5);
    let is_stopping = |event: &&Event| {
        let reason = IsrChangeReason::ControlledShutdown;
        matches!(&event.kind, EventKind::IsrChanged { isr, reason: given, .. } if isr.is_empty() && *given == reason)
    };
    assert_eq!(events.iter().filter(is_stopping).count(), 1);
    let partition = partitions(&world).remove(0);
    assert_eq!((partition.leader, partition.elr), (None, vec![only]));
    act(&mut world, Action::StartBroker(only));
    run(&mut world, 15);
    let partition = partitions(&world).remove(0);
    assert_eq!((partition.leader, partition.isr), (Some(only), vec![only]));
    assert_eq!(partition.leader_epoch.0, 2);
}

#[test]
fn leaders_move_away_before_a_broker_shuts_down_and_do_not_move_back() {
    let mut world = world_with_topic(3, 3, &[]);
    act(&mut world, Action::StopBroker(BrokerId(2)));
    let events = run(&mut world, 5);
    let stopped = events.iter().any(|event| matches!(event.kind, EventKind::BrokerStopped { .. }));
    assert!(stopped);
    assert!(partitions(&world).iter().all(|partition| !partition.isr.contains(&BrokerId(2))));
    act(&mut world, Action::StartBroker(BrokerId(2)));
    run(&mut world, 20);
    for partition in partitions(&world) {
        assert_ne!(partition.leader, Some(BrokerId(2)));
        assert_eq!(partition.isr.len(), 3, "{partition:?}");
    }
}

#[test]
fn after_all_replicas_were_killed_the_last_leader_leads_again_and_that_is_no_clean_election() {
    let mut world = world_with_topic(1, 2, &[("min.insync.replicas", "2")]);
    let (first, last) = {
        let replicas = &partitions(&world)[0].replicas;
        (replicas[0], replicas[1])
    };
    for broker in [first, last] {
        act(&mut world, Action::KillBroker(broker));
        run(&mut world, 12);
    }
    let partition = partitions(&world).remove(0);
    assert_eq!((partition.leader, partition.isr.len(), partition.elr.len()), (None, 0, 2));
    // It was killed: it may have lost what it had not flushed, and it did not lead last.
    act(&mut world, Action::StartBroker(first));
    run(&mut world, 5);
    let partition = partitions(&world).remove(0);
    assert_eq!((partition.leader, partition.elr), (None, vec![last]));
    act(&mut world, Action::StartBroker(last));
    let events = run(&mut world, 5);
    let elected: Vec<_> = elections(&events).collect();
    assert_eq!(elected, [(Some(last), false)]);
    let reasons = events.iter().filter_map(|event| match &event.kind {
        EventKind::IsrChanged { isr, reason, .. } => Some((isr.len(), *reason)),
        _ => None,
    });
    let expected = [(1, IsrChangeReason::Election), (2, IsrChangeReason::FollowerCaughtUp)];
    assert_eq!(reasons.collect::<Vec<_>>(), expected);
}

#[test]
fn topics_are_refused_in_kafkas_words() {
    let mut world = world_with_topic(3, 3, &[]);
    for (topic, message) in [
        (topic("orders", 1, 1), "Topic 'orders' already exists."),
        (
            topic("bad/name", 1, 1),
            "Topic name is invalid: 'bad/name' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        ),
        (
            topic("wide", 1, 4),
            "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.",
        ),
        (topic("none", 0, 1), "Number of partitions was set to an invalid non-positive value."),
        (with_config(topic("odd", 1, 1), "no.such", "1"), "Unknown topic config name: no.such"),
    ] {
        assert_eq!(&*create(&mut world, topic), message);
    }
}

#[test]
fn a_topic_with_too_many_partitions_halts_the_run() {
    let mut world = world_with_topic(1, 1, &[]);
    create(&mut world, topic("huge", i32::MAX, 1));
    assert!(world.halted().is_some());
    assert_eq!(world.view().topics.len(), 1);
}

fn world_with_topic(count: i32, replicas: i16, configs: &[(&str, &str)]) -> World {
    let mut world = World::new(ClusterSpec::default());
    run(&mut world, 5);
    assert!(world.view().brokers.iter().all(|broker| !broker.is_fenced), "all brokers take part");
    let mut orders = topic("orders", count, replicas);
    for (name, value) in configs {
        orders = with_config(orders, name, value);
    }
    assert_eq!(&*create(&mut world, orders), "created");
    world
}

fn topic(name: &str, partitions: i32, replicas: i16) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(StrBytes::from_string(name.to_owned()).into())
        .with_num_partitions(partitions)
        .with_replication_factor(replicas)
}

fn with_config(mut topic: CreatableTopic, name: &str, value: &str) -> CreatableTopic {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let config =
        CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(value)));
    topic.configs.push(config);
    topic
}

fn create(world: &mut World, topic: CreatableTopic) -> Arc<str> {
    let request = kafka::CreateTopicsRequest::default().with_topics(vec![topic]).into();
    start(world, Script { request: Some(request), actions: Vec::new() });
    let printed = run(world, 2).into_iter().find_map(|event| match event.kind {
        EventKind::Output { text, .. } => Some(text),
        _ => None,
    });
    printed.unwrap_or_else(|| "no answer".into())
}

fn act(world: &mut World, action: Action) {
    start(world, Script { request: None, actions: vec![action] });
}

fn start(world: &mut World, script: Script) {
    let terminal = TerminalName::from("t1");
    world.start_program(EntryId(1), &terminal, Box::new(script)).expect("there is room");
}

fn run(world: &mut World, seconds: u64) -> Vec<Event> {
    let until = Time(world.now().0 + seconds * 1_000_000);
    world.run_until(until);
    world.take_events()
}

fn partitions(world: &World) -> Vec<PartitionView> {
    world.view().topics.into_iter().flat_map(|topic| topic.partitions).collect()
}

/// Who was elected, and whether cleanly.
fn elections(events: &[Event]) -> impl Iterator<Item = (Option<BrokerId>, bool)> {
    events.iter().filter_map(|event| match event.kind {
        EventKind::LeaderElected { leader, clean, .. } => Some((leader, clean)),
        _ => None,
    })
}
