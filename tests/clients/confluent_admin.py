"""The admin client of confluent-kafka."""

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    ElectionType,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)
from confluent_kafka.cimpl import NewPartitions

from confluent_calls import admin, consumer, create, flush, producer, read_to_end, send
from trial import PATIENCE_S, expect, keyed, step


def one(futures):
    """The result of the only future of an answer."""
    return next(iter(futures.values())).result(PATIENCE_S)


def refused(what, call, code):
    try:
        call()
    except KafkaException as error:
        return expect(what, error.args[0].code(), code)
    raise AssertionError(f"{what}: it was not refused")


def topics_and_settings():
    step("administration: the cluster, topics, records, offsets, leaders, settings")
    client = admin()
    nodes = client.describe_cluster(request_timeout=PATIENCE_S).result().nodes
    expect("brokers", sorted(node.id for node in nodes), [1, 2, 3])
    topic = create("administered")
    refused("the same topic again", lambda: create(topic), KafkaError.TOPIC_ALREADY_EXISTS)
    one(client.create_partitions([NewPartitions(topic, 5)]))
    refused(
        "fewer partitions",
        lambda: one(client.create_partitions([NewPartitions(topic, 2)])),
        KafkaError.INVALID_PARTITIONS,
    )
    described = one(client.describe_topics(TopicCollection([topic])))
    expect("partitions", len(described.partitions), 5)
    expect("replicas", {len(partition.replicas) for partition in described.partitions}, {3})
    records_and_leaders(client)
    settings(client, topic)
    one(client.delete_topics([topic]))
    refused(
        "a topic that is gone",
        lambda: one(client.describe_topics(TopicCollection([topic]))),
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    )


def records_and_leaders(client):
    partition = TopicPartition(create("offsets", 1), 0)
    sender = producer({})
    send(sender, partition.topic, keyed(10), lambda *_: None)
    flush(sender)

    def offset(spec):
        return one(client.list_offsets({partition: spec})).offset

    deletion = TopicPartition(partition.topic, 0, 4)
    expect("the low watermark", one(client.delete_records([deletion])).low_watermark, 4)
    found = [offset(spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest())]
    expect("earliest and latest", found, [4, 10])
    expect("the greatest timestamp", offset(OffsetSpec.max_timestamp()) in range(4, 10), True)
    elected = client.elect_leaders(ElectionType.PREFERRED, [partition]).result(PATIENCE_S)
    error = elected[partition]
    expect("an election", error and error.code(), KafkaError.ELECTION_NOT_NEEDED)


def settings(client, topic):
    def alter(name, value, operation=AlterConfigOpType.SET):
        entry = ConfigEntry(name, value, incremental_operation=operation)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        one(client.incremental_alter_configs([resource]))

    def value_of(name):
        return one(client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))[name].value

    alter("retention.ms", "60000")
    alter("cleanup.policy", "compact", AlterConfigOpType.APPEND)
    expect("retention.ms", value_of("retention.ms"), "60000")
    expect("cleanup.policy", value_of("cleanup.policy"), "delete,compact")
    alter("retention.ms", None, AlterConfigOpType.DELETE)
    expect("retention.ms", value_of("retention.ms"), "604800000")
    refused("no number", lambda: alter("retention.ms", "soon"), KafkaError.INVALID_CONFIG)
    broker = one(client.describe_configs([ConfigResource(ResourceType.BROKER, "1")]))
    expect("node.id", broker["node.id"].value, "1")


def groups():
    step("administration of groups: list, describe, offsets, delete")
    client = admin()
    topic, group = create("grouped"), "administered"
    sender = producer({})
    send(sender, topic, keyed(30), lambda *_: None)
    flush(sender)
    with consumer(group) as reader:
        reader.subscribe([topic])
        read_to_end(reader, topic, tell=lambda *_: None)
        reader.commit(asynchronous=False)
        described = one(client.describe_consumer_groups([group]))
        expect("members", len(described.members), 1)
        refused(
            "deleting a group with a member",
            lambda: one(client.delete_consumer_groups([group])),
            KafkaError.NON_EMPTY_GROUP,
        )
    listed = client.list_consumer_groups(request_timeout=PATIENCE_S).result().valid
    expect("the group is listed", group in [one.group_id for one in listed], True)
    asked = ConsumerGroupTopicPartitions(group)
    found = one(client.list_consumer_group_offsets([asked])).topic_partitions
    expect("all that is committed", sum(partition.offset for partition in found), 30)
    back = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 0)])
    one(client.alter_consumer_group_offsets([back]))
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    found = one(client.list_consumer_group_offsets([asked])).topic_partitions
    expect("an altered offset", found[0].offset, 0)
    one(client.delete_consumer_groups([group]))
