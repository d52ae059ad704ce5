//! What a person has a running application do with its consumer: what a program would do in its code.

use highwater_log::{LeaderEpoch, Offset};

use crate::consumer::application::event::ApplicationEvent;
use crate::consumer::assignment::Position;
use crate::consumer::commit::Offsets;
use crate::consumer::{CommitMode, Consumer, ConsumerConfig, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::time::Span;

/// What a person has a running application do with its consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsumerCommand {
    /// Calls `pause` for a partition, or for all that it has.
    Pause(Option<TopicPartition>),
    /// Calls `resume`.
    Resume(Option<TopicPartition>),
    /// Calls `seek`, or one of its like.
    Seek(TopicPartition, SeekTo),
    /// Calls `commitSync`, or if not `commitAsync`: with these offsets, or with what it is done with.
    Commit {
        /// Whether it waits.
        is_sync: bool,
        /// What is committed, if not what it is done with.
        offset: Option<(TopicPartition, Offset)>,
    },
    /// Takes that long from one poll to the next.
    PollInterval(Span),
    /// Takes that long for a record.
    ProcessTime(Span),
}

/// Where a consumer is to read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekTo {
    /// At an offset.
    Offset(Offset),
    /// At the first record that is there.
    Beginning,
    /// At the end.
    End,
    /// At the first record of that time or later, in milliseconds since 1970; at the end if there is none.
    Time(i64),
}

impl Consumer {
    /// Whether a command can be done now. The error says why not, and what to do.
    pub(crate) fn check_command(&self, command: &ConsumerCommand) -> Result<(), String> {
        let name = &self.config.name;
        if !matches!(self.phase, Phase::Open) {
            return Err(format!("consumer {name} is closing"));
        }
        match command {
            ConsumerCommand::Pause(Some(partition))
            | ConsumerCommand::Resume(Some(partition))
            | ConsumerCommand::Seek(partition, _) => self.check_assigned(partition),
            ConsumerCommand::Pause(None) | ConsumerCommand::Resume(None) => {
                if self.assignment.partitions.is_empty() {
                    return Err(format!("consumer {name} has no partition yet"));
                }
                Ok(())
            }
            ConsumerCommand::Commit { .. } if !self.has_group() => {
                Err(format!("consumer {name} has no group to commit for; start it with --group"))
            }
            ConsumerCommand::Commit { .. } if self.is_in_commit_sync() => {
                Err(format!("consumer {name} waits in commitSync already"))
            }
            ConsumerCommand::Commit { .. }
            | ConsumerCommand::PollInterval(_)
            | ConsumerCommand::ProcessTime(_) => Ok(()),
        }
    }

    pub(super) fn obey(&mut self, ctx: &mut Ctx<'_>, command: ConsumerCommand) {
        if self.check_command(&command).is_err() {
            return;
        }
        match command {
            ConsumerCommand::Pause(which) => self.set_paused(ctx, which, true),
            ConsumerCommand::Resume(which) => self.set_paused(ctx, which, false),
            ConsumerCommand::Seek(partition, to) => self.seek(ctx, &partition, to),
            ConsumerCommand::Commit { is_sync, offset } => {
                let offsets = match offset {
                    Some((partition, offset)) => Offsets::from([(partition, offset)]),
                    None => self.done_offsets(),
                };
                let mode = if is_sync { CommitMode::Sync } else { CommitMode::Async };
                self.begin_commit(ctx, mode, offsets);
            }
            ConsumerCommand::PollInterval(interval) => {
                self.configure(|config| config.poll_interval = interval);
            }
            ConsumerCommand::ProcessTime(time) => {
                self.configure(|config| config.application.process_time = time);
            }
        }
    }

    /// Takes the partitions that it is to have without a group's help.
    pub(super) fn assign_itself(&mut self, ctx: &mut Ctx<'_>) {
        if !self.is_self_assigned() {
            return;
        }
        let partitions = self.config.assign.clone();
        self.assignment.assign(&partitions);
        self.begin_auto_commit(ctx);
        let client = super::my_id(ctx);
        let assigned = ApplicationEvent::SelfAssigned { client, partitions };
        ctx.emit(EventKind::Application(assigned));
    }

    /// The application has worked for longer than `max.poll.interval.ms`.
    pub(super) fn tell_poll_overdue(&self, ctx: &mut Ctx<'_>) {
        let client = super::my_id(ctx);
        ctx.emit(EventKind::Application(ApplicationEvent::PollOverdue { client }));
    }

    fn check_assigned(&self, partition: &TopicPartition) -> Result<(), String> {
        if self.assignment.partitions.contains_key(partition) {
            return Ok(());
        }
        let owned: Vec<String> =
            self.assignment.partitions.keys().map(ToString::to_string).collect();
        let owned = match owned.as_slice() {
            [] => "it has none".to_owned(),
            some => format!("it has {}", some.join(", ")),
        };
        Err(format!(
            "No current assignment for partition {partition} of consumer {}: {owned}",
            self.config.name
        ))
    }

    fn set_paused(&mut self, ctx: &mut Ctx<'_>, which: Option<TopicPartition>, is_paused: bool) {
        let client = super::my_id(ctx);
        for (partition, state) in &mut self.assignment.partitions {
            let is_meant = which.as_ref().is_none_or(|which| which == partition);
            if !is_meant || state.is_paused == is_paused {
                continue;
            }
            state.is_paused = is_paused;
            let partition = partition.clone();
            ctx.emit(EventKind::Application(if is_paused {
                ApplicationEvent::Paused { client, partition }
            } else {
                ApplicationEvent::Resumed { client, partition }
            }));
        }
    }

    fn seek(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, to: SeekTo) {
        let Some(state) = self.assignment.partitions.get_mut(partition) else { return };
        let (position, offset) = match to {
            SeekTo::Offset(offset) => (Position::At(offset), Some(offset)),
            SeekTo::Beginning => (Position::Reset(-2), None),
            SeekTo::End => (Position::Reset(-1), None),
            SeekTo::Time(timestamp_ms) => (Position::Reset(timestamp_ms.max(0)), None),
        };
        state.position = position;
        state.offset_epoch = LeaderEpoch::NONE;
        let (client, partition) = (super::my_id(ctx), partition.clone());
        ctx.emit(EventKind::Application(ApplicationEvent::Sought { client, partition, offset }));
    }

    fn configure(&mut self, change: impl FnOnce(&mut ConsumerConfig)) {
        change(std::sync::Arc::make_mut(&mut self.config));
    }
}
