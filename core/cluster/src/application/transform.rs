//! What an application makes of a record: itself, marked with where it came from.

use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{Header, Offset, Record};

use crate::application::AppConfig;
use crate::ids::{TopicName, TopicPartition};
use crate::producer::ProducerRecord;

/// The header that names the record from which another was made: `orders-0@17`.
pub const SOURCE_HEADER: &str = "source";
/// The header that names the application.
const MADE_BY_HEADER: &str = "made-by";

/// Where a record was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset in it.
    pub offset: Offset,
}

impl Source {
    /// The record that another was made from, as its headers tell; none if none do.
    pub fn of(record: &Record) -> Option<Self> {
        let mut headers = record.headers.iter();
        let header = headers.find(|header| &header.key[..] == SOURCE_HEADER.as_bytes())?;
        let text = std::str::from_utf8(header.value.as_deref()?).ok()?;
        let (partition, offset) = text.rsplit_once('@')?;
        let (topic, index) = partition.rsplit_once('-')?;
        Some(Self {
            partition: TopicPartition::new(&TopicName::from(topic), index.parse().ok()?),
            offset: Offset(offset.parse().ok()?),
        })
    }

    fn header(&self) -> Header {
        header(SOURCE_HEADER, format!("{}@{}", self.partition, self.offset))
    }
}

/// The records that come of one: none, one or several, keyed as it is, with its time.
pub(super) fn transform(
    config: &AppConfig,
    partition: &TopicPartition,
    record: &Record,
) -> Vec<ProducerRecord> {
    let source = Source { partition: partition.clone(), offset: record.offset };
    let mut headers = record.headers.clone();
    // What is read may have been made by another application: the last step counts.
    headers.retain(|header| {
        !matches!(&header.key[..], key if key == SOURCE_HEADER.as_bytes() || key == MADE_BY_HEADER.as_bytes())
    });
    headers.push(source.header());
    headers.push(header(MADE_BY_HEADER, config.name.to_string()));
    let made = ProducerRecord {
        topic: config.to().clone(),
        partition: None,
        timestamp: Some(record.timestamp),
        key: record.key.clone(),
        value: record.value.clone(),
        headers: Arc::from(headers),
    };
    vec![made; config.shape().expected(record.offset) as usize]
}

fn header(key: &'static str, value: String) -> Header {
    Header { key: Bytes::from_static(key.as_bytes()), value: Some(Bytes::from(value)) }
}

#[cfg(test)]
mod tests {
    use highwater_log::TimestampMs;

    use super::*;
    use crate::application::Guarantee;
    use crate::consumer::ConsumerConfig;
    use crate::ids::GroupId;
    use crate::producer::ProducerConfig;

    /// How many records come of the one at an offset; each names it.
    fn check(drop_every: Option<u32>, fan_out: u32, offset: i64, expected: usize) {
        let consumer = ConsumerConfig::new("a1", &GroupId::from("g"), Vec::new());
        let producer = ProducerConfig::new("a1", TopicName::from("out"));
        let mut config = AppConfig::new(consumer, producer, Guarantee::AtLeastOnce);
        (config.drop_every, config.fan_out) = (drop_every, fan_out);
        let partition = TopicPartition::new(&TopicName::from("in-put"), 3);
        let earlier = Source { partition: partition.clone(), offset: Offset(1) };
        let record = Record {
            offset: Offset(offset),
            timestamp: TimestampMs(5),
            key: Some(Bytes::from_static(b"k")),
            value: None,
            headers: vec![header("own", "x".to_owned()), earlier.header()],
        };
        let made = transform(&config, &partition, &record);
        assert_eq!(made.len(), expected, "{drop_every:?} x{fan_out} at {offset}");
        for made in made {
            assert_eq!(
                (&made.key, &made.value, made.timestamp),
                (&record.key, &None, Some(record.timestamp))
            );
            let read = Record { headers: made.headers.to_vec(), ..record.clone() };
            let source = Source { partition: partition.clone(), offset: Offset(offset) };
            assert_eq!(Source::of(&read), Some(source));
            assert_eq!(read.headers[0], record.headers[0]);
        }
    }

    #[test]
    fn what_comes_of_a_record_names_it() {
        check(None, 1, 17, 1);
        check(None, 3, 17, 3);
        check(Some(5), 2, 3, 2);
        check(Some(5), 2, 4, 0);
        check(Some(1), 1, 0, 0);
    }

    #[test]
    fn headers_that_name_nothing_are_no_source() {
        for text in ["", "orders", "orders-0", "orders@1", "orders-x@1", "orders-0@y"] {
            let headers = vec![header(SOURCE_HEADER, text.to_owned())];
            let record = Record {
                offset: Offset(0),
                timestamp: TimestampMs(0),
                key: None,
                value: None,
                headers,
            };
            assert_eq!(Source::of(&record), None, "{text:?}");
        }
    }
}
