"""kafka-python against a cluster that is watched and disturbed meanwhile: what it sends, it reads back.

Prints a line for each record that was acknowledged, `acked N`, and at the end `read N, lost M`.
"""

import os
import sys
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

SERVERS = os.environ["BOOTSTRAP_SERVERS"].split(",")
TOPIC = "rides"
RECORDS = int(os.environ.get("RECORDS", "150"))
PAUSE_S = 0.05
PATIENCE_S = 120


def main():
    with_topic()
    sent = [f"ride-{number}".encode() for number in range(RECORDS)]
    producer = KafkaProducer(
        bootstrap_servers=SERVERS,
        client_id="rides-app",
        acks="all",
        enable_idempotence=True,
        retries=2**31 - 1,
        delivery_timeout_ms=PATIENCE_S * 1000,
    )
    for number, value in enumerate(sent):
        producer.send(TOPIC, value, key=str(number % 7).encode()).get(timeout=PATIENCE_S)
        print(f"acked {number + 1}", flush=True)
        time.sleep(PAUSE_S)
    producer.close()
    read = read_all(len(sent))
    lost = set(sent) - set(read)
    print(f"read {len(read)}, lost {len(lost)}", flush=True)
    sys.exit(0 if sorted(read) == sorted(sent) else 1)


def with_topic():
    admin = KafkaAdminClient(bootstrap_servers=SERVERS)
    admin.create_topics([NewTopic(TOPIC, num_partitions=3, replication_factor=3)])
    admin.close()


def read_all(count):
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=SERVERS,
        client_id="rides-reader",
        group_id="rides-readers",
        auto_offset_reset="earliest",
    )
    read = []
    until = time.monotonic() + PATIENCE_S
    while len(read) < count and time.monotonic() < until:
        for records in consumer.poll(timeout_ms=500).values():
            read.extend(record.value for record in records)
    time.sleep(float(os.environ.get("LINGER_S", "0")))
    consumer.close()
    return read


main()
