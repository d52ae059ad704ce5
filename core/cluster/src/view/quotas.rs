//! What can be seen of quotas of clients.

use crate::ids::{BrokerId, ClientId};
use crate::quota::{QuotaEntity, QuotaKind, Quotas};
use crate::time::Time;

/// The quotas of an entity, as the active controller knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaView {
    /// Whom they limit.
    pub entity: QuotaEntity,
    /// What they allow, by setting.
    pub quotas: Quotas,
}

/// A client that is beyond its quota, and is not heard until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleView {
    /// The client, or the connection of one from outside.
    pub client: ClientId,
    /// The broker that does not hear it.
    pub broker: BrokerId,
    /// What it has had too much of.
    pub kind: QuotaKind,
    /// Until when.
    pub until: Time,
}
