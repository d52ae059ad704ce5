"""kafka-python, for hours: a producer and a group, while brokers come and go."""

import collections
import threading
import time

import kafka
from kafka.errors import KafkaConnectionError

from kafka_python_calls import consumer, poll, producer, read_all
from soak import OF_GROUP, TOPIC, Ending, acked_by_both, until_over
from trial import PATIENCE_S, check, client, finished, read, step, until

# As long as any fault lasts, and then some.
DELIVERY_MS = 300_000


def main():
    client("kafka-python", kafka.__version__)
    step("records sent with idempotence, and read by a group")
    group = Group()
    group.start()
    count = send_until_over()
    step("all is read again")
    until("the group", lambda: group.error or len(group.values) >= count or group.join(0.1))
    group.end()
    read_all(TOPIC)
    check(TOPIC)
    check(TOPIC + OF_GROUP, "at-least-once")
    finished()


def send_until_over():
    settings = {"acks": "all", "linger_ms": 20, "delivery_timeout_ms": DELIVERY_MS}
    waiting = collections.deque()

    def tell(wait_s=0):
        """Tells of what is acknowledged, in order."""
        while waiting and (wait_s or waiting[0][0].is_done):
            sent, value = waiting.popleft()
            sent.get(wait_s)
            acked_by_both(TOPIC, value)

    with producer(enable_idempotence=True, **settings) as sender:
        count = 0
        for key, value in until_over(Ending()):
            waiting.append((sender.send(TOPIC, value.encode(), key.encode()), value))
            count += 1
            tell()
        tell(PATIENCE_S)
    return count


class Group(threading.Thread):
    """The one member of a group, which commits what it has read."""

    def __init__(self):
        super().__init__(daemon=True)
        self.values = set()
        self.is_over = False
        self.error = None

    def run(self):
        try:
            with consumer(TOPIC, group="soak-kafka-python") as reader:
                while not self.is_over:
                    self.turn(reader)
        except Exception as error:
            self.error = error

    def turn(self, reader):
        try:
            self.values.update(poll(reader, lambda topic, value: read(topic + OF_GROUP, value)))
            reader.commit_async()
        except KafkaConnectionError:
            # This client's poll tells of a connection that was lost; the next one makes another.
            time.sleep(0.1)

    def end(self):
        self.is_over = True
        self.join()
        if self.error:
            raise self.error


if __name__ == "__main__":
    main()
