//! The messages that can be seen flying.
//!
//! A message takes about a millisecond of virtual time, much less than a frame of the screen at full
//! speed. So each is shown for a while at least: its mark moves as virtual time says, but never faster
//! than an eye can follow. When time stands still, it stands where it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::ids::{BrokerId, MessageId, NodeId, TopicPartition};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::time::Time;
use highwater_cluster::world::World;
use highwater_scenario::causes::Causes;

/// The milliseconds for which a message is to be seen at least.
const SHORTEST_MS: f64 = 480.0;

/// The milliseconds in which a lost message fades.
const FADE_MS: f64 = 420.0;

/// The milliseconds that lie between two messages of the same kind on the same way, at least: closer
/// ones could not be told apart, and are seen as one.
const APART_MS: f64 = 60.0;

/// The messages shown at once. So many are drawn within a frame; what is sent beyond them is not seen flying.
const MOST: usize = 6_000;

/// From so many on they take a good part of a frame.
const MANY: usize = 2_000;

/// The shape of a message in flight. `web/marks.js` knows them by their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A produce request: a filled square.
    Produce,
    /// A fetch: a hollow diamond.
    Fetch,
    /// Any other request: a small filled square.
    Request,
    /// A response: a ring.
    Response,
    /// A response that refuses: a cross.
    Refusal,
}

/// A message in flight.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Which message it is.
    pub message: MessageId,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// Its shape.
    pub mark: Mark,
    /// Whether it brings records: a produce request, or the response to a fetch.
    pub carries_records: bool,
    /// Whether it is drawn, kept by the painter.
    pub is_shown: bool,
    /// Whether it is about the cluster's own affairs: heartbeats, metadata.
    pub is_quiet: bool,
    /// The partition that it is about, as far as is known.
    pub partition: Option<TopicPartition>,
    /// How much of its way is shown: 0 to 1.
    pub shown: f64,
    /// How much of a lost message is left: 1 to 0.
    pub strength: f64,
    /// Where it is drawn, kept by the painter: points with the length of the way up to each.
    pub path: Option<Arc<[(f64, f64, f64)]>>,
    /// The piece of it where it was drawn last, kept by the painter.
    pub piece: u16,
    sent_at: Time,
    deliver_at: Time,
    is_lost: bool,
    is_looked_at: bool,
}

/// All messages that can be seen flying.
#[derive(Clone, Debug, Default)]
pub struct Flights {
    /// In the order in which they were sent, which is that of their ids.
    all: Vec<Flight>,
    /// The real time that has passed, in milliseconds.
    clock_ms: f64,
    /// When a mark of a kind was last sent on its way.
    last_begun: BTreeMap<(NodeId, NodeId, Mark), f64>,
    refused: Option<(BrokerId, NodeId)>,
    /// The partitions of the last produce and fetch between two nodes. At full speed most messages
    /// have arrived before they are looked at: they are taken to be about the same.
    last_about: BTreeMap<Way, Vec<TopicPartition>>,
}

/// Who sends what, by the number of its API, to whom.
type Way = (NodeId, NodeId, i16, bool);

impl Flights {
    /// The messages, the oldest first.
    pub fn all_mut(&mut self) -> &mut [Flight] {
        &mut self.all
    }

    /// Whether there are so many that to draw them takes a good part of a frame.
    pub fn are_many(&self) -> bool {
        self.all.len() > MANY
    }

    /// Takes in what happened to a message.
    pub fn observe(&mut self, event: &Event, causes: &Causes) {
        match &event.kind {
            EventKind::MessageSent { message, from, to, api, is_response, deliver_at, .. } => {
                let is_refusal = *is_response
                    && self
                        .refused
                        .take_if(|refused| NodeId::Broker(refused.0) == *from && refused.1 == *to)
                        .is_some();
                let way = (*from, *to, *api as i16, *is_response);
                self.add(Flight {
                    message: *message,
                    from: *from,
                    to: *to,
                    mark: mark(*api, *is_response, is_refusal),
                    carries_records: matches!(
                        (*api, *is_response),
                        (ApiKey::Produce, false) | (ApiKey::Fetch, true)
                    ),
                    is_shown: true,
                    is_quiet: is_quiet(*api, *from, *to),
                    partition: self.usual_partition(way, *message),
                    shown: 0.0,
                    strength: 1.0,
                    path: None,
                    piece: 0,
                    sent_at: event.at,
                    deliver_at: *deliver_at,
                    is_lost: false,
                    is_looked_at: false,
                });
            }
            EventKind::MessageDropped { message, .. } => {
                if let Some(flight) = self.flight(*message) {
                    flight.is_lost = true;
                }
            }
            EventKind::ProduceRefused { broker, partition, client, .. } => {
                self.refused = Some((*broker, *client));
                self.name_partition(event, causes, partition);
            }
            EventKind::BatchAppended { partition, .. } => {
                self.name_partition(event, causes, partition)
            }
            _ => {}
        }
    }

    /// Looks once at each message that is under way, for what no event tells: what it is about, and whether it refuses.
    pub fn look(&mut self, world: &World) {
        for flight in self.all.iter_mut().filter(|flight| !flight.is_looked_at) {
            flight.is_looked_at = true;
            let Some(view) = world.message_view(flight.message) else { continue };
            if view.is_refusal {
                flight.mark = Mark::Refusal;
            }
            let Some(partition) = one_of(&view.partitions, view.id) else { continue };
            // What is half-way already keeps to its way.
            if flight.shown == 0.0 && flight.partition.as_ref() != Some(partition) {
                flight.partition = Some(partition.clone());
                flight.path = None;
            }
            let way = (view.from, view.to, view.api as i16, view.is_response);
            self.last_about.insert(way, view.partitions);
        }
    }

    /// Moves the marks on by so many milliseconds of real time. True if any is still to move though
    /// virtual time stands.
    pub fn animate(&mut self, elapsed_ms: f64, now: Time) -> bool {
        let mut is_moving = false;
        self.clock_ms += elapsed_ms;
        for flight in &mut self.all {
            let whole = flight.deliver_at.since(flight.sent_at).0.max(1) as f64;
            let due = (now.since(flight.sent_at).0 as f64 / whole).min(1.0);
            let end = if flight.is_lost { 0.6 } else { 1.0 };
            flight.shown = due.min(end).min(flight.shown + elapsed_ms / SHORTEST_MS);
            if flight.is_lost && flight.shown >= end {
                flight.strength -= elapsed_ms / FADE_MS;
            }
            is_moving |= flight.shown < due.min(end) || (flight.is_lost && flight.strength > 0.0);
        }
        self.all.retain(|flight| flight.shown < 1.0 && flight.strength > 0.0);
        is_moving || self.all.iter().any(|flight| flight.shown == 0.0)
    }

    /// Lets nothing be seen.
    pub fn clear(&mut self) {
        self.all.clear();
        self.last_begun.clear();
    }

    /// Has all ways found anew: the stage has changed.
    pub fn forget_paths(&mut self) {
        for flight in &mut self.all {
            flight.path = None;
        }
    }

    fn add(&mut self, flight: Flight) {
        let now = self.clock_ms;
        if self.all.len() >= MOST {
            return;
        }
        let begun = self.last_begun.entry((flight.from, flight.to, flight.mark));
        let begun = begun.or_insert(f64::NEG_INFINITY);
        if now - *begun >= APART_MS {
            *begun = now;
            self.all.push(flight);
        }
    }

    fn usual_partition(&self, way: Way, message: MessageId) -> Option<TopicPartition> {
        self.last_about.get(&way).and_then(|partitions| one_of(partitions, message)).cloned()
    }

    fn flight(&mut self, message: MessageId) -> Option<&mut Flight> {
        let index = self.all.binary_search_by_key(&message, |flight| flight.message).ok()?;
        self.all.get_mut(index)
    }

    /// What a message led to tells which partition it was about.
    fn name_partition(&mut self, event: &Event, causes: &Causes, partition: &TopicPartition) {
        let Cause::Event(cause) = event.cause else { return };
        let Some(EventKind::MessageDelivered { message, .. }) =
            causes.event(cause).map(|event| &event.kind)
        else {
            return;
        };
        if let Some(flight) = self.flight(*message)
            && (flight.partition.is_none() || flight.shown == 0.0)
        {
            flight.partition = Some(partition.clone());
            flight.path = None;
        }
    }
}

/// One of the partitions that a message is about: another for the next one, so that all are seen.
fn one_of(partitions: &[TopicPartition], message: MessageId) -> Option<&TopicPartition> {
    let count = u64::try_from(partitions.len()).ok().filter(|count| *count > 0)?;
    partitions.get(usize::try_from(message.0 % count).ok()?)
}

fn mark(api: ApiKey, is_response: bool, is_refusal: bool) -> Mark {
    match (is_response, api) {
        (true, _) if is_refusal => Mark::Refusal,
        (true, _) => Mark::Response,
        (false, ApiKey::Produce) => Mark::Produce,
        (false, ApiKey::Fetch) => Mark::Fetch,
        (false, _) => Mark::Request,
    }
}

fn is_quiet(api: ApiKey, from: NodeId, to: NodeId) -> bool {
    let is_control = matches!(from, NodeId::Controller(_)) || matches!(to, NodeId::Controller(_));
    is_control || matches!(api, ApiKey::ApiVersions | ApiKey::Metadata | ApiKey::Heartbeat)
}
