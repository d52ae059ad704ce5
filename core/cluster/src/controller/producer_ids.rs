//! Blocks of producer ids, which brokers hand out one by one (KIP-730).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use super::Controller;
use crate::ctx::Ctx;
use crate::ids::{BrokerEpoch, BrokerId};
use crate::input::ReplyTo;
use crate::metadata::record::ProducerIdsRecord;

/// How many ids a block has: `ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`.
const BLOCK_SIZE: i32 = 1_000;

impl Controller {
    pub(super) fn handle_allocate_producer_ids(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::AllocateProducerIdsRequest,
    ) {
        let mut response = kafka::AllocateProducerIdsResponse::default();
        match self.allocate_producer_ids(ctx, body) {
            Ok(first) => {
                response.producer_id_start = first.into();
                response.producer_id_len = BLOCK_SIZE;
            }
            Err(error) => response.error_code = error.code(),
        }
        ctx.respond(from, response);
    }

    fn allocate_producer_ids(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::AllocateProducerIdsRequest,
    ) -> Result<i64, ResponseError> {
        let broker = BrokerId(body.broker_id.0);
        self.check_broker_epoch(broker, body.broker_epoch)?;
        let first = self.image.next_producer_id;
        let record = ProducerIdsRecord {
            broker,
            epoch: BrokerEpoch(body.broker_epoch),
            next_producer_id: first + i64::from(BLOCK_SIZE),
        };
        self.write(ctx, &[record.into()]);
        Ok(first)
    }
}
