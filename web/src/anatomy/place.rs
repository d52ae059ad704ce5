//! Where one is inside the cluster: the levels below it, as addresses.
//!
//! An address stands behind that of the page, so that it goes with exercises and questions alike:
//! `#/learn/ID/at/orders-1/broker/2/segment/0/batch/12/record/13/bytes`.

use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::Offset;

/// What parts the address of a page from that of a place.
const MARK: &str = "/at/";

/// A place below the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A broker opened.
    Broker(BrokerId),
    /// A partition opened: its replicas one under another.
    Partition(TopicPartition),
    /// Something in a replica's log.
    Replica(BrokerId, TopicPartition, Depth),
}

/// How deep one is in a replica's log. Segments and batches are named by their base offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Its files.
    Log,
    /// A segment.
    Segment(Offset),
    /// A batch of a segment.
    Batch(Offset, Offset),
    /// A record of a batch of a segment.
    Record(Offset, Offset, Offset),
    /// The bytes of a batch of a segment; of one of its records, if one was looked at.
    Bytes(Offset, Offset, Option<Offset>),
}

/// Parts an address into that of the page and that of the place, if it has one.
pub fn split(hash: &str) -> (&str, Option<&str>) {
    match hash.split_once(MARK) {
        Some((page, place)) => (page, Some(place.trim_end_matches('/'))),
        None => (hash, None),
    }
}

impl Place {
    /// Reads the address of a place.
    pub fn parse(path: &str) -> Option<Self> {
        let mut words = path.split('/');
        let first = words.next()?;
        if first == "broker" {
            let id = BrokerId(number(words.next()?)?);
            return words.next().is_none().then_some(Self::Broker(id));
        }
        let (topic, index) = first.rsplit_once('-')?;
        let is_topic = !topic.is_empty()
            && topic.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        if !is_topic {
            return None;
        }
        let partition = TopicPartition::new(&TopicName::from(topic), number(index)?);
        let Some(word) = words.next() else { return Some(Self::Partition(partition)) };
        let broker = BrokerId((word == "broker").then(|| words.next()).flatten().and_then(number)?);
        let depth = Depth::parse(&words.collect::<Vec<_>>())?;
        Some(Self::Replica(broker, partition, depth))
    }

    /// Its address.
    pub fn path(&self) -> String {
        match self {
            Self::Broker(id) => format!("broker/{id}"),
            Self::Partition(partition) => partition.to_string(),
            Self::Replica(broker, partition, depth) => {
                format!("{partition}/broker/{broker}{}", depth.path())
            }
        }
    }

    /// The address of the place, behind that of a page.
    pub fn href(&self, page: &str) -> String {
        format!("{page}{MARK}{}", self.path())
    }

    /// The place that it is in; none if that is the cluster.
    pub fn parent(&self) -> Option<Self> {
        let Self::Replica(broker, partition, depth) = self else { return None };
        let (broker, partition) = (*broker, partition.clone());
        Some(match depth.parent() {
            Some(depth) => Self::Replica(broker, partition, depth),
            None => Self::Partition(partition),
        })
    }

    /// What it is called in the trail.
    pub fn name(&self) -> String {
        match self {
            Self::Broker(id) => t!("anatomy.broker-id", id = id),
            Self::Partition(partition) => partition.to_string(),
            Self::Replica(broker, _, Depth::Log) => t!("anatomy.trail-log", broker = broker),
            Self::Replica(_, _, depth) => depth.name(),
        }
    }

    /// The same replica at another depth.
    pub fn at(&self, depth: Depth) -> Self {
        match self {
            Self::Replica(broker, partition, _) => Self::Replica(*broker, partition.clone(), depth),
            other => other.clone(),
        }
    }
}

impl Depth {
    fn parse(words: &[&str]) -> Option<Self> {
        let offset = |text: &str| number(text).map(Offset);
        Some(match *words {
            [] => Self::Log,
            ["segment", segment] => Self::Segment(offset(segment)?),
            ["segment", segment, "batch", batch] => Self::Batch(offset(segment)?, offset(batch)?),
            ["segment", segment, "batch", batch, "bytes"] => {
                Self::Bytes(offset(segment)?, offset(batch)?, None)
            }
            ["segment", segment, "batch", batch, "record", record] => {
                Self::Record(offset(segment)?, offset(batch)?, offset(record)?)
            }
            ["segment", segment, "batch", batch, "record", record, "bytes"] => {
                Self::Bytes(offset(segment)?, offset(batch)?, Some(offset(record)?))
            }
            _ => return None,
        })
    }

    fn path(self) -> String {
        match self {
            Self::Log => String::new(),
            Self::Segment(segment) => format!("/segment/{segment}"),
            Self::Batch(segment, batch) => format!("/segment/{segment}/batch/{batch}"),
            Self::Record(segment, batch, record) => {
                format!("/segment/{segment}/batch/{batch}/record/{record}")
            }
            Self::Bytes(segment, batch, None) => format!("/segment/{segment}/batch/{batch}/bytes"),
            Self::Bytes(segment, batch, Some(record)) => {
                format!("/segment/{segment}/batch/{batch}/record/{record}/bytes")
            }
        }
    }

    fn parent(self) -> Option<Self> {
        match self {
            Self::Log => None,
            Self::Segment(_) => Some(Self::Log),
            Self::Batch(segment, _) => Some(Self::Segment(segment)),
            Self::Record(segment, batch, _) | Self::Bytes(segment, batch, None) => {
                Some(Self::Batch(segment, batch))
            }
            Self::Bytes(segment, batch, Some(record)) => Some(Self::Record(segment, batch, record)),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Log => t!("anatomy.log-inline").to_owned(),
            Self::Segment(segment) => t!("anatomy.trail-segment", offset = segment),
            Self::Batch(_, batch) => t!("anatomy.trail-batch", offset = batch),
            Self::Record(_, _, record) => t!("anatomy.trail-record", offset = record),
            Self::Bytes(..) => t!("anatomy.trail-bytes").to_owned(),
        }
    }
}

/// A number from 0 on, without a sign or zeros before it.
fn number<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<T>().ok().filter(|number| is_plain && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, parent: Option<&str>) {
        let place = Place::parse(path).unwrap_or_else(|| panic!("{path} is a place"));
        assert_eq!(place.path(), path);
        assert_eq!(place.parent().map(|parent| parent.path()).as_deref(), parent);
    }

    #[test]
    fn addresses_are_read_and_written() {
        check("broker/2", None);
        check("orders-1", None);
        check("__consumer_offsets-12", None);
        check("broker-7-0", None);
        check("a.b-c-0/broker/1", Some("a.b-c-0"));
        check("o-1/broker/1/segment/0", Some("o-1/broker/1"));
        check("o-1/broker/1/segment/0/batch/12", Some("o-1/broker/1/segment/0"));
        let batch = "o-1/broker/1/segment/0/batch/12";
        check(&format!("{batch}/bytes"), Some(batch));
        let record = format!("{batch}/record/13");
        check(&record, Some(batch));
        check(&format!("{record}/bytes"), Some(&record));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for path in [
            "",
            "broker",
            "broker/x",
            "broker/1/2",
            "orders",
            "-1",
            "orders--",
            "o-1/broker",
            "o-1/broker/-1",
            "o-1/broker/1/segment",
            "o-1/broker/1/segment/0/record/1",
            "o-01",
            "o-1/broker/1/segment/99999999999999999999",
            "<b>-1",
            "o-+1",
            "o 1-1",
        ] {
            assert_eq!(Place::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_place_stands_behind_a_page() {
        assert_eq!(split("#/learn/first/at/orders-1"), ("#/learn/first", Some("orders-1")));
        assert_eq!(split("#/play"), ("#/play", None));
        let place = Place::parse("orders-1").expect("it is one");
        assert_eq!(place.href("#/play"), "#/play/at/orders-1");
    }
}
