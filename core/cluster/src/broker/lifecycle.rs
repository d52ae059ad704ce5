//! How a broker comes and goes: registration, heartbeats, controlled shutdown (KIP-631).

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::BrokerEpoch;
use crate::time::Span;
use crate::timer::Timer;
use crate::view::BrokerState;

/// How long a broker waits before it asks a controller again that did not answer.
const RETRY: Span = Span(100_000);

impl Broker {
    pub(super) fn start(&mut self, ctx: &mut Ctx<'_>) {
        self.was_killed = false;
        self.process.state = BrokerState::Starting;
        self.recover_logs(ctx);
        let random = ctx.random("incarnation");
        let (high, low) = (random.next_u64(), random.next_u64());
        self.process.incarnation_id = u128::from(high) << 64 | u128::from(low);
        self.process.controller = ctx.controllers()[0];
        self.register(ctx);
        self.fetch_metadata(ctx);
        self.schedule_flush(ctx);
        let half_lag = Span(self.config.replica_lag_time_max.0 / 2);
        ctx.set_timer(half_lag, Timer::IsrCheck);
        ctx.set_timer(
            self.config.high_watermark_checkpoint_interval,
            Timer::HighWatermarkCheckpoint,
        );
        self.start_log_tasks(ctx);
    }

    pub(super) fn register(&mut self, ctx: &mut Ctx<'_>) {
        let mut listener = kafka::broker_registration_request::Listener::default();
        listener.name = StrBytes::from_static_str("PLAINTEXT");
        listener.host = host(self.id.0);
        listener.port = 9092;
        let mut request = kafka::BrokerRegistrationRequest::default();
        request.broker_id = kafka::BrokerId(self.id.0);
        request.cluster_id = StrBytes::from_string(format!("highwater-{}", self.cluster_id));
        request.incarnation_id = Uuid::from_u128(self.process.incarnation_id);
        request.listeners = vec![listener];
        request.rack = self.rack.as_ref().map(|rack| StrBytes::from_string(rack.to_string()));
        // Known only after a shutdown in good order: else the controller takes it for an unclean one (KIP-966).
        request.previous_broker_epoch = self.clean_shutdown_epoch.map_or(-1, |epoch| epoch.0);
        self.ask_controller(ctx, request, Sent::Registration);
    }

    pub(super) fn on_registered(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::BrokerRegistrationResponse,
    ) {
        if body.error_code != 0 {
            return self.retry_registration(ctx);
        }
        self.process.epoch = Some(BrokerEpoch(body.broker_epoch));
        self.clean_shutdown_epoch = None;
        self.send_heartbeat(ctx);
    }

    pub(super) fn retry_registration(&mut self, ctx: &mut Ctx<'_>) {
        ctx.set_timer(RETRY, Timer::BrokerRegistration);
    }

    pub(super) fn send_heartbeat(&mut self, ctx: &mut Ctx<'_>) {
        let Some(epoch) = self.process.epoch else { return };
        let is_under_way =
            self.process.requests.values().any(|sent| matches!(sent, Sent::Heartbeat));
        if is_under_way {
            return;
        }
        let mut request = kafka::BrokerHeartbeatRequest::default();
        request.broker_id = kafka::BrokerId(self.id.0);
        request.broker_epoch = epoch.0;
        request.current_metadata_offset = self.process.metadata_end_offset.0 - 1;
        request.want_shut_down = self.process.state == BrokerState::ShuttingDown;
        // A controller that is cut off does not answer: there is time for another within the session (KAFKA-14392).
        let controller = crate::ids::NodeId::Controller(self.process.controller);
        let id = ctx.send(controller, request, Span(self.config.session_timeout.0 / 2));
        self.process.requests.insert(id, Sent::Heartbeat);
    }

    pub(super) fn on_heartbeat(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::BrokerHeartbeatResponse,
    ) {
        if body.error_code != 0 {
            // A stale epoch: the controller does not know this run of the process. Begin anew.
            self.process.epoch = None;
            return self.retry_registration(ctx);
        }
        if body.should_shut_down {
            return self.shut_down(ctx);
        }
        if body.is_caught_up {
            self.caught_up(ctx);
        }
        match self.process.state {
            BrokerState::Starting if !body.is_fenced => self.process.state = BrokerState::Running,
            _ => {}
        }
        let interval = self.config.heartbeat_interval;
        // While it waits to come in or to go, a broker does not sit out the whole interval.
        let is_waiting = self.process.state != BrokerState::Running;
        let after = if is_waiting { Span(interval.0 / 20).max(Span(10_000)) } else { interval };
        ctx.set_timer(after, Timer::BrokerHeartbeat);
    }

    pub(super) fn on_heartbeat_failed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.set_timer(RETRY, Timer::BrokerHeartbeat);
    }

    pub(super) fn begin_controlled_shutdown(&mut self, ctx: &mut Ctx<'_>) {
        if self.process.state == BrokerState::ShuttingDown {
            return;
        }
        let event = ctx.emit(EventKind::BrokerShuttingDown { broker: self.id });
        ctx.because(event);
        if self.process.epoch.is_none() {
            // The controller has nothing to move away from a broker that it does not know.
            return self.shut_down(ctx);
        }
        self.process.state = BrokerState::ShuttingDown;
        self.send_heartbeat(ctx);
    }

    fn shut_down(&mut self, ctx: &mut Ctx<'_>) {
        if !self.replicas.is_empty() && self.write_fails() {
            // Neither logs nor checkpoints can be written: it ends as after any failed write.
            return;
        }
        for replica in self.replicas.values_mut() {
            replica.checkpoint_high_watermark();
            replica.log.flush();
        }
        self.clean_shutdown_epoch = self.process.epoch;
        self.forget_memory();
        ctx.broker_stopped(self.id);
    }
}

/// The host name by which a broker is reached: `broker1`.
pub(super) fn host(id: i32) -> StrBytes {
    StrBytes::from_string(format!("broker{id}"))
}
