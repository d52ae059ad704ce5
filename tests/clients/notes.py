"""The snippets of learners' notes, with their calls and settings, but for the sleeps between records."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import kafka
from kafka import KafkaConsumer, KafkaProducer

import notes_streams
from kafka_python_calls import BROKERS, create
from notes_calls import encoded, from_json, take, to_json
from trial import acked, check, client, expect, finished, read, step, until


def main():
    client("notes", f"on kafka-python {kafka.__version__}")
    create("user-clicks")
    create("orders")
    first_producers()
    production_settings()
    consumer_with_manual_commit()
    automatic_commit_and_resume()
    three_consumers_three_partitions()
    callbacks_and_partitioners()
    notes_streams.all_of_them()
    finished()


def first_producers():
    step("the first producers and consumers: bytes, JSON, keys, the answer to a record")
    reader = KafkaConsumer("orders", bootstrap_servers=BROKERS)
    # It starts at the end, so it is to be there before the record is.
    until("its partitions", lambda: reader.poll(timeout_ms=50) or reader.assignment())
    [reader.position(partition) for partition in reader.assignment()]
    producer = KafkaProducer(bootstrap_servers=BROKERS)
    producer.send("orders", b'{"order_id": 123, "amount": 50}')
    producer.flush()
    expect("the order", from_json(take(reader, 1)[0].value), {"order_id": 123, "amount": 50})
    reader.close()
    producer.close()

    producer = KafkaProducer(
        bootstrap_servers=BROKERS, value_serializer=to_json, key_serializer=encoded
    )
    event = {"user_id": "123", "event": "click", "timestamp": "2026-02-14T15:30:00Z"}
    answers = [
        producer.send(topic="user-clicks", key="user_123", value=event).get(timeout=10)
        for _ in range(3)
    ]
    expect("partitions of one key", len({answer.partition for answer in answers}), 1)
    expect("offsets", [answer.offset for answer in answers], [0, 1, 2])
    producer.close()


def production_settings():
    step("the settings for production: acks, retries, idempotence, gzip, batches")
    producer = KafkaProducer(
        bootstrap_servers=BROKERS,
        value_serializer=to_json,
        acks="all",
        retries=3,
        max_in_flight_requests_per_connection=5,
        enable_idempotence=True,
        compression_type="gzip",
        batch_size=16384,
        linger_ms=10,
    )
    topic = create("settings")
    values = [f"record-{n}" for n in range(200)]
    futures = [producer.send(topic, value) for value in values]
    for future, value in zip(futures, values, strict=True):
        future.get(timeout=30)
        acked(topic, value)
    producer.close()
    reader = KafkaConsumer(
        topic,
        bootstrap_servers=BROKERS,
        group_id="my-consumer-group",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=500,
        fetch_max_wait_ms=500,
        session_timeout_ms=30000,
        heartbeat_interval_ms=3000,
        value_deserializer=from_json,
    )
    # A pool over the consumer itself would never return: it has no end.
    with ThreadPoolExecutor(max_workers=4) as executor:
        for value in executor.map(lambda message: message.value, take(reader, 200)):
            read(topic, value)
    reader.close()
    check(topic, "at-least-once")


def consumer_with_manual_commit():
    step("a consumer that commits after each record")
    reader = KafkaConsumer(
        "user-clicks",
        bootstrap_servers=BROKERS,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        group_id="analytics-service",
        value_deserializer=from_json,
    )
    for message in take(reader, 3):
        expect("the event", message.value["event"], "click")
        expect("the key", message.key, b"user_123")
        reader.commit()
    offsets = {partition: reader.committed(partition) for partition in reader.assignment()}
    expect("what is committed", [at for at in offsets.values() if at], [3])
    reader.close()


def automatic_commit_and_resume():
    step("a consumer that commits by itself, and the next one, which goes on from there")
    topic = create("automatic", 1)
    producer = KafkaProducer(bootstrap_servers=BROKERS, value_serializer=to_json)
    for part in ([1, 2, 3], [4, 5]):
        for number in part:
            producer.send(topic, {"number": number})
        producer.flush()
        reader = KafkaConsumer(
            topic,
            bootstrap_servers=BROKERS,
            group_id="analytics-group",
            value_deserializer=from_json,
            auto_offset_reset="earliest",
            enable_auto_commit=True,
            auto_commit_interval_ms=5000,
        )
        expect("numbers", [message.value["number"] for message in take(reader, len(part))], part)
        reader.close()
    producer.close()


def three_consumers_three_partitions():
    step("a group of three consumers over three partitions: one each")
    quick = {"group_id": "three", "heartbeat_interval_ms": 500}
    readers = [KafkaConsumer("user-clicks", bootstrap_servers=BROKERS, **quick) for _ in range(3)]

    def attempt():
        for reader in readers:
            reader.poll(timeout_ms=20)
        return all(len(reader.assignment()) == 1 for reader in readers)

    until("a partition for each", attempt)
    everything = set().union(*(reader.assignment() for reader in readers))
    expect("partitions", len(everything), 3)
    for reader in readers:
        reader.close()


def callbacks_and_partitioners():
    step("callbacks and a partitioner of one's own")

    class ByHash:
        """Python's own hash() differs from one process to the next, as a note finds out late."""

        def partition(self, topic, key, metadata):
            partitions = sorted(metadata.partitions_for_topic(topic))
            return partitions[hashlib.sha256(key).digest()[0] % len(partitions)]

    producer = KafkaProducer(bootstrap_servers=BROKERS, partitioner=ByHash())
    sent, failed = [], []
    for n in range(20):
        future = producer.send("user-clicks", key=b"k%d" % n, value=b"value")
        future.add_callback(sent.append).add_errback(failed.append)
    producer.flush()
    expect("failures", failed, [])
    expect("partitions", len({metadata.partition for metadata in sent}), 3)
    producer.close()


if __name__ == "__main__":
    main()
