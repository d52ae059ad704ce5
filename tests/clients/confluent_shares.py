"""confluent-kafka, which is librdkafka: a share group (KIP-932), whose members have records of one partition at the same time."""

import contextlib

from confluent_kafka import AcknowledgeType, ShareConsumer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from confluent_calls import admin, create, flush, introduce, producer, send
from trial import PATIENCE_S, SERVERS, check, cluster, expect, finished, keyed, read, step, text, until


BATCH = 10
EXPLICIT = {"share.acknowledgement.mode": "explicit"}


def main():
    introduce()
    one_partition_for_two_members()
    given_back_and_given_up()
    a_member_that_closes()
    a_broker_stopped()
    finished()


@contextlib.contextmanager
def member(group, topic, settings=None):
    usual = {"bootstrap.servers": SERVERS, "group.id": group}
    consumer = ShareConsumer(usual | (settings or {}))
    consumer.subscribe([topic])
    try:
        yield consumer
    finally:
        consumer.close()


def from_the_beginning(group):
    """A share group begins at the end of its topics, unless its setting says otherwise."""
    entry = ConfigEntry("share.auto.offset.reset", "earliest", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.GROUP, group, incremental_configs=[entry])
    client = admin()
    for future in client.incremental_alter_configs([resource]).values():
        future.result(PATIENCE_S)


def prepare(name, partitions, count):
    """A topic with records, and a group that begins with the first of them."""
    topic = create(name, partitions)
    from_the_beginning(name)
    sender = producer({})
    records = keyed(count)
    # A leader hands out whole batches: small ones, so that there is something to share.
    for start in range(0, count, BATCH):
        send(sender, topic, records[start : start + BATCH])
        flush(sender)
    return topic


def take(consumer):
    """The messages that a poll brings, without those that are errors."""
    return [message for message in consumer.poll(0.2) if message.error() is None]


def one_partition_for_two_members():
    step("records of one partition shared by two members, accepted by the next poll")
    topic = prepare("shared", 1, 200)
    few = {"max.poll.records": 10}
    values = []
    with member(topic, topic, few) as first, member(topic, topic, few) as second:
        had = {first: 0, second: 0}

        def attempt():
            for consumer in had:
                # Whoever is first leaves something to the other, who may be slow to join.
                if had[consumer] >= 100 and 0 in had.values():
                    continue
                for message in take(consumer):
                    had[consumer] += 1
                    values.append(text(message.value()))
                    read(topic, message.value())
            return len(values) >= 200

        until("all records", attempt)
        expect("members without a record", [n for n in had.values() if n == 0], [])
        for consumer in had:
            consumer.commit_sync(PATIENCE_S)
    expect("records that came twice", len(values) - len(set(values)), 0)
    # Two members have records of one key at the same time: a share group promises no order.
    check(topic, "at-least-once")


def given_back_and_given_up():
    step("one record released and delivered again, one rejected for good")
    topic = prepare("judged", 1, 10)
    counts = {}
    with member(topic, topic, EXPLICIT) as consumer:

        def attempt():
            for message in take(consumer):
                value = text(message.value())
                counts[value] = counts.get(value, 0) + 1
                how = AcknowledgeType.ACCEPT
                if value == "k0-0" and counts[value] == 1:
                    how = AcknowledgeType.RELEASE
                elif value == "k1-1":
                    how = AcknowledgeType.REJECT
                consumer.acknowledge(message, how)
            consumer.commit_sync(PATIENCE_S)
            return len(counts) == 10 and counts["k0-0"] == 2

        until("the record that was given back", attempt)
    expect("deliveries of the rejected record", counts["k1-1"], 1)


def a_member_that_closes():
    step("a member closes with records in hand: another gets them")
    topic = prepare("closed", 1, 20)
    with member(topic, topic, EXPLICIT) as first:
        held = []

        def some():
            held.extend(text(message.value()) for message in take(first))
            return held

        until("some records", some)
    values = set()
    with member(topic, topic, EXPLICIT) as second:

        def attempt():
            for message in take(second):
                values.add(text(message.value()))
                read(topic, message.value())
                second.acknowledge(message, AcknowledgeType.ACCEPT)
            second.commit_sync(PATIENCE_S)
            return len(values) == 20

        until("all records", attempt)
    check(topic, "at-least-once")


def a_broker_stopped():
    step("a broker stopped while records come: none is lost")
    topic = prepare("kept", 3, 150)
    values = set()
    with member(topic, topic, {"max.poll.records": 10}) as consumer:
        is_stopped = False

        def attempt():
            nonlocal is_stopped
            for message in take(consumer):
                values.add(text(message.value()))
                read(topic, message.value())
            if len(values) >= 50 and not is_stopped:
                is_stopped = True
                cluster("broker stop 2")
            return len(values) == 150

        until("all records", attempt)
    cluster("broker start 2")
    check(topic, "at-least-once")


if __name__ == "__main__":
    main()
