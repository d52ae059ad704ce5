//! The world from outside, without a shell: brokers come up, a program creates a topic.

use highwater_cluster::action::Action;
use highwater_cluster::bounds::{Bound, Bounds};
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::fault::Fault;
use highwater_cluster::ids::{BrokerId, EntryId, NodeId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_topics_request::CreatableTopic;
use highwater_cluster::protocol::protocol::StrBytes;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::view::{BrokerState, ReplicaRole};
use highwater_cluster::world::World;

/// Asks broker 1 for a topic and ends with the error code of the answer.
#[derive(Clone, Debug)]
struct CreateTopic(&'static str);

impl Program for CreateTopic {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                let topic = CreatableTopic::default()
                    .with_name(kafka::TopicName(StrBytes::from_static_str(self.0)))
                    .with_num_partitions(3)
                    .with_replication_factor(3);
                let request = kafka::CreateTopicsRequest::default().with_topics(vec![topic]);
                ctx.send(NodeId::Broker(BrokerId(1)), request, Span::from_millis(30_000));
            }
            Input::Response(_, highwater_cluster::message::Response::CreateTopics(body)) => {
                ctx.exit(i32::from(body.topics[0].error_code));
            }
            other => panic!("{other:?}"),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

fn trace(world: &mut World) -> String {
    let lines: Vec<String> = world.take_events().iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn brokers_register_and_are_let_in() {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(1_000_000));
    let view = world.view();
    for broker in &view.brokers {
        assert_eq!(broker.state, BrokerState::Running, "{}", trace(&mut world));
        assert!(!broker.is_fenced);
        assert!(broker.epoch.is_some());
    }
    assert_eq!(view.controllers.len(), 1);
    assert!(view.controllers[0].is_active);
}

#[test]
fn a_topic_is_created_and_its_replicas_know_their_roles() {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(1_000_000));
    let terminal = TerminalName::from("t1");
    let client = world.start_program(EntryId(0), &terminal, Box::new(CreateTopic("orders")));
    world.run_until(Time(2_000_000));
    let client = client.expect("there is room for a client");
    let exit = world.client(client).and_then(|info| info.exit_code);
    assert_eq!(exit, Some(0), "{}", trace(&mut world));
    let view = world.view();
    assert_eq!(view.topics.len(), 1);
    for partition in &view.topics[0].partitions {
        assert_eq!(partition.isr.len(), 3);
        for broker in &view.brokers {
            let replica =
                broker.replicas.iter().find(|replica| replica.partition == partition.partition);
            let role = replica.map(|replica| replica.role);
            let expected = if partition.leader == Some(broker.id) {
                ReplicaRole::Leader
            } else {
                ReplicaRole::Follower
            };
            assert_eq!(role, Some(expected), "{} on broker {}", partition.partition, broker.id);
        }
    }
}

#[test]
fn a_clone_goes_on_as_the_original_does() {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(1_000_000));
    world.take_events();
    let mut copy = world.clone();
    for world in [&mut world, &mut copy] {
        world.start_program(EntryId(0), &TerminalName::from("t1"), Box::new(CreateTopic("orders")));
        world.run_until(Time(5_000_000));
    }
    assert_eq!(trace(&mut world), trace(&mut copy));
}

/// Pauses broker 2 and ends.
#[derive(Clone, Debug)]
struct PauseBroker;

impl Program for PauseBroker {
    fn handle(&mut self, ctx: &mut Ctx<'_>, _input: Input) {
        let pause = Fault::Pause { broker: BrokerId(2), length: None };
        ctx.act(Action::Fault(pause)).expect("broker 2 runs");
        ctx.exit(0);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

#[test]
fn what_waits_for_a_paused_broker_is_bounded() {
    let bounds = Bounds { steps_per_instant: 3, ..Bounds::default() };
    let mut world = World::new(ClusterSpec { bounds, ..ClusterSpec::default() });
    world.run_until(Time(1_000_000));
    assert_eq!(world.halted(), None);
    let entry = EntryId(7);
    world.start_program(entry, &TerminalName::from("t1"), Box::new(PauseBroker)).expect("room");
    world.run_until(Time(60_000_000));
    let halt = world.halted().expect("its timers alone are more");
    assert_eq!((halt.bound, halt.entry), (Bound::WaitingForPaused(3), Some(entry)));
    let waiting = world.view().brokers[1].waiting_for_resume;
    assert_eq!(waiting, 4);
}

#[test]
fn a_copy_of_a_world_with_a_pause_goes_on_as_the_world_does() {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(1_000_000));
    let terminal = TerminalName::from("t1");
    world.start_program(EntryId(1), &terminal, Box::new(PauseBroker)).expect("room");
    world.run_until(Time(5_000_000));
    world.take_events();
    let mut copy = world.clone();
    world.run_until(Time(30_000_000));
    copy.run_until(Time(30_000_000));
    assert_eq!(trace(&mut world), trace(&mut copy));
}
