//! What can be asked of consumer groups, and of applications that read and write.

use std::collections::BTreeMap;

use highwater_cluster::ids::{GroupId, TopicPartition};
use highwater_cluster::tables::{GroupPartitionRow, GroupRow, group_partitions, groups};
use highwater_cluster::view::GroupView;
use highwater_scenario::deliveries::Delivered;

use super::cluster::{count, large};
use super::{Arguments, Look, Unmet, Value};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_groups(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let id = with.text(0);
        let group = || self.group(&id);
        let row = || self.row(&id);
        Some(match name {
            "group_exists" => Ok(Value::Truth(group().is_ok())),
            "group_state" => group().map(|group| Value::Text(group.state.name().to_owned())),
            "group_protocol" => row().map(|row| Value::Text(row.protocol.to_owned())),
            "assignor" => group()
                .map(|group| Value::Text(group.assignor.as_deref().unwrap_or_default().to_owned())),
            "members" => match self.share_group(&id) {
                Ok(group) => Ok(count(group.members.len())),
                Err(_) => group().map(|group| count(group.members.len())),
            },
            "idle" => group().map(|group| {
                count(group.members.iter().filter(|member| member.assignment.is_empty()).count())
            }),
            "owned" => group().map(|group| {
                let topic = with.may_text(1);
                let owned = group.members.iter().flat_map(|member| &member.assignment);
                count(owned.filter(|partition| is_of(partition, topic.as_deref())).count())
            }),
            "all_owned" => group().and_then(|_| {
                self.topic(&with.text(1))?;
                Ok(Value::Truth(self.not_owned(&id, &with.text(1)).is_none()))
            }),
            "committed" => group().map(|_| {
                let (topic, partition) = (with.text(1), with.may_number(2));
                let rows = self.partitions_of(&id);
                let chosen = rows.iter().filter(|row| {
                    let is_one = partition
                        .is_none_or(|wanted| i64::from(row.partition.partition.0) == wanted);
                    is_of(&row.partition, Some(&topic)) && is_one
                });
                let offsets: Vec<i64> = chosen.filter_map(|row| Some(row.committed?.0)).collect();
                Value::Number(if offsets.is_empty() { -1 } else { offsets.iter().sum() })
            }),
            "lag" => group().and_then(|_| {
                let topic = with.may_text(1);
                let rows = self.partitions_of(&id);
                let lags: Vec<u64> = rows
                    .iter()
                    .filter(|row| is_of(&row.partition, topic.as_deref()))
                    .filter_map(|row| row.lag)
                    .collect();
                match lags.is_empty() {
                    true => Err(Unmet::new(Reason::NothingCommitted).with("group", &id)),
                    false => Ok(large(lags.iter().sum())),
                }
            }),
            "missed" => group().and_then(|_| self.missed(&id, &with.text(1))),
            "skipped" => Ok(large(self.delivered(&id).lost + self.delivered(&id).skipped)),
            "repeated" => Ok(large(self.delivered(&id).repeated)),
            "once" => Ok(large(self.delivered(&id).right)),
            "dead_lettered" => {
                let members = self.all_consumers().filter(|one| one.group.as_str() == id);
                Ok(large(members.map(|one| one.application.dead_lettered).sum()))
            }
            "made_right" | "made_twice" | "never_made" => {
                let all = self.session.pipelines();
                let of_group = all.iter().filter(|pipeline| pipeline.group.as_str() == id);
                Ok(large(
                    of_group
                        .map(|pipeline| match name {
                            "made_right" => pipeline.right,
                            "made_twice" => pipeline.duplicated,
                            _ => pipeline.lost,
                        })
                        .sum(),
                ))
            }
            _ => return None,
        })
    }

    fn group(&self, id: &str) -> Result<&GroupView, Unmet> {
        let group = self.view.groups.iter().find(|group| group.id.as_str() == id);
        group.ok_or_else(|| Unmet::no_group(id))
    }

    fn row(&self, id: &str) -> Result<GroupRow, Unmet> {
        let row = groups(&self.view).into_iter().find(|group| group.id.as_str() == id);
        row.ok_or_else(|| Unmet::no_group(id))
    }

    fn partitions_of(&self, id: &str) -> Vec<GroupPartitionRow> {
        group_partitions(&self.view, &GroupId::from(id))
    }

    fn delivered(&self, id: &str) -> Delivered {
        let all = self.session.invariants().delivered(self.session.world());
        all.get(&GroupId::from(id)).copied().unwrap_or_default()
    }

    /// How many records stand before the place where a group began: those behind which its members are, less
    /// those that it got.
    fn missed(&self, group: &str, topic: &str) -> Result<Value, Unmet> {
        let members: Vec<_> = self
            .all_consumers()
            .filter(|one| one.group.as_str() == group && !one.is_closed)
            .collect();
        let mut passed = 0;
        for one in &self.topic(topic)?.partitions {
            let mut owned = members.iter().flat_map(|member| &member.assignment);
            let position = owned.find(|owned| owned.partition == one.partition);
            let Some(position) = position.and_then(|owned| owned.position) else {
                return Err(Unmet::new(Reason::NotOwned)
                    .with("partition", &one.partition)
                    .with("group", group));
            };
            passed += self.records_before(&one.partition, position);
        }
        let Delivered { right, repeated, lost, skipped } = self.delivered(group);
        let in_hand: u64 = members.iter().map(|member| member.application.in_hand).sum();
        Ok(large(passed.saturating_sub(right + repeated + lost + skipped + in_hand)))
    }

    /// A partition that has no owner, or two.
    pub(super) fn not_owned(&self, group: &str, topic: &str) -> Option<Unmet> {
        let known = self.group(group).ok()?;
        let mut owners: BTreeMap<&TopicPartition, usize> = BTreeMap::new();
        for partition in known.members.iter().flat_map(|member| &member.assignment) {
            *owners.entry(partition).or_default() += 1;
        }
        let topic = self.topic(topic).ok()?;
        let not_one = topic.partitions.iter().find(|one| owners.get(&one.partition) != Some(&1))?;
        Some(
            Unmet::new(Reason::NotOwned).with("partition", &not_one.partition).with("group", group),
        )
    }
}

fn is_of(partition: &TopicPartition, topic: Option<&str>) -> bool {
    topic.is_none_or(|topic| partition.topic.as_str() == topic)
}
