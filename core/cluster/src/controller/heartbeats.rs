//! What the controller remembers of the brokers' heartbeats: Kafka's `BrokerHeartbeatManager`. None
//! of it stands in the metadata log.

use std::collections::BTreeMap;

use highwater_log::Offset;

use crate::cluster_spec::ClusterSpec;
use crate::configs::BrokerConfig;
use crate::ids::{BrokerId, TimerId};
use crate::time::{Span, Time};

/// What is remembered of all brokers.
#[derive(Clone, Debug)]
pub(super) struct Heartbeats {
    session_timeouts: BTreeMap<BrokerId, Span>,
    brokers: BTreeMap<BrokerId, BrokerHeartbeat>,
}

/// What is remembered of one broker.
#[derive(Clone, Debug)]
struct BrokerHeartbeat {
    last_contact: Time,
    /// The last offset of the metadata log that the broker has applied; -1 if none is known.
    metadata_offset: Offset,
    fenced: bool,
    /// Where the records end that a controlled shutdown waits for; none unless one is under way.
    controlled_shutdown_offset: Option<Offset>,
    /// Wakes the controller when the session runs out.
    session_timer: Option<TimerId>,
}

/// What the controller lets a broker do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BrokerControlState {
    /// It takes no part.
    Fenced,
    /// It takes part.
    Unfenced,
    /// Its leaderships are being moved.
    ControlledShutdown,
    /// It may end.
    ShutdownNow,
}

/// What a broker asks for with a heartbeat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wishes {
    pub(super) fence: bool,
    pub(super) shut_down: bool,
    /// The last offset of the metadata log that the broker has applied.
    pub(super) metadata_offset: Offset,
}

impl Heartbeats {
    pub(super) fn new(spec: &ClusterSpec) -> Self {
        let ids = (1..=spec.brokers as i32).map(BrokerId);
        let timeouts = ids.map(|id| (id, BrokerConfig::new(spec, id).session_timeout));
        Self { session_timeouts: timeouts.collect(), brokers: BTreeMap::new() }
    }

    /// Forgets all brokers. Returns the timers of their sessions.
    pub(super) fn forget_all(&mut self) -> Vec<TimerId> {
        let forgotten = std::mem::take(&mut self.brokers);
        forgotten.into_values().filter_map(|heartbeat| heartbeat.session_timer).collect()
    }

    /// Begins anew with a broker that has registered. Returns the timer of its former session.
    pub(super) fn register(
        &mut self,
        broker: BrokerId,
        fenced: bool,
        now: Time,
    ) -> Option<TimerId> {
        let heartbeat = BrokerHeartbeat {
            last_contact: now,
            metadata_offset: Offset(-1),
            fenced,
            controlled_shutdown_offset: None,
            session_timer: None,
        };
        self.brokers.insert(broker, heartbeat)?.session_timer
    }

    /// A broker let hear of itself.
    pub(super) fn touch(
        &mut self,
        broker: BrokerId,
        fenced: bool,
        metadata_offset: Offset,
        now: Time,
    ) {
        let heartbeat = self.known(broker);
        heartbeat.last_contact = now;
        heartbeat.metadata_offset = metadata_offset;
        heartbeat.fenced = fenced;
        if fenced {
            heartbeat.controlled_shutdown_offset = None;
        }
    }

    /// The broker is fenced.
    pub(super) fn fence(&mut self, broker: BrokerId) {
        let heartbeat = self.known(broker);
        heartbeat.fenced = true;
        heartbeat.controlled_shutdown_offset = None;
    }

    /// Notes where the records end that a controlled shutdown waits for, when it begins.
    pub(super) fn begin_controlled_shutdown(&mut self, broker: BrokerId, end: Offset) {
        self.known(broker).controlled_shutdown_offset.get_or_insert(end);
    }

    /// Swaps the timer of a broker's session for another.
    pub(super) fn swap_timer(
        &mut self,
        broker: BrokerId,
        timer: Option<TimerId>,
    ) -> Option<TimerId> {
        std::mem::replace(&mut self.known(broker).session_timer, timer)
    }

    /// How long a broker may be silent.
    pub(super) fn session_timeout(&self, broker: BrokerId) -> Span {
        self.session_timeouts[&broker]
    }

    /// Whether a broker of that id takes part and was not silent for too long.
    pub(super) fn has_valid_session(&self, broker: BrokerId, now: Time) -> bool {
        self.brokers.get(&broker).is_some_and(|heartbeat| {
            !heartbeat.fenced && now.since(heartbeat.last_contact) < self.session_timeouts[&broker]
        })
    }

    /// A broker that takes part and was silent for too long, and for how long: the most silent one.
    pub(super) fn find_stale_broker(&self, now: Time) -> Option<(BrokerId, Span)> {
        let unfenced = self.brokers.iter().filter(|(_, heartbeat)| !heartbeat.fenced);
        let stale = unfenced.filter(|(id, _)| !self.has_valid_session(**id, now));
        let (id, heartbeat) = stale.min_by_key(|(id, heartbeat)| (heartbeat.last_contact, **id))?;
        Some((*id, now.since(heartbeat.last_contact)))
    }

    /// Whether a broker waits for its leaderships to be moved. New replicas are not placed on it.
    pub(super) fn is_shutting_down(&self, broker: BrokerId) -> bool {
        self.brokers
            .get(&broker)
            .is_some_and(|heartbeat| heartbeat.controlled_shutdown_offset.is_some())
    }

    /// What a broker is now, and what it is after a heartbeat: `calculateNextBrokerState`.
    pub(super) fn next_state(
        &self,
        broker: BrokerId,
        wishes: Wishes,
        registered_at: Offset,
        has_leaderships: impl FnOnce() -> bool,
    ) -> (BrokerControlState, BrokerControlState) {
        use BrokerControlState::{ControlledShutdown, Fenced, ShutdownNow, Unfenced};
        let heartbeat = &self.brokers[&broker];
        let Wishes { fence, shut_down, metadata_offset } = wishes;
        if let Some(end) = heartbeat.controlled_shutdown_offset {
            let may_go = !has_leaderships() && end <= self.lowest_active_offset();
            return (ControlledShutdown, if may_go { ShutdownNow } else { ControlledShutdown });
        }
        if heartbeat.fenced {
            let is_caught_up = metadata_offset >= registered_at;
            return match (shut_down, fence) {
                (true, _) => (Fenced, ShutdownNow),
                (false, false) if is_caught_up => (Fenced, Unfenced),
                (false, _) => (Fenced, Fenced),
            };
        }
        match (shut_down, fence) {
            (true, false) if has_leaderships() => (Unfenced, ControlledShutdown),
            (true, _) => (Unfenced, ShutdownNow),
            (false, true) => (Unfenced, Fenced),
            (false, false) => (Unfenced, Unfenced),
        }
    }

    /// Up to where every active broker has applied the metadata log.
    fn lowest_active_offset(&self) -> Offset {
        let active = self.brokers.values().filter(|heartbeat| {
            !heartbeat.fenced && heartbeat.controlled_shutdown_offset.is_none()
        });
        active.map(|heartbeat| heartbeat.metadata_offset).min().unwrap_or(Offset(i64::MAX))
    }

    fn known(&mut self, broker: BrokerId) -> &mut BrokerHeartbeat {
        self.brokers.get_mut(&broker).expect("a broker with an epoch has registered")
    }
}

#[cfg(test)]
mod tests {
    use super::BrokerControlState::{ControlledShutdown, Fenced, ShutdownNow, Unfenced};
    use super::*;

    const ONE: BrokerId = BrokerId(1);
    const TWO: BrokerId = BrokerId(2);

    fn wishes(shut_down: bool, metadata_offset: i64) -> Wishes {
        Wishes { fence: false, shut_down, metadata_offset: Offset(metadata_offset) }
    }

    fn unfenced_brokers() -> Heartbeats {
        let mut heartbeats = Heartbeats::new(&ClusterSpec::default());
        for broker in [ONE, TWO] {
            heartbeats.register(broker, true, Time::ZERO);
            heartbeats.touch(broker, false, Offset(10), Time::ZERO);
        }
        heartbeats
    }

    #[test]
    fn a_broker_is_let_in_once_it_has_its_own_registration() {
        let mut heartbeats = Heartbeats::new(&ClusterSpec::default());
        heartbeats.register(ONE, true, Time::ZERO);
        let next = |offset| heartbeats.next_state(ONE, wishes(false, offset), Offset(5), || false);
        assert_eq!(next(4), (Fenced, Fenced));
        assert_eq!(next(5), (Fenced, Unfenced));
    }

    #[test]
    fn a_broker_may_end_once_it_leads_nothing_and_the_others_know() {
        let mut heartbeats = unfenced_brokers();
        let next = |heartbeats: &Heartbeats, leads| {
            heartbeats.next_state(ONE, wishes(true, 10), Offset(5), || leads)
        };
        assert_eq!(next(&heartbeats, false), (Unfenced, ShutdownNow));
        assert_eq!(next(&heartbeats, true), (Unfenced, ControlledShutdown));
        heartbeats.begin_controlled_shutdown(ONE, Offset(12));
        heartbeats.begin_controlled_shutdown(ONE, Offset(99));
        assert_eq!(next(&heartbeats, true), (ControlledShutdown, ControlledShutdown));
        assert_eq!(next(&heartbeats, false), (ControlledShutdown, ControlledShutdown));
        heartbeats.touch(TWO, false, Offset(12), Time::ZERO);
        assert_eq!(next(&heartbeats, false), (ControlledShutdown, ShutdownNow));
    }

    #[test]
    fn the_most_silent_broker_is_stale_first() {
        let mut heartbeats = unfenced_brokers();
        heartbeats.touch(ONE, false, Offset(10), Time(1_000_000));
        assert_eq!(heartbeats.find_stale_broker(Time(8_999_999)), None);
        let silence = Span::from_millis(9_500);
        assert_eq!(heartbeats.find_stale_broker(Time(9_500_000)), Some((TWO, silence)));
        heartbeats.fence(TWO);
        assert_eq!(heartbeats.find_stale_broker(Time(9_500_000)), None);
        assert!(!heartbeats.has_valid_session(TWO, Time(9_500_000)));
        assert!(heartbeats.has_valid_session(ONE, Time(9_500_000)));
    }
}
