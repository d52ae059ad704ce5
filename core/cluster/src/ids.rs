//! Names and numbers of the cluster, each a type of its own, so that none is taken for another.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A newtype over an integer, printed as the integer.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// A newtype over a shared string, printed as the string.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub Arc<str>);

        // Most names that are compared are one and the same, shared: that is seen without reading them. For equality `Arc`
        // does so by itself.
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if Arc::ptr_eq(&self.0, &other.0) {
                    return Ordering::Equal;
                }
                self.0.cmp(&other.0)
            }
        }

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A broker's `node.id`.
    BrokerId(i32)
);
number!(
    /// A controller's `node.id`. No broker has the same one.
    ControllerId(i32)
);
number!(
    /// The ordinal of a client in this world: producers, consumers and commands alike.
    ClientId(u32)
);
number!(
    /// The index of a partition within its topic.
    PartitionIndex(i32)
);
number!(
    /// The version of a partition's registration, one higher with each change (KIP-497).
    PartitionEpoch(i32)
);
number!(
    /// The epoch in which one controller is active.
    ControllerEpoch(i32)
);
number!(
    /// The epoch of a broker's registration: the offset of its record in the metadata log (KIP-631).
    BrokerEpoch(i64)
);
number!(
    /// The number by which a client finds the response to its request.
    CorrelationId(i32)
);
number!(
    /// The generation of a consumer group, one higher with each rebalance.
    Generation(i32)
);
number!(
    /// The ordinal of an entry in the scenario: what a person did.
    EntryId(u32)
);
number!(
    /// The ordinal of an event in a run.
    EventId(u64)
);
number!(
    /// The ordinal of a message in a run.
    MessageId(u64)
);
number!(
    /// The ordinal of a timer in a run.
    TimerId(u64)
);
name!(
    /// The name of a topic.
    TopicName
);
name!(
    /// A consumer group's `group.id`.
    GroupId
);
name!(
    /// A producer's `transactional.id`.
    TransactionalId
);
name!(
    /// The id that the coordinator gave to a member of a group.
    MemberId
);
name!(
    /// The name of a terminal, on which one foreground command runs at a time.
    TerminalName
);

impl Generation {
    /// No generation.
    pub const NONE: Self = Self(-1);
}

/// The 128 bits that tell a topic from an earlier one of the same name (KIP-516).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub u128);

impl TopicId {
    /// No topic.
    pub const ZERO: Self = Self(0);
}

impl fmt::Display for TopicId {
    /// As Kafka prints it: URL-safe base64 of the 16 bytes, without padding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        // 128 bits are 21 digits of 6 bits, and 2 bits left, at the top of the last digit.
        for place in 0..21 {
            let digit = (self.0 >> (122 - 6 * place)) & 63;
            write!(f, "{}", DIGITS[digit as usize] as char)?;
        }
        write!(f, "{}", DIGITS[((self.0 & 3) << 4) as usize] as char)
    }
}

/// One partition of one topic, printed as Kafka prints it: `orders-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: PartitionIndex,
}

impl TopicPartition {
    /// The partition `partition` of `topic`.
    pub fn new(topic: &TopicName, partition: i32) -> Self {
        Self { topic: topic.clone(), partition: PartitionIndex(partition) }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Whoever sends and receives messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// A KRaft controller.
    Controller(ControllerId),
    /// A broker.
    Broker(BrokerId),
    /// A producer, a consumer, or a command.
    Client(ClientId),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeId::Controller(id) => write!(f, "controller {id}"),
            NodeId::Broker(id) => write!(f, "broker {id}"),
            NodeId::Client(id) => write!(f, "client {id}"),
        }
    }
}

/// Integers separated by commas, as in a trace line: `[1,2,3]`.
pub(crate) struct List<'a, T>(pub &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            item.fmt(f)?;
        }
        f.write_str("]")
    }
}
