//! Transactions through a whole cluster: what readers of committed records see, who is fenced, and
//! what becomes of transactions whose producer or coordinator is gone.

use std::sync::Arc;

use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::{
    BatchBuilder, BatchOptions, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence,
    TimestampMs, TransactionVersion,
};
use highwater_scenario::cluster::message::Response;
use highwater_scenario::cluster::producer::ProducerCall;
use highwater_scenario::cluster::protocol::ResponseError;
use highwater_scenario::cluster::protocol::messages as kafka;
use highwater_scenario::cluster::protocol::messages::produce_request::{
    PartitionProduceData, TopicProduceData,
};
use highwater_scenario::cluster::protocol::protocol::StrBytes;
use highwater_scenario::cluster::view::{ProducerTransactionState, ProducerView, ReplicaView};
use highwater_tests::by_hand::{Cluster, TOPIC as BY_HAND};
use highwater_tests::{Played, play};

const TOPIC: &str = "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders \
                     --partitions 1 --replication-factor 3";

/// A script with a topic, a transactional producer that is driven by hand, and `more`.
fn script(more: &str) -> String {
    format!(
        "highwater 1\nseed 7\n@1s t1> {TOPIC}\n\
         @2s t1> producer start p1 --topic orders --rate 0 --transactional-id tx1 --config transaction.timeout.ms=5000\n\
         @3s t1> producer init p1\n{more}"
    )
}

/// The leader's replica of the partition.
fn leader(played: &Played) -> ReplicaView {
    let partition = played.partition("orders", 0);
    let leader = partition.leader.expect("there is a leader");
    let view = played.view();
    let broker = view.brokers.iter().find(|broker| broker.id == leader).expect("it is a broker");
    let replica = broker.replicas.iter().find(|replica| replica.partition == partition.partition);
    replica.expect("it has the replica").clone()
}

/// Up to where readers of committed records get.
fn last_stable_offset(played: &Played) -> i64 {
    let replica = leader(played);
    let open = replica.open_transactions.iter().map(|(_, first)| first.0).min();
    open.unwrap_or(i64::MAX).min(replica.high_watermark.0)
}

/// The values that readers of committed records get.
fn committed(played: &Played) -> Vec<String> {
    let partition = TopicPartition::new(&TopicName::from("orders"), 0);
    let broker = played.partition("orders", 0).leader.expect("there is a leader");
    let log = played.session.world().log(broker, &partition).expect("it has the log");
    let (replica, end) = (leader(played), last_stable_offset(played));
    let mut values = Vec::new();
    for batch in log.batches().filter(|batch| batch.last_offset().0 < end) {
        let header = batch.header();
        let is_aborted = replica.aborted_transactions.iter().any(|(id, first, marker)| {
            *id == header.producer_id && (*first..=*marker).contains(&batch.base_offset())
        });
        if header.is_control || (header.is_transactional && is_aborted) {
            continue;
        }
        for record in batch.records().expect("a batch can be read") {
            values.push(String::from_utf8_lossy(&record.value.unwrap_or_default()).into_owned());
        }
    }
    values
}

fn producer(played: &Played, name: &str) -> ProducerView {
    let view = played.view();
    let mut found = view.producers.into_iter().filter(|producer| &*producer.name == name);
    found.next().unwrap_or_else(|| panic!("there is no producer {name}\n{}", played.story()))
}

/// Checks what readers of committed records get, and whether something is in their way.
#[track_caller]
fn check(played: &Played, values: &[&str], is_blocked: bool) {
    assert_eq!(committed(played), values, "{}", played.story());
    let blocked = last_stable_offset(played) < leader(played).high_watermark.0;
    assert_eq!(blocked, is_blocked, "a transaction is open\n{}", played.story());
}

#[test]
fn a_commit_makes_records_readable_and_an_abort_never_does() {
    let mut played = play(
        &script(
            "@5s t1> producer begin p1\n@5s t1> producer send p1 a b\n@8s t1> producer commit p1\n\
             @10s t1> producer begin p1\n@10s t1> producer send p1 c\n@12s t1> producer abort p1\n",
        ),
        7,
    );
    check(&played, &[], true);
    played.play_to(9);
    check(&played, &["a", "b"], false);
    played.play_to(11);
    check(&played, &["a", "b"], true);
    played.play_to(14);
    check(&played, &["a", "b"], false);
    let transaction = producer(&played, "p1").transaction.expect("it is transactional");
    assert_eq!(transaction.state, ProducerTransactionState::Ready);
    assert_eq!(transaction.producer.map(|(_, epoch)| epoch.0), Some(2), "raised with each end");
}

#[test]
fn a_zombie_is_fenced_and_what_it_left_open_aborted() {
    let played = play(
        &script(
            "@5s t1> producer begin p1\n@5s t1> producer send p1 a\n\
             @6s t1> producer start p2 --topic orders --rate 0 --transactional-id tx1\n\
             @7s t1> producer init p2\n@9s t1> producer send p1 b\n@10s t1> producer abort p1\n\
             @11s t1> producer begin p2\n@11s t1> producer send p2 c\n@12s t1> producer commit p2\n",
        ),
        14,
    );
    check(&played, &["c"], false);
    let zombie = producer(&played, "p1");
    let transaction = zombie.transaction.expect("it is transactional");
    assert_eq!(transaction.state, ProducerTransactionState::FatalError, "{}", played.story());
    let fenced = "ProducerFencedException: There is a newer producer with the same transactionalId \
                  which fences the current one.";
    assert_eq!(transaction.last_error.as_deref(), Some(fenced));
}

#[test]
fn what_a_dead_producer_left_open_is_in_the_way_until_its_timeout() {
    let mut played = play(
        &script(
            "@5s t1> producer begin p1\n@5s t1> producer send p1 a\n@6s t1> producer kill p1\n\
             @7s t1> producer start plain --topic orders --rate 0\n@8s t1> producer send plain b\n",
        ),
        9,
    );
    check(&played, &[], true);
    assert_eq!(leader(&played).high_watermark.0, 2, "the other's record is there");
    // transaction.timeout.ms, and the interval at which the coordinator looks.
    played.play_to(5 + 5 + 10 + 1);
    check(&played, &["b"], false);
}

#[test]
fn a_commit_survives_its_coordinator_at_any_moment() {
    let begins =
        "@5s t1> producer begin p1\n@5s t1> producer send p1 a\n@8s t1> producer commit p1\n";
    let coordinator = play(&script(begins), 7).view().transactions[0].coordinator;
    for micros in (500..12_000).step_by(2_300) {
        let kill = format!("@{}us t1> broker kill {coordinator}\n", 8_000_000 + micros);
        let played = play(&script(&format!("{begins}{kill}")), 60);
        check(&played, &["a"], false);
        let transaction = producer(&played, "p1").transaction.expect("it is transactional");
        assert_eq!(transaction.state, ProducerTransactionState::Ready, "{}", played.story());
    }
}

#[test]
fn an_application_groups_its_records_by_itself() {
    for version in [1, 2] {
        let script = format!(
            "highwater 1\nseed 7\ncluster --transaction-version {version}\n@1s t1> {TOPIC}\n\
             @2s t1> producer start p1 --topic orders --rate 100 --count 300 --transactional-id tx1 \
             --transaction-records 10 --abort-every 3\n"
        );
        let played = play(&script, 40);
        let producer = producer(&played, "p1");
        assert!(producer.is_done, "{}", played.story());
        assert_eq!(producer.records_acknowledged + producer.records_failed, 300);
        assert_eq!(committed(&played).len(), 200, "version {version}: every third was aborted");
        let transaction = producer.transaction.expect("it is transactional");
        assert_eq!(transaction.state, ProducerTransactionState::Ready);
        let epoch = if version == 1 { 0 } else { 30 };
        assert_eq!(transaction.producer.map(|(_, epoch)| epoch.0), Some(epoch));
    }
}

/// A producer is refused its id by every broker once, then it is given one; `calls` follow.
fn refused_once(start: &str, calls: &str) -> Played {
    let mut script = format!("highwater 1\nseed 7\n@1s t1> {TOPIC}\n");
    for broker in 1..=3 {
        let error = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
        script += &format!(
            "@4s t2> broker fail {broker} --api InitProducerId --error {error} --times 1 --delay 3s\n"
        );
    }
    script +=
        &format!("@5s t1> producer start p1 --topic orders --transactional-id t {start}\n{calls}");
    play(&script, 30)
}

#[test]
fn who_is_refused_an_id_may_ask_again() {
    let calls = "@6s t1> producer init p1\n@10s t1> producer abort p1\n@11s t1> producer init p1\n\
                 @20s t1> producer begin p1\n@20s t1> producer send p1 a\n@21s t1> producer commit p1\n";
    let played = refused_once("--rate 0", calls);
    // Those that were told to fail are those that were not asked yet.
    let story = played.story();
    assert!(story.contains("from state UNINITIALIZED to state ABORTING_TRANSACTION"), "{story}");
    check(&played, &["a"], false);
}

/// A producer that makes its transactions by itself cannot get its id: it ends, since there is nothing that
/// it could do, however long it waited.
#[track_caller]
fn check_gives_up(start: &str) {
    let played = refused_once(start, "");
    let producer = producer(&played, "p1");
    assert!(producer.is_closed && producer.records_acknowledged == 0, "{}", played.story());
}

#[test]
fn a_program_that_is_refused_an_id_ends() {
    check_gives_up("--rate 10");
    check_gives_up("--rate 10 --config max.block.ms=1000");
    check_gives_up("--rate 10 --config max.block.ms=0");
}

#[test]
fn a_program_that_waits_for_nothing_gets_its_transactions_done() {
    let mut script = format!("highwater 1\nseed 7\n@1s t1> {TOPIC}\n");
    script += "@5s t1> producer start p1 --topic orders --transactional-id t --rate 10 --count 50 \
               --transaction-records 5 --config max.block.ms=0 --config metadata.max.age.ms=60000\n";
    let played = play(&script, 40);
    let producer = producer(&played, "p1");
    let total = producer.records_acknowledged + producer.records_failed;
    assert_eq!((total, producer.is_closed), (50, false), "{}", played.story());
    assert!(producer.records_acknowledged > 40, "{}", played.story());
}

/// A produce request of an aborted transaction that arrives only after its marker, as one may that
/// was held up on its way: the error that answers it, and whether it leaves a transaction open for
/// good (KIP-890).
#[track_caller]
fn check_late_produce(version: i16, verifies: bool, expected: (i16, bool)) {
    let mut spec =
        ClusterSpec { transaction_version: TransactionVersion(version), ..ClusterSpec::default() };
    let verification = Arc::from("transaction.partition.verification.enable");
    spec.configs.insert(verification, verifies.to_string().into());
    let mut cluster = Cluster::new(spec);
    cluster.create_topics(&[BY_HAND]).expect("the topic is created");
    cluster.call("p1", ProducerCall::InitTransactions).expect("it gets its id");
    let transaction = cluster.view().producers[0].transaction.clone();
    let (id, epoch) = transaction.and_then(|it| it.producer).expect("it has an id");
    cluster.call("p1", ProducerCall::BeginTransaction).expect("it begins");
    cluster.send("p1", "in time").expect("it sends");
    cluster.call("p1", ProducerCall::AbortTransaction).expect("it aborts");
    let error = produce_late(&mut cluster, id, epoch);
    // Longer than transaction.timeout.ms, which is a minute, and the interval of the coordinator.
    cluster.run_seconds(120);
    let view = cluster.view();
    let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
    let mut replicas = replicas.filter(|replica| replica.partition.topic.as_str() == BY_HAND);
    let hangs = replicas.any(|replica| !replica.open_transactions.is_empty());
    assert_eq!((error, hangs), expected, "version {version}, verification {verifies}");
}

/// Sends the second batch of a transaction, and returns the error that answers it.
fn produce_late(cluster: &mut Cluster, id: ProducerId, epoch: ProducerEpoch) -> i16 {
    let mut batch = BatchBuilder::new(BatchOptions {
        producer_id: id,
        producer_epoch: epoch,
        base_sequence: Sequence(1),
        is_transactional: true,
        ..BatchOptions::default()
    });
    batch.append(TimestampMs(1_000), None, Some(b"late"), &[]);
    let bytes = batch.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
    let data = PartitionProduceData::default().with_index(0).with_records(Some(bytes));
    let topic = TopicProduceData::default()
        .with_name(kafka::TopicName(StrBytes::from_static_str(BY_HAND)))
        .with_partition_data(vec![data]);
    let request = kafka::ProduceRequest::default()
        .with_transactional_id(Some(kafka::TransactionalId(StrBytes::from_static_str("txid-1"))))
        .with_acks(-1)
        .with_timeout_ms(5_000)
        .with_topic_data(vec![topic]);
    let leader = BrokerId(cluster.metadata().partitions[0].leader_id.0);
    let Response::Produce(body) = cluster.ask(leader, request) else { unreachable!() };
    body.responses[0].partition_responses[0].error_code
}

#[test]
fn a_late_batch_hangs_only_where_nobody_asks_and_the_epoch_stays() {
    check_late_produce(1, false, (0, true));
    check_late_produce(1, true, (ResponseError::TransactionAbortable.code(), false));
    check_late_produce(2, false, (ResponseError::InvalidProducerEpoch.code(), false));
    check_late_produce(2, true, (ResponseError::InvalidProducerEpoch.code(), false));
}
