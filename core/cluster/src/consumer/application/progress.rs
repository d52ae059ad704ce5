//! Telling which records the application is done with, as few events as possible.

use crate::consumer::completed_fetch::Run;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;

/// Records that were done at this instant, one after another, and are not told of yet.
#[derive(Default)]
pub(in crate::consumer) struct Done(Option<(TopicPartition, Run)>);

impl Done {
    pub(in crate::consumer) fn add(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        run: Run,
    ) {
        match &mut self.0 {
            Some((before, records)) if before == partition && records.last.next() == run.first => {
                records.last = run.last;
            }
            _ => {
                self.tell(ctx);
                self.0 = Some((partition.clone(), run));
            }
        }
    }

    pub(in crate::consumer) fn tell(&mut self, ctx: &mut Ctx<'_>) {
        let Some((partition, run)) = self.0.take() else { return };
        let (client, count) = (crate::consumer::my_id(ctx), run.count());
        let Run { first, last } = run;
        ctx.emit(EventKind::RecordsConsumed { client, partition, first, last, count });
    }
}
