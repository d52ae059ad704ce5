//! Access control lists: who may do what, what clients make of a refusal, and that nothing changes where no broker asks an
//! authorizer.

use highwater_scenario::cluster::acl::event::AclEvent;
use highwater_scenario::cluster::event::EventKind;
use highwater_tests::{Played, play};

/// A cluster that asks an authorizer, whose admin may do everything, with a file for each user.
fn header() -> String {
    let mut header = "highwater 1\nseed 1\ncluster --brokers 1\n\
        config * authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
        config * offsets.topic.num.partitions=1\nconfig * offsets.topic.replication.factor=1\n\
        config * super.users=User:admin\nconfig * transaction.state.log.min.isr=1\n\
        config * transaction.state.log.num.partitions=1\n\
        config * transaction.state.log.replication.factor=1\n\
        config * share.coordinator.state.topic.num.partitions=1\n\
        config * share.coordinator.state.topic.replication.factor=1\n\
        config * share.coordinator.state.topic.min.isr=1\n\n"
        .to_owned();
    for user in ["admin", "alice", "bob"] {
        header += &format!(
            "@0s file {user}.properties <<END\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
             sasl.jaas.config={}\nEND\n",
            jaas(user)
        );
    }
    header
        + "@1s t1> kafka-topics.sh --create --topic orders --partitions 1 --bootstrap-server broker1:9092 \
              --command-config admin.properties\n"
}

fn jaas(user: &str) -> String {
    format!(
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"{user}\" \
         password=\"{user}-secret\";"
    )
}

/// A line of `kafka-acls.sh` that the admin writes.
fn acls(at: &str, rest: &str) -> String {
    format!(
        "@{at} t1> kafka-acls.sh --bootstrap-server broker1:9092 {rest} --command-config admin.properties\n"
    )
}

/// The options by which a client that is started says who it is.
fn is(user: &str) -> String {
    format!(
        "--config security.protocol=SASL_PLAINTEXT --config sasl.mechanism=PLAIN --config 'sasl.jaas.config={}'",
        jaas(user)
    )
}

fn run(lines: &str, until_seconds: u64) -> Played {
    play(&format!("{}{lines}", header()), until_seconds)
}

/// What brokers denied, each thing once: `User:alice WRITE topic orders`.
fn denied(played: &Played) -> Vec<String> {
    let mut all = Vec::new();
    for event in played.session.causes().all() {
        if let EventKind::Acl(event) = &event.kind
            && let AclEvent::Denied { principal, operation, resource, name, .. } = &**event
        {
            let what = format!("{principal} {operation} {} {name}", resource.word());
            if !all.contains(&what) {
                all.push(what);
            }
        }
    }
    all
}

/// Lines that were printed, with these words in them.
#[track_caller]
fn check_printed(played: &Played, words: &[&str]) {
    let output = played.output().join("\n");
    for words in words {
        assert!(output.contains(words), "{words}\n---\n{output}\n---\n{}", played.details());
    }
}

#[test]
fn entries_are_added_listed_and_removed_as_kafkas_tool_does() {
    let lines = acls("2s", "--add --allow-principal User:alice --producer --topic orders")
        + &acls(
            "3s",
            "--add --deny-principal User:bob --deny-host 10.0.0.9 --operation Read --topic o --resource-pattern-type prefixed",
        )
        + &acls("4s", "--list")
        + &acls("5s", "--remove --topic orders --force")
        + &acls("6s", "--list --principal User:bob")
        + &acls("7s", "--remove --topic o --resource-pattern-type prefixed")
        + "@8s t1< n\n"
        + &acls("9s", "--remove --topic o --resource-pattern-type prefixed")
        + "@10s t1< y\n"
        + &acls("11s", "--list");
    let played = run(&lines, 20);
    let output = played.output();
    let expected = "Created topic orders.
Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: 
 \t(principal=User:alice, host=*, operation=WRITE, permissionType=ALLOW)
\t(principal=User:alice, host=*, operation=CREATE, permissionType=ALLOW)
\t(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=o, patternType=PREFIXED)`: 
 \t(principal=User:bob, host=10.0.0.9, operation=READ, permissionType=DENY)

Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=o, patternType=PREFIXED)`:
\t(principal=User:bob, host=10.0.0.9, operation=READ, permissionType=DENY)

Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`:
\t(principal=User:alice, host=*, operation=WRITE, permissionType=ALLOW)
\t(principal=User:alice, host=*, operation=CREATE, permissionType=ALLOW)
\t(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

ACLs for principal `User:bob`
Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=o, patternType=PREFIXED)`:
\t(principal=User:bob, host=10.0.0.9, operation=READ, permissionType=DENY)

Are you sure you want to delete all ACLs for resource filter `ResourcePattern(resourceType=TOPIC, name=o, patternType=PREFIXED)`? (y/n)
n
Are you sure you want to delete all ACLs for resource filter `ResourcePattern(resourceType=TOPIC, name=o, patternType=PREFIXED)`? (y/n)
y";
    assert_eq!(output.join("\n"), expected, "{}", played.details());
    assert!(played.view().acls.is_empty());
    let story = played.story();
    assert!(story.contains("User:alice may WRITE Topic:LITERAL:orders from here on"), "{story}");
    assert!(story.contains("User:bob may not READ Topic:PREFIXED:o from here on"), "{story}");
}

#[test]
fn without_an_authorizer_everybody_may_do_everything_but_change_entries() {
    let played = play(
        "highwater 1\nseed 1\ncluster --brokers 1\n\
         @1s t1> kafka-acls.sh --bootstrap-server broker1:9092 --list\n\
         @2s t1> kafka-acls.sh --bootstrap-server broker1:9092 --add --allow-principal User:a --topic t\n",
        10,
    );
    check_printed(
        &played,
        &[
            "Error while executing ACL command: org.apache.kafka.common.errors.SecurityDisabledException: No \
             Authorizer is configured on the broker",
            "SecurityDisabledException: No Authorizer is configured.",
            "Highwater: no broker asks an authorizer",
        ],
    );
}

#[test]
fn a_producer_that_may_not_write_is_told_at_once_and_goes_on_when_it_may() {
    let lines = format!("@2s t1> producer start p1 --topic orders --rate 2 {}\n", is("alice"))
        + &acls("10s", "--add --allow-principal User:alice --operation Describe --topic orders")
        + &acls("20s", "--add --allow-principal User:alice --operation Write --topic orders")
        + &acls("40s", "--add --deny-principal User:alice --operation Write --topic orders");
    let mut played = run(&lines, 9);
    let producer = |played: &Played| {
        let producer = played.view().producers[0].clone();
        (producer.records_acknowledged, producer.records_failed, producer.retries)
    };
    let (written, failed, retries) = producer(&played);
    assert_eq!((written, retries), (0, 0), "{}", played.details());
    assert!(failed > 5, "{failed}\n{}", played.details());
    let said = played.view().producers[0].last_failure.clone().unwrap_or_default();
    assert_eq!(&*said, "TopicAuthorizationException: Not authorized to access topics: [orders]");
    // It may not know of the topic, nor be idempotent, since it may write to none.
    let idempotent_write = "User:alice IDEMPOTENT_WRITE cluster kafka-cluster";
    assert_eq!(denied(&played), [idempotent_write, "User:alice DESCRIBE topic orders"]);
    played.play_to(19);
    assert_eq!(producer(&played).0, 0);
    assert_eq!(denied(&played).len(), 2, "{:?}", denied(&played));
    played.play_to(39);
    let (written, failed, _) = producer(&played);
    assert!(written > 30, "{written}\n{}", played.details());
    // A denial outweighs what allows.
    played.play_to(60);
    let (after, failed_after, retries) = producer(&played);
    assert!(
        after - written < 5 && failed_after - failed > 30 && retries == 0,
        "{after} {failed_after}"
    );
    let story = played.story();
    assert!(story.contains("an entry denies it to User:alice"), "{story}");
    assert!(story.contains("no entry allows it to User:alice"), "{story}");
}

#[test]
fn a_consumer_needs_its_group_as_well_as_its_topic() {
    let consumer = |at: &str, name: &str, more: &str| {
        format!(
            "@{at} t1> consumer start {name} --group billing --topic orders --from-beginning {} {more}\n",
            is("alice")
        )
    };
    for (protocol, topic_first) in [("classic", true), ("consumer", true), ("classic", false)] {
        let more = format!("--config group.protocol={protocol}");
        let of_topic = "--add --allow-principal User:alice --operation Read --topic orders";
        let of_group = "--add --allow-principal User:alice --operation Read --group billing";
        let [first, second] = if topic_first { [of_topic, of_group] } else { [of_group, of_topic] };
        let lines = format!("@2s t1> producer start p1 --topic orders --rate 5 {}\n", is("admin"))
            + &acls("3s", first)
            + &consumer("5s", "c1", &more)
            + &acls("20s", second)
            + &consumer("22s", "c2", &more);
        let played = run(&lines, 40);
        let view = played.view();
        let [c1, c2] = &view.consumers[..] else { panic!("two consumers: {}", played.details()) };
        let error = match topic_first {
            true => "GroupAuthorizationException: Not authorized to access group: billing",
            false => "TopicAuthorizationException: Not authorized to access topics: [orders]",
        };
        assert_eq!(c1.last_error.as_deref(), Some(error), "{protocol}\n{}", played.details());
        assert!(c1.is_closed && c1.records_consumed == 0, "{protocol}");
        assert!(
            c2.records_consumed > 50,
            "{protocol}: {}\n{}",
            c2.records_consumed,
            played.details()
        );
    }
}

#[test]
fn of_two_topics_the_allowed_one_is_served_and_the_other_refused() {
    let admin = "--bootstrap-server broker1:9092 --command-config admin.properties";
    let alice = "--bootstrap-server broker1:9092 --command-config alice.properties";
    let lines = format!(
        "@2s t1> kafka-topics.sh --create --topic payments --partitions 1 {admin}\n"
    ) + &acls(
        "3s",
        "--add --allow-principal User:alice --operation Describe --topic orders",
    ) + &acls(
        "4s",
        "--add --allow-principal User:alice --operation Create --topic al --resource-pattern-type prefixed",
    ) + &format!(
        "@5s t2> kafka-topics.sh --list {alice}\n\
             @6s t2> kafka-topics.sh --create --topic alpha --partitions 1 {alice}\n\
             @7s t2> kafka-topics.sh --create --topic beta --partitions 1 {alice}\n\
             @8s t2> kafka-topics.sh --delete --topic orders {alice}\n\
             @9s t2> kafka-get-offsets.sh --topic-partitions orders:0 {alice}\n\
             @10s t2> kafka-topics.sh --describe --topic payments {alice}\n\
             @11s t2> kafka-configs.sh --describe --topic orders {alice}\n\
             @12s t2> kafka-configs.sh --alter --client p1 --add-config producer_byte_rate=1 {alice}\n\
             @13s t2> kafka-acls.sh --list {alice}\n\
             @14s t2> kafka-consumer-groups.sh --list {alice}\n\
             @15s t2> kafka-consumer-groups.sh --describe --group billing {alice}\n\
             @16s t2> kafka-metadata-quorum.sh {alice} describe --status\n"
    );
    let played = run(&lines, 90);
    check_printed(
        &played,
        &[
            "Created topic alpha.",
            "Error while executing topic command : Authorization failed.",
            "TopicAuthorizationException",
            "orders:0:0",
            "ClusterAuthorizationException: Cluster authorization failed.",
            "GroupAuthorizationException",
        ],
    );
    // Whoever may not describe a topic is not told that it is there.
    let listed: Vec<String> =
        played.output().into_iter().filter(|line| line == "payments").collect();
    assert!(listed.is_empty());
}

#[test]
fn transactions_need_the_transactional_id_the_group_and_the_topics() {
    let lines = format!(
        "@2s t1> kafka-topics.sh --create --topic out --partitions 1 --bootstrap-server broker1:9092 \
         --command-config admin.properties\n\
         @3s t1> producer start p1 --topic orders --rate 5 {}\n",
        is("admin")
    ) + &acls(
        "4s",
        "--add --allow-principal User:alice --consumer --topic orders --group copiers",
    ) + &acls("5s", "--add --allow-principal User:alice --producer --topic out")
        + &format!(
            "@6s t1> producer start t1 --topic out --rate 2 --transactional-id tx --transaction-records 2 {}\n",
            is("alice")
        )
        + &acls(
            "30s",
            "--add --allow-principal User:alice --operation Write --transactional-id tx",
        )
        + &format!(
            "@32s t1> producer start t2 --topic out --rate 2 --transactional-id tx --transaction-records 2 {}\n",
            is("alice")
        );
    let played = run(&lines, 60);
    let view = played.view();
    let written = |name: &str| {
        let producer = view.producers.iter().find(|producer| &*producer.name == name);
        producer.unwrap_or_else(|| panic!("{name} runs\n{}", played.details())).records_acknowledged
    };
    assert_eq!(written("t1"), 0, "{}", played.details());
    assert!(written("t2") > 20, "{}", played.details());
    assert!(denied(&played).contains(&"User:alice DESCRIBE transactional id tx".to_owned()));
}

#[test]
fn share_groups_are_groups_too() {
    let lines = format!("@2s t1> producer start p1 --topic orders --rate 5 {}\n", is("admin"))
        + &acls("3s", "--add --allow-principal User:alice --operation Read --topic orders")
        + &format!(
            "@5s t1> share-consumer start s1 --group workers --topic orders {}\n",
            is("alice")
        )
        + &acls("20s", "--add --allow-principal User:alice --operation Read --group workers")
        + &format!(
            "@22s t1> share-consumer start s2 --group workers --topic orders {}\n",
            is("alice")
        );
    let played = run(&lines, 60);
    let view = played.view();
    let [s1, s2] = &view.share_consumers[..] else { panic!("two: {}", played.details()) };
    let error = "GroupAuthorizationException: Not authorized to access group: workers";
    assert_eq!(s1.last_error.as_deref(), Some(error), "{}", played.details());
    assert!(s2.records_delivered > 50, "{}\n{}", s2.records_delivered, played.details());
}

/// What a tool says of the offsets of a share group, as alice.
fn share_groups(at: &str, rest: &str) -> String {
    format!(
        "@{at} t1> kafka-share-groups.sh --bootstrap-server broker1:9092 --group workers {rest} \
         --command-config alice.properties\n"
    )
}

#[test]
fn what_a_share_group_has_read_needs_rights_on_its_topics_too() {
    let group = "--add --allow-principal User:alice --operation Describe --operation Read \
                 --operation Delete --group workers";
    let topic = |operation: &str| {
        format!("--add --allow-principal User:alice --operation {operation} --topic orders")
    };
    let lines = format!(
        "@2s t1> share-consumer start s1 --group workers --topic orders {}\n\
         @3s t1> producer start p1 --topic orders --rate 5 {}\n",
        is("admin"),
        is("admin"),
    ) + &acls("5s", group)
        + "@20s t1> share-consumer stop s1\n"
        + &share_groups("21s", "--describe --offsets")
        + &acls("23s", &topic("Describe"))
        + &share_groups("25s", "--describe --offsets")
        + &share_groups("27s", "--reset-offsets --topic orders --to-earliest --execute")
        + &share_groups("29s", "--delete-offsets --topic orders")
        + &acls("31s", &topic("Read"))
        + &share_groups("33s", "--reset-offsets --topic orders --to-earliest --execute")
        + &share_groups("35s", "--delete-offsets --topic orders");
    let mut played = run(&lines, 24);
    let told = |played: &Played| {
        let output = played.output();
        output.iter().filter(|line| line.contains("workers") && line.contains("orders")).count()
    };
    assert_eq!(told(&played), 0, "nothing of what it may not know: {:#?}", played.output());
    played.play_to(26);
    assert_eq!(told(&played), 1, "{:#?}", played.output());
    played.play_to(30);
    let refused = "Topic authorization failed.";
    let count = played.output().iter().filter(|line| line.contains(refused)).count();
    assert_eq!(count, 2, "{:#?}", played.output());
    assert!(denied(&played).contains(&"User:alice READ topic orders".to_owned()));
    played.play_to(60);
    let output = played.output();
    let count = output.iter().filter(|line| line.contains(refused)).count();
    assert_eq!(count, 2, "what is allowed is done: {output:#?}\n{}", played.story());
    let gone = played.view().share_groups.iter().all(|group| group.partitions.is_empty());
    assert!(gone, "{output:#?}\n{}", played.story());
}

#[test]
fn entries_and_quotas_of_users_outlive_every_broker_and_controller() {
    let lines = acls("2s", "--add --allow-principal User:alice --producer --topic orders")
        + "@3s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --user alice --add-config \
           producer_byte_rate=3000 --command-config admin.properties\n\
           @4s t1> broker stop 1\n@6s t1> controller stop\n@8s t1> controller start\n@10s t1> broker start 1\n"
        + &format!(
            "@20s t1> producer start p1 --topic orders --rate 100 --value-bytes 100 {}\n\
             @20s t1> producer start p2 --topic orders --rate 100 --value-bytes 100 {}\n",
            is("alice"),
            is("admin")
        );
    let played = run(&lines, 60);
    assert_eq!(played.view().acls.len(), 3);
    let view = played.view();
    let written: Vec<u64> = view.producers.iter().map(|it| it.records_acknowledged).collect();
    // The quota is alice's alone.
    assert!(written[0] > 500 && written[0] < 2_000 && written[1] > 3_500, "{written:?}");
}

#[test]
fn a_producer_that_wants_no_answer_is_denied_too() {
    let describes =
        acls("2s", "--add --allow-principal User:alice --operation Describe --topic orders");
    let starts =
        format!("@3s t1> producer start p --topic orders --acks 0 --rate 5 {}\n", is("alice"));
    let played = run(&format!("{describes}{starts}"), 8);
    assert_eq!(denied(&played), ["User:alice WRITE topic orders"], "{}", played.details());
    assert!(played.details().contains("does not ask what became of them"), "{}", played.details());
    assert_eq!(played.replica(1, "orders", 0).log_end_offset.0, 0);
}

/// Tools that need a right on the cluster say that it is missing, and do not tell of success.
#[test]
fn a_tool_that_may_not_change_the_cluster_fails() {
    let elect =
        "--election-type preferred --topic orders --partition 0 --admin.config alice.properties";
    let lines = format!(
        "@2s t1> kafka-leader-election.sh --bootstrap-server broker1:9092 {elect}\n\
         @3s file plan.json <<END\n\
         {{\"version\":1,\"partitions\":[{{\"topic\":\"orders\",\"partition\":0,\"replicas\":[1]}}]}}\nEND\n\
         @4s t2> kafka-reassign-partitions.sh --bootstrap-server broker1:9092 --execute \
         --reassignment-json-file plan.json --command-config alice.properties\n\
         @5s file offsets.json <<END\n\
         {{\"version\":1,\"partitions\":[{{\"topic\":\"orders\",\"partition\":0,\"offset\":0}}]}}\nEND\n\
         @6s t3> kafka-delete-records.sh --bootstrap-server broker1:9092 --offset-json-file offsets.json \
         --command-config alice.properties\n"
    );
    let played = run(&lines, 60);
    check_printed(
        &played,
        &[
            "Not authorized to perform leader election",
            "org.apache.kafka.common.errors.ClusterAuthorizationException: Cluster authorization failed.",
            "partition: orders-0\terror: org.apache.kafka.common.errors.TopicAuthorizationException: Topic \
             authorization failed.",
        ],
    );
    let output = played.output().join("\n");
    assert!(!output.contains("Successfully"), "{output}");
}
