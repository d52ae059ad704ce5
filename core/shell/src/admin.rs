//! The admin client inside Kafka's tools: finds a broker that answers, and asks it, until
//! `default.api.timeout.ms` is over.

use std::borrow::Cow;

use highwater_cluster::client::{Backoff, ClientMetadata, names};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, CorrelationId, NodeId};
use highwater_cluster::input::{Failure, Input};
use highwater_cluster::message::{Request, Response};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::java::log_time;

/// The `client.id` of the admin client: each process of a tool has one, and Kafka numbers those that are given no name.
pub(crate) const CLIENT_ID: &str = "adminclient-1";
/// `default.api.timeout.ms` of the admin client.
const API_TIMEOUT: Span = Span(60_000_000);
/// `request.timeout.ms` of the admin client.
const REQUEST_TIMEOUT: Span = Span(30_000_000);

/// One of `bootstrap.servers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// As it was written: `broker1:9092`.
    pub(crate) address: String,
    /// The broker that listens there; none if nobody does.
    pub(crate) broker: Option<BrokerId>,
}

/// Which broker a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Any.
    Any,
    /// The one that answers for the controller.
    Controller,
    /// This one, which alone knows.
    Broker(BrokerId),
}

/// What became of an input.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Nothing yet.
    Pending,
    /// The response to the call.
    Response(Response),
    /// The call took too long: what the `TimeoutException` says.
    TimedOut(String),
}

/// An admin client: one call at a time.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    servers: Vec<Server>,
    metadata: ClientMetadata,
    controller: Option<BrokerId>,
    call: Option<Call>,
    /// How many calls were made: the number of the present one.
    calls: u32,
    /// How long a call may take.
    timeout: Span,
}

/// A call under way.
#[derive(Clone, Debug)]
struct Call {
    name: Cow<'static, str>,
    request: Request,
    to: To,
    deadline: Time,
    tries: u32,
    sent: Option<Sent>,
}

/// The request that was last sent for a call.
#[derive(Clone, Debug)]
struct Sent {
    id: CorrelationId,
    broker: BrokerId,
    /// Its place among the bootstrap servers; none once the cluster is known.
    server: Option<usize>,
}

impl Admin {
    pub(crate) fn new(servers: Vec<Server>) -> Self {
        Self::with_timeout(servers, API_TIMEOUT)
    }

    /// One whose calls may take so long.
    pub(crate) fn with_timeout(servers: Vec<Server>, timeout: Span) -> Self {
        Self {
            servers,
            metadata: ClientMetadata::default(),
            controller: None,
            call: None,
            calls: 0,
            timeout,
        }
    }

    /// The brokers that the cluster told of.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = BrokerId> {
        self.metadata.brokers.iter().copied()
    }

    /// How long a call may take.
    pub(crate) fn timeout(&self) -> Span {
        self.timeout
    }

    /// Begins a call, by the name that the admin client has for it.
    pub(crate) fn call(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: impl Into<Cow<'static, str>>,
        request: impl Into<Request>,
        to: To,
    ) {
        self.calls += 1;
        let deadline = ctx.now() + self.timeout;
        let (name, request) = (name.into(), request.into());
        self.call = Some(Call { name, request, to, deadline, tries: 0, sent: None });
        ctx.set_timer(self.timeout, Timer::Program(2 * self.calls));
        self.send(ctx);
    }

    /// Handles what reached the command.
    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: &Input) -> Answer {
        match input {
            Input::Response(id, response) => self.on_response(ctx, *id, response),
            Input::Failed(id, failure) => {
                self.on_failed(ctx, *id, *failure);
                Answer::Pending
            }
            Input::Timer(Timer::Program(number)) if *number == 2 * self.calls => self.time_out(ctx),
            Input::Timer(Timer::Program(number)) if *number == 2 * self.calls + 1 => {
                self.send(ctx);
                Answer::Pending
            }
            _ => Answer::Pending,
        }
    }

    /// Sends the call to a broker of the cluster, or asks a bootstrap server for the cluster first.
    fn send(&mut self, ctx: &mut Ctx<'_>) {
        let Some(call) = &mut self.call else { return };
        if self.metadata.brokers.is_empty() {
            let place = call.tries as usize % self.servers.len();
            let Some(broker) = self.servers[place].broker else {
                return self.nobody_there(ctx, place);
            };
            let request = ClientMetadata::request([]);
            let id = ctx.send(NodeId::Broker(broker), request, REQUEST_TIMEOUT);
            call.sent = Some(Sent { id, broker, server: Some(place) });
            return;
        }
        let broker = match call.to {
            To::Broker(id) if self.metadata.brokers.contains(&id) => id,
            // It is waited for, until the time is over.
            To::Broker(_) => return self.try_again(ctx),
            To::Controller if let Some(controller) = self.controller => controller,
            To::Controller | To::Any => self.metadata.pick_node(ctx),
        };
        let id = ctx.send(NodeId::Broker(broker), call.request.clone(), REQUEST_TIMEOUT);
        call.sent = Some(Sent { id, broker, server: None });
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, response: &Response) -> Answer {
        let Some(call) = &mut self.call else { return Answer::Pending };
        let Some(sent) = call.sent.take_if(|sent| sent.id == id) else { return Answer::Pending };
        self.metadata.succeeded(sent.broker);
        if let Response::Metadata(body) = response {
            self.metadata.update(body);
            self.controller = names::broker_id(body.controller_id);
        }
        let knows_cluster = !self.metadata.brokers.is_empty();
        if sent.server.is_some() && knows_cluster {
            self.send(ctx);
            return Answer::Pending;
        }
        if sent.server.is_some() || is_for_another_controller(response) {
            self.try_again(ctx);
            return Answer::Pending;
        }
        self.call = None;
        Answer::Response(response.clone())
    }

    fn on_failed(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, failure: Failure) {
        let Some(call) = &mut self.call else { return };
        let Some(sent) = call.sent.take_if(|sent| sent.id == id) else { return };
        self.metadata.failed(sent.broker, ctx.now());
        match sent.server {
            Some(place) if failure == Failure::Disconnected => self.nobody_there(ctx, place),
            _ => self.try_again(ctx),
        }
    }

    /// A connection to a bootstrap server is refused.
    fn nobody_there(&mut self, ctx: &mut Ctx<'_>, place: usize) {
        let at = log_time(ctx.timestamp());
        let address = socket_address(&self.servers[place].address);
        // Bootstrap servers have no id yet: Kafka's client numbers them downwards from -1.
        let node = -1 - place as i32;
        ctx.print_error(&format!(
            "[{at}] WARN [AdminClient clientId=adminclient-1] Connection to node {node} ({address}) could not be \
             established. Node may not be available. (org.apache.kafka.clients.NetworkClient)"
        ));
        self.try_again(ctx);
    }

    /// Begins anew with the bootstrap servers, after a while.
    fn try_again(&mut self, ctx: &mut Ctx<'_>) {
        self.metadata.brokers.clear();
        let Some(call) = &mut self.call else { return };
        let wait = Backoff::RETRY.wait(ctx, call.tries);
        call.tries += 1;
        ctx.set_timer(wait, Timer::Program(2 * self.calls + 1));
    }

    fn time_out(&mut self, ctx: &Ctx<'_>) -> Answer {
        let Some(call) = self.call.take().filter(|call| call.deadline <= ctx.now()) else {
            return Answer::Pending;
        };
        let has_node = !self.metadata.brokers.is_empty();
        let waited_for = if has_node { "to send the call" } else { "for a node assignment" };
        Answer::TimedOut(format!("Timed out waiting {waited_for}. Call: {}", call.name))
    }
}

/// The address as Java prints one: a slash stands between the name, if there is one, and the number.
fn socket_address(address: &str) -> String {
    let is_number = address.starts_with(|first: char| first.is_ascii_digit());
    if is_number { format!("/{address}") } else { address.to_owned() }
}

/// Whether a broker answered that the controller is elsewhere, or not yet anywhere.
fn is_for_another_controller(response: &Response) -> bool {
    let is_elsewhere = |code| code == ResponseError::NotController.code();
    match response {
        Response::CreateTopics(body) => {
            body.topics.iter().any(|topic| is_elsewhere(topic.error_code))
        }
        Response::CreatePartitions(body) => {
            body.results.iter().any(|topic| is_elsewhere(topic.error_code))
        }
        Response::IncrementalAlterConfigs(body) => {
            body.responses.iter().any(|resource| is_elsewhere(resource.error_code))
        }
        Response::AlterClientQuotas(body) => {
            body.entries.iter().any(|entry| is_elsewhere(entry.error_code))
        }
        Response::CreateAcls(body) => {
            body.results.iter().any(|result| is_elsewhere(result.error_code))
        }
        Response::DeleteAcls(body) => {
            body.filter_results.iter().any(|result| is_elsewhere(result.error_code))
        }
        Response::DeleteTopics(body) => {
            body.responses.iter().any(|topic| is_elsewhere(topic.error_code))
        }
        Response::ElectLeaders(body) => is_elsewhere(body.error_code),
        Response::AlterPartitionReassignments(body) => is_elsewhere(body.error_code),
        Response::ListPartitionReassignments(body) => is_elsewhere(body.error_code),
        _ => false,
    }
}
