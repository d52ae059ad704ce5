//! The messages that can be seen flying.
//!
//! A message takes about a millisecond of virtual time, much less than a frame of the screen at full
//! speed. So each is shown for a while at least: its mark moves as virtual time says, but never faster
//! than an eye can follow. When time stands still, it stands where it is.

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::ids::{BrokerId, MessageId, NodeId, TopicPartition};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::time::Time;
use highwater_cluster::view::MessageView;
use highwater_scenario::causes::Causes;

/// The milliseconds for which a message is to be seen at least.
const SHORTEST_MS: f64 = 480.0;

/// The milliseconds in which a lost message fades.
const FADE_MS: f64 = 420.0;

/// The milliseconds that lie between two messages of the same kind on the same way, at least: closer
/// ones could not be told apart, and are seen as one.
const APART_MS: f64 = 60.0;

/// The messages shown at once. More could not be told apart.
const MOST: usize = 240;

/// The shape of a message in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Whether it is about the cluster's own affairs: heartbeats, metadata.
    pub is_quiet: bool,
    /// The partition that it is about, as far as is known.
    pub partition: Option<TopicPartition>,
    /// How much of its way is shown: 0 to 1.
    pub shown: f64,
    /// How much of a lost message is left: 1 to 0.
    pub strength: f64,
    /// Where it is drawn, kept by the painter: points with the length of the way up to each.
    pub path: Vec<(f64, f64, f64)>,
    age_ms: f64,
    sent_at: Time,
    deliver_at: Time,
    is_lost: bool,
}

/// All messages that can be seen flying.
#[derive(Clone, Debug, Default)]
pub struct Flights {
    all: Vec<Flight>,
    refused: Option<(BrokerId, NodeId)>,
    /// The partitions of the last produce and fetch between two nodes. At full speed most messages
    /// have arrived before they are looked at: they are taken to be about the same.
    last_about: Vec<(Way, Vec<TopicPartition>)>,
}

/// Who sends what to whom.
type Way = (NodeId, NodeId, ApiKey, bool);

impl Flights {
    /// The messages, the oldest first.
    pub fn all_mut(&mut self) -> &mut [Flight] {
        &mut self.all
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
                let way = (*from, *to, *api, *is_response);
                self.add(Flight {
                    message: *message,
                    from: *from,
                    to: *to,
                    mark: mark(*api, *is_response, is_refusal),
                    is_quiet: is_quiet(*api, *from, *to),
                    partition: self.usual_partition(way, *message),
                    shown: 0.0,
                    strength: 1.0,
                    path: Vec::new(),
                    age_ms: 0.0,
                    sent_at: event.at,
                    deliver_at: *deliver_at,
                    is_lost: false,
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

    /// Takes over what a view says of the messages that are under way.
    pub fn look(&mut self, views: &[MessageView]) {
        for view in views.iter().filter(|view| !view.partitions.is_empty()) {
            let way = (view.from, view.to, view.api, view.is_response);
            self.last_about.retain(|(known, _)| *known != way);
            self.last_about.push((way, view.partitions.clone()));
        }
        for flight in &mut self.all {
            let Ok(index) = views.binary_search_by_key(&flight.message, |view| view.id) else {
                continue;
            };
            let view = &views[index];
            let partition = one_of(&view.partitions, view.id);
            // What is half-way already keeps to its way.
            if partition.is_some() && flight.shown == 0.0 && flight.partition != partition {
                flight.partition = partition;
                flight.path.clear();
            }
            if view.is_refusal {
                flight.mark = Mark::Refusal;
            }
        }
    }

    /// Moves the marks on by so many milliseconds of real time. True if any is still to move though
    /// virtual time stands.
    pub fn animate(&mut self, elapsed_ms: f64, now: Time) -> bool {
        let mut is_moving = false;
        for flight in &mut self.all {
            flight.age_ms += elapsed_ms;
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
    }

    /// Has all ways found anew: the stage has changed.
    pub fn forget_paths(&mut self) {
        for flight in &mut self.all {
            flight.path.clear();
        }
    }

    fn add(&mut self, flight: Flight) {
        let is_like = |other: &Flight| {
            (other.from, other.to, other.mark) == (flight.from, flight.to, flight.mark)
        };
        if self.all.iter().rev().any(|other| is_like(other) && other.age_ms < APART_MS) {
            return;
        }
        if self.all.len() >= MOST {
            // Others say more than heartbeats.
            let victim = self.all.iter().position(|other| other.is_quiet);
            match victim {
                Some(index) if !flight.is_quiet => {
                    self.all.remove(index);
                }
                _ => return,
            }
        }
        self.all.push(flight);
    }

    fn usual_partition(&self, way: Way, message: MessageId) -> Option<TopicPartition> {
        let known = self.last_about.iter().find(|(known, _)| *known == way);
        known.and_then(|(_, partitions)| one_of(partitions, message))
    }

    fn flight(&mut self, message: MessageId) -> Option<&mut Flight> {
        self.all.iter_mut().rev().find(|flight| flight.message == message)
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
            flight.path.clear();
        }
    }
}

/// One of the partitions that a message is about: another for the next one, so that all are seen.
fn one_of(partitions: &[TopicPartition], message: MessageId) -> Option<TopicPartition> {
    let count = u64::try_from(partitions.len()).ok().filter(|count| *count > 0)?;
    partitions.get(usize::try_from(message.0 % count).ok()?).cloned()
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
