//! Client quotas (KIP-13, KIP-124, KIP-219, KIP-546, KIP-599): whom they limit, and by how much.
//!
//! A quota is a double in Kafka: its own schema says so. This file and `bucket.rs` are the only ones of the engine that
//! compute with floating point, and they add, subtract, multiply, divide and compare only, which every machine does alike.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub(crate) mod bucket;
pub mod cost;
pub mod event;

/// Who is limited: a user, a client id, both together, or an address. `ClientQuotaEntity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaEntity {
    /// The user, as the broker knows it; whoever does not say who they are is `ANONYMOUS`.
    pub user: Option<EntityName>,
    /// The `client.id`.
    pub client_id: Option<EntityName>,
    /// The address.
    pub ip: Option<EntityName>,
}

/// One of a kind, or all that no other quota of that kind names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntityName {
    /// All others.
    Default,
    /// This one.
    Named(Arc<str>),
}

impl EntityName {
    /// As the protocol has it: a default has no name.
    pub fn from_nullable(name: Option<&str>) -> Self {
        name.map_or(Self::Default, |name| Self::Named(name.into()))
    }

    /// As the protocol has it: a default has no name.
    pub fn to_nullable(&self) -> Option<&Arc<str>> {
        match self {
            Self::Default => None,
            Self::Named(name) => Some(name),
        }
    }
}

/// The kinds of entities, as the protocol names them, in Kafka's order.
pub const ENTITY_TYPES: [&str; 3] = ["user", "client-id", "ip"];

impl QuotaEntity {
    /// The part of that kind; none for a kind that is not known.
    pub fn part(&self, kind: &str) -> Option<&EntityName> {
        match kind {
            "user" => self.user.as_ref(),
            "client-id" => self.client_id.as_ref(),
            "ip" => self.ip.as_ref(),
            _ => None,
        }
    }

    /// The place of the part of that kind; none for a kind that is not known.
    pub fn part_mut(&mut self, kind: &str) -> Option<&mut Option<EntityName>> {
        match kind {
            "user" => Some(&mut self.user),
            "client-id" => Some(&mut self.client_id),
            "ip" => Some(&mut self.ip),
            _ => None,
        }
    }

    /// Its parts, with their kinds.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &EntityName)> {
        ENTITY_TYPES.into_iter().filter_map(|kind| Some((kind, self.part(kind)?)))
    }
}

impl fmt::Display for QuotaEntity {
    /// As `kafka-configs.sh` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (kind, name)) in self.parts().enumerate() {
            let kind = if kind == "user" { "user-principal" } else { kind };
            let comma = if place > 0 { ", " } else { "" };
            match name {
                EntityName::Default => write!(f, "{comma}the default {kind}")?,
                EntityName::Named(name) => write!(f, "{comma}{kind} '{name}'")?,
            }
        }
        Ok(())
    }
}

/// Who is measured together: all of the same user, of the same client id, or of both.
pub type Metered = (Option<Arc<str>>, Option<Arc<str>>);

/// The quota that a client comes under.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Whose quota it is.
    pub entity: QuotaEntity,
    /// Who is measured together under it.
    pub metered: Metered,
    /// What it allows.
    pub value: QuotaValue,
}

/// The quota of that setting for a user and its client id, if there is any; `quotas_of` knows those that were given.
pub fn limit<'a>(
    user: &Arc<str>,
    client_id: &Arc<str>,
    key: &str,
    quotas_of: impl Fn(&QuotaEntity) -> Option<&'a Quotas>,
) -> Option<Limit> {
    levels(user, client_id).into_iter().find_map(|(entity, metered)| {
        let value = *quotas_of(&entity)?.get(key)?;
        Some(Limit { entity, metered, value })
    })
}

/// Whose quotas a user's client id may come under, the most specific first: those that name its user, those of the default
/// user, then those of client ids alone. With each, who is measured together under it. `DefaultQuotaCallback.quotaLimit`.
fn levels(user: &Arc<str>, client_id: &Arc<str>) -> [(QuotaEntity, Metered); 8] {
    let named = |name: &Arc<str>| Some(EntityName::Named(name.clone()));
    let default = || Some(EntityName::Default);
    let of_both = || (Some(user.clone()), Some(client_id.clone()));
    let of_user = || (Some(user.clone()), None);
    let of_client = || (None, Some(client_id.clone()));
    let entity = |user, client_id| QuotaEntity { user, client_id, ip: None };
    [
        (entity(named(user), named(client_id)), of_both()),
        (entity(named(user), default()), of_both()),
        (entity(named(user), None), of_user()),
        (entity(default(), named(client_id)), of_both()),
        (entity(default(), default()), of_both()),
        (entity(default(), None), of_user()),
        (entity(None, named(client_id)), of_client()),
        (entity(None, default()), of_client()),
    ]
}

/// What is limited on a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuotaKind {
    /// The bytes of Produce requests: `producer_byte_rate`.
    Produce,
    /// The bytes of Fetch and ShareFetch responses: `consumer_byte_rate`.
    Fetch,
    /// The time for which its requests keep threads busy: `request_percentage`, of which 100 is one thread's whole time.
    Request,
    /// The partitions that it has created and deleted, counted by the controller: `controller_mutation_rate`.
    ControllerMutation,
}

impl QuotaKind {
    /// The setting's name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Produce => "producer_byte_rate",
            Self::Fetch => "consumer_byte_rate",
            Self::Request => "request_percentage",
            Self::ControllerMutation => "controller_mutation_rate",
        }
    }

    /// How much of what is counted one unit of the quota is: bytes, partitions, or nanoseconds of a thread in a percent of a second
    /// (`ClientRequestQuotaManager.nanosToPercentage`).
    fn counted_in_unit(self) -> f64 {
        match self {
            Self::Produce | Self::Fetch | Self::ControllerMutation => 1.0,
            Self::Request => 1e7,
        }
    }

    /// The longest that a client is told to wait, if there is such a limit: for quotas of time
    /// `quota.window.size.seconds`.
    fn longest_wait_ms(self) -> Option<u32> {
        match self {
            Self::Produce | Self::Fetch | Self::ControllerMutation => None,
            Self::Request => Some(1_000),
        }
    }
}

/// All settings of quotas: those of users and client ids, and that of addresses.
pub const QUOTA_KEYS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
/// `connection_creation_rate`, of addresses.
pub const IP_QUOTA_KEYS: [&str; 1] = ["connection_creation_rate"];

/// The quotas of an entity, by setting.
pub type Quotas = BTreeMap<Arc<str>, QuotaValue>;

/// The value of a quota, such as bytes in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct QuotaValue(f64);

impl QuotaValue {
    /// The value that the protocol says.
    pub fn new(value: f64) -> Self {
        Self(value)
    }

    /// The value as the protocol says it.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The value as text has it, such as `1024` or `0.5`.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self)
    }

    pub(crate) fn from_bits(bits: i64) -> Self {
        Self(f64::from_bits(bits.cast_unsigned()))
    }

    pub(crate) fn to_bits(self) -> i64 {
        self.0.to_bits().cast_signed()
    }

    /// Why it cannot be the value of that setting, if it cannot. `ClientQuotaControlManager.validateQuotaKeyValue`.
    pub fn refusal(self, key: &str) -> Option<String> {
        const NEAR: f64 = 1e-6;
        if self.0 <= 0.0 {
            return Some(format!("Quota {key} must be greater than 0"));
        }
        // Byte rates are whole numbers of 64 bits, connections of 32; percentages and rates of changes are doubles.
        let (most, name) = match key {
            "producer_byte_rate" | "consumer_byte_rate" => (i64::MAX as f64, "a LONG"),
            "connection_creation_rate" => (f64::from(i32::MAX), "an INT"),
            _ => return None,
        };
        if self.0 > most {
            return Some(format!("Proposed value for {key} is too large for {name}."));
        }
        let fraction = self.0 - (self.0 as i64) as f64;
        (fraction > NEAR).then(|| format!("{key} cannot be a fractional value."))
    }

    /// In whole bytes a second, rounded down.
    pub fn bytes_per_second(self) -> u64 {
        self.0 as u64
    }

    /// How long a client is to be silent that has had so much in a window of time: until the rate is what it may be, if
    /// nothing more comes. None if it is within its quota. `QuotaUtils.throttleTime`, `boundedThrottleTime`.
    pub(crate) fn throttle_ms(self, kind: QuotaKind, counted: i64, window_ms: u64) -> Option<u32> {
        let window = window_ms as f64;
        let rate = counted as f64 / kind.counted_in_unit() / (window / 1_000.0);
        if rate <= self.0 {
            return None;
        }
        let wait = (rate - self.0) / self.0 * window + 0.5;
        // Kafka's own integer has 32 bits; a wait that does not fit cannot come of a quota that it takes.
        let fits = wait < f64::from(i32::MAX);
        let wait = match kind.longest_wait_ms() {
            Some(longest) if wait > f64::from(longest) => Some(longest),
            _ => fits.then_some(wait as u32),
        };
        wait.filter(|wait| *wait > 0)
    }
}

impl fmt::Display for QuotaValue {
    /// As Java prints a double.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = if self.0 < 0.0 { -self.0 } else { self.0 };
        if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
            return write!(f, "{:?}", self.0);
        }
        let text = format!("{:E}", self.0);
        match text.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => write!(f, "{digits}.0E{exponent}"),
            _ => f.write_str(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> QuotaValue {
        QuotaValue::parse(text).expect("it is a number")
    }

    #[test]
    fn the_wait_is_until_the_rate_is_within_the_quota() {
        // As Kafka's ClientQuotaManagerTest has it: 600 bytes beyond a quota of 500 B/s are made good in 2,1 s.
        let quota = value("500");
        let wait = |bytes| quota.throttle_ms(QuotaKind::Produce, bytes, 10_500);
        assert_eq!(wait(10 * 400), None);
        assert_eq!(wait(10 * 400 + 2_300), Some(2_100));
        assert_eq!(wait(5_250), None, "exactly the quota is within it");
    }

    #[test]
    fn the_wait_for_time_of_threads_is_a_window_at_the_most() {
        // As ClientQuotaManagerTest.testRequestPercentageQuotaViolation has it: 1 % of one thread, windows of 1 s.
        let quota = value("1");
        let wait =
            |millis: i64, window| quota.throttle_ms(QuotaKind::Request, millis * 1_000_000, window);
        assert_eq!(wait(40, 10_500), None);
        // 0.105 s of 10.5 s are one percent; 0.00525 s more take another 0.525 s.
        assert_eq!(wait(105, 10_500), None, "exactly the quota is within it");
        let quota_of_110_25 = quota.throttle_ms(QuotaKind::Request, 110_250_000, 10_500);
        assert_eq!(quota_of_110_25, Some(525));
        assert_eq!(wait(200, 10_500), Some(1_000));
    }

    #[test]
    fn values_are_printed_as_java_prints_doubles() {
        let all = ["1024", "0.5", "1048576", "10000000", "12345678", "0.0001", "0", "-2"];
        let said = all.map(|text| value(text).to_string());
        let java = ["1024.0", "0.5", "1048576.0", "1.0E7", "1.2345678E7", "1.0E-4", "0.0", "-2.0"];
        assert_eq!(said, java);
    }

    #[test]
    fn values_that_cannot_be_are_refused_in_kafkas_words() {
        let check = |key: &str, text: &str, expected: Option<&str>| {
            assert_eq!(value(text).refusal(key).as_deref(), expected, "{key}={text}");
        };
        check("producer_byte_rate", "1", None);
        check("producer_byte_rate", "0", Some("Quota producer_byte_rate must be greater than 0"));
        check("request_percentage", "-1", Some("Quota request_percentage must be greater than 0"));
        check("request_percentage", "0.5", None);
        check(
            "consumer_byte_rate",
            "0.5",
            Some("consumer_byte_rate cannot be a fractional value."),
        );
        check(
            "consumer_byte_rate",
            "1e19",
            Some("Proposed value for consumer_byte_rate is too large for a LONG."),
        );
        check(
            "connection_creation_rate",
            "3e9",
            Some("Proposed value for connection_creation_rate is too large for an INT."),
        );
    }

    #[test]
    fn an_entity_is_said_as_the_tool_says_it() {
        let named = |name: &str| Some(EntityName::Named(name.into()));
        let check = |user, client_id, said: &str| {
            assert_eq!(QuotaEntity { user, client_id, ip: None }.to_string(), said);
        };
        check(None, named("a"), "client-id 'a'");
        check(Some(EntityName::Default), None, "the default user-principal");
        check(named("u"), Some(EntityName::Default), "user-principal 'u', the default client-id");
    }
}
