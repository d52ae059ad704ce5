//! The records of Kafka's own topics in words: what the coordinators write to `__consumer_offsets` and
//! `__transaction_state`.

use highwater_cluster::log::Record;

/// Which formatter of Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `OffsetsMessageFormatter`: committed offsets.
    Offsets,
    /// `GroupMetadataMessageFormatter`: the groups.
    Groups,
    /// `TransactionLogMessageFormatter`: the transactional ids.
    Transactions,
}

impl Kind {
    pub(super) fn of_class(name: &str) -> Option<Self> {
        Some(match name {
            "OffsetsMessageFormatter" | "GroupMetadataManager$OffsetsMessageFormatter" => {
                Self::Offsets
            }
            "GroupMetadataMessageFormatter"
            | "GroupMetadataManager$GroupMetadataMessageFormatter" => Self::Groups,
            "TransactionLogMessageFormatter" | "TransactionLog$TransactionLogMessageFormatter" => {
                Self::Transactions
            }
            _ => return None,
        })
    }
}

/// The record as the formatter prints it; none if it is of another kind.
pub(super) fn format(kind: Kind, record: &Record) -> Option<String> {
    let mut key = Fields::new(record.key.as_deref()?);
    let number = key.i16()?;
    let data = match (kind, number) {
        (Kind::Offsets, 0 | 1) => {
            let (group, topic) = (key.text()?, key.text()?);
            format!("{{\"group\":{group},\"topic\":{topic},\"partition\":{}}}", key.i32()?)
        }
        (Kind::Groups, 2) => format!("{{\"group\":{}}}", key.text()?),
        (Kind::Transactions, 0) => format!("{{\"transactionalId\":{}}}", key.text()?),
        _ => return None,
    };
    let value = match record.value.as_deref() {
        None => "null".to_owned(),
        Some(bytes) => {
            let mut value = Fields::new(bytes);
            let version = value.i16()?;
            let data = match kind {
                Kind::Offsets => offset(&mut value)?,
                Kind::Groups => group(&mut value)?,
                Kind::Transactions => transaction(&mut value)?,
            };
            format!("{{\"version\":{version},\"data\":{data}}}")
        }
    };
    Some(format!("{{\"key\":{{\"type\":{number},\"data\":{data}}},\"value\":{value}}}"))
}

fn offset(value: &mut Fields<'_>) -> Option<String> {
    let (offset, epoch) = (value.i64()?, value.i32()?);
    let (metadata, at) = (value.text()?, value.i64()?);
    Some(format!(
        "{{\"offset\":{offset},\"leaderEpoch\":{epoch},\"metadata\":{metadata},\"commitTimestamp\":{at}}}"
    ))
}

fn group(value: &mut Fields<'_>) -> Option<String> {
    let (kind, generation) = (value.text()?, value.i32()?);
    let (protocol, leader, at) = (value.text()?, value.text()?, value.i64()?);
    let members: Option<Vec<String>> = (0..value.i32()?)
        .map(|_| {
            let (id, instance) = (value.text()?, value.text()?);
            let (client, host) = (value.text()?, value.text()?);
            let (rebalance, session) = (value.i32()?, value.i32()?);
            let (subscription, assignment) = (value.bytes()?, value.bytes()?);
            Some(format!(
                "{{\"memberId\":{id},\"groupInstanceId\":{instance},\"clientId\":{client},\
                 \"clientHost\":{host},\"rebalanceTimeout\":{rebalance},\"sessionTimeout\":{session},\
                 \"subscription\":{subscription},\"assignment\":{assignment}}}"
            ))
        })
        .collect();
    Some(format!(
        "{{\"protocolType\":{kind},\"generation\":{generation},\"protocol\":{protocol},\
         \"leader\":{leader},\"currentStateTimestamp\":{at},\"members\":[{}]}}",
        members?.join(",")
    ))
}

fn transaction(value: &mut Fields<'_>) -> Option<String> {
    let (id, epoch) = (value.i64()?, value.i16()?);
    let (timeout, status) = (value.i32()?, value.i8()?);
    let partitions = match value.unsigned()?.checked_sub(1) {
        None => "null".to_owned(),
        Some(count) => {
            let topics: Option<Vec<String>> = (0..count).map(|_| topic(value)).collect();
            format!("[{}]", topics?.join(","))
        }
    };
    let (updated, started) = (value.i64()?, value.i64()?);
    Some(format!(
        "{{\"producerId\":{id},\"producerEpoch\":{epoch},\"transactionTimeoutMs\":{timeout},\
         \"transactionStatus\":{status},\"transactionPartitions\":{partitions},\
         \"transactionLastUpdateTimestampMs\":{updated},\"transactionStartTimestampMs\":{started}}}"
    ))
}

fn topic(value: &mut Fields<'_>) -> Option<String> {
    let length = value.unsigned()?.checked_sub(1)?;
    let name = quoted(value.take(length as usize)?);
    let count = value.unsigned()?.checked_sub(1)?;
    let ids: Option<Vec<String>> = (0..count).map(|_| Some(value.i32()?.to_string())).collect();
    // No tagged fields follow in any version that is written.
    value.unsigned().filter(|tags| *tags == 0)?;
    Some(format!("{{\"topic\":{name},\"partitionIds\":[{}]}}", ids?.join(",")))
}

/// The fields of a key or value, in order.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i8(&mut self) -> Option<i8> {
        Some(i8::from_be_bytes(self.take(1)?.try_into().ok()?))
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A varint.
    fn unsigned(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.take(1)?[0];
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A string as JSON; `null` if there is none.
    fn text(&mut self) -> Option<String> {
        match usize::try_from(self.i16()?) {
            Ok(length) => Some(quoted(self.take(length)?)),
            Err(_) => Some("null".to_owned()),
        }
    }

    /// Bytes as JSON: in base64.
    fn bytes(&mut self) -> Option<String> {
        let length = usize::try_from(self.i32()?).ok()?;
        Some(format!("\"{}\"", base64(self.take(length)?)))
    }
}

fn quoted(text: &[u8]) -> String {
    serde_json::Value::from(String::from_utf8_lossy(text)).to_string()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut block = [0_u8; 3];
        block[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from(block[0]) << 16 | u32::from(block[1]) << 8 | u32::from(block[2]);
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = bits >> (18 - 6 * place) & 0x3f;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
