//! The messages that nodes exchange: Kafka's own requests and responses, passed by reference.
//! They are encoded only to learn their size and to show their bytes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::Encodable;

use crate::event::{Cause, EventKind};
use crate::ids::{CorrelationId, EntryId, MessageId, NodeId};
use crate::time::Time;

mod throttle;

/// Declares the requests that the world knows, each with its response and the version it is sent in:
/// the newest that Apache Kafka 4.x and the message crate have in common.
macro_rules! messages {
    ($($name:ident $version:literal: $request:ident => $response:ident,)*) => {
        /// A request.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Request {
            $(#[doc = concat!("`", stringify!($request), "`.")] $name(Arc<kafka::$request>),)*
        }

        /// A response.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Response {
            $(#[doc = concat!("`", stringify!($response), "`.")] $name(Arc<kafka::$response>),)*
        }

        impl Request {
            /// Which of Kafka's APIs it belongs to.
            pub fn api_key(&self) -> ApiKey {
                match self { $(Request::$name(_) => ApiKey::$name,)* }
            }

            /// The version it is sent in.
            pub fn api_version(&self) -> i16 {
                match self { $(Request::$name(_) => $version,)* }
            }

            /// Whether it can be said in that version: one that came from outside may hold what only
            /// older versions knew.
            #[cfg(feature = "real-clients")]
            pub(crate) fn fits_its_version(&self) -> bool {
                match self { $(Request::$name(body) => body.compute_size($version).is_ok(),)* }
            }

            /// The bytes of its body.
            pub fn encode(&self) -> Bytes {
                match self { $(Request::$name(body) => encoded(&**body, $version),)* }
            }

            /// The number of bytes of its body.
            pub fn body_size(&self) -> usize {
                match self { $(Request::$name(body) => size(&**body, $version),)* }
            }
        }

        impl Response {
            /// Which of Kafka's APIs it belongs to.
            pub fn api_key(&self) -> ApiKey {
                match self { $(Response::$name(_) => ApiKey::$name,)* }
            }

            /// The version it is sent in.
            pub fn api_version(&self) -> i16 {
                match self { $(Response::$name(_) => $version,)* }
            }

            /// The bytes of its body.
            pub fn encode(&self) -> Bytes {
                match self { $(Response::$name(body) => encoded(&**body, $version),)* }
            }

            /// Writes its body as a client of `version` reads it; on failure, says what stands in the way.
            #[cfg(feature = "real-clients")]
            pub(crate) fn encode_version(
                &self,
                buffer: &mut BytesMut,
                version: i16,
            ) -> Result<(), String> {
                let written = match self {
                    $(Response::$name(body) => body.encode(buffer, version),)*
                };
                written.map_err(|error| error.to_string())
            }

            /// The number of bytes of its body.
            pub fn body_size(&self) -> usize {
                match self { $(Response::$name(body) => size(&**body, $version),)* }
            }
        }

        /// The version in which the world says the requests and responses of an API; none of one that
        /// it does not know.
        pub fn version_of(api: ApiKey) -> Option<i16> {
            match api {
                $(ApiKey::$name => Some($version),)*
                _ => None,
            }
        }

        $(
            impl From<kafka::$request> for Request {
                fn from(body: kafka::$request) -> Self {
                    Request::$name(Arc::new(body))
                }
            }

            impl From<kafka::$response> for Response {
                fn from(body: kafka::$response) -> Self {
                    Response::$name(Arc::new(body))
                }
            }
        )*
    };
}

messages! {
    Produce 12: ProduceRequest => ProduceResponse,
    Fetch 18: FetchRequest => FetchResponse,
    ListOffsets 10: ListOffsetsRequest => ListOffsetsResponse,
    Metadata 13: MetadataRequest => MetadataResponse,
    OffsetCommit 9: OffsetCommitRequest => OffsetCommitResponse,
    OffsetFetch 9: OffsetFetchRequest => OffsetFetchResponse,
    FindCoordinator 6: FindCoordinatorRequest => FindCoordinatorResponse,
    JoinGroup 9: JoinGroupRequest => JoinGroupResponse,
    Heartbeat 4: HeartbeatRequest => HeartbeatResponse,
    LeaveGroup 5: LeaveGroupRequest => LeaveGroupResponse,
    SyncGroup 5: SyncGroupRequest => SyncGroupResponse,
    CreateTopics 7: CreateTopicsRequest => CreateTopicsResponse,
    DeleteTopics 6: DeleteTopicsRequest => DeleteTopicsResponse,
    DeleteRecords 2: DeleteRecordsRequest => DeleteRecordsResponse,
    InitProducerId 5: InitProducerIdRequest => InitProducerIdResponse,
    OffsetForLeaderEpoch 4: OffsetForLeaderEpochRequest => OffsetForLeaderEpochResponse,
    CreatePartitions 3: CreatePartitionsRequest => CreatePartitionsResponse,
    DescribeConfigs 4: DescribeConfigsRequest => DescribeConfigsResponse,
    DescribeTopicPartitions 0: DescribeTopicPartitionsRequest => DescribeTopicPartitionsResponse,
    Envelope 0: EnvelopeRequest => EnvelopeResponse,
    AlterPartition 3: AlterPartitionRequest => AlterPartitionResponse,
    BrokerRegistration 4: BrokerRegistrationRequest => BrokerRegistrationResponse,
    BrokerHeartbeat 1: BrokerHeartbeatRequest => BrokerHeartbeatResponse,
    AllocateProducerIds 0: AllocateProducerIdsRequest => AllocateProducerIdsResponse,
    Vote 2: VoteRequest => VoteResponse,
    BeginQuorumEpoch 1: BeginQuorumEpochRequest => BeginQuorumEpochResponse,
    EndQuorumEpoch 1: EndQuorumEpochRequest => EndQuorumEpochResponse,
    FetchSnapshot 1: FetchSnapshotRequest => FetchSnapshotResponse,
    DescribeQuorum 2: DescribeQuorumRequest => DescribeQuorumResponse,
    ElectLeaders 2: ElectLeadersRequest => ElectLeadersResponse,
    AlterPartitionReassignments 1: AlterPartitionReassignmentsRequest => AlterPartitionReassignmentsResponse,
    ListPartitionReassignments 0: ListPartitionReassignmentsRequest => ListPartitionReassignmentsResponse,
    DescribeLogDirs 4: DescribeLogDirsRequest => DescribeLogDirsResponse,
    IncrementalAlterConfigs 1: IncrementalAlterConfigsRequest => IncrementalAlterConfigsResponse,
    DescribeClientQuotas 1: DescribeClientQuotasRequest => DescribeClientQuotasResponse,
    AlterClientQuotas 1: AlterClientQuotasRequest => AlterClientQuotasResponse,
    DescribeAcls 3: DescribeAclsRequest => DescribeAclsResponse,
    CreateAcls 3: CreateAclsRequest => CreateAclsResponse,
    DeleteAcls 3: DeleteAclsRequest => DeleteAclsResponse,
    AlterReplicaLogDirs 2: AlterReplicaLogDirsRequest => AlterReplicaLogDirsResponse,
    ConsumerGroupHeartbeat 1: ConsumerGroupHeartbeatRequest => ConsumerGroupHeartbeatResponse,
    ConsumerGroupDescribe 1: ConsumerGroupDescribeRequest => ConsumerGroupDescribeResponse,
    DescribeGroups 6: DescribeGroupsRequest => DescribeGroupsResponse,
    ListGroups 5: ListGroupsRequest => ListGroupsResponse,
    DeleteGroups 2: DeleteGroupsRequest => DeleteGroupsResponse,
    OffsetDelete 0: OffsetDeleteRequest => OffsetDeleteResponse,
    AddPartitionsToTxn 5: AddPartitionsToTxnRequest => AddPartitionsToTxnResponse,
    AddOffsetsToTxn 4: AddOffsetsToTxnRequest => AddOffsetsToTxnResponse,
    EndTxn 5: EndTxnRequest => EndTxnResponse,
    WriteTxnMarkers 1: WriteTxnMarkersRequest => WriteTxnMarkersResponse,
    TxnOffsetCommit 5: TxnOffsetCommitRequest => TxnOffsetCommitResponse,
    DescribeProducers 0: DescribeProducersRequest => DescribeProducersResponse,
    DescribeTransactions 0: DescribeTransactionsRequest => DescribeTransactionsResponse,
    ListTransactions 2: ListTransactionsRequest => ListTransactionsResponse,
    DescribeCluster 2: DescribeClusterRequest => DescribeClusterResponse,
    ShareGroupHeartbeat 1: ShareGroupHeartbeatRequest => ShareGroupHeartbeatResponse,
    ShareGroupDescribe 1: ShareGroupDescribeRequest => ShareGroupDescribeResponse,
    ShareFetch 1: ShareFetchRequest => ShareFetchResponse,
    ShareAcknowledge 1: ShareAcknowledgeRequest => ShareAcknowledgeResponse,
    InitializeShareGroupState 0: InitializeShareGroupStateRequest => InitializeShareGroupStateResponse,
    ReadShareGroupState 0: ReadShareGroupStateRequest => ReadShareGroupStateResponse,
    WriteShareGroupState 0: WriteShareGroupStateRequest => WriteShareGroupStateResponse,
    DeleteShareGroupState 0: DeleteShareGroupStateRequest => DeleteShareGroupStateResponse,
    ReadShareGroupStateSummary 0: ReadShareGroupStateSummaryRequest => ReadShareGroupStateSummaryResponse,
    DescribeShareGroupOffsets 0: DescribeShareGroupOffsetsRequest => DescribeShareGroupOffsetsResponse,
    AlterShareGroupOffsets 0: AlterShareGroupOffsetsRequest => AlterShareGroupOffsetsResponse,
    DeleteShareGroupOffsets 0: DeleteShareGroupOffsetsRequest => DeleteShareGroupOffsetsResponse,
}

/// A request or a response.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Body {
    /// Which of Kafka's APIs it belongs to.
    pub fn api_key(&self) -> ApiKey {
        match self {
            Body::Request(request) => request.api_key(),
            Body::Response(response) => response.api_key(),
        }
    }

    /// The version it is sent in.
    pub fn api_version(&self) -> i16 {
        match self {
            Body::Request(request) => request.api_version(),
            Body::Response(response) => response.api_version(),
        }
    }

    /// The bytes of its body.
    pub fn encode(&self) -> Bytes {
        match self {
            Body::Request(request) => request.encode(),
            Body::Response(response) => response.encode(),
        }
    }

    /// Its size on the wire: length, header and body.
    pub fn wire_size(&self) -> u32 {
        // Length, API key, version, correlation id, client id's length, tags; or length,
        // correlation id, tags. The client id itself is not counted.
        let (header, body) = match self {
            Body::Request(request) => (15, request.body_size()),
            Body::Response(response) => (9, response.body_size()),
        };
        u32::try_from(header + body).unwrap_or(u32::MAX)
    }

    /// Whether it is a response.
    pub fn is_response(&self) -> bool {
        matches!(self, Body::Response(_))
    }
}

/// A message under way.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its ordinal.
    pub id: MessageId,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: NodeId,
    /// What ties request and response together.
    pub correlation_id: CorrelationId,
    /// What it says. A checkpoint shares it.
    pub body: Arc<Body>,
    /// Its size on the wire.
    pub size_bytes: u32,
    /// When it was sent.
    pub sent_at: Time,
    /// When it arrives.
    pub deliver_at: Time,
    /// The client whose request its sender passes on.
    pub(crate) on_behalf_of: Option<NodeId>,
    /// The receiver's process at the time of sending: a later one never sees it.
    pub(crate) incarnation: u32,
    /// Whether TCP sends it more than once.
    pub(crate) is_retransmitted: bool,
    /// Whether the connection breaks before it arrives.
    pub(crate) is_doomed: bool,
    /// The event of its being sent.
    pub(crate) cause: Cause,
    /// The entry that it goes back to.
    pub(crate) origin: Option<EntryId>,
}

impl Message {
    /// Whose request it is, or answers, and which of its requests.
    pub(crate) fn request_id(&self) -> (NodeId, CorrelationId) {
        let node = if self.body.is_response() { self.to } else { self.from };
        (node, self.correlation_id)
    }

    /// What is told of its being sent.
    pub(crate) fn sent_event(&self) -> EventKind {
        EventKind::MessageSent {
            message: self.id,
            from: self.from,
            to: self.to,
            api: self.body.api_key(),
            correlation_id: self.correlation_id,
            is_response: self.body.is_response(),
            size_bytes: self.size_bytes,
            deliver_at: self.deliver_at,
            error: self.body.error(),
        }
    }
}

fn encoded<T: Encodable>(body: &T, version: i16) -> Bytes {
    let mut buffer = BytesMut::with_capacity(size(body, version));
    // Without the error's own words: to print them takes a good part of the page's download.
    body.encode(&mut buffer, version)
        .unwrap_or_else(|_| panic!("a message of ours fits its version"));
    buffer.freeze()
}

fn size<T: Encodable>(body: &T, version: i16) -> usize {
    body.compute_size(version).unwrap_or_else(|_| panic!("a message of ours fits its version"))
}
