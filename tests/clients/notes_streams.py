"""More snippets of the notes: batches, streams of events, metrics, many topics, transactions."""

import json
import random
from collections import defaultdict
from datetime import datetime

from kafka import KafkaConsumer, KafkaProducer

from kafka_python_calls import BROKERS, admin, create, read_all
from notes_calls import encoded, from_json, take, to_json
from trial import acked, check, expect, read, step

# What the notes draw at random; the seed makes a failure repeatable.
RANDOM = random.Random(1)


def all_of_them():
    for topic in ("user-events", "realtime-events", "order-events", "topic1", "topic2"):
        create(topic)
    batch_producer()
    clicks_and_metrics()
    streaming_producer_and_many_topics()
    orders_dashboard()
    topics_by_date_and_compacted()
    transactions()


class BatchProducer:
    """Sends many records, and waits for all of them."""

    def __init__(self, bootstrap_servers):
        self.errors = []
        self.producer = KafkaProducer(
            bootstrap_servers=bootstrap_servers,
            value_serializer=to_json,
            acks="all",
            retries=3,
            max_in_flight_requests_per_connection=1,
            enable_idempotence=True,
        )

    def send_batch(self, records, topic):
        futures = []
        for record in records:
            key = str(record["user_id"]).encode("utf-8")
            future = self.producer.send(topic=topic, key=key, value=record)
            future.add_errback(self.errors.append)
            futures.append(future)
        for future in futures:
            future.get(timeout=30)

    def close(self):
        self.producer.flush()
        self.producer.close()


def batch_producer():
    step("a producer of batches, with errbacks")
    producer = BatchProducer(BROKERS)
    kinds = ("click", "view", "purchase")
    events = [{"user_id": n, "event_type": kind} for n, kind in enumerate(kinds)]
    producer.send_batch(events, "user-events")
    producer.close()
    expect("errors", producer.errors, [])


def clicks_and_metrics():
    step("events of users and their metrics, with the mistakes that the notes make")
    producer = KafkaProducer(
        bootstrap_servers=BROKERS,
        key_serializer=encoded,
        value_serializer=to_json,
        acks="all",
    )
    kinds = ["click", "view", "add_to_cart", "purchase"]
    for n in range(100):
        event = {
            "event_id": f"evt_{n}",
            "user_id": f"user_{RANDOM.randint(1, 10)}",
            "event_type": RANDOM.choice(kinds),
            "page": RANDOM.choice(["home", "product", "checkout"]),
        }
        producer.send(topic="user-events", key=event["user_id"], value=event)
    producer.flush()
    producer.close()
    messages = metrics_consumer(103)
    by_user = defaultdict(lambda: {"clicks": 0, "views": 0, "purchases": 0})
    try:
        for message in messages:
            event = from_json(message.value)
            by_user[event["user_id"]][event["event_type"] + "s"] += 1
        raise AssertionError("add_to_carts has been counted")
    except KeyError as error:
        expect("what was not foreseen", error.args, ("add_to_carts",))
    keys = defaultdict(set)
    for message in messages:
        keys[message.key].add(message.partition)
    expect("keys in two partitions", [key for key, at in keys.items() if len(at) > 1], [])


def metrics_consumer(count):
    """Counts what comes; without a deserializer a value is bytes, which have no fields."""
    reader = KafkaConsumer(
        "user-events",
        bootstrap_servers=BROKERS,
        group_id="metrics-consumer",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    messages, metrics = [], defaultdict(int)
    for message in take(reader, count):
        expect("a field of bytes", hasattr(message.value, "get"), False)
        metrics[from_json(message.value).get("event_type", "unknown")] += 1
        messages.append(message)
    reader.commit()
    reader.close()
    expect("all that was counted", sum(metrics.values()), count)
    return messages


def streaming_producer_and_many_topics():
    step("a stream of events, compressed; a consumer of three topics")
    producer = KafkaProducer(
        bootstrap_servers=BROKERS,
        value_serializer=to_json,
        key_serializer=encoded,
        compression_type="gzip",
    )
    for n in range(20):
        event = {"user_id": RANDOM.randint(1, 100), "event_type": "view", "number": n}
        producer.send(topic="realtime-events", key=f"user_{event['user_id']}", value=event)
        producer.send(topic="order-events", value={"order_id": n})
    producer.flush()
    producer.close()
    reader = KafkaConsumer(
        "user-events",
        "realtime-events",
        "order-events",
        bootstrap_servers=BROKERS,
        group_id="analytics-consumer",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        value_deserializer=from_json,
    )
    expect("topics", reader.subscription(), {"user-events", "realtime-events", "order-events"})
    routed = defaultdict(list)
    for message in take(reader, 143):
        routed[message.topic].append(message.value)
        reader.commit()
    reader.close()
    counts = {topic: len(values) for topic, values in routed.items()}
    expected = {"user-events": 103, "realtime-events": 20, "order-events": 20}
    expect("records of each topic", counts, expected)


def orders_dashboard():
    step("orders and their revenue")
    topic = create("shop-orders")
    producer = KafkaProducer(
        bootstrap_servers=BROKERS,
        value_serializer=to_json,
        key_serializer=encoded,
        acks="all",
        compression_type="gzip",
    )
    revenue = defaultdict(int)
    for n in range(100):
        order = {
            "order_id": n,
            "user_id": RANDOM.randint(1, 1000),
            "product_id": RANDOM.choice([101, 102, 103, 104]),
            "cents": RANDOM.randint(1_000, 50_000),
        }
        revenue[order["product_id"]] += order["cents"]
        producer.send(topic=topic, key=f"user_{order['user_id']}", value=order)
    producer.flush()
    producer.close()
    # The notes start at the latest offset, after the orders: that prints nothing.
    reader = KafkaConsumer(
        topic,
        bootstrap_servers=BROKERS,
        group_id="dashboard",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        value_deserializer=from_json,
    )
    found = defaultdict(int)
    for message in take(reader, 100):
        found[message.value["product_id"]] += message.value["cents"]
    reader.commit()
    reader.close()
    expect("revenue of each product", found, revenue)


def topics_by_date_and_compacted():
    step("a topic for each day; a compacted topic")
    day = datetime.now().strftime("%Y-%m-%d")
    producer = KafkaProducer(bootstrap_servers=BROKERS, value_serializer=to_json)
    # It comes to be with its first record.
    expect("the first offset", producer.send(f"events-{day}", {"n": 1}).get(timeout=30).offset, 0)
    options = {"num_partitions": 1, "replication_factor": 3}
    profiles = {"user-profiles": options | {"configs": {"cleanup.policy": "compact"}}}
    with admin() as client:
        client.create_topics(profiles, wait_for_metadata=True)
    for key, city in [(b"user_123", "NYC"), (b"user_123", "LA"), (b"user_456", "SFO")]:
        producer.send("user-profiles", key=key, value={"city": city})
    producer.close()
    # The active segment is never compacted: all three are there.
    values = read_all("user-profiles", partitions=1, tell=lambda *_: None)
    expect("cities", [json.loads(value)["city"] for value in values], ["NYC", "LA", "SFO"])


def transactions():
    step("a transaction over two topics, and one that fails")
    producer = KafkaProducer(
        bootstrap_servers=BROKERS, transactional_id="my-transactional-id", enable_idempotence=True
    )
    producer.init_transactions()
    for number, fails in enumerate([False, True, False]):
        try:
            producer.begin_transaction()
            producer.send("topic1", value=f"one-{number}".encode())
            producer.send("topic2", value=f"two-{number}".encode())
            if fails:
                raise ValueError("what happens between two records")
            producer.commit_transaction()
            acked("topic1", f"one-{number}")
            acked("topic2", f"two-{number}")
        except ValueError:
            producer.abort_transaction()
    producer.close()
    for topic in ("topic1", "topic2"):
        read_all(topic, tell=read, isolation_level="read_committed")
        # Without a key they go to partitions of their own choice, in no order among them.
        check(topic, "at-least-once")
