//! What stands at the head of a script: versions, seed, start, cluster, settings.

use std::fmt;

use super::{Micros, StartTime};

/// The version of the format that this code reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// The whole header, with defaults for what the script leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The engine that the scenario was made with; `None` if the script does not say. Another engine may play it
    /// differently.
    pub engine: Option<EngineVersion>,
    /// What all randomness comes from; 0 if the script does not say.
    pub seed: u64,
    /// The wall time at virtual time zero.
    pub start: StartTime,
    /// How many nodes there are and how they stand.
    pub cluster: Cluster,
    /// Settings of brokers, in the order of the script.
    pub configs: Vec<Config>,
}

/// A version of the engine, `0.1.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineVersion {
    /// Changes when scenarios may play differently.
    pub major: u32,
    /// While `major` is 0, as `major`.
    pub minor: u32,
    /// Scenarios play the same.
    pub patch: u32,
}

impl EngineVersion {
    /// Reads `0.1.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        });
        let version = Self { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for EngineVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The nodes that the cluster starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// How many brokers, 1 to 12; their ids count from 1.
    pub brokers: u8,
    /// How many controllers, 1 to 5.
    pub controllers: u8,
    /// Whether the first brokers are the controllers too, rather than nodes of their own. There are no more
    /// controllers than brokers then.
    pub combined: bool,
    /// The racks of the brokers in turn, from the first again when they run out; none if empty. At most one per broker.
    pub racks: Vec<String>,
    /// How long a message takes between two nodes; the engine's default if `None`.
    pub latency: Option<Micros>,
    /// How long the remote store of tiered storage takes to answer; the engine's default if `None`.
    pub store_latency: Option<Micros>,
    /// How many bytes it sends or takes in a second, at least one; the engine's default if `None`.
    pub store_bandwidth: Option<u64>,
    /// The level of the feature `transaction.version`, 1 or 2.
    pub transaction_version: u8,
}

impl Cluster {
    /// The most brokers that a script may ask for.
    pub const MOST_BROKERS: u8 = 12;
    /// The most controllers that a script may ask for.
    pub const MOST_CONTROLLERS: u8 = 5;
    /// The highest level of the feature `transaction.version`, with which Kafka 4 starts.
    pub const LATEST_TRANSACTION_VERSION: u8 = 2;
}

impl Default for Cluster {
    /// Three brokers, one controller, no racks.
    fn default() -> Self {
        Self {
            brokers: 3,
            controllers: 1,
            combined: false,
            racks: Vec::new(),
            latency: None,
            store_latency: None,
            store_bandwidth: None,
            transaction_version: Self::LATEST_TRANSACTION_VERSION,
        }
    }
}

/// A setting that brokers start with, `replica.lag.time.max.ms=10000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which brokers it holds for.
    pub target: ConfigTarget,
    /// Its name in Kafka. Whether there is such a setting, the engine says.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// Which brokers a setting holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigTarget {
    /// `*`
    EveryBroker,
    /// The broker with this id; it overrides `*`.
    Broker(u32),
}

/// One line of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderLine {
    /// `highwater 1`
    Format,
    /// `engine 0.1.0`
    Engine(EngineVersion),
    /// `seed 42`
    Seed(u64),
    /// `start 2026-01-05T09:00:00Z`
    Start(StartTime),
    /// `cluster --brokers 3`
    Cluster(Cluster),
    /// `config 2 replica.lag.time.max.ms=10000`
    Config(Config),
}

impl HeaderLine {
    /// The word that the line begins with.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Format => "highwater",
            Self::Engine(_) => "engine",
            Self::Seed(_) => "seed",
            Self::Start(_) => "start",
            Self::Cluster(_) => "cluster",
            Self::Config(_) => "config",
        }
    }
}

impl Header {
    /// Takes over what a line says.
    pub(super) fn apply(&mut self, line: &HeaderLine) {
        match line {
            HeaderLine::Format => {}
            HeaderLine::Engine(version) => self.engine = Some(*version),
            HeaderLine::Seed(seed) => self.seed = *seed,
            HeaderLine::Start(start) => self.start = *start,
            HeaderLine::Cluster(cluster) => self.cluster = cluster.clone(),
            HeaderLine::Config(config) => self.configs.push(config.clone()),
        }
    }

    /// The lines that say the same, in the usual order. The start is left out when it is the default.
    pub(super) fn lines(&self) -> Vec<HeaderLine> {
        let mut lines = vec![HeaderLine::Format];
        lines.extend(self.engine.map(HeaderLine::Engine));
        lines.push(HeaderLine::Seed(self.seed));
        if self.start != StartTime::default() {
            lines.push(HeaderLine::Start(self.start));
        }
        lines.push(HeaderLine::Cluster(self.cluster.clone()));
        lines.extend(self.configs.iter().cloned().map(HeaderLine::Config));
        lines
    }
}
