"""confluent-kafka, for hours: a producer and a group, while brokers come and go."""

import threading

from confluent_calls import consumer, flush, introduce, is_end, poll, producer, read_all, send
from soak import OF_GROUP, TOPIC, Ending, acked_by_both, until_over
from trial import check, finished, read, step, until


def main():
    introduce()
    step("records sent with idempotence, and read by a group")
    group = Group()
    group.start()
    sender = producer({"enable.idempotence": True, "linger.ms": 20, "message.timeout.ms": 0})
    count = 0
    for record in until_over(Ending()):
        send(sender, TOPIC, [record], acked_by_both)
        count += 1
    step("all is read again")
    flush(sender)
    until("the group", lambda: group.error or len(group.values) >= count or group.join(0.1))
    group.end()
    read_all(TOPIC)
    check(TOPIC)
    check(TOPIC + OF_GROUP, "at-least-once")
    finished()


class Group(threading.Thread):
    """The one member of a group, which commits what it has read."""

    def __init__(self):
        super().__init__(daemon=True)
        self.values = set()
        self.is_over = False
        self.error = None

    def run(self):
        try:
            settings = {"group.protocol": "consumer", "enable.auto.commit": True}
            with consumer("soak-confluent", settings) as reader:
                reader.subscribe([TOPIC])
                while not self.is_over:
                    message = poll(reader)
                    if message is not None and not is_end(message):
                        self.values.add(message.value())
                        read(TOPIC + OF_GROUP, message.value())
        except Exception as error:
            self.error = error

    def end(self):
        self.is_over = True
        self.join()
        if self.error:
            raise self.error


if __name__ == "__main__":
    main()
