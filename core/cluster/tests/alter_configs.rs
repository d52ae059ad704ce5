//! What a broker answers to changes of settings that no tool asks for in one go: lists that grow and
//! shrink, checks without a change, and requests that name something twice.

use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, EntryId, NodeId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_topics_request::CreatableTopic;
use highwater_cluster::protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use highwater_cluster::protocol::protocol::StrBytes;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::world::World;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const GROUP: i8 = 32;
const NO_SUCH_TYPE: i8 = 33;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// A command that sends one request to broker 1, and prints what each resource was answered.
#[derive(Clone, Debug)]
struct Ask(Option<Request>);

impl Program for Ask {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                let request = self.0.take().expect("it is asked once");
                ctx.send(NodeId::Broker(BrokerId(1)), request, Span::from_millis(5_000));
            }
            Input::Response(_, Response::IncrementalAlterConfigs(body)) => {
                for resource in &body.responses {
                    let error = ResponseError::try_from_code(resource.error_code);
                    let message = resource.error_message.as_deref().unwrap_or("done");
                    ctx.print(&error.map_or_else(
                        || message.to_owned(),
                        |error| format!("{error:?}: {message}"),
                    ));
                }
                ctx.exit(0);
            }
            _ => ctx.exit(0),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A cluster with the topic `t`.
fn cluster() -> World {
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(5_000_000));
    let topic = CreatableTopic::default()
        .with_name(kafka::TopicName(StrBytes::from_static_str("t")))
        .with_num_partitions(1)
        .with_replication_factor(1);
    let request = kafka::CreateTopicsRequest::default().with_topics(vec![topic]);
    ask(&mut world, request);
    world
}

/// What the command prints.
fn ask(world: &mut World, request: impl Into<Request>) -> Vec<String> {
    world.take_events();
    let program = Box::new(Ask(Some(request.into())));
    let entry = EntryId(world.now().0 as u32);
    world.start_program(entry, &TerminalName::from("t1"), program).expect("there is room");
    let until = world.now() + Span::from_millis(2_000);
    world.run_until(until);
    let lines = world.take_events().into_iter().filter_map(|event| match event.kind {
        EventKind::Output { text, .. } => Some(text.to_string()),
        _ => None,
    });
    lines.collect()
}

type Changes<'a> = &'a [(&'a str, i8, Option<&'a str>)];

fn resource(resource_type: i8, name: &str, changes: Changes<'_>) -> AlterConfigsResource {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let config = |(name, operation, value): &(&str, i8, Option<&str>)| {
        AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(*operation)
            .with_value(value.map(text))
    };
    AlterConfigsResource::default()
        .with_resource_type(resource_type)
        .with_resource_name(text(name))
        .with_configs(changes.iter().map(config).collect())
}

/// Asks for changes, and compares the answers.
#[track_caller]
fn check(world: &mut World, resources: &[(i8, &str, Changes<'_>)], expected: &[&str]) {
    let all = resources.iter().map(|(kind, name, changes)| resource(*kind, name, changes));
    let request = kafka::IncrementalAlterConfigsRequest::default().with_resources(all.collect());
    assert_eq!(ask(world, request), expected, "{resources:?}");
}

/// The value of a topic's setting that was given.
fn topic_config(world: &World, name: &str) -> Option<String> {
    let view = world.view();
    let configs = &view.topics[0].configs;
    configs.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.to_string())
}

#[test]
fn lists_grow_and_shrink_from_their_default() {
    let mut world = cluster();
    let policy = "cleanup.policy";
    for (operation, words, after) in [
        (APPEND, "compact", "delete,compact"),
        (APPEND, "compact,delete", "delete,compact"),
        (SUBTRACT, "delete", "compact"),
        (SUBTRACT, "delete", "compact"),
    ] {
        check(&mut world, &[(TOPIC, "t", &[(policy, operation, Some(words))])], &["done"]);
        assert_eq!(topic_config(&world, policy).as_deref(), Some(after), "{operation} {words}");
    }
    check(&mut world, &[(TOPIC, "t", &[(policy, DELETE, None)])], &["done"]);
    assert_eq!(topic_config(&world, policy), None);
    let no_list = "InvalidConfig: Can't APPEND to key retention.ms because its type is not LIST.";
    check(&mut world, &[(TOPIC, "t", &[("retention.ms", APPEND, Some("1"))])], &[no_list]);
    let no_list =
        "InvalidConfig: Config value subtract is not allowed for config key: message.max.bytes";
    check(&mut world, &[(BROKER, "1", &[("message.max.bytes", SUBTRACT, Some("1"))])], &[no_list]);
}

#[test]
fn of_one_resource_all_is_done_or_nothing_and_others_are_not_touched() {
    let mut world = cluster();
    let wrong: Changes<'_> = &[("retention.ms", SET, Some("7")), ("segment.ms", SET, Some("0"))];
    let right: Changes<'_> = &[("message.max.bytes", SET, Some("5000"))];
    let error =
        "InvalidConfig: Invalid value 0 for configuration segment.ms: Value must be at least 1";
    check(&mut world, &[(TOPIC, "t", wrong), (BROKER, "", right)], &[error, "done"]);
    assert_eq!(topic_config(&world, "retention.ms"), None);
}

#[test]
fn a_check_changes_nothing() {
    let mut world = cluster();
    let changes: Changes<'_> = &[("retention.ms", SET, Some("7"))];
    let request = kafka::IncrementalAlterConfigsRequest::default()
        .with_resources(vec![resource(TOPIC, "t", changes)])
        .with_validate_only(true);
    assert_eq!(ask(&mut world, request), ["done"]);
    assert_eq!(topic_config(&world, "retention.ms"), None);
}

#[test]
fn what_makes_no_sense_is_refused_for_itself() {
    let mut world = cluster();
    let set: Changes<'_> = &[("retention.ms", SET, Some("7"))];
    let once = "InvalidRequest: Each resource must appear at most once.";
    check(&mut world, &[(TOPIC, "t", set), (TOPIC, "t", set)], &[once, once]);
    for (asked, error) in [
        ((TOPIC, "t", &[set[0], set[0]][..]), "InvalidRequest: Error due to duplicate config keys"),
        (
            (TOPIC, "t", &[("retention.ms", SET, None)][..]),
            "InvalidRequest: Null value not supported for : retention.ms",
        ),
        (
            (TOPIC, "t", &[("retention.ms", 9, Some("1"))][..]),
            "InvalidRequest: Unknown operations type 9",
        ),
        ((TOPIC, "", set), "InvalidRequest: Default topic resources are not allowed."),
        ((TOPIC, "u", set), "UnknownTopicOrPartition: The topic 'u' does not exist."),
        ((BROKER, "x", set), "InvalidRequest: Node id must be an integer, but it is: x"),
        ((BROKER, "2", set), "InvalidRequest: Unexpected broker id, expected 1, but received 2"),
        ((GROUP, "g", set), "InvalidConfig: Unknown group config name: retention.ms"),
        ((NO_SUCH_TYPE, "g", set), "InvalidRequest: Unknown resource type 33"),
    ] {
        check(&mut world, &[asked], &[error]);
        // What is right beside it is done all the same.
        check(
            &mut world,
            &[asked, (BROKER, "", &[("log.roll.ms", SET, Some("9"))])],
            &[error, "done"],
        );
    }
}
