//! The quota of time: for what part of a thread's time a client's requests may keep this broker busy.
//! `ClientRequestQuotaManager`.
//!
//! What a request costs is counted when it is handled, and what sending costs when its answer goes. In between its
//! client is judged: so each answer carries for how long it is to be silent, whatever was asked. What it is judged by is
//! a model (`quota/cost.rs`). Where nobody has such a quota, nothing of this happens.

use super::Excess;
use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::ids::NodeId;
use crate::input::{Input, ReplyTo};
use crate::message::Response;
use crate::quota::{QuotaKind, cost};

impl Broker {
    /// Lets the broker handle an input, and counts how long it and the answers keep threads busy.
    pub(in crate::broker) fn counting_time(
        &mut self,
        ctx: &mut Ctx<'_>,
        input: Input,
        handle: impl FnOnce(&mut Self, &mut Ctx<'_>, Input),
    ) {
        if !self.limits_time() {
            return handle(self, ctx, input);
        }
        if let Input::Request(from, request) = &input
            && !cost::is_exempt(request)
        {
            self.count(ctx, QuotaKind::Request, from.node, cost::handling(request).0);
        }
        // What is read at last of a client that was muted is handled within the handling of a timer.
        if std::mem::replace(&mut self.process.client_quotas.is_counting, true) {
            return handle(self, ctx, input);
        }
        ctx.hold_responses();
        handle(self, ctx, input);
        for (to, response) in ctx.release_responses() {
            let response = self.judge_time(ctx, to, response);
            ctx.respond(to, response);
        }
        let quotas = &mut self.process.client_quotas;
        quotas.judged.clear();
        quotas.is_counting = false;
    }

    /// What a client is beyond whose answer is judged by its bytes as well: the rest leaves it alone.
    pub(super) fn excess_of_time(&mut self, ctx: &Ctx<'_>, to: ReplyTo) -> Option<Excess> {
        if !self.limits_time() {
            return None;
        }
        self.process.client_quotas.judged.insert((to.node, to.correlation_id));
        self.excess(ctx, QuotaKind::Request, to.node, 0)
    }

    /// Whether anybody's time is limited.
    fn limits_time(&self) -> bool {
        let mut given = self.process.image.client_quotas.values();
        given.any(|quotas| quotas.contains_key(QuotaKind::Request.key()))
    }

    /// Tells a client with its answer for how long it is to be silent, unless it is told already.
    fn judge_time(&mut self, ctx: &mut Ctx<'_>, to: ReplyTo, mut response: Response) -> Response {
        let api = response.api_key();
        if !matches!(to.node, NodeId::Client(_)) || cost::is_for_brokers(api) {
            return response;
        }
        if !self.process.client_quotas.judged.remove(&(to.node, to.correlation_id)) {
            let told_ms = response.throttle_time_ms();
            let excess = self.excess(ctx, QuotaKind::Request, to.node, 0);
            if let Some(excess) = excess.filter(|excess| i64::from(excess.wait_ms) > told_ms.into())
            {
                let wait_ms = self.hold_back(ctx, to.node, api, excess);
                response.set_throttle_time_ms(wait_ms);
            }
        }
        self.count(ctx, QuotaKind::Request, to.node, cost::sending(&response).0);
        response
    }
}
