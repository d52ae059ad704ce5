use kafka_protocol::error::ResponseError as E;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};

use super::{Judge, Verdict};
use crate::acl::ResourceType::{Group, Topic};
use crate::acl::{
    AccessControlEntry, Acl, Authorizer, Operation, PatternType, Permission, Principal,
    ResourcePattern, ResourceType,
};
use crate::client::names::to_kafka;
use crate::configs::BrokerConfig;
use crate::message::Request;
use crate::metadata::MetadataImage;

/// What alice may describe.
fn image(may: &[(ResourceType, &str)]) -> MetadataImage {
    let mut image = MetadataImage::default();
    for (id, (resource_type, name)) in may.iter().enumerate() {
        let pattern = ResourcePattern {
            resource_type: *resource_type,
            name: (*name).into(),
            pattern_type: PatternType::Literal,
        };
        let entry = AccessControlEntry {
            principal: Principal::user("alice"),
            host: "*".into(),
            operation: Operation::Describe,
            permission: Permission::Allow,
        };
        image.acls.insert(id as u128, Acl { pattern, entry });
    }
    image
}

/// `known: orders, secrets` and so on; `all` stands for no topics named.
fn request(groups: &[(&str, &str)]) -> kafka::OffsetFetchRequest {
    let group = |(id, topics): &(&str, &str)| {
        let named = topics.split_whitespace().map(|topic| {
            OffsetFetchRequestTopics::default()
                .with_name(to_kafka(&(*topic).into()))
                .with_partition_indexes(vec![0])
        });
        let topics = (*topics != "all").then(|| named.collect());
        OffsetFetchRequestGroup::default()
            .with_group_id(kafka::GroupId((*id).to_owned().into()))
            .with_topics(topics)
    };
    kafka::OffsetFetchRequest::default().with_groups(groups.iter().map(group).collect())
}

/// As it was asked: `known: orders; other: all`.
fn told(request: &Request) -> String {
    let Request::OffsetFetch(body) = request else { panic!("it is one for offsets: {request:?}") };
    let group = |group: &OffsetFetchRequestGroup| {
        let names = |topics: &Vec<OffsetFetchRequestTopics>| {
            topics.iter().map(|topic| topic.name.to_string()).collect::<Vec<_>>().join(" ")
        };
        let topics = group.topics.as_ref().map_or_else(|| "all".to_owned(), names);
        format!("{}: {topics}", &*group.group_id)
    };
    body.groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check(groups: &[(&str, &str)], expected: &str) {
    let authorizer = Authorizer::of(|name| {
        (name == "authorizer.class.name")
            .then_some("org.apache.kafka.metadata.authorizer.StandardAuthorizer")
    });
    let image = image(&[(Group, "known"), (Topic, "orders")]);
    let mut judge = Judge {
        authorizer: &authorizer.expect("one is named"),
        image: &image,
        principal: Principal::user("alice"),
        host: "127.0.0.1".into(),
        denied: Vec::new(),
    };
    let config = BrokerConfig::read(|_| None);
    let found = match judge.judge(&config, &request(groups).into()) {
        Verdict::Allowed => "allowed".to_owned(),
        Verdict::Filtered => "filtered".to_owned(),
        Verdict::InParts { allowed, refused } => {
            let allowed = allowed.map_or_else(|| "nothing".to_owned(), |part| told(&part));
            let refused = refused.iter().map(|(part, error)| match error {
                E::GroupAuthorizationFailed => format!(", no group {}", told(part)),
                E::TopicAuthorizationFailed => format!(", no topic {}", told(part)),
                other => panic!("{other:?} is no answer to that"),
            });
            allowed + &refused.collect::<String>()
        }
        other => panic!("{other:?} is no answer to that"),
    };
    assert_eq!(found, expected, "{groups:?}");
}

#[test]
fn each_group_and_each_topic_of_a_request_for_offsets_is_judged() {
    check(&[("known", "orders")], "allowed");
    check(&[("known", "all")], "filtered");
    check(&[("known", "orders secrets")], "known: orders, no topic known: secrets");
    check(&[("other", "orders")], "nothing, no group other: orders");
    // What one group is refused does not open the topics of another.
    check(
        &[("known", "orders secrets"), ("other", "orders")],
        "known: orders, no group other: orders, no topic known: secrets",
    );
    check(
        &[("known", "all"), ("known", "secrets")],
        "known: all; known: , no topic known: secrets",
    );
}
