//! How a client finds the cluster: it asks one of `bootstrap.servers` after the other.

use highwater_cluster::client::{Backoff, ClientMetadata};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{CorrelationId, NodeId, TopicName};
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::time::Span;
use highwater_cluster::timer::Timer;

use crate::admin::Server;
use crate::java::log;

const LOGGER: &str = "org.apache.kafka.clients.NetworkClient";
/// `request.timeout.ms`
const REQUEST_TIMEOUT: Span = Span(30_000_000);
/// The timer by which the next server is tried.
pub(crate) const RETRY: u32 = 1_000_000;

/// A client that looks for the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Bootstrap {
    servers: Vec<Server>,
    /// As it is called in the log: `[Producer clientId=console-producer]`; empty if it logs nothing.
    who: String,
    tries: u32,
    sent: Option<CorrelationId>,
    failures: u32,
}

/// What a client knows of the cluster after an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing yet.
    NotYet,
    /// Nobody was there, at this server.
    Refused(usize),
    /// The cluster.
    Cluster,
}

impl Bootstrap {
    pub(crate) fn new(servers: Vec<Server>, who: String) -> Self {
        Self { servers, who, tries: 0, sent: None, failures: 0 }
    }

    /// How often nobody was there.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    pub(crate) fn address(&self, place: usize) -> &str {
        self.servers.get(place).map_or("", |server| &server.address)
    }

    /// Asks the next server. Tells at once if nobody listens there.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>) -> Found {
        let place = self.place();
        match self.servers[place].broker {
            Some(broker) => {
                let request = ClientMetadata::request([]);
                self.sent = Some(ctx.send(NodeId::Broker(broker), request, REQUEST_TIMEOUT));
                Found::NotYet
            }
            None => self.refused(ctx, place),
        }
    }

    /// Handles what reached the client.
    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: &Input) -> Found {
        match input {
            Input::Timer(Timer::Program(RETRY)) => self.begin(ctx),
            Input::Response(id, Response::Metadata(body)) if self.sent == Some(*id) => {
                self.sent = None;
                if body.brokers.is_empty() {
                    return self.refused(ctx, self.place());
                }
                Found::Cluster
            }
            Input::Failed(id, _) if self.sent == Some(*id) => {
                self.sent = None;
                self.refused(ctx, self.place())
            }
            _ => Found::NotYet,
        }
    }

    fn place(&self) -> usize {
        self.tries as usize % self.servers.len().max(1)
    }

    fn refused(&mut self, ctx: &mut Ctx<'_>, place: usize) -> Found {
        self.failures += 1;
        if !self.who.is_empty() {
            let who = &self.who;
            let address = &self.servers[place].address;
            let node = -1 - place as i32;
            let socket = address.replace("localhost:", "localhost/127.0.0.1:");
            let message = format!(
                "{who} Connection to node {node} ({socket}) could not be established. Node may not \
                 be available."
            );
            log(ctx, "WARN", &message, LOGGER);
            let message = format!(
                "{who} Bootstrap broker {address} (id: {node} rack: null isFenced: false) disconnected"
            );
            log(ctx, "WARN", &message, LOGGER);
        }
        // Every server is tried once before it waits longer.
        let rounds = self.tries / self.servers.len().max(1) as u32;
        let wait = Backoff::RECONNECT.wait(ctx, rounds);
        self.tries += 1;
        ctx.set_timer(wait, Timer::Program(RETRY));
        Found::Refused(place)
    }
}

/// Asks a broker, any one, for topics, and has it create those that are missing if that is allowed.
pub(crate) fn ask(ctx: &mut Ctx<'_>, topics: &[TopicName], creates: bool) {
    let request = ClientMetadata::request(topics).with_allow_auto_topic_creation(creates);
    let brokers = ctx.bootstrap_brokers();
    let place = (ctx.random("any broker").next_u64() % brokers.len().max(1) as u64) as usize;
    if let Some(broker) = brokers.get(place) {
        ctx.send(NodeId::Broker(*broker), request, REQUEST_TIMEOUT);
    }
}

/// Tells, as Kafka's clients do, of topics that an answer does not know.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnknownTopics {
    /// How many answers came.
    answers: u32,
}

impl UnknownTopics {
    /// Looks at what reaches the client that is called `who` in the log.
    pub(crate) fn tell(&mut self, ctx: &mut Ctx<'_>, who: &str, input: &Input) {
        if matches!(input, Input::Response(..)) {
            self.answers += 1;
        }
        let Input::Response(_, Response::Metadata(body)) = input else { return };
        let unknown = body.topics.iter().filter_map(|topic| {
            let error = match topic.error_code {
                3 => "UNKNOWN_TOPIC_OR_PARTITION",
                5 => "LEADER_NOT_AVAILABLE",
                _ => return None,
            };
            Some(format!("{}={error}", topic.name.as_ref()?.as_str()))
        });
        let unknown: Vec<String> = unknown.collect();
        if !unknown.is_empty() {
            let (number, unknown) = (self.answers, unknown.join(", "));
            let message = format!(
                "{who} The metadata response from the cluster reported a recoverable issue with \
                 correlation id {number} : {{{unknown}}}"
            );
            log(ctx, "WARN", &message, LOGGER);
        }
    }
}
