//! Brokers register: each run of a broker's process anew, with an epoch of its own (KIP-631).

use std::sync::Arc;

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use super::Controller;
use super::leader_and_isr::BrokerChange;
use crate::ctx::Ctx;
use crate::event::{EventKind, IsrChangeReason};
use crate::ids::{BrokerEpoch, BrokerId};
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord};

impl Controller {
    pub(super) fn handle_registration(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::BrokerRegistrationRequest,
    ) {
        let mut response = kafka::BrokerRegistrationResponse::default();
        match self.register_broker(ctx, body) {
            Ok(epoch) => response.broker_epoch = epoch.0,
            Err(error) => {
                response.error_code = error.code();
                response.broker_epoch = -1;
            }
        }
        ctx.respond(from, response);
    }

    /// `STALE_BROKER_EPOCH` unless the broker is registered in that epoch.
    pub(super) fn check_broker_epoch(
        &self,
        broker: BrokerId,
        epoch: i64,
    ) -> Result<(), ResponseError> {
        match self.image.brokers.get(&broker) {
            Some(registered) if registered.epoch == BrokerEpoch(epoch) => Ok(()),
            _ => Err(ResponseError::StaleBrokerEpoch),
        }
    }

    fn register_broker(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::BrokerRegistrationRequest,
    ) -> Result<BrokerEpoch, ResponseError> {
        let broker = BrokerId(body.broker_id.0);
        if !ctx.bootstrap_brokers().contains(&broker) {
            return Err(ResponseError::InvalidRegistration);
        }
        let incarnation_id = body.incarnation_id.as_u128();
        let existing = self.image.brokers.get(&broker);
        let same_run = existing.filter(|existing| existing.incarnation_id == incarnation_id);
        if let Some(other) = existing.filter(|_| same_run.is_none())
            && self.heartbeats.has_valid_session(broker, ctx.now())
            && !other.in_controlled_shutdown
        {
            // Another process with the same id may still be alive: it must fall silent first.
            return Err(ResponseError::DuplicateBrokerRegistration);
        }
        let mut record = registration_record(broker, body);
        let mut records = Vec::new();
        if let Some(same) = same_run {
            record.epoch = same.epoch;
            record.fenced = same.fenced;
            record.in_controlled_shutdown = same.in_controlled_shutdown;
        } else {
            record.epoch = BrokerEpoch(self.quorum.log_end_offset().0);
            records = self.clean_up_after_earlier_run(broker, body.previous_broker_epoch);
        }
        let (epoch, fenced) = (record.epoch, record.fenced);
        records.push(MetadataRecord::from(record));
        self.write_registration(ctx, broker, epoch, &records);
        self.begin_session(ctx, broker, fenced);
        Ok(epoch)
    }

    /// What partitions make of it that an earlier run of the broker is over. Unless it tells, by the
    /// epoch that it wrote down on its way out, that it shut down in good order, it may have lost
    /// records: then it is not eligible as a leader any more (KIP-966).
    fn clean_up_after_earlier_run(
        &self,
        broker: BrokerId,
        previous_epoch: i64,
    ) -> Vec<MetadataRecord> {
        let Some(existing) = self.image.brokers.get(&broker) else { return Vec::new() };
        let is_clean = existing.epoch == BrokerEpoch(previous_epoch);
        self.partition_changes(if is_clean || !Self::ELR_ENABLED {
            BrokerChange::Removed(broker)
        } else {
            BrokerChange::ShutDownUncleanly(broker)
        })
    }

    fn write_registration(
        &mut self,
        ctx: &mut Ctx<'_>,
        broker: BrokerId,
        epoch: BrokerEpoch,
        records: &[MetadataRecord],
    ) {
        let cause = ctx.cause;
        let registered = ctx.emit(EventKind::BrokerRegistered { broker, epoch });
        ctx.because(registered);
        self.tell_partition_changes(ctx, records, IsrChangeReason::BrokerFenced);
        self.write(ctx, records);
        // The registration is the last of the records.
        self.registered_at.insert(broker, self.quorum.log_end_offset() - 1);
        ctx.cause = cause;
    }

    pub(super) fn begin_session(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, fenced: bool) {
        let former = self.heartbeats.register(broker, fenced, ctx.now());
        if let Some(timer) = former {
            ctx.cancel_timer(timer);
        }
        self.watch_session(ctx, broker, fenced);
    }

    /// Where the broker's registration stands in the metadata log.
    pub(super) fn registration_offset(&self, broker: BrokerId) -> Offset {
        self.registered_at[&broker]
    }
}

fn registration_record(
    broker: BrokerId,
    body: &kafka::BrokerRegistrationRequest,
) -> RegisterBrokerRecord {
    let endpoints = body.listeners.iter().map(|listener| BrokerEndpoint {
        name: Arc::from(listener.name.as_str()),
        host: Arc::from(listener.host.as_str()),
        port: listener.port,
        security_protocol: listener.security_protocol,
    });
    let features = body.features.iter().map(|feature| BrokerFeature {
        name: Arc::from(feature.name.as_str()),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    });
    RegisterBrokerRecord {
        broker,
        incarnation_id: body.incarnation_id.as_u128(),
        epoch: BrokerEpoch(-1),
        endpoints: endpoints.collect(),
        features: features.collect(),
        rack: body.rack.as_ref().map(|rack| Arc::from(rack.as_str())),
        fenced: true,
        in_controlled_shutdown: false,
        log_dirs: body.log_dirs.iter().map(|id| id.as_u128()).collect(),
    }
}
