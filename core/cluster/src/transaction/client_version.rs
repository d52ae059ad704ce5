//! Which transaction version a client speaks.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::TransactionVersion;

use crate::ctx::Ctx;

/// The tag of the field by which a request of an older version says so. Requests are brought to their
/// newest form when they come in from outside, and their version would be forgotten otherwise.
const OLDER_CLIENT_TAG: i32 = 10_000;

/// The transaction version that a client speaks: the cluster's, unless its request came in a version
/// from before KIP-890.
pub(crate) fn client_version(
    ctx: &Ctx<'_>,
    tagged_fields: &BTreeMap<i32, Bytes>,
) -> TransactionVersion {
    if tagged_fields.contains_key(&OLDER_CLIENT_TAG) {
        TransactionVersion(0)
    } else {
        ctx.transaction_version()
    }
}

/// Notes that a request came in a version from before transaction version 2.
#[cfg(feature = "real-clients")]
pub(crate) fn mark_older_client(tagged_fields: &mut BTreeMap<i32, Bytes>) {
    tagged_fields.insert(OLDER_CLIENT_TAG, Bytes::new());
}
