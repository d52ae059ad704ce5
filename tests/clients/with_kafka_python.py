"""kafka-python: records, groups, transactions."""

import kafka
from kafka import TopicPartition
from kafka.errors import ProducerFencedError
from kafka.structs import OffsetAndMetadata

import kafka_python_admin
from kafka_python_calls import consumer, create, poll, producer, read_all, read_to_end, send
from meanwhile import meanwhile
from trial import (
    CODECS,
    PATIENCE_S,
    acked,
    check,
    client,
    cluster,
    compressed,
    expect,
    finished,
    keyed,
    step,
    text,
    until,
)

READ_COMMITTED = {"isolation_level": "read_committed"}


def main():
    client("kafka-python", kafka.__version__)
    topics_and_records()
    commit_and_resume()
    join_and_leave()
    broker_stopped(True, "exactly-once")
    broker_stopped(False, "at-least-once")
    transactions()
    read_process_write()
    kafka_python_admin.all_calls()
    finished()


def topics_and_records():
    step("a topic; keyed records, compressed by " + ", ".join(CODECS) + "; read by a group")
    topic = create("records")
    for codec in CODECS:
        with producer(compression_type=codec, linger_ms=20) as sender:
            send(sender, topic, keyed(200, codec))
    with consumer(topic, group="readers") as reader:
        read_to_end(reader)
    check(topic)
    compressed(topic, CODECS)


def commit_and_resume():
    step("commit and resume in a group")
    topic = create("resumed")
    with producer() as sender:
        send(sender, topic, keyed(100))
    with consumer(topic, group="resumes", max_poll_records=30) as first:
        until("the first records", lambda: poll(first))
        first.commit()
    with consumer(topic, group="resumes") as second:
        read_to_end(second)
    check(topic)


def join_and_leave():
    step("rebalances as a member joins and leaves")
    topic = create("moved", 4)
    seen = []
    rounds = []

    def share(members, shares):
        """Polls the members until they have these shares, and have read all that there is."""
        with producer() as sender:
            send(sender, topic, keyed(40 * (len(rounds) + 1))[40 * len(rounds) :])
        rounds.append(shares)

        def attempt():
            for member in members:
                # A poll that ends while the group's leader waits for its part makes it join anew: that takes a few
                # milliseconds, and many on a machine that is busy.
                values = poll(member, wait_ms=200)
                # At once, so that nobody reads again what moves to another member.
                if values:
                    member.commit()
                seen.extend(values)
            owned = [len(member.assignment()) for member in members]
            return sorted(owned) == shares and len(seen) == 40 * len(rounds)

        until(f"shares of {shares}", attempt)

    quick = {"group": "moves", "heartbeat_interval_ms": 500}
    with consumer(topic, **quick) as first:
        share([first], [4])
        with consumer(topic, **quick) as second:
            share([first, second], [2, 2])
        share([first], [4])
    check(topic)


def broker_stopped(is_idempotent, promise):
    words = "with idempotence" if is_idempotent else "without"
    step(f"a broker stopped while records come, {words}: {promise}")
    topic = create(f"stopped-{promise}")
    sent = []
    with producer(enable_idempotence=is_idempotent, acks="all", linger_ms=5) as sender:

        def send_one(record):
            key, value = record
            sent.append((sender.send(topic, value.encode(), key.encode()), value))

        with meanwhile(send_one):
            cluster("broker stop 2")
        for future, value in sent:
            future.get(PATIENCE_S)
            acked(topic, value)
    read_all(topic)
    check(topic, promise)
    cluster("broker start 2")


def nobody(topic, value):
    """For records that are aborted: that they were acknowledged promises nothing."""


def transactions():
    step("transactions committed, aborted and fenced, read with both isolation levels")
    topic = create("transactions")
    records = keyed(90)
    with producer(transactional_id="payments") as sender:
        sender.init_transactions()
        for part in range(3):
            is_committed = part != 1
            sender.begin_transaction()
            send(sender, topic, records[part * 30 :][:30], acked if is_committed else nobody)
            if is_committed:
                sender.commit_transaction()
            else:
                sender.abort_transaction()
        with producer(transactional_id="payments") as second:
            second.init_transactions()
            fenced(sender, topic)
    read_all(topic, **READ_COMMITTED)
    check(topic)
    expect("records with the aborted", len(read_all(topic, tell=nobody)) >= 90, True)


def fenced(sender, topic):
    try:
        sender.begin_transaction()
        sender.send(topic, b"k-1000", b"k")
        sender.commit_transaction()
    except ProducerFencedError:
        return
    raise AssertionError("a producer that was fenced has committed")


def read_process_write():
    step("records read, processed and written, their offsets in the transaction")
    source, target = create("source"), create("target")
    with producer() as sender:
        send(sender, source, keyed(60), lambda topic, value: acked(target, value))
    with consumer(source, group="processors", max_poll_records=10) as reader:
        with producer(transactional_id="processor") as sender:
            sender.init_transactions()
            done, turn = 0, 0
            while done < 60:
                # The second transaction is aborted, and done again.
                done += process(reader, sender, target, is_committed=turn != 1)
                turn += 1
    read_all(target, **READ_COMMITTED)
    check(target)


def process(reader, sender, target, is_committed):
    records = until("records", lambda: sum(reader.poll(timeout_ms=100).values(), []))
    sender.begin_transaction()
    again = [(text(record.key), text(record.value)) for record in records]
    send(sender, target, again, nobody)
    offsets = {
        TopicPartition(record.topic, record.partition): OffsetAndMetadata(record.offset + 1, "", -1)
        for record in records
    }
    sender.send_offsets_to_transaction(offsets, reader.group_metadata())
    if is_committed:
        sender.commit_transaction()
        return len(records)
    sender.abort_transaction()
    # Back to where they began, as one does after an abort.
    for partition in offsets:
        begin = min(r.offset for r in records if r.partition == partition.partition)
        reader.seek(partition, begin)
    return 0


if __name__ == "__main__":
    main()
