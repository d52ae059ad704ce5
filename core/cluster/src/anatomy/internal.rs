//! The records of Kafka's own topics in words: `__consumer_offsets` and `__transaction_state`, with
//! their keys and values as Kafka's record types.

use bytes::Bytes;

use crate::group::records::GroupRecord;
use crate::ids::TopicName;
use crate::transaction::told as transaction_told;

/// A record of an internal topic, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The group or transactional id, by which its partition was found.
    pub id: String,
    /// What the key says.
    pub key: DecodedPart,
    /// What the value says; none for a tombstone: what the key names is gone.
    pub value: Option<DecodedPart>,
}

/// A key or a value, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedPart {
    /// The name of Kafka's record type, such as `OffsetCommitValue`.
    pub schema: String,
    /// Its fields by their names in that type, in order.
    pub fields: Vec<(&'static str, String)>,
}

impl Decoded {
    /// Reads a record; none in other topics, and where it is none that Kafka would write.
    pub fn of(topic: &TopicName, key: &Bytes, value: Option<&Bytes>) -> Option<Self> {
        match topic.as_str() {
            "__consumer_offsets" => Some(GroupRecord::decode(key, value)?.told()),
            "__transaction_state" => transaction_told::told(key, value),
            "__share_group_state" => crate::share::told::told(key, value),
            _ => None,
        }
    }

    /// A record whose key and value types begin alike.
    pub(crate) fn new(
        schema: &str,
        id: &str,
        key: Vec<(&'static str, String)>,
        value: Option<Vec<(&'static str, String)>>,
    ) -> Self {
        let part = |ending, fields| DecodedPart { schema: format!("{schema}{ending}"), fields };
        let value = value.map(|fields| part("Value", fields));
        Self { id: id.to_owned(), key: part("Key", key), value }
    }
}
