"""aiokafka: records, groups, transactions."""

import asyncio

import aiokafka
from aiokafka.errors import ProducerFenced

from aiokafka_calls import consumer, create, poll, producer, read_all, read_to_end, send, until
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
    numbered,
    step,
    text,
)

QUICK = {"heartbeat_interval_ms": 500, "retry_backoff_ms": 100}


async def main():
    client("aiokafka", aiokafka.__version__)
    await topics_and_records()
    await commit_and_resume()
    await join_and_leave()
    await broker_stopped(True, "exactly-once")
    await broker_stopped(False, "at-least-once")
    await transactions()
    await read_process_write()
    finished()


async def topics_and_records():
    step("a topic; keyed records, compressed by " + ", ".join(CODECS) + "; read by a group")
    topic = await create("records")
    for codec in CODECS:
        async with producer(compression_type=codec, linger_ms=20) as sender:
            await send(sender, topic, keyed(200, codec))
    async with consumer(topic, group="readers") as reader:
        await read_to_end(reader)
    check(topic)
    compressed(topic, CODECS)


async def commit_and_resume():
    step("commit and resume in a group")
    topic = await create("resumed")
    async with producer() as sender:
        await send(sender, topic, keyed(100))
    async with consumer(topic, group="resumes", max_poll_records=30) as first:
        await until("the first records", lambda: poll(first))
        await first.commit()
    async with consumer(topic, group="resumes") as second:
        await read_to_end(second)
    check(topic)


async def join_and_leave():
    step("rebalances as a member joins and leaves")
    topic = await create("moved", 4)
    seen, rounds = [], []

    async def share(members, shares):
        """Polls the members until they have these shares, and have read all that there is."""
        async with producer() as sender:
            await send(sender, topic, keyed(40 * (len(rounds) + 1))[40 * len(rounds) :])
        rounds.append(shares)

        async def attempt():
            for member in members:
                values = await poll(member, 20)
                # At once, so that nobody reads again what moves to another member.
                if values:
                    await member.commit()
                seen.extend(values)
            owned = [len(member.assignment()) for member in members]
            return sorted(owned) == shares and len(seen) == 40 * len(rounds)

        await until(f"shares of {shares}", attempt)

    async with consumer(topic, group="moves", **QUICK) as first:
        await share([first], [4])
        async with consumer(topic, group="moves", **QUICK) as second:
            await share([first, second], [2, 2])
        await share([first], [4])
    check(topic)


async def broker_stopped(is_idempotent, promise):
    words = "with idempotence" if is_idempotent else "without"
    step(f"a broker stopped while records come, {words}: {promise}")
    topic = await create(f"stopped-{promise}")
    async with producer(enable_idempotence=is_idempotent, acks="all", linger_ms=5) as sender:
        sent = []

        async def send_some(count):
            for _ in range(count):
                key, value = numbered(len(sent))
                sent.append((await sender.send(topic, value.encode(), key.encode()), value))
                await asyncio.sleep(0.002)

        await send_some(100)
        stop = asyncio.create_task(asyncio.to_thread(cluster, "broker stop 2"))
        while not stop.done():
            await send_some(1)
        await stop
        await send_some(100)
        for delivered, value in sent:
            await asyncio.wait_for(delivered, PATIENCE_S)
            acked(topic, value)
    await read_all(topic)
    check(topic, promise)
    cluster("broker start 2")


def nobody(topic, value):
    """For records that are aborted: that they were acknowledged promises nothing."""


async def transactions():
    step("transactions committed, aborted and fenced, read with both isolation levels")
    topic = await create("transactions")
    records = keyed(90)
    async with producer(transactional_id="payments") as sender:
        for part in range(3):
            is_committed = part != 1
            await sender.begin_transaction()
            tell = acked if is_committed else nobody
            await send(sender, topic, records[part * 30 :][:30], tell)
            if is_committed:
                await sender.commit_transaction()
            else:
                await sender.abort_transaction()
        async with producer(transactional_id="payments"):
            try:
                async with sender.transaction():
                    await sender.send_and_wait(topic, b"k-1000", b"k")
                raise AssertionError("a producer that was fenced has committed")
            except ProducerFenced:
                pass
    await read_all(topic, isolation_level="read_committed")
    check(topic)
    expect("records with the aborted", len(await read_all(topic, nobody)) >= 90, True)


async def read_process_write():
    step("records read, processed and written, their offsets in the transaction")
    source, target = await create("source"), await create("target")
    async with producer() as sender:
        await send(sender, source, keyed(60), lambda topic, value: acked(target, value))
    async with consumer(source, group="processors", max_poll_records=10) as reader:
        async with producer(transactional_id="processor") as sender:
            done, turn = 0, 0
            while done < 60:
                # The second transaction is aborted, and done again.
                done += await process(reader, sender, target, is_committed=turn != 1)
                turn += 1
    await read_all(target, isolation_level="read_committed")
    check(target)


async def process(reader, sender, target, is_committed):
    batches = await until("records", lambda: reader.getmany(timeout_ms=100))
    await sender.begin_transaction()
    for records in batches.values():
        again = [(text(record.key), text(record.value)) for record in records]
        await send(sender, target, again, nobody)
    offsets = {partition: records[-1].offset + 1 for partition, records in batches.items()}
    await sender.send_offsets_to_transaction(offsets, "processors")
    if is_committed:
        await sender.commit_transaction()
        return sum(len(records) for records in batches.values())
    await sender.abort_transaction()
    # Back to where they began, as one does after an abort.
    for partition, records in batches.items():
        reader.seek(partition, records[0].offset)
    return 0


if __name__ == "__main__":
    asyncio.run(main())
