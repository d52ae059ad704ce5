//! The cluster at an instant as JSON: the numbers that Kafka's own tools show, by node, topic, client and group.

use std::fmt::Display;

use highwater_scenario::cluster::acl::Acl;
use highwater_scenario::cluster::view::{
    BrokerState, BrokerView, ClusterView, ConsumerView, ControllerView, GroupView, InFlightView,
    PartitionView, ProducerView, QuotaView, RemoteView, ReplicaRole, ReplicaView,
    ShareConsumerView, ShareGroupView, SharePartitionView, ThrottleView, TopicView,
    TransactionView,
};
use serde_json::{Value, json};

/// A view as an object.
pub(super) fn view(view: &ClusterView) -> Value {
    json!({
        "type": "view",
        "at_us": view.at.0,
        "controllers": objects(&view.controllers, controller),
        "brokers": objects(&view.brokers, broker),
        "topics": objects(&view.topics, topic),
        "producers": objects(&view.producers, producer),
        "consumers": objects(&view.consumers, consumer),
        "share_consumers": objects(&view.share_consumers, share_consumer),
        "groups": objects(&view.groups, group),
        "share_groups": objects(&view.share_groups, share_group),
        "transactions": objects(&view.transactions, transaction),
        "principals": view
            .principals
            .iter()
            .map(|(client, principal)| (client.0.to_string(), json!(principal.to_string())))
            .collect::<serde_json::Map<_, _>>(),
        "acls": objects(&view.acls, acl),
        "quotas": objects(&view.quotas, quota),
        "remote_store": remote(&view.remote),
        "throttled": objects(&view.throttled, throttle),
    })
}

fn objects<T>(all: &[T], object: impl Fn(&T) -> Value) -> Vec<Value> {
    all.iter().map(object).collect()
}

fn words<T: Display>(all: &[T]) -> Vec<String> {
    all.iter().map(T::to_string).collect()
}

fn controller(node: &ControllerView) -> Value {
    json!({
        "id": node.id.0,
        "running": node.is_running,
        "active": node.is_active,
        "role": node.role.name(),
        "epoch": node.epoch.0,
        "high_watermark": node.high_watermark.0,
        "log_end_offset": node.metadata_log_end_offset.0,
    })
}

fn broker(broker: &BrokerView) -> Value {
    let state = match broker.state {
        BrokerState::Stopped => "stopped",
        BrokerState::Starting => "starting",
        BrokerState::Running => "running",
        BrokerState::ShuttingDown => "shutting down",
    };
    json!({
        "id": broker.id.0,
        "rack": broker.rack.as_deref(),
        "state": state,
        "fenced": broker.is_fenced,
        "paused": broker.is_paused,
        "replicas": objects(&broker.replicas, replica),
    })
}

fn replica(replica: &ReplicaView) -> Value {
    let role = match replica.role {
        ReplicaRole::Leader => "leader",
        ReplicaRole::Follower => "follower",
        ReplicaRole::Offline => "offline",
    };
    json!({
        "partition": replica.partition.to_string(),
        "role": role,
        "in_sync": replica.in_sync,
        "leader_epoch": replica.leader_epoch.0,
        "log_start_offset": replica.log_start_offset.0,
        "local_log_start_offset": replica.local_log_start_offset.0,
        "high_watermark": replica.high_watermark.0,
        "last_stable_offset": replica.last_stable_offset.0,
        "log_end_offset": replica.log_end_offset.0,
        "size_bytes": replica.size_bytes,
    })
}

fn topic(topic: &TopicView) -> Value {
    let configs = topic.configs.iter().map(|(name, value)| (name.to_string(), json!(&**value)));
    json!({
        "name": topic.name.as_str(),
        "id": topic.id.to_string(),
        "internal": topic.is_internal,
        "configs": Value::Object(configs.collect()),
        "partitions": objects(&topic.partitions, partition),
    })
}

fn partition(view: &PartitionView) -> Value {
    json!({
        "partition": view.partition.to_string(),
        "leader": view.leader.map(|leader| leader.0),
        "leader_epoch": view.leader_epoch.0,
        "replicas": objects(&view.replicas, |broker| json!(broker.0)),
        "isr": objects(&view.isr, |broker| json!(broker.0)),
    })
}

fn producer(producer: &ProducerView) -> Value {
    json!({
        "name": &*producer.name,
        "topic": producer.topic.as_str(),
        "acks": &*producer.acks,
        "closed": producer.is_closed,
        "records_waiting": producer.records_waiting,
        "records_in_flight": producer.records_in_flight,
        "records_acknowledged": producer.records_acknowledged,
        "records_failed": producer.records_failed,
        "retries": producer.retries,
        "last_error": producer.last_error.as_deref(),
    })
}

fn consumer(consumer: &ConsumerView) -> Value {
    let assignment = objects(&consumer.assignment, |own| {
        json!({
            "partition": own.partition.to_string(),
            "position": own.position.map(|offset| offset.0),
            "committed": own.committed.map(|offset| offset.0),
            "lag": own.lag,
        })
    });
    json!({
        "name": &*consumer.name,
        "group": consumer.group.as_str(),
        "topics": words(&consumer.topics),
        "closed": consumer.is_closed,
        "assignment": assignment,
        "records_consumed": consumer.records_consumed,
        "last_error": consumer.last_error.as_deref(),
    })
}

fn group(group: &GroupView) -> Value {
    let members = objects(
        &group.members,
        |member| json!({ "id": member.id.as_str(), "assignment": words(&member.assignment) }),
    );
    let committed = group.committed.iter().map(
        |(partition, offset)| json!({ "partition": partition.to_string(), "offset": offset.0 }),
    );
    json!({
        "id": group.id.as_str(),
        "state": group.state.name(),
        "generation": group.generation.0,
        "coordinator": group.coordinator.0,
        "assignor": group.assignor.as_deref(),
        "members": members,
        "committed": committed.collect::<Vec<_>>(),
    })
}

fn share_consumer(consumer: &ShareConsumerView) -> Value {
    json!({
        "name": &*consumer.name,
        "group": consumer.group.as_str(),
        "topics": words(&consumer.topics),
        "closed": consumer.is_closed,
        "assignment": words(&consumer.assignment),
        "records_in_hand": consumer.in_hand,
        "records_delivered": consumer.records_delivered,
        "records_accepted": consumer.accepted,
        "records_released": consumer.released,
        "records_rejected": consumer.rejected,
        "records_too_late": consumer.too_late,
        "last_error": consumer.last_error.as_deref(),
    })
}

fn share_group(group: &ShareGroupView) -> Value {
    let members = objects(
        &group.members,
        |member| json!({ "id": member.id.as_str(), "assignment": words(&member.assignment) }),
    );
    json!({
        "id": group.id.as_str(),
        "state": group.state.name(),
        "epoch": group.epoch.0,
        "coordinator": group.coordinator.0,
        "members": members,
        "partitions": objects(&group.partitions, share_partition),
    })
}

fn share_partition(view: &SharePartitionView) -> Value {
    json!({
        "partition": view.partition.to_string(),
        "leader": view.leader.0,
        "start_offset": view.start.0,
        "end_offset": view.end.0,
        "in_flight": objects(&view.in_flight, in_flight),
    })
}

fn in_flight(run: &InFlightView) -> Value {
    json!({
        "first_offset": run.first.0,
        "last_offset": run.last.0,
        "state": run.state.name(),
        "delivery_count": run.delivery_count,
        "member": run.member.as_ref().map(|id| id.as_str()),
    })
}

fn remote(view: &RemoteView) -> Value {
    json!({
        "enabled": view.is_enabled,
        "failed": view.has_failed,
        "objects": view.objects,
        "log_bytes": view.log_bytes,
        "partitions": objects(&view.partitions, |tier| json!({
            "partition": tier.partition.to_string(),
            "leader": tier.leader.0,
            "highest_offset": tier.highest_offset.map(|offset| offset.0),
            "copy_lag_segments": tier.copy_lag_segments,
            "copy_lag_bytes": tier.copy_lag_bytes,
            "segments": objects(&tier.segments, |segment| json!({
                "id": segment.id.to_string(),
                "start_offset": segment.start_offset.0,
                "end_offset": segment.end_offset.0,
                "size_bytes": segment.size_bytes,
                "state": segment.state.name(),
            })),
        })),
    })
}

fn acl(acl: &Acl) -> Value {
    let (pattern, entry) = (&acl.pattern, &acl.entry);
    json!({
        "resource_type": pattern.resource_type.name(),
        "name": &*pattern.name,
        "pattern_type": pattern.pattern_type.name(),
        "principal": entry.principal.to_string(),
        "host": &*entry.host,
        "operation": entry.operation.name(),
        "permission_type": entry.permission.name(),
    })
}

fn quota(view: &QuotaView) -> Value {
    let allowed = view.quotas.iter().map(|(name, value)| (name.to_string(), json!(value.get())));
    json!({ "entity": view.entity.to_string(), "quotas": Value::Object(allowed.collect()) })
}

fn throttle(view: &ThrottleView) -> Value {
    json!({
        "client": view.client.0,
        "broker": view.broker.0,
        "by": view.kind.key(),
        "until_us": view.until.0,
    })
}

fn transaction(transaction: &TransactionView) -> Value {
    json!({
        "id": transaction.id.as_str(),
        "state": transaction.state.name(),
        "coordinator": transaction.coordinator.0,
        "producer_id": transaction.producer_id.0,
        "producer_epoch": transaction.producer_epoch.0,
        "partitions": words(&transaction.partitions),
    })
}
