//! What a producer's records look like and when they are made, beyond a rate and a number of keys.

use std::sync::Arc;

use crate::ids::PartitionIndex;
use crate::producer::keys::KeyDistribution;
use crate::producer::pace::{Pace, Pause};
use crate::producer::template::Template;
use crate::time::Span;

/// What a producer's records look like and when they are made. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// How their due times lie.
    pub pace: Pace,
    /// When the application rests.
    pub pause: Option<Pause>,
    /// How long after its start it makes no more.
    pub until: Option<Span>,
    /// How often each made-up key comes.
    pub key_distribution: KeyDistribution,
    /// What the first made-up key is called, if not `k0`.
    pub hot_key: Option<Arc<str>>,
    /// What keys are made of; `{key}` in it is the made-up one.
    pub key: Option<Template>,
    /// What values are made of.
    pub value: Option<Template>,
    /// How long a made-up value is at most, if lengths vary; at least it is `value_bytes` of the source.
    pub most_value_bytes: Option<u32>,
    /// The headers of each record.
    pub headers: Arc<[(Arc<str>, Template)]>,
    /// Each how-manieth record has no value.
    pub tombstone_every: Option<u64>,
    /// How far before its making a record's timestamp lies at most.
    pub out_of_order: Span,
    /// The partition that the application names.
    pub partition: Option<PartitionIndex>,
}
