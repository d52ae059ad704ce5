//! Quotas of clients (KIP-13, KIP-124, KIP-219): how much a client may send to this broker and fetch from it, and for how
//! long it may keep its threads busy. `ClientQuotaManager`.
//!
//! A client that is beyond its quota is answered at once, with the time for which it is to be silent. The broker reads
//! nothing from its connection until then, in case the client does not keep to it. Where it is beyond two quotas, the
//! longer time counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;

use crate::broker::Broker;
use crate::broker::rate::{Rate, WINDOW, WINDOWS};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::group::identity;
use crate::ids::{CorrelationId, NodeId};
use crate::input::{Input, ReplyTo};
use crate::message::{Body, Request, Response};
use crate::node::Node;
use crate::quota::event::QuotaEvent;
use crate::quota::{Limit, Metered, QuotaKind, QuotaValue, limit};
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::view::ThrottleView;

mod describe;
mod thread_time;

/// So many rates are kept before those that nothing went through lately are looked for.
const MANY: usize = 64;

/// What clients have had, and who is to be silent.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientQuotas {
    rates: BTreeMap<(QuotaKind, Metered), Rate>,
    /// Until when nothing is read from a client, and what it had too much of.
    muted: BTreeMap<(NodeId, Connection), (Time, QuotaKind)>,
    /// What came from it meanwhile, in order.
    unread: BTreeMap<u64, Input>,
    next: u64,
    /// The answers that are about to go whose time is judged already, together with their bytes.
    judged: BTreeSet<(NodeId, CorrelationId)>,
    /// Whether what is handled is part of what is counted already.
    is_counting: bool,
}

/// By which of its connections a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Connection {
    /// The one with the broker.
    Broker,
    /// That of a consumer with its coordinator, which is another even if it leads to the same broker.
    Coordinator,
}

/// What a client has had too much of.
#[derive(Clone, Debug)]
struct Excess {
    kind: QuotaKind,
    limit: Limit,
    wait_ms: u32,
}

impl Broker {
    /// Keeps an input back while its client is to be silent; gives it back if it is not.
    pub(super) fn unless_muted(&mut self, ctx: &mut Ctx<'_>, input: Input) -> Option<Input> {
        let quotas = &mut self.process.client_quotas;
        if quotas.muted.is_empty() {
            return Some(input);
        }
        match &input {
            Input::Request(from, request) => {
                let connection = connection(ctx, from.node, request.api_key());
                let muted = quotas.muted.get(&(from.node, connection));
                let until = muted.map_or(Time::ZERO, |(until, _)| *until);
                if until <= ctx.now() {
                    quotas.muted.remove(&(from.node, connection));
                    return Some(input);
                }
                quotas.next += 1;
                quotas.unread.insert(quotas.next, input);
                ctx.set_timer(until.since(ctx.now()), Timer::Unmute(quotas.next));
                None
            }
            Input::ClientGone(client) => {
                let gone = *client;
                quotas.muted.retain(|(client, _), _| *client != gone);
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

    /// Counts a Produce request against its client's quotas. Answers for how many milliseconds it is to be silent. How
    /// long it took counts only where it is answered.
    pub(super) fn throttle_produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        size_bytes: u32,
        is_answered: bool,
    ) -> i32 {
        let bytes = self.excess(ctx, QuotaKind::Produce, from.node, i64::from(size_bytes));
        let time = if is_answered { self.excess_of_time(ctx, from) } else { None };
        match greater(bytes, time) {
            Some(excess) => self.hold_back(ctx, from.node, ApiKey::Produce, excess),
            None => 0,
        }
    }

    /// What a Produce request takes on the wire, if anybody counts it.
    pub(super) fn size_for_quota(&self, request: &kafka::ProduceRequest) -> u32 {
        if self.process.image.client_quotas.is_empty() {
            return 0;
        }
        Body::Request(Request::from(request.clone())).wire_size()
    }

    /// Counts the answer to a fetch against its client's quotas. One that is beyond them gets an empty answer, whose
    /// bytes are not counted.
    pub(super) fn throttle_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: kafka::FetchResponse,
    ) -> kafka::FetchResponse {
        match self.throttle_reading(ctx, from, || response.clone().into()) {
            None => response,
            Some(wait_ms) => kafka::FetchResponse::default().with_throttle_time_ms(wait_ms),
        }
    }

    /// Likewise for share groups. What was acquired stays so: its client learns of none of it, and the locks run out.
    pub(super) fn throttle_share_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: kafka::ShareFetchResponse,
    ) -> kafka::ShareFetchResponse {
        match self.throttle_reading(ctx, from, || response.clone().into()) {
            None => response,
            Some(wait_ms) => kafka::ShareFetchResponse::default().with_throttle_time_ms(wait_ms),
        }
    }

    /// For how many milliseconds a client is to be silent that would get this answer, which it then does not get.
    fn throttle_reading(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        response: impl FnOnce() -> Response,
    ) -> Option<i32> {
        if self.process.image.client_quotas.is_empty() {
            return None;
        }
        let response = response();
        let api = response.api_key();
        let size = i64::from(Body::Response(response).wire_size());
        let time = self.excess_of_time(ctx, from);
        let bytes = self.excess(ctx, QuotaKind::Fetch, from.node, size);
        let excess = greater(bytes, time)?;
        self.count(ctx, QuotaKind::Fetch, from.node, -size);
        Some(self.hold_back(ctx, from.node, api, excess))
    }

    /// The most bytes that a fetch may bring: what its quota allows in all windows but one. More could never be sent.
    pub(super) fn most_in_quota_window(&self, ctx: &Ctx<'_>, client: NodeId) -> usize {
        let Some(limit) = self.limit(ctx, QuotaKind::Fetch, client) else { return usize::MAX };
        let seconds = (WINDOWS - 1) * (WINDOW.0 / 1_000_000);
        let most = limit.value.bytes_per_second().saturating_mul(seconds);
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Counts what a client had, and tells what it is beyond, if it is.
    fn excess(
        &mut self,
        ctx: &Ctx<'_>,
        kind: QuotaKind,
        client: NodeId,
        amount: i64,
    ) -> Option<Excess> {
        let limit = self.limit(ctx, kind, client)?;
        let rate = self.process.client_quotas.rate(kind, &limit, ctx.now());
        rate.record(amount, ctx.now());
        let wait_ms = wait_ms(rate, kind, limit.value, ctx.now())?;
        Some(Excess { kind, limit, wait_ms })
    }

    /// Counts what a client had, whatever it comes to; less than nothing takes back what was counted.
    fn count(&mut self, ctx: &Ctx<'_>, kind: QuotaKind, client: NodeId, amount: i64) {
        if let Some(limit) = self.limit(ctx, kind, client) {
            self.process.client_quotas.rate(kind, &limit, ctx.now()).record(amount, ctx.now());
        }
    }

    /// Hears nothing more of a client by the connection of that answer, until the time is over that it is told to wait.
    /// Answers with that time, in milliseconds.
    fn hold_back(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        api: ApiKey,
        Excess { kind, limit, wait_ms }: Excess,
    ) -> i32 {
        let wait = Span::from_millis(i64::from(wait_ms));
        self.mute(ctx, client, api, (ctx.now() + wait, kind));
        let throttled = QuotaEvent::Throttled {
            by: NodeId::Broker(self.id),
            client,
            kind,
            api,
            is_refused: false,
            entity: limit.entity,
            quota: limit.value,
            wait,
        };
        ctx.emit(EventKind::Quota(Arc::new(throttled)));
        i32::try_from(wait_ms).unwrap_or(i32::MAX)
    }

    /// Keeps to what the controller tells a client in its answer.
    pub(super) fn mute_as_told(&mut self, ctx: &Ctx<'_>, client: NodeId, response: &Response) {
        let wait_ms = response.throttle_time_ms();
        if wait_ms > 0 {
            let until = ctx.now() + Span::from_millis(wait_ms.into());
            let kind = QuotaKind::ControllerMutation;
            self.mute(ctx, client, response.api_key(), (until, kind));
        }
    }

    fn mute(
        &mut self,
        ctx: &Ctx<'_>,
        client: NodeId,
        api: ApiKey,
        (until, kind): (Time, QuotaKind),
    ) {
        let connection = connection(ctx, client, api);
        let muted = &mut self.process.client_quotas.muted;
        let muted = muted.entry((client, connection)).or_insert((Time::ZERO, kind));
        if muted.0 < until {
            *muted = (until, kind);
        }
    }

    /// Who is not heard for a while.
    pub(crate) fn throttle_views(&self, now: Time) -> Vec<ThrottleView> {
        let muted = self.process.client_quotas.muted.iter();
        let muted = muted.filter(|(_, (until, _))| *until > now);
        let seen = muted.filter_map(|((node, _), (until, kind))| match node {
            NodeId::Client(client) => {
                Some(ThrottleView { client: *client, broker: self.id, kind: *kind, until: *until })
            }
            NodeId::Broker(_) | NodeId::Controller(_) => None,
        });
        seen.collect()
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

/// By which connection a client asks that of a broker: only the one by which it had too much is not read from. One from
/// outside has a node for each connection.
fn connection(ctx: &Ctx<'_>, client: NodeId, api: ApiKey) -> Connection {
    let is_of_group = matches!(
        api,
        ApiKey::JoinGroup
            | ApiKey::SyncGroup
            | ApiKey::Heartbeat
            | ApiKey::LeaveGroup
            | ApiKey::OffsetCommit
            | ApiKey::OffsetFetch
            | ApiKey::ConsumerGroupHeartbeat
            | ApiKey::ShareGroupHeartbeat
    );
    let node = ctx.world.nodes.get(&client).and_then(|slot| slot.node.as_deref());
    match is_of_group && !node.is_some_and(Node::is_from_outside) {
        true => Connection::Coordinator,
        false => Connection::Broker,
    }
}

/// What a client is told of, where it is beyond a quota of bytes and one of time: the longer wait.
fn greater(bytes: Option<Excess>, time: Option<Excess>) -> Option<Excess> {
    match (bytes, time) {
        (Some(bytes), Some(time)) if bytes.wait_ms > time.wait_ms => Some(bytes),
        (bytes, None) => bytes,
        (_, time) => time,
    }
}

/// How long to wait until the rate is within the quota. The window is always that of all samples but one, and what has
/// passed of the last: `Rate.windowSize`.
fn wait_ms(rate: &Rate, kind: QuotaKind, quota: QuotaValue, now: Time) -> Option<u32> {
    let elapsed_ms = rate.elapsed(now).0 / 1_000;
    let window_ms = WINDOW.0 / 1_000;
    let missing = (WINDOWS - 1).saturating_sub(elapsed_ms / window_ms);
    quota.throttle_ms(kind, rate.amount(now), (elapsed_ms + missing * window_ms).max(1))
}
