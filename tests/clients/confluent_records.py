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

    def write(sender, topic):
        # 300 kB for three brokers: of each, ten seconds' worth may come at once, the rest has to wait.
        for part in range(15):
            send(sender, topic, [(key, value.ljust(200, ".")) for key, value in keyed(100, f"p{part}-")])
            sender.poll(0.1)

    longest = told_to_wait("hasty", "producer_byte_rate=6000", {"linger.ms": 50}, write)
    expect("whether it was told to wait", longest > 0, True)


def held_back_for_time():
    step("a quota of the time that requests take, 0.1 % of a thread: librdkafka is told to wait, and nothing is lost")
    # A request for each record: the model of their time counts requests before it counts bytes.
    settings = {"linger.ms": 0, "batch.num.messages": 1}
    write = lambda sender, topic: send(sender, topic, keyed(300, "busy"))
    longest = told_to_wait("busy", "request_percentage=0.1", settings, write)
    expect("whether it was told to wait, a second at the most", 0 < longest <= 1.0, True)


def told_to_wait(client_id, quota, settings, write):
    """Writes under a quota and reads all of it without one; says how long, in seconds, the client was to wait at the most."""
    topic = create(f"held-back-{client_id}")
    alter = f"kafka-configs.sh --bootstrap-server broker1:9092 --alter --client {client_id}"
    cluster(f"{alter} --add-config {quota}")
    waits = []
    own = {"client.id": client_id, "throttle_cb": lambda event: waits.append(event.throttle_time)}
    sender = producer({**own, **settings})
    write(sender, topic)
    flush(sender)
    cluster(f"{alter} --delete-config {quota.split('=')[0]}")
    with consumer(f"readers-of-{client_id}") as reader:
        reader.subscribe([topic])
        read_to_end(reader, topic)
    check(topic)
    return max(waits, default=0)


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
