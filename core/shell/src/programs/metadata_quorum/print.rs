//! What `kafka-metadata-quorum.sh` prints.

use highwater_cluster::ids::TopicId;
use highwater_cluster::log::TimestampMs;
use highwater_cluster::protocol::messages::DescribeQuorumResponse;
use highwater_cluster::protocol::messages::describe_quorum_response::{
    PartitionData, ReplicaState,
};

/// What `--status` prints; none if the answer names no leader.
pub(super) fn status(cluster_id: &str, body: &DescribeQuorumResponse) -> Option<Vec<String>> {
    let (quorum, leader) = quorum(body)?;
    let furthest = quorum.current_voters.iter().min_by_key(|voter| voter.log_end_offset)?;
    let lag = leader.log_end_offset - furthest.log_end_offset;
    let lag_ms = if furthest.replica_id == leader.replica_id {
        0
    } else if leader.last_caught_up_timestamp >= 0 && furthest.last_caught_up_timestamp >= 0 {
        leader.last_caught_up_timestamp - furthest.last_caught_up_timestamp
    } else {
        -1
    };
    Some(vec![
        format!("ClusterId:              {cluster_id}"),
        format!("LeaderId:               {}", quorum.leader_id.0),
        format!("LeaderEpoch:            {}", quorum.leader_epoch),
        format!("HighWatermark:          {}", quorum.high_watermark),
        format!("MaxFollowerLag:         {lag}"),
        format!("MaxFollowerLagTimeMs:   {lag_ms}"),
        format!("CurrentVoters:          {}", nodes(&quorum.current_voters, body)),
        format!("CurrentObservers:       {}", nodes(&quorum.observers, body)),
    ])
}

/// What `--replication` prints, with times as they are, or as how long before `now` they were; none
/// if the answer names no leader.
pub(super) fn replication(
    body: &DescribeQuorumResponse,
    now: Option<TimestampMs>,
) -> Option<Vec<String>> {
    let (quorum, leader) = quorum(body)?;
    let head = [
        "NodeId",
        "DirectoryId",
        "LogEndOffset",
        "Lag",
        "LastFetchTimestamp",
        "LastCaughtUpTimestamp",
        "Status",
    ];
    let mut rows = vec![head.map(str::to_owned), row(leader, leader, "Leader", now)];
    let others = quorum.current_voters.iter().filter(|voter| voter.replica_id != leader.replica_id);
    rows.extend(others.map(|voter| row(leader, voter, "Follower", now)));
    rows.extend(quorum.observers.iter().map(|observer| row(leader, observer, "Observer", now)));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    // Each column is filled up to its width and ends in a tab, the last one too.
    let line = |row: &[String; 7]| -> String {
        row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}\t")).collect()
    };
    Some(rows.iter().map(line).collect())
}

fn quorum(body: &DescribeQuorumResponse) -> Option<(&PartitionData, &ReplicaState)> {
    let quorum = body.topics.first()?.partitions.first()?;
    let leader = quorum.current_voters.iter().find(|voter| voter.replica_id == quorum.leader_id)?;
    Some((quorum, leader))
}

fn row(
    leader: &ReplicaState,
    replica: &ReplicaState,
    status: &str,
    now: Option<TimestampMs>,
) -> [String; 7] {
    let time = |timestamp: i64| match now {
        Some(now) if timestamp >= 0 => format!("{} ms ago", now.0 - timestamp),
        _ => timestamp.to_string(),
    };
    [
        replica.replica_id.0.to_string(),
        TopicId(replica.replica_directory_id.as_u128()).to_string(),
        replica.log_end_offset.to_string(),
        (leader.log_end_offset - replica.log_end_offset).to_string(),
        time(replica.last_fetch_timestamp),
        time(replica.last_caught_up_timestamp),
        status.to_owned(),
    ]
}

fn nodes(replicas: &[ReplicaState], body: &DescribeQuorumResponse) -> String {
    let nodes = replicas.iter().map(|replica| {
        let id = replica.replica_id;
        let directory = TopicId(replica.replica_directory_id.as_u128());
        let node = body.nodes.iter().find(|node| node.node_id == id);
        let endpoints: Vec<String> = node
            .into_iter()
            .flat_map(|node| &node.listeners)
            .map(|listener| {
                format!("\"{}://{}:{}\"", listener.name, listener.host.as_str(), listener.port)
            })
            .collect();
        let mut printed = format!("{{\"id\": {}, \"directoryId\": \"{directory}\"", id.0);
        if !endpoints.is_empty() {
            printed.push_str(&format!(", \"endpoints\": [{}]", endpoints.join(", ")));
        }
        printed.push('}');
        printed
    });
    format!("[{}]", nodes.collect::<Vec<_>>().join(", "))
}
