//! The quota of changes (KIP-599): how many partitions a client may have created and deleted in a second.
//! `ControllerMutationQuotaManager`.
//!
//! Whoever has used up its quota is refused, topic by topic, and told when to ask again. Clients that speak versions from before
//! do not know the error: they get what they ask for, and are told to wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::ApiKey;

use super::Controller;
use super::new_topic::ApiError;
use crate::client::error_messages::kafka_message;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::group::identity;
use crate::ids::NodeId;
use crate::input::ReplyTo;
use crate::quota::bucket::TokenBucket;
use crate::quota::event::QuotaEvent;
use crate::quota::{Limit, Metered, QuotaKind, limit};
use crate::time::{Span, Time};

/// What is left of quotas, by who is measured together. It is in memory only.
#[derive(Clone, Debug, Default)]
pub(super) struct MutationQuotas {
    buckets: BTreeMap<Metered, TokenBucket>,
}

/// What a client may still change, while a request of it is handled.
#[derive(Debug)]
pub(super) struct Permits {
    api: ApiKey,
    /// None if nothing limits it.
    limited: Option<Limited>,
}

#[derive(Debug)]
struct Limited {
    client: NodeId,
    limit: Limit,
    bucket: TokenBucket,
    /// Whether it knows the error, so that it can be refused.
    is_strict: bool,
    is_refused: bool,
    wait_ms: u32,
}

impl MutationQuotas {
    fn bucket(&self, limit: &Limit, now: Time) -> TokenBucket {
        let known = self.buckets.get(&limit.metered).copied();
        let mut bucket = known.unwrap_or_else(|| TokenBucket::new(limit.value, now));
        bucket.refill(limit.value, now);
        bucket
    }
}

impl Controller {
    /// What the client may still change whose request this is. What brokers ask for themselves is not limited.
    pub(super) fn permits(&self, ctx: &Ctx<'_>, from: ReplyTo, api: ApiKey) -> Permits {
        let given = &self.image.client_quotas;
        let client = from.on_behalf_of.filter(|_| !given.is_empty());
        let limited = client.and_then(|client| {
            let (user, id) = (identity::principal(ctx, client), identity::client_id(ctx, client));
            let key = QuotaKind::ControllerMutation.key();
            let limit = limit(user.name(), &id, key, |entity| given.get(entity))?;
            let bucket = self.mutation_quotas.bucket(&limit, ctx.now());
            let version = identity::version_asked(ctx, client, api);
            let is_strict = version.is_none_or(|version| version >= strict_since(api));
            Some(Limited { client, limit, bucket, is_strict, is_refused: false, wait_ms: 0 })
        });
        Permits { api, limited }
    }

    /// Remembers what is left, and tells if the client is to wait. Answers for how many milliseconds.
    pub(super) fn settle_permits(&mut self, ctx: &mut Ctx<'_>, permits: Permits) -> i32 {
        let Some(limited) = permits.limited else { return 0 };
        let Limited { client, limit, bucket, is_refused, wait_ms, .. } = limited;
        self.mutation_quotas.buckets.insert(limit.metered, bucket);
        if wait_ms > 0 {
            let throttled = QuotaEvent::Throttled {
                by: NodeId::Controller(self.id),
                client,
                kind: QuotaKind::ControllerMutation,
                api: permits.api,
                entity: limit.entity,
                quota: limit.value,
                wait: Span::from_millis(wait_ms.into()),
                is_refused,
            };
            ctx.emit(EventKind::Quota(Arc::new(throttled)));
        }
        i32::try_from(wait_ms).unwrap_or(i32::MAX)
    }
}

impl Permits {
    /// Counts partitions that are to be created or deleted, if they may be. A request that is for validation only counts
    /// as well.
    pub(super) fn take(&mut self, partitions: usize) -> Result<(), ApiError> {
        let Some(limited) = &mut self.limited else { return Ok(()) };
        let partitions = u32::try_from(partitions).unwrap_or(u32::MAX);
        let quota = limited.limit.value;
        if let Some(wait_ms) = limited.bucket.wait_ms(quota).filter(|_| limited.is_strict) {
            limited.wait_ms = wait_ms;
            limited.is_refused = true;
            let error = ResponseError::ThrottlingQuotaExceeded;
            return Err(ApiError::new(error, kafka_message(error)));
        }
        limited.bucket.take(partitions);
        if !limited.is_strict {
            limited.wait_ms = limited.bucket.wait_ms(quota).unwrap_or(0);
        }
        Ok(())
    }
}

/// The first version whose clients know the error: `newQuotaFor(request, strictSinceVersion)`.
fn strict_since(api: ApiKey) -> i16 {
    match api {
        ApiKey::CreateTopics => 6,
        ApiKey::DeleteTopics => 5,
        _ => 3,
    }
}
