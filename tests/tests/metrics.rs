//! Each metric beside a figure that is known by counting, the samples beside the run however it is
//! played, and the text that Prometheus reads beside the rules of its format.

use std::collections::BTreeSet;
use std::sync::Arc;

use highwater_scenario::cluster::event::{EventKind, IsrChangeReason};
use highwater_scenario::cluster::ids::TopicName;
use highwater_scenario::cluster::protocol::error::ResponseError;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::metrics::{Chart, Reading, Sample, Thousandths, Value, exposition};
use highwater_scenario::timeline::Timeline;
use highwater_tests::{Played, THREE_BROKERS, open, play};

const TOPIC: &str = "@1s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 \
                     --config min.insync.replicas=2 --bootstrap-server broker1:9092\n";
const PRODUCER: &str = "@2s t1> producer start p1 --topic orders --rate 20 --acks all --keys 9\n";
const CONSUMER: &str =
    "@4s t2> consumer start c1 --group billing --topic orders --from-beginning\n";

fn script(more: &[&str]) -> String {
    format!("{THREE_BROKERS}config * offsets.topic.num.partitions=1\n{TOPIC}{}", more.concat())
}

fn readings(played: &Played) -> Vec<Reading> {
    played.session.metrics().read(&played.view())
}

/// The sum over all processes of the readings whose MBean is that one exactly; none if there is none.
fn sum(played: &Played, mbean: &str, attribute: &str) -> Option<Thousandths> {
    let numbers = readings(played).into_iter().filter(|reading| reading.mbean() == mbean);
    let numbers = numbers.filter(|reading| reading.attribute() == attribute);
    let numbers: Vec<i64> = numbers
        .map(|reading| match reading.value {
            Value::Number(number) => number.0,
            Value::Meter { count, .. } => Thousandths::whole(count).0,
            Value::Histogram(durations) => Thousandths::whole(durations.count()).0,
        })
        .collect();
    (!numbers.is_empty()).then(|| Thousandths(numbers.iter().sum()))
}

/// What a metric adds up to over all processes.
#[track_caller]
fn check(played: &Played, mbean: &str, attribute: &str, expected: impl TryInto<u64>) {
    let expected = expected.try_into().ok().map(Thousandths::whole);
    let found = sum(played, mbean, attribute);
    assert_eq!(found, expected, "{mbean} {attribute}\n{}", played.session.script());
}

/// How many events of a run match.
fn events(played: &Played, is_counted: impl Fn(&EventKind) -> bool) -> usize {
    played.session.causes().all().filter(|event| is_counted(&event.kind)).count()
}

#[test]
fn what_comes_in_and_goes_out_is_counted_by_topic() {
    let played = play(&script(&[PRODUCER, CONSUMER, "@12s t1> producer stop p1\n"]), 20);
    let view = played.view();
    let of_leaders = |partition: usize| {
        let known = played.partition("orders", partition);
        played.replica(known.leader.expect("it has one").0, "orders", partition as i32)
    };
    let leaders: Vec<_> = (0..3).map(of_leaders).collect();
    let records: i64 = leaders.iter().map(|replica| replica.log_end_offset.0).sum();
    let bytes: u64 = leaders.iter().map(|replica| replica.size_bytes).sum();
    assert!(records >= 200, "20 a second for 10 seconds: {records}");
    let topic =
        |name: &str| format!("kafka.server:type=BrokerTopicMetrics,name={name},topic=orders");
    check(&played, &topic("MessagesInPerSec"), "Count", records);
    check(&played, &topic("BytesInPerSec"), "Count", bytes);
    check(&played, &topic("BytesOutPerSec"), "Count", bytes);
    check(&played, &topic("FailedProduceRequestsPerSec"), "Count", 0);

    let internal = played.replica(view.groups[0].coordinator.0, "__consumer_offsets", 0);
    let all = |name: &str| format!("kafka.server:type=BrokerTopicMetrics,name={name}");
    check(&played, &all("MessagesInPerSec"), "Count", records + internal.log_end_offset.0);
    let copied: u64 =
        view.brokers.iter().flat_map(|broker| &broker.replicas).map(|own| own.size_bytes).sum();
    check(&played, &all("ReplicationBytesInPerSec"), "Count", copied - bytes - internal.size_bytes);
    check(
        &played,
        &all("ReplicationBytesOutPerSec"),
        "Count",
        copied - bytes - internal.size_bytes,
    );

    let producer = |name| sum(&played, "kafka.producer:type=producer-metrics,client-id=p1", name);
    assert_eq!(producer("record-send-total"), None, "a closed producer has no metrics any more");
    let consumer = "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=c1";
    check(&played, consumer, "records-consumed-total", records);
    check(&played, consumer, "records-lag-max", 0);
    let owner = "kafka.consumer:type=consumer-coordinator-metrics,client-id=c1";
    check(&played, owner, "assigned-partitions", 3);
    check(
        &played,
        "kafka.server:type=group-coordinator-metrics,name=group-count,protocol=classic",
        "Value",
        1,
    );
}

#[test]
fn a_producer_tells_how_it_sends() {
    let played = play(&script(&[PRODUCER]), 42);
    let sending = &played.view().producers[0].sending;
    let mbean = "kafka.producer:type=producer-metrics,client-id=p1";
    check(&played, mbean, "record-send-total", sending.records_sent);
    // Twenty a second for thirty seconds.
    check(&played, mbean, "record-send-rate", 20);
    let average = Thousandths::ratio(sending.bytes_sent, sending.batches_sent);
    assert_eq!(sum(&played, mbean, "batch-size-avg"), Some(average));
    check(&played, mbean, "compression-rate-avg", 1);
    check(&played, mbean, "record-error-total", 0);
    let early = play(&script(&[PRODUCER]), 8);
    let sent = early.view().producers[0].sending.records_sent;
    let rate = Thousandths::ratio(sent, 30);
    assert_eq!(
        sum(&early, mbean, "record-send-rate"),
        Some(rate),
        "a young one is divided by 30 s"
    );
    let one_minute = readings(&played).into_iter().find_map(|reading| match reading.value {
        Value::Meter { one_minute_rate, .. }
            if reading.mbean()
                == "kafka.network:type=RequestMetrics,name=RequestsPerSec,request=Produce" =>
        {
            Some(one_minute_rate)
        }
        _ => None,
    });
    assert!(one_minute.is_some_and(|rate| rate > Thousandths(1_000)), "{one_minute:?}");
}

#[test]
fn who_is_held_back_by_a_quota_can_tell() {
    const ALTER: &str = "@1.5s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --client-defaults \
        --add-config producer_byte_rate=500,consumer_byte_rate=700\n";
    let held = play(&script(&[ALTER, PRODUCER, CONSUMER]), 40);
    let free = play(&script(&[PRODUCER, CONSUMER]), 40);
    for (mbean, prefix) in [
        ("kafka.producer:type=producer-metrics,client-id=p1", "produce"),
        ("kafka.consumer:type=consumer-fetch-manager-metrics,client-id=c1", "fetch"),
    ] {
        let of = |played: &Played, end: &str| {
            sum(played, mbean, &format!("{prefix}-throttle-time-{end}")).map(|number| number.0)
        };
        assert_eq!((of(&free, "avg"), of(&free, "max")), (Some(0), Some(0)), "{mbean}");
        let (average, longest) = (of(&held, "avg"), of(&held, "max"));
        assert!(average > Some(0) && longest > average, "{mbean}: {average:?} and {longest:?}");
    }
}

#[test]
fn a_killed_broker_shows_in_the_figures_of_the_others() {
    let played = play(&script(&[PRODUCER, "@10s t1> broker kill 3\n"]), 35);
    let manager = |name: &str| format!("kafka.server:type=ReplicaManager,name={name}");
    // Three partitions of orders; there is no group, so no internal topic.
    check(&played, &manager("UnderReplicatedPartitions"), "Value", 3);
    check(&played, &manager("AtMinIsrPartitionCount"), "Value", 3);
    check(&played, &manager("UnderMinIsrPartitionCount"), "Value", 0);
    check(&played, &manager("LeaderCount"), "Value", 3);
    check(&played, &manager("PartitionCount"), "Value", 6);
    check(&played, &manager("IsrShrinksPerSec"), "Count", 0);
    let controller = |name: &str| format!("kafka.controller:type=KafkaController,name={name}");
    check(&played, &controller("ActiveControllerCount"), "Value", 1);
    check(&played, &controller("OfflinePartitionsCount"), "Value", 0);
    check(&played, &controller("FencedBrokerCount"), "Value", 1);
    check(&played, &controller("ActiveBrokerCount"), "Value", 2);
    check(&played, &controller("PreferredReplicaImbalanceCount"), "Value", 1);
    assert!(readings(&played).iter().all(|reading| &*reading.process != "broker3"));
    let of_broker1 = readings(&played).into_iter().filter(|reading| &*reading.process == "broker1");
    assert!(of_broker1.count() > 20, "the others tell of themselves");
}

#[test]
fn below_min_isr_and_without_leaders() {
    let two = play(&script(&[PRODUCER, "@10s t1> broker kill 3\n@20s t1> broker kill 2\n"]), 90);
    check(&two, "kafka.server:type=ReplicaManager,name=UnderMinIsrPartitionCount", "Value", 3);
    // Only the broker that is left had too few others, from the beginning of its process on.
    let topic = &two.session.progress().topics[&TopicName::from("orders")];
    let refused = topic.refused.get(&ResponseError::NotEnoughReplicas.code()).copied();
    assert!(refused > Some(0), "acks=all is refused: {topic:?}");
    let failed =
        "kafka.server:type=BrokerTopicMetrics,name=FailedProduceRequestsPerSec,topic=orders";
    check(&two, failed, "Count", refused.unwrap_or(0));
    let none = play(
        &script(&["@10s t1> broker kill 3\n@10s t1> broker kill 2\n@10s t1> broker kill 1\n"]),
        45,
    );
    check(&none, "kafka.controller:type=KafkaController,name=OfflinePartitionsCount", "Value", 3);
    assert_eq!(sum(&none, "kafka.server:type=ReplicaManager,name=LeaderCount", "Value"), None);
}

#[test]
fn a_leader_counts_the_followers_that_it_drops_and_takes_back() {
    let played =
        play(&script(&[PRODUCER, "@10s t1> network cut 2 3\n@60s t1> network heal 2 3\n"]), 90);
    let changed = |reason: IsrChangeReason| {
        events(
            &played,
            |kind| matches!(kind, EventKind::IsrChanged { reason: why, .. } if *why == reason),
        )
    };
    let dropped = changed(IsrChangeReason::FollowerLagged);
    assert!(dropped > 0, "{}", played.story());
    let manager = |name: &str| format!("kafka.server:type=ReplicaManager,name={name}");
    check(&played, &manager("IsrShrinksPerSec"), "Count", dropped);
    check(
        &played,
        &manager("IsrExpandsPerSec"),
        "Count",
        changed(IsrChangeReason::FollowerCaughtUp),
    );
}

/// The values of a line of a chart, and when each was.
#[track_caller]
fn line(played: &Played, chart: Chart, label: &str) -> Vec<(Time, Option<Thousandths>)> {
    let lines = chart.lines(played.session.metrics().history().samples());
    let labels: Vec<_> = lines.iter().map(|line| line.label.clone()).collect();
    let found = lines.into_iter().find(|line| line.label == label);
    found.unwrap_or_else(|| panic!("there is no line {label} among {labels:?}")).points
}

/// The value of a line at a second; none if there is none.
#[track_caller]
fn value(played: &Played, chart: Chart, label: &str, second: u64) -> Option<Thousandths> {
    let points = line(played, chart, label);
    points.iter().find(|(at, _)| *at == Time(second * 1_000_000)).and_then(|(_, value)| *value)
}

#[test]
fn charts_show_what_is_counted() {
    let lines =
        [PRODUCER, CONSUMER, "@15s t2> consumer kill c1\n@20s t1> broker kill 3\n"].concat();
    let played = play(&script(&[&lines]), 40);
    assert_eq!(
        value(&played, Chart::Throughput, "written to orders", 10),
        Some(Thousandths::whole(20))
    );
    assert_eq!(
        value(&played, Chart::Throughput, "written to orders", 1),
        None,
        "there is no topic yet"
    );
    let read = value(&played, Chart::Throughput, "read by c1", 10).expect("it reads");
    assert!((15_000..=25_000).contains(&read.0), "about twenty a second: {read}");
    let lag = |second| -> i64 {
        let lag =
            |partition| value(&played, Chart::Lag, &format!("billing orders-{partition}"), second);
        (0..3).filter_map(lag).map(|lag| lag.0).sum()
    };
    // Nobody reads any more, and each second twenty records come.
    assert_eq!(lag(19) - lag(17), 40_000, "{}", played.session.script());
    assert_eq!(value(&played, Chart::Isr, "orders-0", 19), Some(Thousandths::whole(3)));
    assert_eq!(value(&played, Chart::Isr, "orders-0", 39), Some(Thousandths::whole(2)));
    let min = value(&played, Chart::Isr, "min.insync.replicas of orders", 39);
    assert_eq!(min, Some(Thousandths::whole(2)));
    let at = Time(30_000_000);
    let sample = played.session.metrics().history().at(at).expect("there is one").clone();
    assert_eq!(sample.at, at);
    let disk: u64 = sample.brokers.iter().map(|broker| broker.disk_bytes).sum();
    let drawn: i64 = (1..=3)
        .filter_map(|broker| value(&played, Chart::Disk, &format!("broker {broker}"), 30))
        .map(|bytes| bytes.0)
        .sum();
    assert_eq!(Thousandths(drawn), Thousandths::whole(disk));
    for chart in Chart::ALL {
        assert!(!chart.lines(played.session.metrics().history().samples()).is_empty(), "{chart:?}");
    }
}

#[test]
fn latencies_are_those_of_the_network_and_of_the_wait() {
    let near = play(&script(&[PRODUCER, CONSUMER]), 15);
    let far = play(&script(&[PRODUCER, CONSUMER]).replace("--racks", "--latency 50ms --racks"), 15);
    let at = |played: &Played| {
        played.session.metrics().history().at(Time(12_000_000)).expect("it is there").clone()
    };
    let (near, far) = (at(&near), at(&far));
    assert!(
        near.produce.count > 0
            && near.produce.p50 <= near.produce.p95
            && near.produce.p95 <= near.produce.p99
    );
    // There and back, and once more for the followers that acks=all waits for.
    assert!(far.produce.p50 > near.produce.p50 + Span::from_millis(100), "{near:?}\n{far:?}");
    assert!(far.end_to_end.p50 > near.end_to_end.p50, "{near:?}\n{far:?}");
    assert!(near.end_to_end.count >= 15, "each record that was got counts: {near:?}");
    assert!(near.fetch.count > 0);
}

fn samples(timeline: &Timeline) -> Vec<Arc<Sample>> {
    timeline.session().metrics().history().samples().to_vec()
}

#[test]
fn the_samples_are_the_same_however_the_run_is_played_and_a_moment_sought_shows_its_past() {
    let script = script(&[PRODUCER, CONSUMER, "@10s t1> broker kill 3\n@30s t1> broker start 3\n"]);
    let mut at_once = Timeline::new(open(&script));
    at_once.advance(Time(40_000_000), u32::MAX);
    let mut in_pieces = Timeline::new(open(&script));
    for tenth in 1..=400 {
        in_pieces.advance(Time(tenth * 100_000), u32::MAX);
    }
    let all = samples(&at_once);
    assert_eq!(all, samples(&in_pieces));
    // The fortieth second is not over while what is due at it may yet be done.
    assert_eq!(all.len(), 39);

    at_once.seek(Time(20_500_000));
    at_once.advance(Time(20_500_000), u32::MAX);
    assert_eq!(samples(&at_once), all[..20]);
    let now = at_once.session().metrics().read(&at_once.session().view());
    in_pieces.seek(Time(20_500_000));
    in_pieces.advance(Time(20_500_000), u32::MAX);
    assert_eq!(now, in_pieces.session().metrics().read(&in_pieces.session().view()));
    at_once.advance(Time(40_000_000), u32::MAX);
    assert_eq!(samples(&at_once), all);
}

#[test]
fn prometheus_can_read_it() {
    let more = [PRODUCER, CONSUMER, "@5s t1> producer start p2 --topic orders --rate 5\n"].concat();
    let played = play(&script(&[&more]), 20);
    let readings = readings(&played);
    let text = exposition(&readings);
    let samples = check_exposition(&text);
    assert!(samples >= readings.len(), "no reading is left out");
    for wanted in [
        "kafka_server_brokertopicmetrics_messagesin_total{instance=\"broker1\",topic=\"orders\"} ",
        "kafka_server_replicamanager_underreplicatedpartitions{instance=\"broker2\"} 0\n",
        "kafka_controller_kafkacontroller_offlinepartitionscount{instance=\"controller",
        "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",request=\"Produce\",quantile=\"0.99\"} ",
        "kafka_producer_producer_metrics_record_send_rate{instance=\"p1\",client_id=\"p1\"} ",
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max{instance=\"c1\",client_id=\"c1\"} ",
        "kafka_log_log_logendoffset{instance=\"broker1\",topic=\"orders\",partition=\"0\"} ",
        "# TYPE kafka_server_brokertopicmetrics_messagesin_total counter\n",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert_eq!(check_exposition(&exposition(&[])), 0);
}

/// Holds a text to the rules of Prometheus' text format 0.0.4. Returns how many samples it has.
#[track_caller]
fn check_exposition(text: &str) -> usize {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line ends with a line feed");
    let (mut families, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let (mut family, mut kind, mut helped) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').expect("a name and a text").0.to_owned();
            continue;
        }
        if let Some(of) = line.strip_prefix("# TYPE ") {
            let (name, is) = of.split_once(' ').expect("a name and a type");
            assert_eq!(name, helped, "the help stands before the type");
            assert!(["counter", "gauge", "summary"].contains(&is), "{line}");
            assert!(families.insert(name.to_owned()), "a family stands in one place: {name}");
            (family, kind) = (name.to_owned(), is.to_owned());
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect("a series and a value");
        assert!(value == "NaN" || value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
        let (name, labels) = series.split_once('{').expect("labels");
        let base = match kind.as_str() {
            "summary" => name.strip_suffix("_sum").or(name.strip_suffix("_count")).unwrap_or(name),
            _ => name,
        };
        assert_eq!(base, family, "{line}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "a counter says so: {line}");
        assert!(is_name(name), "{line}");
        let mut labels = labels.strip_suffix('}').expect("a closing brace");
        let mut names = BTreeSet::new();
        while !labels.is_empty() {
            let (label, rest) = labels.split_once("=\"").expect("a label and its value");
            assert!(is_name(label) && names.insert(label), "{line}");
            let end = closing_quote(rest).expect("a closing quotation mark");
            labels = rest[end + 1..].strip_prefix(',').unwrap_or(&rest[end + 1..]);
        }
        assert!(seen.insert(series.to_owned()), "a series stands once: {series}");
    }
    seen.len()
}

fn is_name(name: &str) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    name.starts_with(is_start)
        && name.chars().all(|letter| is_start(letter) || letter.is_ascii_digit())
}

/// Where the value of a label ends: at the first quotation mark that is not escaped.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(index, letter)| {
        let is_end = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        is_end.then_some(index)
    })
}
