//! `kafka-verifiable-producer.sh` and `kafka-verifiable-consumer.sh`: `VerifiableProducer` and
//! `VerifiableConsumer` of Kafka's tools, which tell by a line of JSON each what a test can check.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicPartition;

use crate::options::Given;
use crate::programs::clients::properties::{self, Properties};

pub(crate) mod consumer;
pub(crate) mod producer;

/// Whole numbers of Java's.
const INTEGER: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);

/// Prints an event: its time and name, then `fields` as they stand in JSON.
fn event(ctx: &mut Ctx<'_>, name: &str, fields: &str) {
    let at = ctx.timestamp().0;
    let comma = if fields.is_empty() { "" } else { "," };
    ctx.print(&format!("{{\"timestamp\":{at},\"name\":\"{name}\"{comma}{fields}}}"));
}

/// A text as it stands in JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Bytes as `StringDeserializer` reads them, as JSON.
fn quoted_bytes(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "null".to_owned(), |bytes| quoted(&String::from_utf8_lossy(bytes)))
}

/// `{"topic":"t","partition":0` with more to follow.
fn place(partition: &TopicPartition) -> String {
    let TopicPartition { topic, partition } = partition;
    format!("{{\"topic\":{},\"partition\":{partition}", quoted(topic.as_str()))
}

/// The settings in the file that one of two options names; the first of them is out of date.
fn config_file(
    ctx: &mut Ctx<'_>,
    given: &Given,
    [old, new]: [&str; 2],
) -> Result<Properties, String> {
    if given.has(old) {
        ctx.print(&format!(
            "Option {old} has been deprecated and will be removed in a future version. Use {new} \
             instead."
        ));
    }
    match given.text(old).or(given.text(new)) {
        Some(path) => properties::file(ctx, path),
        None => Ok(Properties::new()),
    }
}
