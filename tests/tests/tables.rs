//! The tables that tools for Kafka show: what stands in them is what the cluster holds, and what Kafka's own
//! tool tells of settings.

use highwater_scenario::cluster::anatomy::{CellKind, CellTransaction};
use highwater_scenario::cluster::ids::{BrokerId, PartitionIndex};
use highwater_scenario::cluster::log::{Offset, TimestampMs};
use highwater_scenario::cluster::tables::{
    self, ConfigOf, Found, MessageOrder, MessageQuery, MessageStart,
};
use highwater_scenario::cluster::time::Time;
use highwater_scenario::session::Session;

const CREATE: &str = "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders --partitions 3 --replication-factor 3";

/// Plays entries on three brokers for some virtual seconds.
#[track_caller]
fn play(entries: &str, seconds: u64) -> Session {
    let script = format!(
        "highwater 1\nseed 7\ncluster --brokers 3\nconfig * offsets.topic.num.partitions=3\n\
         config * transaction.state.log.num.partitions=3\n\n@1s t1> {CREATE}\n{entries}"
    );
    let mut session = Session::parse(&script).expect("the script can be read");
    session.advance(Time(seconds * 1_000_000), u32::MAX);
    session
}

fn query(order: MessageOrder, search: &str) -> MessageQuery {
    MessageQuery {
        topic: "orders".into(),
        partition: None,
        order,
        start: MessageStart::Edge,
        search: search.to_owned(),
        most: 50,
        most_searched: 1_000,
    }
}

/// Messages as `partition@offset`.
fn names(found: &Found) -> Vec<String> {
    let name =
        |row: &tables::MessageRow| format!("{}@{}", row.partition.partition, row.record.offset);
    found.rows.iter().map(name).collect()
}

/// Follows a query page by page to its end: every page is within its bounds, no message comes twice, and the
/// count of what was searched ends at all there is.
#[track_caller]
fn all_pages(session: &Session, query: &MessageQuery) -> Vec<String> {
    let world = session.world();
    let mut names_of_all = Vec::new();
    let mut cursor = None;
    loop {
        let found = world.messages(query, cursor.as_ref()).expect("the topic is there");
        assert!(found.rows.len() <= query.most);
        let before = cursor.as_ref().map_or(0, |cursor: &tables::MessageCursor| cursor.searched);
        assert!(found.cursor.searched >= before && found.cursor.searched <= found.cursor.total);
        names_of_all.extend(names(&found));
        if found.is_all {
            assert_eq!(found.cursor.searched, found.cursor.total);
            break;
        }
        assert!(found.cursor.searched > before, "it comes on");
        cursor = Some(found.cursor);
    }
    let mut once = names_of_all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names_of_all.len(), "no message comes twice");
    names_of_all
}

#[test]
fn pages_in_either_order_hold_every_record_once() {
    let session = play("@2s t1> producer start p1 --topic orders --rate 200 --keys 9\n", 12);
    let held: usize = session
        .world()
        .logs()
        .filter(|(broker, partition, _)| {
            let leader = session.world().registration(partition).and_then(|known| known.leader);
            partition.topic.as_str() == "orders" && leader == Some(*broker)
        })
        .map(|(_, _, log)| usize::try_from(log.log_end_offset().0).expect("it fits"))
        .sum();
    assert!(held > 1_000, "there is something to page through: {held}");
    let oldest = all_pages(&session, &query(MessageOrder::Oldest, ""));
    let mut newest = all_pages(&session, &query(MessageOrder::Newest, ""));
    assert_eq!((oldest.len(), newest.len()), (held, held));
    newest.reverse();
    let of = |names: &[String], partition: &str| -> Vec<String> {
        names.iter().filter(|name| name.starts_with(partition)).cloned().collect()
    };
    for partition in ["0@", "1@", "2@"] {
        assert_eq!(of(&oldest, partition), of(&newest, partition));
    }
    let one =
        MessageQuery { partition: Some(PartitionIndex(1)), ..query(MessageOrder::Oldest, "") };
    assert_eq!(all_pages(&session, &one), of(&oldest, "1@"));
}

/// What a query from a place finds first.
#[track_caller]
fn check_start(session: &Session, order: MessageOrder, start: MessageStart, first: &str) {
    let asked =
        MessageQuery { partition: Some(PartitionIndex(0)), start, most: 1, ..query(order, "") };
    let found = session.world().messages(&asked, None).expect("the topic is there");
    let name = names(&found).pop().unwrap_or_else(|| "nothing".to_owned());
    assert_eq!(name, first, "{order:?} from {start:?}");
}

#[test]
fn a_query_begins_at_an_offset_or_a_time() {
    use MessageOrder::{Newest, Oldest};
    let session =
        play("@2s t1> producer start p1 --topic orders --rate 20 --partition 0 --count 40\n", 12);
    check_start(&session, Oldest, MessageStart::Edge, "0@0");
    check_start(&session, Newest, MessageStart::Edge, "0@39");
    check_start(&session, Oldest, MessageStart::Offset(Offset(7)), "0@7");
    check_start(&session, Newest, MessageStart::Offset(Offset(7)), "0@7");
    check_start(&session, Oldest, MessageStart::Offset(Offset(i64::MAX)), "nothing");
    check_start(&session, Newest, MessageStart::Offset(Offset(i64::MAX)), "0@39");
    check_start(&session, Newest, MessageStart::Offset(Offset(-5)), "nothing");
    let asked = MessageQuery { partition: Some(PartitionIndex(0)), ..query(Oldest, "") };
    let all = session.world().messages(&asked, None).expect("the topic is there");
    let at = |offset: usize| all.rows[offset].record.timestamp;
    assert!(at(20) > at(19));
    check_start(&session, Oldest, MessageStart::Time(at(20)), "0@20");
    check_start(&session, Newest, MessageStart::Time(at(19)), "0@19");
    check_start(&session, Oldest, MessageStart::Time(TimestampMs(i64::MAX)), "nothing");
    check_start(&session, Newest, MessageStart::Time(TimestampMs(0)), "nothing");
}

#[test]
fn a_search_looks_at_a_bounded_number_and_goes_on() {
    let session = play(
        "@2s t1> producer start p1 --topic orders --rate 300 --keys 50 --header trace=t{n}\n",
        20,
    );
    let mut asked = query(MessageOrder::Oldest, "header: T4999");
    let first = session.world().messages(&asked, None).expect("the topic is there");
    assert!(first.rows.is_empty() && !first.is_all);
    assert_eq!(first.cursor.searched, 1_000);
    assert!(first.cursor.total > 5_000);
    assert_eq!(all_pages(&session, &asked).len(), 1);
    asked.search = "no such thing".to_owned();
    assert_eq!(all_pages(&session, &asked), [""; 0]);
    asked.topic = "nowhere".into();
    assert_eq!(session.world().messages(&asked, None), None);
}

#[test]
fn transactions_are_marked() {
    let session = play(
        "@2s t1> producer start p1 --topic orders --rate 20 --transactional-id tx --transaction-records 8 --abort-every 2\n",
        9,
    );
    let found = session.world().messages(
        &MessageQuery { most: 10_000, most_searched: 10_000, ..query(MessageOrder::Oldest, "") },
        None,
    );
    let rows = found.expect("the topic is there").rows;
    let count = |transaction| rows.iter().filter(|row| row.transaction == transaction).count();
    assert!(count(CellTransaction::Committed) > 0 && count(CellTransaction::Aborted) > 0);
    assert!(rows.iter().any(|row| matches!(row.kind, CellKind::Marker(_))));
    for row in &rows {
        let (broker, offset) = (row.broker, row.record.offset);
        let opened = session.world().record_anatomy(broker, &row.partition, offset);
        let opened = opened.expect("the record can be opened");
        assert_eq!(
            (opened.kind, opened.transaction, opened.batch),
            (row.kind, row.transaction, row.batch)
        );
    }
    let view = session.view();
    let known = tables::transactions(&view, session.world().timestamp());
    let [row] = known.as_slice() else { panic!("one transactional id: {known:?}") };
    assert_eq!(row.id.as_str(), "tx");
    assert_eq!(row.producer.as_ref().map(|(_, name)| &**name), Some("p1"));
    assert_eq!(row.open_since.is_some(), !row.partitions.is_empty());
    let internal = MessageQuery {
        topic: "__transaction_state".into(),
        ..query(MessageOrder::Newest, "Ongoing")
    };
    let found = session.world().messages(&internal, None).expect("the topic is there");
    assert!(!found.rows.is_empty() && found.rows.iter().all(|row| row.decoded.is_some()));
}

#[test]
fn brokers_and_topics_add_up() {
    let session = play(
        "@2s t1> producer start p1 --topic orders --rate 30 --acks all\n@6s t1> broker kill 3\n",
        20,
    );
    let view = session.view();
    let brokers = tables::brokers(&view);
    let states: Vec<_> = brokers.iter().map(|row| (row.state, row.takes_part)).collect();
    assert_eq!(states, [("running", true), ("running", true), ("killed", false)]);
    assert_eq!(brokers.iter().map(|row| row.leaders).sum::<u32>(), 3);
    assert_eq!((brokers[2].in_sync, brokers[2].out_of_sync, brokers[2].leaders), (0, 3, 0));
    let topics = session.world().topic_table(&view);
    let orders = topics.iter().find(|row| row.name.as_str() == "orders").expect("it is there");
    let partitions = tables::partitions(&view, &orders.name);
    assert_eq!((orders.partitions, orders.replication_factor), (3, 3));
    assert_eq!((orders.under_replicated, orders.out_of_sync, orders.offline), (3, 3, 0));
    assert_eq!(orders.cleanup_policy, "delete");
    assert_eq!(orders.records, partitions.iter().map(|row| row.records).sum::<u64>());
    assert_eq!(orders.disk_bytes, brokers.iter().map(|row| row.disk_bytes).sum::<u64>());
    assert!(partitions.iter().all(|row| row.is_under_replicated && !row.is_under_min_isr));
}

/// The groups' table beside what the members and the logs say.
#[track_caller]
fn check_groups(protocol: &str, kind: &str) {
    let session = play(
        &format!(
            "@2s t1> producer start p1 --topic orders --rate 60 --keys 30\n\
             @3s t1> consumer start c1 --group billing --topic orders --from-beginning --protocol {protocol}\n\
             @3s t1> consumer start c2 --group billing --topic orders --from-beginning --protocol {protocol} --process-ms 200 --config max.poll.records=5\n"
        ),
        30,
    );
    let view = session.view();
    let groups = tables::groups(&view);
    let [group] = groups.as_slice() else { panic!("one group: {groups:?}") };
    assert_eq!((group.protocol, group.members, group.partitions), (kind, 2, 3));
    assert_eq!(group.state.name(), "Stable");
    assert_eq!(group.assignment_epoch.is_some(), kind == "consumer");
    let partitions = tables::group_partitions(&view, &group.id);
    let lags: Vec<_> = partitions.iter().map(|row| row.lag.expect("it has committed")).collect();
    assert_eq!(group.lag, Some(lags.iter().sum()));
    assert!(group.lag > Some(100), "who works 200 ms on a record falls behind: {lags:?}");
    let members = tables::members(&view, &group.id);
    let mut names: Vec<_> = members.iter().map(|row| &*row.client_name).collect();
    names.sort_unstable();
    assert_eq!(names, ["c1", "c2"]);
    for row in &partitions {
        let (id, name) = row.owner.as_ref().expect("somebody owns it");
        let member = members.iter().find(|member| member.id == *id).expect("it is a member");
        assert!(member.owns.contains(&row.partition) && member.client_name == *name);
        let leader = session.world().registration(&row.partition).and_then(|known| known.leader);
        let log = session.world().log(leader.expect("it has a leader"), &row.partition);
        assert_eq!(row.log_end_offset, log.map(|log| log.high_watermark()));
    }
}

#[test]
fn groups_tell_who_owns_what_and_how_far_it_is() {
    check_groups("classic", "classic");
    check_groups("consumer", "consumer");
}

/// What the table has is what `kafka-configs.sh --describe --all` tells, line by line.
#[track_caller]
fn check_configs(session: &mut Session, of: &ConfigOf, named: &str) {
    let line = format!("kafka-configs.sh --bootstrap-server broker1:9092 --describe --all {named}");
    let from = session.log().iter().count();
    session.submit("t2", &line).expect("it is a line");
    let until = Time(session.now().0 + 3_000_000);
    session.advance(until, u32::MAX);
    let told = session.log().iter().skip(from).map(|line| line.sentence.trim().to_owned());
    let lines: Vec<String> = told.collect();
    let rows = session.world().config_table(of).expect("there is somebody who tells");
    assert!(rows.len() > 20);
    for row in &rows {
        let value = row.value.as_deref().unwrap_or("null");
        let start = format!("{}={value} sensitive={} synonyms={{", row.name, row.is_sensitive);
        let told = lines.iter().find_map(|line| line.strip_prefix(&start));
        let told = told.unwrap_or_else(|| panic!("no line begins with {start:?}: {lines:#?}"));
        let source = row.synonyms.first().map_or("", |(.., source)| source.name());
        assert!(told.starts_with(source), "{start}{told}");
        assert_eq!(
            row.is_given(),
            !(source.is_empty() || source == "DEFAULT_CONFIG"),
            "{}",
            row.name
        );
    }
}

#[test]
fn settings_are_those_that_the_tool_tells() {
    let mut session = play(
        "@3s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --topic orders --add-config retention.ms=60000\n\
         @4s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --broker 1 --add-config log.cleaner.backoff.ms=777\n\
         @5s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --broker-defaults --add-config log.segment.bytes=1048577\n",
        9,
    );
    check_configs(&mut session, &ConfigOf::Topic("orders".into()), "--topic orders");
    check_configs(&mut session, &ConfigOf::Broker(BrokerId(1)), "--broker 1");
    let world = session.world();
    let topic = world.config_table(&ConfigOf::Topic("orders".into())).expect("it is there");
    let given: Vec<_> = topic.iter().filter(|row| row.is_given()).map(|row| &*row.name).collect();
    assert!(given.contains(&"retention.ms") && given.contains(&"segment.bytes"), "{given:?}");
    let retention = topic.iter().find(|row| row.name == "retention.ms").expect("it is there");
    assert_eq!(retention.default.as_deref(), Some("604800000"));
    assert!(retention.sentence.is_some() && retention.can_change && retention.is_simulated);
    assert_eq!(world.config_table(&ConfigOf::Topic("nowhere".into())), None);
    assert_eq!(world.config_table(&ConfigOf::Broker(BrokerId(9))), None);
}
