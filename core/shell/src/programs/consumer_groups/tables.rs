//! The tables of `--describe`.

use std::collections::BTreeMap;

use highwater_cluster::ids::TopicPartition;

use crate::programs::calls::groups::{Group, Member};
use crate::script::Io;

/// How far a group is in a partition.
#[derive(Clone, Debug)]
pub(super) struct OffsetRow {
    pub(super) group: String,
    pub(super) partition: TopicPartition,
    pub(super) leader_epoch: Option<i32>,
    pub(super) offset: Option<i64>,
    /// The end of the log; none while there is no leader.
    pub(super) end: Option<i64>,
    pub(super) consumer_id: String,
    pub(super) host: String,
    pub(super) client_id: String,
}

/// The table of offsets.
pub(super) fn print_offsets(io: &mut Io<'_, '_>, rows: &[OffsetRow], is_verbose: bool) {
    let width = |column: fn(&OffsetRow) -> &str| widest(rows.iter().map(column), 15);
    let group_width = width(|row| &row.group);
    let topic_width = width(|row| row.partition.topic.as_str());
    let consumer_width = width(|row| &row.consumer_id);
    let host_width = width(|row| &row.host);
    io.print("");
    let mut line = |cells: [&str; 10]| {
        let [group, topic, partition, epoch, offset, end, lag, consumer, host, client] = cells;
        let epoch = if is_verbose { format!("{epoch:<15} ") } else { String::new() };
        io.print(&format!(
            "{group:<group_width$} {topic:<topic_width$} {partition:<10} {epoch}{offset:<15} {end:<15} {lag:<15} \
             {consumer:<consumer_width$} {host:<host_width$} {client}"
        ));
    };
    line([
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]);
    for row in rows {
        let lag = row.offset.zip(row.end).map(|(offset, end)| end - offset);
        line([
            &row.group,
            row.partition.topic.as_str(),
            &row.partition.partition.to_string(),
            &shown(row.leader_epoch),
            &shown(row.offset),
            &shown(row.end),
            &shown(lag),
            &row.consumer_id,
            &row.host,
            &row.client_id,
        ]);
    }
}

/// The table of members. Its head is printed even where there are none.
pub(super) fn print_members(io: &mut Io<'_, '_>, group: &Group, is_shown: bool, is_verbose: bool) {
    let widths = if is_shown { MemberWidths::of(group) } else { MemberWidths::default() };
    let verbose = |cells: [&str; 5]| if is_verbose { widths.verbose(cells) } else { String::new() };
    io.print("");
    let head = ["GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS"];
    let more =
        ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT", "UPGRADED"];
    io.print(&format!("{}{}", widths.line(head), verbose(more)));
    for member in &group.members {
        let count = member.assignment.len().to_string();
        let instance = member.instance.as_deref().unwrap_or_default();
        let own = [&group.id, &member.id, instance, &member.host, &member.client_id, &count];
        let more = [
            shown(member.epoch),
            assigned(&member.assignment),
            shown(group.assignment_epoch),
            assigned(&member.target),
            shown(member.is_upgraded),
        ];
        let more = more.each_ref().map(String::as_str);
        io.print(&format!("{}{}", widths.line(own), verbose(more)));
    }
}

/// The widths of the columns of members.
struct MemberWidths {
    group: usize,
    consumer: usize,
    /// None if no member has an instance id.
    instance: Option<usize>,
    host: usize,
    client: usize,
    current: usize,
    target: usize,
    /// Whether members of both protocols are there.
    has_both: bool,
}

impl Default for MemberWidths {
    fn default() -> Self {
        Self {
            group: 15,
            consumer: 15,
            instance: None,
            host: 15,
            client: 15,
            current: 20,
            target: 20,
            has_both: false,
        }
    }
}

impl MemberWidths {
    fn of(group: &Group) -> Self {
        let members = &group.members;
        let width = |column: fn(&Member) -> &str| widest(members.iter().map(column), 15);
        let assignments = |column: fn(&Member) -> &Vec<TopicPartition>| {
            let texts: Vec<String> =
                members.iter().map(|member| assigned(column(member))).collect();
            widest(texts.iter().map(String::as_str), 20)
        };
        let has_instance =
            members.iter().any(|member| member.instance.as_ref().is_some_and(|id| !id.is_empty()));
        let instances = members.iter().map(|member| member.instance.as_deref().unwrap_or_default());
        let has =
            |upgraded: bool| members.iter().any(|member| member.is_upgraded == Some(upgraded));
        Self {
            group: widest([group.id.as_str()], 15),
            consumer: width(|member| &member.id),
            instance: has_instance.then(|| widest(instances, 17)),
            host: width(|member| &member.host),
            client: width(|member| &member.client_id),
            current: assignments(|member| &member.assignment),
            target: assignments(|member| &member.target),
            has_both: has(true) && has(false),
        }
    }

    fn line(&self, [group, consumer, instance, host, client, count]: [&str; 6]) -> String {
        let Self { group: group_width, consumer: consumer_width, .. } = self;
        let (host_width, client_width) = (self.host, self.client);
        let instance = match self.instance {
            Some(width) => format!("{instance:<width$} "),
            None => String::new(),
        };
        format!(
            "{group:<group_width$} {consumer:<consumer_width$} {instance}{host:<host_width$} {client:<client_width$} \
             {count:<15} "
        )
    }

    fn verbose(&self, [epoch, current, target_epoch, target, upgraded]: [&str; 5]) -> String {
        let (current_width, target_width) = (self.current, self.target);
        let line = format!(
            "{epoch:<15} {current:<current_width$} {target_epoch:<15} {target:<target_width$}"
        );
        if self.has_both { format!("{line} {upgraded}") } else { line }
    }
}

/// The line of a group's state.
pub(super) fn print_state(io: &mut Io<'_, '_>, group: &Group, is_verbose: bool) {
    let at = &group.coordinator;
    let coordinator = format!("{}:{}  ({})", at.host, at.port, at.id);
    let group_width = widest([group.id.as_str()], 15);
    let coordinator_width = widest([coordinator.as_str()], 25);
    let assignor = if group.assignor.is_empty() { "-" } else { &group.assignor };
    io.print("");
    let mut line = |[group, coordinator, assignor, state, epoch, target, members]: [&str; 7]| {
        let epochs = if is_verbose { format!("{epoch:<15} {target:<25} ") } else { String::new() };
        io.print(&format!(
            "{group:<group_width$} {coordinator:<coordinator_width$} {assignor:<20} {state:<20} {epochs}{members}"
        ));
    };
    line([
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ]);
    line([
        &group.id,
        &coordinator,
        assignor,
        &group.state,
        &shown(group.epoch),
        &shown(group.assignment_epoch),
        &group.members.len().to_string(),
    ]);
}

/// `orders:0,1;users:2`
fn assigned(partitions: &[TopicPartition]) -> String {
    if partitions.is_empty() {
        return "-".to_owned();
    }
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(partition.topic.as_str()).or_default().push(partition.partition.0);
    }
    let mut texts: Vec<String> = topics
        .into_iter()
        .map(|(topic, mut indexes)| {
            indexes.sort_unstable();
            let indexes: Vec<String> = indexes.iter().map(ToString::to_string).collect();
            format!("{topic}:{}", indexes.join(","))
        })
        .collect();
    texts.sort();
    texts.join(";")
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, least: usize) -> usize {
    texts.into_iter().map(|text| text.chars().count()).max().unwrap_or(0).max(least)
}
