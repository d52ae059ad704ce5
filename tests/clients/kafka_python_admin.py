"""The admin client of kafka-python."""

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import InvalidPartitionsError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from kafka_python_calls import admin, consumer, create, producer, read_to_end, send
from trial import expect, keyed, step, until


def all_calls():
    step("administration: the cluster, topics, records, settings, reassignments, groups")
    with admin() as client:
        brokers = client.describe_cluster()["brokers"]
        expect("brokers", sorted(broker["broker_id"] for broker in brokers), [1, 2, 3])
        topics(client)
        records(client)
        settings(client)
        reassignments(client)
        groups(client)


def nobody(topic, value):
    """For records that nobody compares."""


def refused(what, error, call):
    try:
        call()
    except error:
        return
    raise AssertionError(f"{what}: it was not refused")


def topics(client):
    topic = create("administered")
    refused("the same topic again", TopicAlreadyExistsError, lambda: create(topic))
    client.create_partitions({topic: 5})
    refused(
        "fewer partitions", InvalidPartitionsError, lambda: client.create_partitions({topic: 2})
    )
    expect("partitions", len(client.describe_topics([topic])[0]["partitions"]), 5)
    client.delete_topics([topic])
    until("the topic to be gone", lambda: topic not in client.list_topics())


def records(client):
    partition = TopicPartition(create("offsets", 1), 0)
    with producer() as sender:
        send(sender, partition.topic, keyed(10), nobody)
    deleted = client.delete_records({partition: 4})
    expect("the low watermark", deleted[partition]["low_watermark"], 4)
    found = [client.list_partition_offsets({partition: at})[partition].offset for at in (-2, -1)]
    expect("earliest and latest", found, [4, 10])
    directories = client.describe_log_dirs([partition.topic])
    expect("brokers with a log directory", len(directories), 3)


def settings(client):
    topic = create("settings")

    def alter(value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": value})
        client.alter_configs([resource])

    alter("60000")
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": None})
    answer = client.describe_configs([asked], config_filter="all")
    found = next(iter(answer.values()))[topic]["retention.ms"]
    expect("retention.ms", found["value"], "60000")


def reassignments(client):
    topic = create("reassigned", 1)
    partition = TopicPartition(topic, 0)
    client.alter_partition_reassignments({partition: [3, 1]})
    until("the reassignment", lambda: not client.list_partition_reassignments([partition]))
    found = client.describe_topics([topic])[0]["partitions"][0]
    expect("replicas", found["replica_nodes"], [3, 1])
    client.elect_leaders(0, [partition], raise_errors=False)
    client.wait_for_topics([topic])


def groups(client):
    topic, group = create("grouped"), "administered"
    partition = TopicPartition(topic, 0)
    with producer() as sender:
        send(sender, topic, keyed(30), nobody)
    with consumer(topic, group=group) as reader:
        read_to_end(reader, nobody)
        reader.commit()
        described = client.describe_groups([group])[group]
        expect("members", len(described["members"]), 1)
        expect("its deletion", client.delete_groups([group])[group], "NonEmptyGroupError")
    listed = [found["group_id"] for found in client.list_groups()]
    expect("the group is listed", group in listed, True)
    found = client.list_group_offsets(group)[group]
    expect("all that is committed", sum(offset.offset for offset in found.values()), 30)
    client.alter_group_offsets(group, {partition: OffsetAndMetadata(0, "", -1)})
    found = client.list_group_offsets({group: [partition]})[group]
    expect("an altered offset", found[partition].offset, 0)
    client.delete_groups([group])
