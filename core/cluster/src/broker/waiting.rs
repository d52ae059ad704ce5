//! What waits in the broker, for those who look into it.

use highwater_log::{Log, Offset};

use crate::anatomy::{WaitingPart, WaitingRequest, WaitsFor};
use crate::broker::Broker;
use crate::broker::purgatory::{DelayedFetch, DelayedProduce, Then};
use crate::ids::{NodeId, TopicPartition};
use crate::input::Input;

impl Broker {
    /// What waits, by what it waits for.
    pub(crate) fn waiting(&self) -> Vec<WaitingRequest> {
        let purgatory = &self.process.purgatory;
        let produce =
            purgatory.produce.iter().map(|(id, delayed)| self.waiting_append(*id, delayed));
        let fetch = purgatory.fetch.iter().map(|(id, delayed)| self.waiting_fetch(*id, delayed));
        let deletes = purgatory.delete_records.iter().map(|(id, delayed)| WaitingRequest {
            id: *id,
            waits_for: WaitsFor::LogStart,
            what: "DeleteRecords".to_owned(),
            from: Some(delayed.asker()),
            partitions: delayed
                .waiting()
                .map(|(partition, offset)| {
                    self.part(partition, Some(offset), Log::log_start_offset)
                })
                .collect(),
            max_wait_ms: None,
        });
        let remote = self.waiting_remote_reads();
        let behind_disk =
            self.process.writes.waiting.iter().map(|(id, input)| behind_disk(*id, input));
        produce.chain(fetch).chain(remote).chain(deletes).chain(behind_disk).collect()
    }

    fn waiting_append(&self, id: u64, delayed: &DelayedProduce) -> WaitingRequest {
        let (what, from) = match &delayed.then {
            Then::Respond(reply, _) => ("Produce", Some(reply.node)),
            Then::Group(_) => ("records of the group coordinator", None),
            Then::Transaction(_) => ("records of the transaction coordinator", None),
            Then::ShareState(_) => ("records of the share coordinator", None),
            Then::Markers(_) => ("WriteTxnMarkers", None),
        };
        let waiting = delayed.partitions.iter().filter(|part| part.is_waiting);
        let part = |part: &super::purgatory::AppendedPartition| {
            self.part(&part.partition, Some(part.required), Log::high_watermark)
        };
        WaitingRequest {
            id,
            waits_for: WaitsFor::Isr,
            what: what.to_owned(),
            from,
            partitions: waiting.map(part).collect(),
            max_wait_ms: None,
        }
    }

    fn waiting_fetch(&self, id: u64, delayed: &DelayedFetch) -> WaitingRequest {
        WaitingRequest {
            id,
            waits_for: WaitsFor::Records,
            what: "Fetch".to_owned(),
            from: Some(delayed.from.node),
            partitions: delayed
                .partitions
                .iter()
                .map(|partition| self.part(partition, None, Log::log_end_offset))
                .collect(),
            max_wait_ms: Some(i64::from(delayed.request.max_wait_ms)),
        }
    }

    pub(super) fn part(
        &self,
        partition: &TopicPartition,
        required: Option<Offset>,
        reached: fn(&Log) -> Offset,
    ) -> WaitingPart {
        let reached = self.log(partition).map_or(Offset(0), reached);
        WaitingPart { partition: partition.clone(), required, reached }
    }
}

fn behind_disk(id: u64, input: &Input) -> WaitingRequest {
    let (what, from): (String, Option<NodeId>) = match input {
        Input::Request(reply, request) => (format!("{:?}", request.api_key()), Some(reply.node)),
        _ => ("records that were fetched from a leader".to_owned(), None),
    };
    let (partitions, max_wait_ms) = (Vec::new(), None);
    WaitingRequest { id, waits_for: WaitsFor::Disk, what, from, partitions, max_wait_ms }
}
