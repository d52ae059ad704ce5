//! `--replica-assignment`: the brokers of each partition, as `1:2,2:3`.

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::create_topics_request::CreatableReplicaAssignment;

use super::Exception;

/// Reads the brokers of each partition.
pub(super) fn read(text: &str) -> Result<Vec<CreatableReplicaAssignment>, Exception> {
    let mut partitions: Vec<Vec<i32>> = Vec::new();
    for (index, list) in text.split(',').enumerate() {
        let brokers = brokers(list)?;
        if partitions.first().is_some_and(|first| first.len() != brokers.len()) {
            let message =
                format!("Partition {index} has different replication factor: {brokers:?}");
            let class = "org.apache.kafka.server.common.AdminOperationException";
            return Err(Exception::new(class, message));
        }
        partitions.push(brokers);
    }
    let assignment = |(index, brokers): (usize, Vec<i32>)| {
        CreatableReplicaAssignment::default()
            .with_partition_index(index as i32)
            .with_broker_ids(brokers.into_iter().map(kafka::BrokerId).collect())
    };
    Ok(partitions.into_iter().enumerate().map(assignment).collect())
}

fn brokers(list: &str) -> Result<Vec<i32>, Exception> {
    let mut brokers = Vec::new();
    let mut twice: Vec<String> = Vec::new();
    for text in list.split(':') {
        let Ok(broker) = text.trim().parse::<i32>() else {
            let message = format!("For input string: \"{}\"", text.trim());
            return Err(Exception::new("java.lang.NumberFormatException", message));
        };
        if brokers.contains(&broker) {
            twice.push(broker.to_string());
        }
        brokers.push(broker);
    }
    if twice.is_empty() {
        return Ok(brokers);
    }
    let message =
        format!("Partition replica lists may not contain duplicate entries: {}", twice.join(","));
    Err(Exception::new("org.apache.kafka.tools.AdminCommandFailedException", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&[i32]], &str>) {
        let found = read(text).map_err(|exception| exception.message).map(|partitions| {
            let ids = |partition: CreatableReplicaAssignment| {
                partition.broker_ids.into_iter().map(|id| id.0).collect::<Vec<_>>()
            };
            partitions.into_iter().map(ids).collect::<Vec<_>>()
        });
        let expected = expected.map(|lists| lists.iter().map(|list| list.to_vec()).collect());
        assert_eq!(found, expected.map_err(str::to_owned), "for {text}");
    }

    #[test]
    fn partitions_stand_between_commas_and_brokers_between_colons() {
        check("1:2,2:3,3:1", Ok(&[&[1, 2], &[2, 3], &[3, 1]]));
        check("3", Ok(&[&[3]]));
        check("1:1", Err("Partition replica lists may not contain duplicate entries: 1"));
        check("1:2,3", Err("Partition 1 has different replication factor: [3]"));
        check("1:x", Err("For input string: \"x\""));
    }
}
