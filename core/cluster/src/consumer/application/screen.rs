//! What stands between a fetch and the application: records that cannot be read, on which poll throws,
//! and records of a retry topic that are not due yet.

use std::sync::Arc;

use highwater_log::{Offset, Record};

use crate::consumer::Consumer;
use crate::consumer::application::event::ApplicationEvent;
use crate::consumer::application::headers::{RETRY_DUE, header_number};
use crate::consumer::application::work::Item;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::time::Span;

/// The record on which poll throws.
#[derive(Clone, Debug)]
pub(in crate::consumer) struct Unreadable {
    partition: TopicPartition,
    offset: Offset,
    /// How often it threw.
    attempts: u32,
}

/// Why poll does not hand out a record.
pub(in crate::consumer) enum Obstacle {
    /// It cannot be read.
    Unreadable,
    /// It is due after so long.
    NotDue(Span),
}

impl Consumer {
    /// The first of these records that poll does not hand out, by its place, and why.
    pub(in crate::consumer) fn obstacle(
        &self,
        ctx: &Ctx<'_>,
        partition: &TopicPartition,
        records: &[Arc<Record>],
    ) -> Option<(usize, Obstacle)> {
        let now_ms = ctx.timestamp().0;
        records.iter().enumerate().find_map(|(place, record)| {
            if self.is_unreadable(partition, record) {
                return Some((place, Obstacle::Unreadable));
            }
            let due_ms = header_number(record, RETRY_DUE);
            let waits = self.config.application.waits_until_due && due_ms > now_ms;
            waits.then(|| (place, Obstacle::NotDue(Span::from_millis(due_ms - now_ms))))
        })
    }

    /// Poll throws on the next record of a fetch: the application does what it does about such a record.
    pub(in crate::consumer) fn throw(
        &mut self,
        ctx: &mut Ctx<'_>,
        place: usize,
        record: Arc<Record>,
    ) {
        let partition = &self.fetcher.completed[place].partition.clone();
        let offset = record.offset;
        let attempts = self.attempts_to_read(partition, offset) + 1;
        let known = Unreadable { partition: partition.clone(), offset, attempts };
        self.application.unreadable = Some(known);
        let item = Item { partition: partition.clone(), offset, record: Some(record) };
        let wait = self.poll_threw(ctx, item, attempts);
        if wait.is_none() {
            // The application seeks past it.
            self.application.unreadable = None;
            self.take_from(ctx, place, 1);
        }
        self.poll_returned(ctx, wait.unwrap_or_default());
    }

    /// A record is not due: its partition waits for it.
    pub(in crate::consumer) fn wait_until_due(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        offset: Offset,
        wait: Span,
    ) {
        let until = ctx.now() + wait;
        let Some(state) = self.assignment.partitions.get_mut(partition) else { return };
        state.paused_until = until;
        let (client, partition) = (crate::consumer::my_id(ctx), partition.clone());
        let waits = ApplicationEvent::WaitsUntilDue { client, partition, offset, wait };
        ctx.emit(EventKind::Application(waits));
    }

    fn is_unreadable(&self, partition: &TopicPartition, record: &Record) -> bool {
        let attempt = self.attempts_to_read(partition, record.offset) + 1;
        let mut rules = self.config.application.fail_on.iter().filter(|rule| rule.is_unreadable);
        rules.any(|rule| rule.fails(record, attempt))
    }

    fn attempts_to_read(&self, partition: &TopicPartition, offset: Offset) -> u32 {
        let known = self.application.unreadable.as_ref();
        let known = known.filter(|known| known.partition == *partition && known.offset == offset);
        known.map_or(0, |known| known.attempts)
    }
}
