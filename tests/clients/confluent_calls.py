"""The calls of confluent-kafka that its programs have in common."""

import contextlib

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from trial import PATIENCE_S, SERVERS, acked, client, expect, read, text, until


def introduce():
    library = confluent_kafka.libversion()[0]
    client("confluent-kafka", f"{confluent_kafka.__version__} (librdkafka {library})")


def admin():
    return AdminClient({"bootstrap.servers": SERVERS})


def create(topic, partitions=3):
    client = admin()
    client.create_topics([NewTopic(topic, partitions, 3)])[topic].result(PATIENCE_S)
    return topic


def producer(settings):
    return Producer({"bootstrap.servers": SERVERS} | settings)


def send(sender, topic, records, tell=acked):
    """Sends records; tells of each when it is acknowledged."""

    def delivered(error, message):
        if error:
            raise KafkaException(error)
        tell(topic, message.value())

    for key, value in records:
        sender.produce(topic, key=key, value=value, on_delivery=delivered)
        sender.poll(0)


def flush(sender):
    expect("records that were not sent", sender.flush(PATIENCE_S), 0)


@contextlib.contextmanager
def consumer(group, settings=None):
    usual = {
        "bootstrap.servers": SERVERS,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    reader = Consumer(usual | (settings or {}))
    try:
        yield reader
    finally:
        reader.close()


def poll(reader, wait_s=0.1):
    """A message or the end of a partition; None if neither came."""
    message = reader.poll(wait_s)
    if message is None or message.error() is None:
        return message
    if message.error().code() == KafkaError._PARTITION_EOF or not message.error().retriable():
        return message
    return None


def is_end(message):
    if message.error() is None:
        return False
    if message.error().code() != KafkaError._PARTITION_EOF:
        raise KafkaException(message.error())
    return True


def read_all(topic, settings=None, tell=read):
    """Reads a topic without a group, and returns the values."""
    with consumer("nobody", settings) as reader:
        reader.assign([TopicPartition(topic, partition, 0) for partition in range(3)])
        return read_to_end(reader, topic, tell)


def read_to_end(reader, topic, tell=read):
    """Reads each of three partitions to its end, and returns the values."""
    values, ended = [], set()

    def attempt():
        message = poll(reader)
        if message is None:
            return False
        if is_end(message):
            ended.add(message.partition())
        else:
            # What comes after an end belongs to a partition that was lost and found.
            ended.discard(message.partition())
            values.append(text(message.value()))
            tell(topic, message.value())
        return len(ended) == 3

    until(f"the end of {topic}", attempt)
    return values
