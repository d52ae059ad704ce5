"""Groups of confluent-kafka, in both protocols: commit and resume, join and leave."""

import contextlib

from confluent_kafka import KafkaError, KafkaException

from confluent_calls import (
    consumer,
    create,
    flush,
    introduce,
    is_end,
    poll,
    producer,
    read_to_end,
    send,
)
from trial import check, finished, keyed, read, step, until

PARTITIONS = 4


def main():
    introduce()
    commit_and_resume("classic")
    commit_and_resume("consumer")
    join_and_leave("classic", {"partition.assignment.strategy": "range"})
    join_and_leave("classic", {"partition.assignment.strategy": "cooperative-sticky"})
    join_and_leave("consumer", {})
    finished()


def commit_and_resume(protocol):
    step(f"commit and resume in a group (protocol {protocol})")
    topic = create(f"resumed-{protocol}")
    sender = producer({})
    send(sender, topic, keyed(100))
    flush(sender)
    settings = {"group.protocol": protocol}
    with consumer(f"resumes-{protocol}", settings) as first:
        first.subscribe([topic])
        seen = []
        until("half of the records", lambda: take_one(first, seen) and len(seen) == 50)
        first.commit(asynchronous=False)
    with consumer(f"resumes-{protocol}", settings) as second:
        second.subscribe([topic])
        read_to_end(second, topic)
    check(topic)


def join_and_leave(protocol, settings):
    name = settings.get("partition.assignment.strategy", "uniform")
    step(f"rebalances as a member joins and leaves (protocol {protocol}, {name})")
    topic = create(f"moved-{protocol}-{name}", PARTITIONS)
    group = f"moves-{protocol}-{name}"
    sender = producer({})
    seen = []

    def share(members, shares):
        """Polls the members until they have these shares, and have read all that there is."""
        records = keyed(40 * (share.rounds + 1))[40 * share.rounds :]
        share.rounds += 1
        send(sender, topic, records)
        flush(sender)

        def attempt():
            for member in members:
                take_one(member, seen)
            owned = [len(member.assignment()) for member in members]
            return sorted(owned) == shares and len(seen) == 40 * share.rounds

        until(f"shares of {shares}", attempt)

    share.rounds = 0
    with member_of(group, topic, protocol, settings) as first:
        share([first], [4])
        with member_of(group, topic, protocol, settings) as second:
            share([first, second], [2, 2])
        share([first], [4])
    check(topic)


@contextlib.contextmanager
def member_of(group, topic, protocol, settings):
    # A member that asks sooner knows sooner of a rebalance; under KIP-848 the broker says how often.
    heartbeat = {"heartbeat.interval.ms": 500} if protocol == "classic" else {}
    with consumer(group, {"group.protocol": protocol} | heartbeat | settings) as member:
        # What was read is committed before another reads on.
        member.subscribe([topic], on_revoke=lambda member, partitions: commit(member))
        yield member
        commit(member)


def commit(member):
    try:
        member.commit(asynchronous=False)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._NO_OFFSET:
            raise


def take_one(member, seen):
    message = poll(member, 0.02)
    if message is None or is_end(message):
        return False
    seen.append(message.value())
    read(message.topic(), message.value())
    return True


if __name__ == "__main__":
    main()
