//! Quotas of clients (KIP-13, KIP-219): how much a client may send to this broker and fetch from it.
//! `ClientQuotaManager`.
//!
//! A client that is beyond its quota is answered at once, with the time for which it is to be silent. The broker reads
//! nothing from its connection until then, in case the client does not keep to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::messages as kafka;

use crate::broker::Broker;
use crate::broker::rate::{Rate, WINDOW, WINDOWS};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::group::identity;
use crate::ids::NodeId;
use crate::input::Input;
use crate::message::{Body, Request, Response};
use crate::node::Node;
use crate::quota::event::QuotaEvent;
use crate::quota::{Limit, Metered, QuotaKind, QuotaValue, limit};
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::view::ThrottleView;

mod describe;

/// So many rates are kept before those that nothing went through lately are looked for.
const MANY: usize = 64;

/// What clients have had, and who is to be silent.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientQuotas {
    rates: BTreeMap<(QuotaKind, Metered), Rate>,
    /// Until when nothing is read from a client, and what it had too much of.
    muted: BTreeMap<NodeId, (Time, QuotaKind)>,
    /// What came from it meanwhile, in order.
    unread: BTreeMap<u64, Input>,
    next: u64,
}

impl Broker {
    /// Keeps an input back while its client is to be silent; gives it back if it is not.
    pub(super) fn unless_muted(&mut self, ctx: &mut Ctx<'_>, input: Input) -> Option<Input> {
        let quotas = &mut self.process.client_quotas;
        if quotas.muted.is_empty() {
            return Some(input);
        }
        match &input {
            Input::Request(from, request) if !is_for_coordinator(ctx, from.node, request) => {
                let muted = quotas.muted.get(&from.node);
                let until = muted.map_or(Time::ZERO, |(until, _)| *until);
                if until <= ctx.now() {
                    quotas.muted.remove(&from.node);
                    return Some(input);
                }
                quotas.next += 1;
                quotas.unread.insert(quotas.next, input);
                ctx.set_timer(until.since(ctx.now()), Timer::Unmute(quotas.next));
                None
            }
            Input::ClientGone(client) => {
                let gone = *client;
                quotas.muted.remove(&gone);
                let is_of =
                    |input: &Input| matches!(input, Input::Request(from, _) if from.node == gone);
                quotas.unread.retain(|_, unread| !is_of(unread));
                Some(input)
            }
            _ => Some(input),
        }
    }

    /// A client has been silent for long enough: what it sent meanwhile is read.
    pub(super) fn unmute(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        if let Some(input) = self.process.client_quotas.unread.remove(&id) {
            self.handle(ctx, input);
        }
    }

    /// Counts a Produce request against its client's quota. Answers for how many milliseconds it is to be silent.
    pub(super) fn throttle_produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        size_bytes: u32,
    ) -> i32 {
        let Some(limit) = self.limit(ctx, QuotaKind::Produce, client) else { return 0 };
        let rate = self.process.client_quotas.rate(QuotaKind::Produce, &limit, ctx.now());
        rate.record(i64::from(size_bytes), ctx.now());
        let wait = wait_ms(rate, limit.value, ctx.now());
        self.throttled(ctx, client, QuotaKind::Produce, limit, wait)
    }

    /// What a Produce request takes on the wire, if anybody counts it.
    pub(super) fn size_for_quota(&self, request: &kafka::ProduceRequest) -> u32 {
        if self.process.image.client_quotas.is_empty() {
            return 0;
        }
        Body::Request(Request::from(request.clone())).wire_size()
    }

    /// Counts the answer to a fetch against its client's quota. One that is beyond it gets an empty answer, for which it
    /// is not counted.
    pub(super) fn throttle_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        response: kafka::FetchResponse,
    ) -> kafka::FetchResponse {
        let Some(limit) = self.limit(ctx, QuotaKind::Fetch, client) else { return response };
        let size = i64::from(Body::Response(Response::from(response.clone())).wire_size());
        let rate = self.process.client_quotas.rate(QuotaKind::Fetch, &limit, ctx.now());
        rate.record(size, ctx.now());
        let wait = wait_ms(rate, limit.value, ctx.now());
        if wait.is_none() {
            return response;
        }
        rate.record(-size, ctx.now());
        let throttle_time_ms = self.throttled(ctx, client, QuotaKind::Fetch, limit, wait);
        kafka::FetchResponse::default().with_throttle_time_ms(throttle_time_ms)
    }

    /// The most bytes that a fetch may bring: what its quota allows in all windows but one. More could never be sent.
    pub(super) fn most_in_quota_window(&self, ctx: &Ctx<'_>, client: NodeId) -> usize {
        let Some(limit) = self.limit(ctx, QuotaKind::Fetch, client) else { return usize::MAX };
        let seconds = (WINDOWS - 1) * (WINDOW.0 / 1_000_000);
        let most = limit.value.bytes_per_second().saturating_mul(seconds);
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    fn throttled(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        kind: QuotaKind,
        limit: Limit,
        wait: Option<u32>,
    ) -> i32 {
        let Some(wait_ms) = wait else { return 0 };
        let wait = Span::from_millis(i64::from(wait_ms));
        let muted = self.process.client_quotas.muted.entry(client).or_insert((Time::ZERO, kind));
        let until = muted.0.max(ctx.now() + wait);
        *muted = (until, kind);
        let throttled = QuotaEvent::Throttled {
            broker: self.id,
            client,
            kind,
            entity: limit.entity,
            quota: limit.value,
            wait,
        };
        ctx.emit(EventKind::Quota(Arc::new(throttled)));
        i32::try_from(wait_ms).unwrap_or(i32::MAX)
    }

    /// Who is not heard for a while.
    pub(crate) fn throttle_views(&self, now: Time) -> Vec<ThrottleView> {
        let muted = self.process.client_quotas.muted.iter();
        let muted = muted.filter(|(_, (until, _))| *until > now);
        let seen = |(node, (until, kind)): (&NodeId, &(Time, QuotaKind))| match node {
            NodeId::Client(client) => {
                Some(ThrottleView { client: *client, broker: self.id, kind: *kind, until: *until })
            }
            NodeId::Broker(_) | NodeId::Controller(_) => None,
        };
        muted.filter_map(seen).collect()
    }

    /// The quota that a client comes under, if any.
    fn limit(&self, ctx: &Ctx<'_>, kind: QuotaKind, client: NodeId) -> Option<Limit> {
        // Brokers have quotas of their own kind.
        let given = &self.process.image.client_quotas;
        if given.is_empty() || !matches!(client, NodeId::Client(_)) {
            return None;
        }
        let user = identity::principal(ctx, client);
        limit(user.name(), &identity::client_id(ctx, client), kind.key(), |entity| {
            given.get(entity)
        })
    }
}

impl ClientQuotas {
    fn rate(&mut self, kind: QuotaKind, limit: &Limit, now: Time) -> &mut Rate {
        if self.rates.len() >= MANY {
            self.rates.retain(|_, rate| !rate.is_forgotten(now));
        }
        self.rates.entry((kind, limit.metered.clone())).or_default()
    }
}

/// Whether a request comes over the connection that a consumer has to its coordinator, beside that by which it fetches:
/// only the latter is not read from. One from outside has a node for each connection.
fn is_for_coordinator(ctx: &Ctx<'_>, client: NodeId, request: &Request) -> bool {
    let is_of_group = matches!(
        request,
        Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::ShareGroupHeartbeat(_)
    );
    let node = ctx.world.nodes.get(&client).and_then(|slot| slot.node.as_deref());
    is_of_group && !node.is_some_and(Node::is_from_outside)
}

/// How long to wait until the rate is within the quota. The window is always that of all samples but one, and what has
/// passed of the last: `Rate.windowSize`.
fn wait_ms(rate: &Rate, quota: QuotaValue, now: Time) -> Option<u32> {
    let elapsed_ms = rate.elapsed(now).0 / 1_000;
    let window_ms = WINDOW.0 / 1_000;
    let missing = (WINDOWS - 1).saturating_sub(elapsed_ms / window_ms);
    quota.throttle_ms(rate.bytes(now), (elapsed_ms + missing * window_ms).max(1))
}
