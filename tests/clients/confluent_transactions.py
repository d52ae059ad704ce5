"""Transactions of confluent-kafka."""

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from confluent_calls import consumer, create, flush, introduce, producer, read_all, send
from trial import PATIENCE_S, acked, check, cluster, expect, finished, keyed, step, until

READ_COMMITTED = {"isolation.level": "read_committed"}


def main():
    introduce()
    committed_and_aborted()
    read_process_write()
    fenced()
    broker_stopped()
    finished()


def transactional(name):
    sender = producer({"transactional.id": name})
    sender.init_transactions(PATIENCE_S)
    return sender


def nobody(topic, value):
    """For records that are aborted: that they were acknowledged promises nothing."""


def committed_and_aborted():
    step("transactions committed and aborted, read with both isolation levels")
    topic = create("transactions")
    sender = transactional("payments")
    records = keyed(90)
    for part in range(3):
        is_committed = part != 1
        sender.begin_transaction()
        send(sender, topic, records[part * 30 :][:30], acked if is_committed else nobody)
        flush(sender)
        if is_committed:
            sender.commit_transaction(PATIENCE_S)
        else:
            sender.abort_transaction(PATIENCE_S)
    read_all(topic, READ_COMMITTED)
    check(topic)
    everything = read_all(topic, {"isolation.level": "read_uncommitted"}, nobody)
    expect("records with the aborted", len(everything), 90)


def read_process_write():
    step("records read, processed and written, their offsets in the transaction")
    source, target = create("source"), create("target")
    plain = producer({})
    send(plain, source, keyed(60), lambda topic, value: acked(target, value))
    flush(plain)
    sender = transactional("processor")
    with consumer("processors", {"enable.partition.eof": False}) as reader:
        reader.subscribe([source])
        # The third transaction is aborted, and done again.
        for is_committed in [True, True, False, True, True, True, True]:
            process_ten(reader, sender, target, is_committed)
    read_all(target, READ_COMMITTED)
    check(target)


def process_ten(reader, sender, target, is_committed):
    records = []

    def attempt():
        message = reader.poll(0.1)
        if message is not None and message.error() is None:
            records.append((message.key(), message.value()))
        return len(records) == 10

    until("ten records", attempt)
    sender.begin_transaction()
    send(sender, target, records, nobody)
    offsets = reader.position(reader.assignment())
    sender.send_offsets_to_transaction(offsets, reader.consumer_group_metadata(), PATIENCE_S)
    if is_committed:
        return sender.commit_transaction(PATIENCE_S)
    sender.abort_transaction(PATIENCE_S)
    # Back to what is committed, as one does after an abort.
    for partition in reader.committed(reader.assignment(), PATIENCE_S):
        at = max(partition.offset, 0)
        reader.seek(TopicPartition(partition.topic, partition.partition, at))


def fenced():
    step("a second producer with the same transactional.id fences the first")
    topic = create("fenced")
    first = transactional("twice")
    first.begin_transaction()
    send(first, topic, [("k", "k-1")], nobody)
    flush(first)
    second = transactional("twice")
    second.begin_transaction()
    send(second, topic, [("k", "k-2")])
    second.commit_transaction(PATIENCE_S)
    try:
        first.commit_transaction(PATIENCE_S)
        raise AssertionError("the first producer committed")
    except KafkaException as error:
        expect("the error", error.args[0].code(), KafkaError._FENCED)
    expect("values", read_all(topic, READ_COMMITTED), ["k-2"])
    check(topic)


def broker_stopped():
    step("a broker stopped within a transaction")
    topic = create("stopped-transaction")
    sender = transactional("survivor")
    records = keyed(90)
    sender.begin_transaction()
    send(sender, topic, records[:30])
    flush(sender)
    send(sender, topic, records[30:60])
    cluster("broker stop 3")
    send(sender, topic, records[60:])
    sender.commit_transaction(PATIENCE_S)
    read_all(topic, READ_COMMITTED)
    check(topic)
    cluster("broker start 3")


if __name__ == "__main__":
    main()
