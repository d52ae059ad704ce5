"""The calls of kafka-python that its programs have in common."""

import contextlib

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import IllegalStateError

from trial import PATIENCE_S, SERVERS, acked, read, text, until

BROKERS = SERVERS.split(",")


@contextlib.contextmanager
def admin():
    client = KafkaAdminClient(bootstrap_servers=BROKERS)
    try:
        yield client
    finally:
        client.close()


def create(topic, partitions=3):
    with admin() as client:
        options = {"num_partitions": partitions, "replication_factor": 3}
        client.create_topics({topic: options}, wait_for_metadata=True)
    return topic


@contextlib.contextmanager
def producer(**settings):
    sender = KafkaProducer(bootstrap_servers=BROKERS, **settings)
    try:
        yield sender
    finally:
        sender.close()


def send(sender, topic, records, tell=acked):
    """Sends records, and tells of each when all are acknowledged."""
    sent = [(sender.send(topic, value.encode(), key.encode()), value) for key, value in records]
    for future, value in sent:
        future.get(PATIENCE_S)
        tell(topic, value)


@contextlib.contextmanager
def consumer(*topics, group, **settings):
    reader = KafkaConsumer(
        *topics,
        bootstrap_servers=BROKERS,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **settings,
    )
    try:
        yield reader
    finally:
        reader.close()


def read_all(topic, partitions=3, tell=read, **settings):
    """Reads a topic without a group, and returns the values."""
    with consumer(group=None, **settings) as reader:
        reader.assign([TopicPartition(topic, partition) for partition in range(partitions)])
        return read_to_end(reader, tell)


def read_to_end(reader, tell=read):
    """Reads all that is assigned to its end, and returns the values."""
    values = []

    def attempt():
        values.extend(poll(reader, tell))
        assigned = reader.assignment()
        return assigned and is_at_end(reader, assigned)

    until("the end of all partitions", attempt)
    return values


def is_at_end(reader, assigned):
    try:
        ends = reader.end_offsets(assigned)
        return all(reader.position(partition) >= end for partition, end in ends.items())
    except IllegalStateError:
        # A partition went to another member meanwhile.
        return False


def poll(reader, tell=read, wait_ms=50):
    """The values that came."""
    values = []
    for records in reader.poll(timeout_ms=wait_ms).values():
        for record in records:
            tell(record.topic, record.value)
            values.append(text(record.value))
    return values
