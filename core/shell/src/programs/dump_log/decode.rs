//! Records with less around them than usual, or with keys and values as Kafka's own record types.

use bytes::Bytes;
use highwater_cluster::anatomy::{Decoded, DecodedPart};
use highwater_cluster::ids::TopicName;
use highwater_cluster::log::Segment;
use highwater_cluster::log::dump::log_lines;
use serde_json::Value;

use super::{DumpLog, metadata};

/// Whose records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// Of `__consumer_offsets`.
    Offsets,
    /// Of `__transaction_state`.
    Transactions,
    /// Of `__cluster_metadata`.
    Metadata,
}

/// The lines of a `.log` file.
pub(super) fn lines(command: &DumpLog, segment: &Segment) -> Vec<String> {
    // The usual lines are one for each batch, each followed by one for each of its records.
    let mut usual = log_lines(segment, true).into_iter();
    let mut lines: Vec<String> = usual.next().into_iter().collect();
    for (position, batch) in segment.positions() {
        let end = position + batch.header().size_in_bytes;
        if end > command.max_bytes {
            break;
        }
        lines.extend(usual.next());
        let Ok(records) = batch.records() else {
            usual.next();
            continue;
        };
        for record in records.iter() {
            let Some(line) = usual.next() else { break };
            if !command.is_deep {
                continue;
            }
            // What stands before the key and the value is the record's metadata.
            let before = match (batch.header().is_control, &record.key, &record.value) {
                (true, ..) => line.as_str(),
                (_, Some(_), _) => line.split(" key: ").next().unwrap_or(&line),
                (_, None, Some(_)) => line.split(" payload: ").next().unwrap_or(&line),
                (_, None, None) => line.as_str(),
            };
            let mut shown = match (command.skips_metadata, batch.header().is_control) {
                (false, _) => before.to_owned(),
                (true, true) => String::new(),
                (true, false) => "|".to_owned(),
            };
            if command.prints_data && !batch.header().is_control {
                shown.push_str(&match (command.decoder, &record.value) {
                    (Some(Decoder::Metadata), Some(value)) => {
                        format!(" payload: {}", metadata::json(record.offset.0, value))
                    }
                    (decoder, value) => contents(decoder, record.key.as_ref(), value.as_ref()),
                });
            }
            lines.push(shown);
        }
    }
    lines
}

/// The key and the value of a record.
fn contents(decoder: Option<Decoder>, key: Option<&Bytes>, value: Option<&Bytes>) -> String {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let topic = match decoder {
        Some(Decoder::Offsets) => "__consumer_offsets",
        Some(Decoder::Transactions) => "__transaction_state",
        Some(Decoder::Metadata) | None => "",
    };
    let decoded = key.and_then(|key| Decoded::of(&TopicName::from(topic), key, value));
    let (key, value) = match (decoder, decoded, key) {
        (Some(_), Some(decoded), Some(key)) => {
            let payload = match (&decoded.value, value) {
                (Some(part), Some(value)) => json("version", version(value), part),
                _ => "<DELETE>".to_owned(),
            };
            (Some(json("type", version(key), &decoded.key)), Some(payload))
        }
        _ => (key.map(text), value.map(text)),
    };
    let mut shown = String::new();
    for (name, part) in [("key", key), ("payload", value)] {
        if let Some(part) = part {
            shown.push_str(&format!(" {name}: {part}"));
        }
    }
    shown
}

/// The two bytes that a key or a value begins with.
fn version(bytes: &Bytes) -> i16 {
    match bytes.as_ref() {
        [high, low, ..] => i16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

/// `{"type":"1","data":{...}}`
fn json(kind: &str, version: i16, part: &DecodedPart) -> String {
    // The fields stand in the order of Kafka's record types; what a field has several of is a list.
    let mut fields: Vec<(&str, Vec<Value>)> = Vec::new();
    for (name, text) in &part.fields {
        match fields.last_mut().filter(|(last, _)| last == name) {
            Some((_, values)) => values.push(field(name, text)),
            None => fields.push((name, vec![field(name, text)])),
        }
    }
    let shown = |(name, values): &(&str, Vec<Value>)| match values.as_slice() {
        [one] if *name != "members" => format!("\"{name}\":{one}"),
        several => format!("\"{name}\":{}", Value::from(several.to_vec())),
    };
    let fields: Vec<String> = fields.iter().map(shown).collect();
    format!("{{\"{kind}\":\"{version}\",\"data\":{{{}}}}}", fields.join(","))
}

/// Names are texts, whatever they look like; the rest are numbers where they can be.
fn field(name: &str, text: &str) -> Value {
    let is_name = matches!(
        name,
        "group" | "groupId" | "topic" | "transactionalId" | "memberId" | "protocol" | "leader"
    );
    match text {
        "null" => Value::Null,
        text if !is_name && text.parse::<i64>().is_ok() => {
            text.parse::<i64>().map_or(Value::Null, Value::from)
        }
        text => Value::from(text.trim_matches('"')),
    }
}
