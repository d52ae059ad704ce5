"""confluent-kafka, which is librdkafka: records, idempotence, administration."""

import confluent_admin
from confluent_calls import (
    consumer,
    create,
    flush,
    introduce,
    producer,
    read_all,
    read_to_end,
    send,
)
from meanwhile import meanwhile
from trial import CODECS, check, cluster, compressed, expect, finished, keyed, step


def main():
    introduce()
    topics_and_records()
    broker_stopped({"enable.idempotence": True}, "exactly-once")
    broker_stopped({"enable.idempotence": False}, "at-least-once")
    held_back()
    held_back_for_time()
    confluent_admin.topics_and_settings()
    confluent_admin.groups()
    finished()


def topics_and_records():
    step("a topic; keyed records, compressed by " + ", ".join(CODECS) + "; read by a group")
    topic = create("records")
    for codec in CODECS:
        sender = producer({"compression.type": codec, "linger.ms": 20})
        send(sender, topic, keyed(200, codec))
        flush(sender)
    with consumer("readers") as reader:
        reader.subscribe([topic])
        read_to_end(reader, topic)
    check(topic)
    compressed(topic, CODECS)


def held_back():
    step("a quota of 6 kB/s on each broker: librdkafka is told to wait, keeps to it, and nothing is lost")
    topic = create("held-back")
    alter = "kafka-configs.sh --bootstrap-server broker1:9092 --alter --client hasty"
    cluster(f"{alter} --add-config producer_byte_rate=6000")
    waits = []
    settings = {
        "client.id": "hasty",
        "linger.ms": 50,
        "throttle_cb": lambda event: waits.append(event.throttle_time),
    }
    sender = producer(settings)
    # 300 kB for three brokers: of each, ten seconds' worth may come at once, the rest has to wait.
    for part in range(15):
        send(sender, topic, [(key, value.ljust(200, ".")) for key, value in keyed(100, f"p{part}-")])
        sender.poll(0.1)
    flush(sender)
    expect("whether it was told to wait", max(waits, default=0) > 0, True)
    cluster(f"{alter} --delete-config producer_byte_rate")
    with consumer("unhurried") as reader:
        reader.subscribe([topic])
        read_to_end(reader, topic)
    check(topic)


def held_back_for_time():
    step("a quota of the time that requests take, 0.1 % of a thread: librdkafka is told to wait, and nothing is lost")
    topic = create("held-back-for-time")
    alter = "kafka-configs.sh --bootstrap-server broker1:9092 --alter --client busy"
    cluster(f"{alter} --add-config request_percentage=0.1")
    waits = []
    settings = {
        "client.id": "busy",
        "linger.ms": 0,
        # A request for each record: the model of their time counts requests before it counts bytes.
        "batch.num.messages": 1,
        "throttle_cb": lambda event: waits.append(event.throttle_time),
    }
    sender = producer(settings)
    send(sender, topic, keyed(300, "busy"))
    flush(sender)
    expect("whether it was told to wait, a second at the most", 0 < max(waits, default=0) <= 1.0, True)
    cluster(f"{alter} --delete-config request_percentage")
    with consumer("patient") as reader:
        reader.subscribe([topic])
        read_to_end(reader, topic)
    check(topic)


def broker_stopped(settings, promise):
    words = "with idempotence" if settings["enable.idempotence"] else "without"
    step(f"a broker stopped while records come, {words}: {promise}")
    topic = create(f"stopped-{promise}")
    sender = producer({"linger.ms": 5} | settings)
    with meanwhile(lambda record: send(sender, topic, [record])):
        cluster("broker stop 2")
    flush(sender)
    read_all(topic)
    check(topic, promise)
    cluster("broker start 2")


if __name__ == "__main__":
    main()
