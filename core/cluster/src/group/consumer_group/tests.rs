//! The coordinator of groups of the consumer protocol, against members that speak it by hand. What they
//! go through is held to recordings of a real Kafka (`kip848-*` of the family `group`).

use std::collections::BTreeSet;

use crate::action::Action;
use crate::cluster_spec::ClusterSpec;
use crate::event::{Cause, Event, EventKind, GroupState};
use crate::ids::{ClientId, EntryId, MemberId, TerminalName};
use crate::input::Input;
use crate::time::{Span, Time};
use crate::view::{GroupView, MemberView};
use crate::world::World;

mod administration;
mod by_hand;
mod members;
mod mixed;
mod properties;
mod recorded;
mod records;

use members::Members;

/// How long the last part of an id is that the coordinator made up.
const MADE_UP: usize = 12;

/// A cluster with the topic `orders` and members of the group `g`, who do what they are told by lines
/// such as `start m1`.
pub(super) struct Lab {
    pub(super) world: World,
    pub(super) events: Vec<Event>,
    client: ClientId,
    /// What the group looked like, each time that it changed.
    pub(super) seen: Vec<String>,
    began: Time,
}

impl Lab {
    /// With so many partitions. Sessions last 6 s, and members send a heartbeat each second.
    pub(super) fn new(partitions: i32, configs: &[(&str, &str)]) -> Self {
        let mut spec = ClusterSpec::default();
        let defaults = [
            ("offsets.topic.num.partitions", "4"),
            ("group.consumer.session.timeout.ms", "6000"),
            ("group.consumer.heartbeat.interval.ms", "1000"),
        ];
        for (name, value) in defaults.iter().chain(configs) {
            spec.configs.insert((*name).into(), (*value).into());
        }
        let mut world = World::new(spec);
        world.run_until(Time(2_000_000));
        let members = Members::new(partitions);
        let client = world
            .start_program(EntryId(0), &TerminalName::from("t1"), Box::new(members))
            .expect("a client more");
        let mut lab = Self { world, events: Vec::new(), client, seen: Vec::new(), began: Time(0) };
        lab.run(3_000);
        lab.began = lab.world.now();
        lab.events.clear();
        lab
    }

    /// Lets a member do something, at once.
    pub(super) fn tell(&mut self, line: &str) {
        self.events.extend(self.world.take_events());
        self.world.input(EntryId(0), self.client, Input::Line(line.to_owned()));
        // The terminal shows what is typed; the members have not printed that.
        let is_echo = |event: &Event| matches!(&event.kind, EventKind::Output { text, .. } if **text == *line);
        self.events.extend(self.world.take_events().into_iter().filter(|event| !is_echo(event)));
    }

    /// Lets time pass up to so many milliseconds after the beginning.
    pub(super) fn run_to(&mut self, millis: i64) {
        let until = self.began + Span::from_millis(millis);
        while self.world.next_due().is_some_and(|due| due <= until) && self.world.step() {
            self.look();
        }
        self.world.run_until(until);
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.halted(), None);
    }

    pub(super) fn run(&mut self, millis: i64) {
        let passed = (self.world.now().0 - self.began.0) / 1_000;
        self.run_to(i64::try_from(passed).unwrap() + millis);
    }

    pub(super) fn act(&mut self, action: Action) {
        self.world.act((Cause::Start, None), action).unwrap();
    }

    pub(super) fn group(&self) -> Option<GroupView> {
        self.world.view().groups.into_iter().find(|group| group.id.as_str() == "g")
    }

    /// What the members printed.
    pub(super) fn printed(&self) -> Vec<String> {
        let printed = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Output { text, .. } => Some(text.to_string()),
            _ => None,
        });
        printed.collect()
    }

    /// The events, but for messages.
    pub(super) fn trace(&self) -> String {
        let is_told = |event: &&Event| {
            !matches!(
                event.kind,
                EventKind::MessageSent { .. }
                    | EventKind::MessageDelivered { .. }
                    | EventKind::HighWatermarkAdvanced { .. }
                    | EventKind::BatchAppended { .. }
            )
        };
        let lines: Vec<String> =
            self.events.iter().filter(is_told).map(ToString::to_string).collect();
        lines[lines.len().saturating_sub(120)..].join("\n")
    }

    /// Notes what the group looks like if it changed, and checks that no partition has two owners.
    fn look(&mut self) {
        let now = match self.group() {
            Some(group) => {
                check_owners(&group);
                shown(&group)
            }
            None => "-".to_owned(),
        };
        if self.seen.last() != Some(&now) {
            self.seen.push(now);
        }
    }
}

/// No partition may be current of two members at once, those that it is yet to be taken from included.
fn check_owners(group: &GroupView) {
    let mut owned = BTreeSet::new();
    for partition in group.members.iter().flat_map(|member| &member.assignment) {
        assert!(owned.insert(partition), "two members own {partition}: {}", shown(group));
    }
}

/// `Stable 3/3 m1@3:012>012`: state, group epoch, assignment epoch, and each member's epoch, partitions
/// and target.
pub(super) fn shown(group: &GroupView) -> String {
    let epoch = |epoch: Option<crate::ids::Generation>| epoch.map_or(-1, |epoch| epoch.0);
    let mut members: Vec<String> = group.members.iter().map(shown_member).collect();
    members.sort();
    let head =
        format!("{} {}/{}", group.state.name(), group.generation, epoch(group.assignment_epoch));
    if group.state == GroupState::Empty { head } else { format!("{head} {}", members.join(" ")) }
}

/// What a member is called in what is compared. Ids that the coordinator made up tell nothing.
fn name(id: &MemberId) -> &str {
    let name = id.as_str().rsplit('-').next().unwrap_or_default();
    if name.len() == MADE_UP { "?" } else { name }
}

fn shown_member(member: &MemberView) -> String {
    let indexes = |partitions: &[crate::ids::TopicPartition]| -> String {
        partitions.iter().map(|partition| partition.partition.to_string()).collect()
    };
    let name = name(&member.id);
    let has = indexes(&member.assignment);
    match &member.reconciliation {
        Some(way) => format!("{name}@{}:{has}>{}", way.epoch, indexes(&way.target)),
        None => format!("{name}:{has}"),
    }
}
