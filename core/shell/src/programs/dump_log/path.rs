//! The names of files on the brokers' disks.

use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::log::dump::file_name;

/// How files are to be named.
pub(super) const HINT: &str = "files are named like /var/lib/kafka/data1/orders-0/00000000000000000000.log, which is partition 0 of orders on \
                               broker 1; kafka-log-dirs.sh tells what lies where";

/// The `.log` file of a segment.
pub(super) fn of_log(broker: BrokerId, partition: &TopicPartition, base_offset: Offset) -> String {
    format!("/var/lib/kafka/data{broker}/{partition}/{}.log", file_name(base_offset))
}

/// What a file holds, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Log,
    Index,
    TimeIndex,
    TransactionIndex,
}

impl Kind {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1 {
            "log" => Some(Self::Log),
            "index" => Some(Self::Index),
            "timeindex" => Some(Self::TimeIndex),
            "txnindex" => Some(Self::TransactionIndex),
            _ => None,
        }
    }
}

/// A file of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) broker: BrokerId,
    pub(super) partition: TopicPartition,
    /// The base offset in twenty digits.
    pub(super) stem: String,
}

impl Path {
    /// Reads `.../data1/orders-0/00000000000000000000.log`; none if it is nothing of a broker's.
    pub(super) fn read(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/');
        let stem = parts.next()?.split('.').next()?.to_owned();
        let (topic, index) = parts.next()?.rsplit_once('-')?;
        let id = parts.next()?.strip_prefix("data")?.parse().ok()?;
        let partition = TopicPartition::new(&TopicName::from(topic), index.parse().ok()?);
        Some(Self { broker: BrokerId(id), partition, stem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_broker_partition_and_segment() {
        let found = Path::read("/var/lib/kafka/data2/my-topic-10/00000000000000000007.index");
        let found = found.unwrap();
        assert_eq!(found.broker, BrokerId(2));
        assert_eq!(found.partition.to_string(), "my-topic-10");
        assert_eq!(found.stem, "00000000000000000007");
        assert_eq!(Path::read(&of_log(BrokerId(2), &found.partition, Offset(7))), Some(found));
        for other in ["/tmp/nope.log", "x.log", "/var/lib/kafka/data1/orders/1.log", ""] {
            assert_eq!(Path::read(other), None, "{other}");
        }
    }
}
