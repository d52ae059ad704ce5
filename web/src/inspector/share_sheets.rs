//! Share groups and their members as the inspector shows them.

use highwater_cluster::ids::{ClientId, GroupId, NodeId};
use highwater_cluster::quota::QuotaKind;
use highwater_cluster::view::{ClusterView, InFlightView, ShareGroupView, SharePartitionView};

use super::client_sheets::{principal, quotas};
use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{count, list};

/// The runs of records in flight that are shown of a partition; the first are those that hold up its start offset.
const MOST_RUNS: usize = 12;

pub fn share_consumer(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let consumer = view.share_consumers.iter().find(|known| known.client == id)?;
    let under = if consumer.is_closed {
        t!("inspector.it-does-not")
    } else if consumer.epoch.0 < 1 {
        t!("inspector.it-has-no")
    } else {
        t!("inspector.member-its-group")
    };
    let mut facts = vec![
        exact("group.id", &consumer.group),
        exact(t!("inspector.share-topics"), list(&consumer.topics)),
        exact(t!("inspector.member-epoch"), consumer.epoch),
        exact(t!("inspector.share-partitions"), list(&consumer.assignment)),
        exact(t!("inspector.share-in-hand"), count(consumer.in_hand)),
        exact(t!("inspector.share-delivered"), count(consumer.records_delivered)),
        exact(t!("inspector.share-accepted"), count(consumer.accepted)),
        exact(t!("inspector.share-released"), count(consumer.released)),
        exact(t!("inspector.share-rejected"), count(consumer.rejected)),
        exact(t!("inspector.share-too-late"), count(consumer.too_late)),
    ];
    facts.extend(principal(view, id));
    facts.extend(quotas(view, id, &consumer.configs, QuotaKind::Fetch));
    facts.extend(consumer.last_error.iter().map(|it| exact(t!("inspector.last-error"), it)));
    let title = t!("inspector.share-consumer-name", name = consumer.name);
    let settings = consumer.configs.iter().map(|(name, value)| exact(&**name, value)).collect();
    let sheet = Sheet::new(t!("inspector.share-consumer"), title, under, facts);
    Some(sheet.with(t!("inspector.settings"), settings))
}

pub fn share_group(view: &ClusterView, id: &GroupId) -> Option<Sheet> {
    let group = view.share_group(id)?;
    let facts = vec![
        exact(t!("inspector.state"), group.state.name()),
        exact(t!("inspector.group-epoch"), group.epoch),
        exact(t!("inspector.assignment-epoch"), group.assignment_epoch),
        exact(
            t!("inspector.coordinator"),
            t!("inspector.broker-inline", broker = group.coordinator),
        ),
        exact(t!("inspector.members"), group.members.len()),
    ];
    let members = group.members.iter().map(|member| {
        let name = match member.client {
            NodeId::Client(client) => view.client_name(client).map(ToString::to_string),
            _ => None,
        };
        words(name.unwrap_or_else(|| member.id.to_string()), list(&member.assignment))
    });
    let partitions = group.partitions.iter().flat_map(|partition| records(view, group, partition));
    let sheet =
        Sheet::new(t!("inspector.share-group"), id.to_string(), group.state.name(), facts).named();
    Some(
        sheet
            .with(t!("inspector.members"), members.collect())
            .with(t!("inspector.share-in-flight"), partitions.collect()),
    )
}

/// A partition: where the group is in it, and what has become of the records between.
fn records(
    view: &ClusterView,
    group: &ShareGroupView,
    partition: &SharePartitionView,
) -> Vec<Fact> {
    let range = t!("inspector.share-range", start = partition.start, end = partition.end);
    let mut facts = vec![exact(partition.partition.to_string(), range)];
    let runs = partition.in_flight.iter().take(MOST_RUNS);
    facts.extend(runs.map(|run| exact(offsets(run), state(view, group, run))));
    let more = partition.in_flight.len().saturating_sub(MOST_RUNS);
    if more > 0 {
        facts.push(words(t!("inspector.share-more"), count(more as u64)));
    }
    facts
}

fn offsets(run: &InFlightView) -> String {
    if run.first == run.last {
        run.first.to_string()
    } else {
        format!("{}\u{2013}{}", run.first, run.last)
    }
}

fn state(view: &ClusterView, group: &ShareGroupView, run: &InFlightView) -> String {
    let name = |client| view.client_name(client).map(ToString::to_string);
    let of_member = || {
        let member = run.member.as_ref()?;
        let known = group.members.iter().find(|known| known.id == *member)?;
        match known.client {
            NodeId::Client(client) => name(client),
            _ => None,
        }
    };
    let holder = match run.client {
        Some(NodeId::Client(client)) => name(client),
        _ => of_member(),
    };
    let state = run.state;
    let times = t!("inspector.share-times", number = u64::from(run.delivery_count.unsigned_abs()));
    let holder = holder.map(|name| t!("inspector.share-by", name = name)).unwrap_or_default();
    format!("{state}{holder}, {times}")
}
