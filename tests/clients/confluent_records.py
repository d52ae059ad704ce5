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
from trial import CODECS, check, cluster, compressed, finished, keyed, step


def main():
    introduce()
    topics_and_records()
    broker_stopped({"enable.idempotence": True}, "exactly-once")
    broker_stopped({"enable.idempotence": False}, "at-least-once")
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
