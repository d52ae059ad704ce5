//! A connection of a client from outside the simulation: a node whose requests come as bytes.
//!
//! As on a broker's socket, one request is under way at a time, and the next is read when it is
//! answered. What a person's own program does is thus part of the scenario, and plays again alike.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::acl::Principal;
use crate::client::security::Login;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, CorrelationId, NodeId};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::program::Program;
use crate::time::Span;
use crate::wire::{Asked, ClientRequest, FrameError, Frames, Reply};

mod sasl;
mod seen;
mod tally;

pub(crate) use seen::clients;

use tally::Tally;

/// How long an answer is awaited: the client gives up long before.
const PATIENCE: Span = Span(600_000_000);

/// A connection to one broker.
#[derive(Clone, Debug)]
pub struct RealClient {
    broker: BrokerId,
    frames: Frames,
    requests: VecDeque<ClientRequest>,
    /// The `client.id` of the last request.
    client_id: Option<Arc<str>>,
    /// What it says that it is written with.
    software: Option<Arc<str>>,
    tally: Tally,
    under_way: Option<UnderWay>,
    /// The ids of topics, for clients that fetch by name.
    topic_ids: BTreeMap<kafka::TopicName, Uuid>,
    is_closed: bool,
    /// Who it said that it is, and was believed.
    login: Option<Login>,
}

/// The request that is being answered.
#[derive(Clone, Debug)]
struct UnderWay {
    client: ClientRequest,
    sent: CorrelationId,
    api: ApiKey,
    stage: Stage,
}

/// What the answer to the request under way is for.
#[derive(Clone, Debug)]
enum Stage {
    /// The client.
    Answer,
    /// The ids of the topics that the client names in its fetch.
    TopicIds(Arc<kafka::FetchRequest>),
    /// A member id, which clients of JoinGroup up to version 3 do not know to ask for (KIP-394).
    Join(Arc<kafka::JoinGroupRequest>),
}

impl RealClient {
    pub(crate) fn new(broker: BrokerId) -> Self {
        Self {
            broker,
            frames: Frames::default(),
            requests: VecDeque::new(),
            client_id: None,
            software: None,
            tally: Tally::default(),
            under_way: None,
            topic_ids: BTreeMap::new(),
            is_closed: false,
            login: None,
        }
    }

    /// The version of the request that is being answered, if it is of that kind.
    pub(crate) fn version_asked(&self, api: ApiKey) -> Option<i16> {
        let under_way = self.under_way.as_ref().filter(|under_way| under_way.api == api);
        under_way.map(|under_way| under_way.client.version)
    }

    fn take_bytes(&mut self, ctx: &mut Ctx<'_>, bytes: &Bytes) {
        self.frames.extend(bytes);
        loop {
            let request = match self.frames.next_frame() {
                Ok(None) => break,
                Ok(Some(frame)) => ClientRequest::decode(frame),
                Err(error) => Err(error),
            };
            match request {
                Ok(request) => self.requests.push_back(request),
                Err(error) => return self.close(ctx, Some(&error)),
            }
        }
        self.next_request(ctx);
    }

    fn next_request(&mut self, ctx: &mut Ctx<'_>) {
        while self.under_way.is_none() && !self.is_closed {
            let Some(client) = self.requests.pop_front() else { return };
            match client.asked.clone() {
                Asked::ApiVersions { is_supported, software } => {
                    self.client_id.clone_from(&client.client_id);
                    self.software = software.or(self.software.take());
                    let (version, correlation_id) = (client.version, client.correlation_id);
                    let transaction_version = ctx.transaction_version();
                    ctx.reply(Reply::ApiVersions {
                        version,
                        correlation_id,
                        is_supported,
                        transaction_version,
                    });
                }
                Asked::SaslHandshake(mechanism) => self.shake_hands(ctx, &client, &mechanism),
                Asked::SaslAuthenticate(bytes) => self.authenticate(ctx, &client, &bytes),
                Asked::Request(Request::Produce(body)) if body.acks == 0 => {
                    self.client_id.clone_from(&client.client_id);
                    ctx.send_oneway(NodeId::Broker(self.broker), Request::Produce(body), PATIENCE);
                }
                Asked::Request(Request::JoinGroup(body)) if client.version < 4 => {
                    self.send(ctx, client, Request::JoinGroup(body.clone()), Stage::Join(body));
                }
                Asked::Request(request) => self.send(ctx, client, request, Stage::Answer),
                Asked::FetchByName(fetch) => self.fetch_by_name(ctx, client, fetch),
                Asked::JoinWithoutMemberId(heartbeat) => {
                    let mut heartbeat = (*heartbeat).clone();
                    heartbeat.member_id = new_member_id(ctx);
                    self.send(ctx, client, heartbeat.into(), Stage::Answer);
                }
            }
        }
    }

    /// Fetches with the ids of the topics, once they are known.
    fn fetch_by_name(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: ClientRequest,
        fetch: Arc<kafka::FetchRequest>,
    ) {
        let names: BTreeSet<&kafka::TopicName> =
            fetch.topics.iter().map(|topic| &topic.topic).collect();
        let unknown: Vec<MetadataRequestTopic> = names
            .into_iter()
            .filter(|name| !self.topic_ids.contains_key(*name))
            .map(|name| MetadataRequestTopic::default().with_name(Some(name.clone())))
            .collect();
        if unknown.is_empty() {
            let request = self.with_topic_ids(&fetch);
            return self.send(ctx, client, request.into(), Stage::Answer);
        }
        let request = kafka::MetadataRequest::default()
            .with_topics(Some(unknown))
            .with_allow_auto_topic_creation(false);
        self.send(ctx, client, request.into(), Stage::TopicIds(fetch));
    }

    fn with_topic_ids(&self, fetch: &kafka::FetchRequest) -> kafka::FetchRequest {
        let mut fetch = fetch.clone();
        for topic in &mut fetch.topics {
            topic.topic_id = self.topic_ids.get(&topic.topic).copied().unwrap_or_default();
            topic.topic = kafka::TopicName::default();
        }
        for topic in &mut fetch.forgotten_topics_data {
            topic.topic_id = self.topic_ids.get(&topic.topic).copied().unwrap_or_default();
            topic.topic = kafka::TopicName::default();
        }
        fetch
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, client: ClientRequest, request: Request, stage: Stage) {
        self.client_id.clone_from(&client.client_id);
        self.tally.request(&request);
        let api = request.api_key();
        let sent = ctx.send(NodeId::Broker(self.broker), request, PATIENCE);
        self.under_way = Some(UnderWay { client, sent, api, stage });
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, response: Response) {
        let Some(UnderWay { client, stage, .. }) =
            self.under_way.take_if(|under_way| under_way.sent == id)
        else {
            return;
        };
        match (stage, response) {
            (Stage::TopicIds(fetch), Response::Metadata(body)) => {
                for topic in &body.topics {
                    if let Some(name) = &topic.name {
                        self.topic_ids.insert(name.clone(), topic.topic_id);
                    }
                }
                let request = self.with_topic_ids(&fetch);
                return self.send(ctx, client, request.into(), Stage::Answer);
            }
            (Stage::Join(join), Response::JoinGroup(body))
                if body.error_code == ResponseError::MemberIdRequired.code() =>
            {
                let mut join = (*join).clone();
                join.member_id = body.member_id.clone();
                return self.send(ctx, client, join.into(), Stage::Answer);
            }
            (_, response) => {
                self.tally.response(&response);
                let response = self.in_names(&client, response);
                let (version, correlation_id) = (client.version, client.correlation_id);
                ctx.reply(Reply::Response { version, correlation_id, response });
            }
        }
        self.next_request(ctx);
    }

    /// The answer to a fetch by name names the topics, which stand in the order of the request. One that
    /// has got another id is looked up anew.
    fn in_names(&mut self, client: &ClientRequest, response: Response) -> Response {
        let (Asked::FetchByName(fetch), Response::Fetch(body)) = (&client.asked, &response) else {
            return response;
        };
        let mut body = (**body).clone();
        for (topic, asked) in body.responses.iter_mut().zip(&fetch.topics) {
            topic.topic = asked.topic.clone();
            let unknown = ResponseError::UnknownTopicId.code();
            for partition in topic.partitions.iter_mut().filter(|part| part.error_code == unknown) {
                partition.error_code = ResponseError::UnknownTopicOrPartition.code();
                self.topic_ids.remove(&asked.topic);
            }
        }
        body.into()
    }

    fn close(&mut self, ctx: &mut Ctx<'_>, error: Option<&FrameError>) {
        if self.is_closed {
            return;
        }
        self.is_closed = true;
        let reason = error.map(|error| error.to_string().into());
        let client = ctx.my_client_id();
        ctx.emit(EventKind::ClientDisconnected { client, reason });
        ctx.reply(Reply::Close);
        ctx.exit(0);
    }
}

impl Program for RealClient {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                let (client, broker) = (ctx.my_client_id(), self.broker);
                ctx.emit(EventKind::ClientConnected { client, broker });
            }
            Input::Bytes(bytes) if !self.is_closed => self.take_bytes(ctx, &bytes),
            Input::Response(id, response) => self.on_response(ctx, id, response),
            Input::Failed(id, _)
                if self.under_way.as_ref().is_some_and(|under_way| under_way.sent == id) =>
            {
                self.close(ctx, None);
            }
            Input::Stop => self.close(ctx, None),
            _ => {}
        }
    }

    fn client_id(&self) -> Option<Arc<str>> {
        self.client_id.clone()
    }

    fn principal(&self) -> Option<Principal> {
        self.login.as_ref().map(|login| Principal::user(&login.user))
    }

    fn connection(&self) -> Option<&RealClient> {
        Some(self)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A member id, as brokers once made them for members of consumer groups: a random UUID.
fn new_member_id(ctx: &mut Ctx<'_>) -> StrBytes {
    let random = ctx.random("member ids");
    let bits = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
    let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    StrBytes::from_string(id.to_string())
}
