//! Faults that a person injects: into processes, disks, clocks, links and single requests. Each acts
//! on the mechanism that it names; what the cluster makes of it is the cluster's doing.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::ApiKey;

use crate::ids::{BrokerId, GroupId, NodeId, TopicPartition};
use crate::time::Span;

mod event;
mod scripted;

pub use event::FaultEvent;
pub use scripted::{SCRIPTED_APIS, ScriptedApi, find_error};

/// A fault, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A broker's machine loses power: its process ends, and what its logs had not flushed is gone.
    PowerLoss(BrokerId),
    /// A broker's process stands still, as in a long garbage collection; for a time, or until
    /// [`Fault::Resume`]. Its timers do not fire, and what arrives waits.
    Pause { broker: BrokerId, length: Option<Span> },
    /// A paused process goes on.
    Resume(BrokerId),
    /// Each append to a broker's disk takes this long; zero undoes it.
    SlowDisk { broker: BrokerId, append: Span },
    /// A broker's disk takes no more bytes.
    FullDisk(BrokerId),
    /// There is room on the disk again.
    FreeDisk(BrokerId),
    /// A broker's wall clock is off by this much from here on; zero sets it right.
    Clock { broker: BrokerId, skew_ms: i64 },
    /// A fault of the network.
    Link(LinkFault),
    /// A broker answers requests of a kind as told, the next so many times.
    Script { broker: BrokerId, scripted: Scripted },
    /// The remote store answers nobody, or answers again (KIP-405).
    RemoteStore { has_failed: bool },
    /// No broker's Metadata answers list this broker; it runs all the same.
    Hide(BrokerId),
    /// Metadata answers list the broker again.
    Show(BrokerId),
    /// The active controller makes a replica the leader. Outside the ISR only if `unclean`.
    Elect { partition: TopicPartition, leader: BrokerId, unclean: bool },
    /// The active controller makes a broker the leader of the partition of `__consumer_offsets`
    /// that holds a group, and so its coordinator.
    MoveCoordinator { group: GroupId, to: BrokerId },
}

/// A fault of the network, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// Messages between two nodes take longer by this much, either way; zero undoes it.
    Latency { a: NodeId, b: NodeId, added: Span },
    /// Of what two nodes send each other, the network loses so much, and TCP sends it again.
    Loss { a: NodeId, b: NodeId, percent: u32 },
    /// So often, the connection breaks after a request was handled and before its answer arrives.
    LoseAnswers { a: NodeId, b: NodeId, percent: u32 },
    /// Nothing passes from one node to another; the other way stays open.
    CutOneWay { from: NodeId, to: NodeId },
    /// Nothing passes between nodes of different groups.
    Partition(Vec<Vec<NodeId>>),
    /// Every link is as it was made.
    HealAll,
}

/// What a broker does with the next requests of a kind, instead of what it would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripted {
    /// Which requests.
    pub api: ApiKey,
    /// The error that they are answered with; none closes the connection without an answer.
    pub error: Option<ResponseError>,
    /// How many of them.
    pub times: u32,
    /// How long the answer is held back.
    pub delay: Span,
}

/// What can be seen of a broker's disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskView {
    /// How long each append takes.
    pub append: Span,
    /// Whether it takes no more bytes.
    pub is_full: bool,
    /// Requests and fetched records that wait for appends before theirs.
    pub waiting: u32,
}

/// What is wrong with the way from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// Who sends.
    pub from: NodeId,
    /// Who receives.
    pub to: NodeId,
    /// By how much each message is late.
    pub added_latency: Span,
    /// How much of what is sent is lost at first, in percent.
    pub loss_percent: u32,
    /// How many answers never arrive because the connection breaks, in percent.
    pub lost_answers_percent: u32,
    /// Whether nothing passes this way.
    pub is_cut: bool,
}
