//! Valid requests of every API in every version, invented while they are read: a decoder asks for a number
//! or a text, and is given one that means something in the cluster. All that it was given is the request.

use bytes::{Buf, BufMut, Bytes, BytesMut, TryGetError};
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::protocol::buf::{ByteBuf, NotEnoughBytesError};
use highwater_cluster::protocol::protocol::{Decodable, Encodable};
use highwater_cluster::wire::SERVED;

use crate::batches;
use crate::rng::Rng;

/// From here on an invented request comes to its end: counts are zero.
const MOST_BYTES: usize = 1_500;

/// How often a request is invented before it is to say nothing.
const TRIES: u32 = 40;

/// Texts that name something, or that brokers look for.
const WORDS: [&str; 29] = [
    "orders",
    "payments",
    "billing",
    "nobody",
    "__consumer_offsets",
    "__transaction_state",
    "tx-1",
    "member-1",
    "instance-1",
    "consumer",
    "range",
    "uniform",
    "cooperative-sticky",
    "classic",
    "1",
    "-1",
    "127.0.0.1",
    "cleanup.policy",
    "compact",
    "retention.ms",
    "min.insync.replicas",
    "/var/lib/kafka/data1",
    "PLAIN",
    "\0alice\0alice-secret",
    "User:alice",
    "user",
    "producer_byte_rate",
    "é",
    "or/ders",
];

/// Numbers that a field may hold: ids, partitions, versions, special values; and times, which are counts of
/// many where they are read as such.
const NUMBERS: [i64; 12] = [0, 0, 0, 1, 1, 2, 3, -1, -2, -3, 5, 10];
const TIMES: [i64; 4] = [100, 5_000, 30_000, 1_700_000_000_000];

/// What knows the bodies of an API.
struct Reader {
    /// Reads a body of a version out of whatever is invented for it, if that can be read.
    read: fn(&mut Inventor<'_>, i16) -> bool,
    /// Writes one that says nothing.
    empty: fn(&mut Vec<u8>, i16),
}

/// All APIs that are served, each with its body.
macro_rules! readers {
    ($($api:ident $body:ident,)*) => {
        fn reader(api: ApiKey) -> Reader {
            match api {
                $(ApiKey::$api => Reader {
                    read: |inventor, version| kafka::$body::decode(inventor, version).is_ok(),
                    empty: |frame, version| {
                        let mut body = BytesMut::new();
                        let written = kafka::$body::default().encode(&mut body, version);
                        written.expect("what says nothing can be written");
                        frame.extend(body);
                    },
                },)*
                _ => panic!("{api:?} is served, and not tried"),
            }
        }
    };
}

readers! {
    Produce ProduceRequest,
    Fetch FetchRequest,
    ListOffsets ListOffsetsRequest,
    Metadata MetadataRequest,
    OffsetCommit OffsetCommitRequest,
    OffsetFetch OffsetFetchRequest,
    FindCoordinator FindCoordinatorRequest,
    JoinGroup JoinGroupRequest,
    Heartbeat HeartbeatRequest,
    LeaveGroup LeaveGroupRequest,
    SyncGroup SyncGroupRequest,
    DescribeGroups DescribeGroupsRequest,
    ListGroups ListGroupsRequest,
    DeleteGroups DeleteGroupsRequest,
    OffsetDelete OffsetDeleteRequest,
    ConsumerGroupHeartbeat ConsumerGroupHeartbeatRequest,
    ConsumerGroupDescribe ConsumerGroupDescribeRequest,
    ApiVersions ApiVersionsRequest,
    CreateTopics CreateTopicsRequest,
    DeleteTopics DeleteTopicsRequest,
    DeleteRecords DeleteRecordsRequest,
    InitProducerId InitProducerIdRequest,
    OffsetForLeaderEpoch OffsetForLeaderEpochRequest,
    AddPartitionsToTxn AddPartitionsToTxnRequest,
    AddOffsetsToTxn AddOffsetsToTxnRequest,
    EndTxn EndTxnRequest,
    TxnOffsetCommit TxnOffsetCommitRequest,
    DescribeConfigs DescribeConfigsRequest,
    IncrementalAlterConfigs IncrementalAlterConfigsRequest,
    CreatePartitions CreatePartitionsRequest,
    DescribeLogDirs DescribeLogDirsRequest,
    AlterReplicaLogDirs AlterReplicaLogDirsRequest,
    ElectLeaders ElectLeadersRequest,
    AlterPartitionReassignments AlterPartitionReassignmentsRequest,
    ListPartitionReassignments ListPartitionReassignmentsRequest,
    DescribeClientQuotas DescribeClientQuotasRequest,
    AlterClientQuotas AlterClientQuotasRequest,
    SaslHandshake SaslHandshakeRequest,
    SaslAuthenticate SaslAuthenticateRequest,
    DescribeAcls DescribeAclsRequest,
    CreateAcls CreateAclsRequest,
    DeleteAcls DeleteAclsRequest,
    DescribeQuorum DescribeQuorumRequest,
    DescribeCluster DescribeClusterRequest,
    DescribeProducers DescribeProducersRequest,
    DescribeTransactions DescribeTransactionsRequest,
    ListTransactions ListTransactionsRequest,
    DescribeTopicPartitions DescribeTopicPartitionsRequest,
    ShareGroupHeartbeat ShareGroupHeartbeatRequest,
    ShareGroupDescribe ShareGroupDescribeRequest,
    ShareFetch ShareFetchRequest,
    ShareAcknowledge ShareAcknowledgeRequest,
    DescribeShareGroupOffsets DescribeShareGroupOffsetsRequest,
    AlterShareGroupOffsets AlterShareGroupOffsetsRequest,
    DeleteShareGroupOffsets DeleteShareGroupOffsetsRequest,
}

/// What requests are made of.
pub struct Requests {
    /// Record batches that are not large.
    batches: Vec<Vec<u8>>,
    /// The ids of topics that there are.
    topic_ids: Vec<u128>,
}

impl Requests {
    /// For a cluster with these topics.
    pub fn about(topic_ids: Vec<u128>) -> Self {
        let mut batches = batches::corpus();
        batches.retain(|batch| batch.len() < 400);
        Self { batches, topic_ids }
    }

    /// A frame with its length, of any API and version that is served.
    pub fn frame(&self, rng: &mut Rng) -> Vec<u8> {
        let (api, oldest, newest) = *rng.pick(SERVED);
        let version = oldest + rng.below((newest - oldest + 1) as usize) as i16;
        self.frame_of(rng, api, version)
    }

    /// A frame of one API in one version.
    pub fn frame_of(&self, rng: &mut Rng, api: ApiKey, version: i16) -> Vec<u8> {
        // Not all may be null, and not every text may be a batch: who does not know which is which tries.
        let tried = (0..TRIES).find_map(|_| self.invented(rng, api, version));
        let mut frame = tried.unwrap_or_else(|| {
            let mut frame = header(rng, api, version);
            (reader(api).empty)(&mut frame, version);
            frame
        });
        let length = frame.len() as u32 - 4;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        frame
    }

    /// A frame, if what is invented for it reads.
    fn invented(&self, rng: &mut Rng, api: ApiKey, version: i16) -> Option<Vec<u8>> {
        let bytes = header(rng, api, version);
        let mut inventor = Inventor { of: self, rng, bytes, text: None, varint: None };
        let is_read = (reader(api).read)(&mut inventor, version);
        is_read.then_some(inventor.bytes)
    }
}

/// Room for the length, and a header.
fn header(rng: &mut Rng, api: ApiKey, version: i16) -> Vec<u8> {
    let mut frame = vec![0; 4];
    frame.put_i16(api as i16);
    frame.put_i16(version);
    frame.put_i32(rng.next() as i32);
    frame.put_i16(1);
    frame.put_u8(b'c');
    if api.request_header_version(version) == 2 {
        frame.put_u8(0);
    }
    frame
}

/// Gives a decoder what it asks for.
struct Inventor<'a> {
    of: &'a Requests,
    rng: &'a mut Rng,
    /// What it was given.
    bytes: Vec<u8>,
    /// The text whose length was told last.
    text: Option<Vec<u8>>,
    /// The second byte of a number of two.
    varint: Option<u8>,
}

impl Inventor<'_> {
    fn is_long(&self) -> bool {
        self.bytes.len() > MOST_BYTES
    }

    /// The length of a text that will be given.
    fn length(&mut self) -> usize {
        let text = match self.rng.below(8) {
            0 => self.rng.pick(&self.of.batches).clone(),
            1 => Vec::new(),
            _ => self.rng.pick(&WORDS).as_bytes().to_vec(),
        };
        let length = text.len();
        self.text = Some(text);
        length
    }

    /// A number that may be anything: a count, a length, an id.
    fn number(&mut self, width: usize) -> i64 {
        self.varint = None;
        let number = match self.rng.below(8) {
            _ if self.is_long() => 0,
            0 | 1 if width > 1 => self.length() as i64,
            2 if width == 8 => self.rng.telling_number(),
            3 if width > 2 && self.rng.once_in(6) => *self.rng.pick(&TIMES),
            _ => *self.rng.pick(&NUMBERS),
        };
        let bits = 64 - 8 * width as u32;
        let number = number << bits >> bits;
        if width == 8 { number } else { number.max(-1) }
    }

    /// A byte: a boolean, or the beginning of a count or length that is told with one more.
    fn byte(&mut self) -> u8 {
        if let Some(second) = self.varint.take() {
            return second;
        }
        match self.rng.below(8) {
            _ if self.is_long() => self.rng.below(2) as u8,
            0..=3 => self.rng.below(3) as u8,
            4 => 0,
            _ => {
                let told = self.length() + 1;
                if told < 0x80 {
                    return told as u8;
                }
                self.varint = Some((told >> 7) as u8);
                told as u8 | 0x80
            }
        }
    }

    /// Bytes of a length that was told.
    fn text(&mut self, size: usize) -> Vec<u8> {
        let text = self.text.take().filter(|text| text.len() == size);
        text.unwrap_or_else(|| vec![b'a' + self.rng.below(26) as u8; size])
    }
}

macro_rules! numbers {
    ($($get:ident $number:ty,)*) => {
        $(fn $get(&mut self) -> Result<$number, TryGetError> {
            let number = self.number(size_of::<$number>()) as $number;
            self.bytes.extend(number.to_be_bytes());
            Ok(number)
        })*
    };
}

impl Buf for Inventor<'_> {
    fn remaining(&self) -> usize {
        usize::MAX
    }

    fn chunk(&self) -> &[u8] {
        unreachable!("all that decoders ask for is answered below")
    }

    fn advance(&mut self, _: usize) {
        unreachable!("all that decoders ask for is answered below")
    }

    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        let byte = self.byte();
        self.bytes.push(byte);
        Ok(byte)
    }

    fn try_get_i8(&mut self) -> Result<i8, TryGetError> {
        let number = self.number(1) as i8;
        self.bytes.push(number as u8);
        Ok(number)
    }

    numbers! {
        try_get_i16 i16,
        try_get_u16 u16,
        try_get_i32 i32,
        try_get_u32 u32,
        try_get_i64 i64,
        try_get_f64 f64,
    }

    /// The id of a topic.
    fn try_copy_to_slice(&mut self, to: &mut [u8]) -> Result<(), TryGetError> {
        let known = self.rng.pick(&self.of.topic_ids).to_be_bytes();
        let id: Vec<u8> = match self.rng.below(4) {
            0 => (0..to.len()).map(|_| self.rng.next() as u8).collect(),
            1 => vec![0; to.len()],
            _ => known.iter().copied().cycle().take(to.len()).collect(),
        };
        to.copy_from_slice(&id);
        self.bytes.extend(id);
        Ok(())
    }
}

impl ByteBuf for Inventor<'_> {
    fn peek_bytes(&mut self, _: std::ops::Range<usize>) -> Bytes {
        unreachable!("nothing that is invented is looked at twice")
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        let text = self.text(size);
        self.bytes.extend(&text);
        text.into()
    }

    fn try_get_bytes(&mut self, size: usize) -> Result<Bytes, NotEnoughBytesError> {
        Ok(self.get_bytes(size))
    }
}
