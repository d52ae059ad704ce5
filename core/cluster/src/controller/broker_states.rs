//! Heartbeats, and what brokers become by them or for want of them: unfenced, shutting down, fenced.

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use super::Controller;
use super::heartbeats::{BrokerControlState, Wishes};
use super::leader_and_isr::BrokerChange;
use crate::ctx::Ctx;
use crate::event::{EventKind, IsrChangeReason};
use crate::ids::BrokerId;
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::BrokerRegistrationChangeRecord;
use crate::time::Span;
use crate::timer::Timer;

impl Controller {
    pub(super) fn handle_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::BrokerHeartbeatRequest,
    ) {
        let response = self.process_heartbeat(ctx, body).unwrap_or_else(|error| {
            kafka::BrokerHeartbeatResponse::default()
                .with_error_code(error.code())
                .with_is_fenced(true)
        });
        ctx.respond(from, response);
    }

    /// The session of a broker has run out: it is fenced. Others that are as silent have a timer of
    /// their own, so that each fencing is seen before the next.
    pub(super) fn fence_stale_broker(&mut self, ctx: &mut Ctx<'_>) {
        if let Some((broker, silence)) = self.heartbeats.find_stale_broker(ctx.now()) {
            self.fence(ctx, broker, Some(silence), IsrChangeReason::BrokerFenced);
            self.heartbeats.fence(broker);
        }
    }

    /// Wakes the controller when the broker's session runs out, unless it has none: fenced brokers
    /// may be silent.
    pub(super) fn watch_session(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, fenced: bool) {
        let timeout = self.heartbeats.session_timeout(broker);
        let timer = (!fenced).then(|| ctx.set_timer(timeout, Timer::BrokerSessionCheck));
        if let Some(former) = self.heartbeats.swap_timer(broker, timer) {
            ctx.cancel_timer(former);
        }
    }

    fn process_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::BrokerHeartbeatRequest,
    ) -> Result<kafka::BrokerHeartbeatResponse, ResponseError> {
        let broker = BrokerId(body.broker_id.0);
        self.check_broker_epoch(broker, body.broker_epoch)?;
        let wishes = Wishes {
            fence: body.want_fence,
            shut_down: body.want_shut_down,
            metadata_offset: Offset(body.current_metadata_offset),
        };
        let registered_at = self.registration_offset(broker);
        let leads = || self.image.partitions().any(|(_, part)| part.leader == Some(broker));
        let (current, next) = self.heartbeats.next_state(broker, wishes, registered_at, leads);
        if current != next {
            self.enter_state(ctx, broker, next);
        }
        let fenced = matches!(next, BrokerControlState::Fenced | BrokerControlState::ShutdownNow);
        self.heartbeats.touch(broker, fenced, wishes.metadata_offset, ctx.now());
        if next == BrokerControlState::ControlledShutdown {
            self.heartbeats.begin_controlled_shutdown(broker, self.quorum.log_end_offset() - 1);
        }
        self.watch_session(ctx, broker, fenced);
        Ok(kafka::BrokerHeartbeatResponse::default()
            .with_is_caught_up(wishes.metadata_offset >= registered_at)
            .with_is_fenced(fenced)
            .with_should_shut_down(next == BrokerControlState::ShutdownNow))
    }

    fn enter_state(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, next: BrokerControlState) {
        match next {
            BrokerControlState::Fenced => {
                self.fence(ctx, broker, None, IsrChangeReason::BrokerFenced);
            }
            BrokerControlState::ShutdownNow => {
                self.fence(ctx, broker, None, IsrChangeReason::ControlledShutdown);
            }
            BrokerControlState::Unfenced => self.unfence(ctx, broker),
            BrokerControlState::ControlledShutdown => self.begin_controlled_shutdown(ctx, broker),
        }
    }

    fn fence(
        &mut self,
        ctx: &mut Ctx<'_>,
        broker: BrokerId,
        silence: Option<Span>,
        reason: IsrChangeReason,
    ) {
        let registered = &self.image.brokers[&broker];
        if registered.fenced {
            return;
        }
        let epoch = registered.epoch;
        let silent_for_ms = silence.map(Span::millis);
        let fenced = EventKind::BrokerFenced { broker, silent_for_ms };
        let mut records = self.partition_changes(BrokerChange::Removed(broker));
        records.push(BrokerRegistrationChangeRecord::fencing(broker, epoch, true).into());
        self.write_because(ctx, fenced, &records, reason);
    }

    fn unfence(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let epoch = self.image.brokers[&broker].epoch;
        let unfenced = BrokerRegistrationChangeRecord::fencing(broker, epoch, false);
        let mut records = vec![MetadataRecord::from(unfenced)];
        records.extend(self.partition_changes(BrokerChange::Added(broker)));
        let event = EventKind::BrokerUnfenced { broker };
        self.write_because(ctx, event, &records, IsrChangeReason::Election);
    }

    fn begin_controlled_shutdown(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let registered = &self.image.brokers[&broker];
        let mut records = Vec::new();
        if !registered.in_controlled_shutdown {
            let epoch = registered.epoch;
            records.push(BrokerRegistrationChangeRecord::controlled_shutdown(broker, epoch).into());
        }
        records.extend(self.partition_changes(BrokerChange::Removed(broker)));
        self.tell_partition_changes(ctx, &records, IsrChangeReason::ControlledShutdown);
        self.write(ctx, &records);
    }

    /// Writes what follows from an event, and lets it be told as caused by that event.
    fn write_because(
        &mut self,
        ctx: &mut Ctx<'_>,
        event: EventKind,
        records: &[MetadataRecord],
        reason: IsrChangeReason,
    ) {
        let cause = ctx.cause;
        let event = ctx.emit(event);
        ctx.because(event);
        self.tell_partition_changes(ctx, records, reason);
        self.write(ctx, records);
        ctx.cause = cause;
    }
}
