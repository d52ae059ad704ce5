//! What the log tells of the group, in a form to compare.

use super::{Lab, name};
use crate::group::consumer_group::{ConsumerRecord, without_epochs};
use crate::group::records::GroupRecord;
use crate::group::server_assignor::Partitions;
use crate::ids::{TopicName, TopicPartition};

/// Each record of the group `g` but offsets, in the order of the log: what it is about, and what it
/// says, or `gone`.
pub(super) fn written(lab: &Lab) -> Vec<String> {
    let topic = TopicName::from("__consumer_offsets");
    let coordinator = lab.group().expect("the group is there").coordinator;
    let partitions = (0..4).map(|index| TopicPartition::new(&topic, index));
    let logs = partitions.filter_map(|partition| lab.world.log(coordinator, &partition));
    let records = logs.flat_map(|log| {
        log.batches().flat_map(|batch| batch.records().unwrap_or_default()).collect::<Vec<_>>()
    });
    records
        .filter_map(|record| GroupRecord::decode(&record.key?, record.value.as_ref()))
        .filter_map(|record| shown(&record))
        .collect()
}

fn shown(record: &GroupRecord) -> Option<String> {
    Some(match record {
        GroupRecord::Offset { .. } | GroupRecord::Share { .. } => return None,
        GroupRecord::Group { value: None, .. } => "group gone".to_owned(),
        GroupRecord::Group { value: Some(value), .. } => {
            format!("group in {}, {} members", value.generation, value.members.len())
        }
        GroupRecord::Consumer { record, .. } => match record {
            ConsumerRecord::Epoch(None) => "epoch gone".to_owned(),
            ConsumerRecord::Epoch(Some((epoch, _))) => format!("epoch {epoch}"),
            ConsumerRecord::Assignment(None) => "assignment gone".to_owned(),
            ConsumerRecord::Assignment(Some((epoch, _))) => format!("assignment {epoch}"),
            ConsumerRecord::Member(id, None) => format!("member {} gone", name(id)),
            ConsumerRecord::Member(id, Some(member)) => match member.classic {
                Some(_) => format!("member {} classic", name(id)),
                None => format!("member {}", name(id)),
            },
            ConsumerRecord::Target(id, None) => format!("target {} gone", name(id)),
            ConsumerRecord::Target(id, Some(own)) => {
                format!("target {} {}", name(id), indexes(own))
            }
            ConsumerRecord::Current(id, None) => format!("current {} gone", name(id)),
            ConsumerRecord::Current(id, Some(now)) => {
                let own = indexes(&without_epochs(&now.assigned));
                format!("current {} {} {:?} {own}", name(id), now.epoch, now.state)
            }
        },
    })
}

fn indexes(partitions: &Partitions) -> String {
    partitions.values().flatten().map(ToString::to_string).collect()
}
