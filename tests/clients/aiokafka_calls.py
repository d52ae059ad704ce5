"""The calls of aiokafka that its program is made of."""

import asyncio
import contextlib

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from trial import PATIENCE_S, SERVERS, acked, expect, read, text

PARTITIONS = 3


async def create(topic, partitions=PARTITIONS):
    admin = AIOKafkaAdminClient(bootstrap_servers=SERVERS)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(topic, partitions, 3)])
        expect("errors", [error for _, error, *_ in answer.topic_errors], [0])
    finally:
        await admin.close()
    return topic


@contextlib.asynccontextmanager
async def producer(**settings):
    sender = AIOKafkaProducer(bootstrap_servers=SERVERS, **settings)
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()


async def send(sender, topic, records, tell=acked):
    """Sends records, and tells of each when all are acknowledged."""
    sent = [
        (await sender.send(topic, value.encode(), key.encode()), value) for key, value in records
    ]
    for delivered, value in sent:
        await asyncio.wait_for(delivered, PATIENCE_S)
        tell(topic, value)


@contextlib.asynccontextmanager
async def consumer(*topics, group, **settings):
    reader = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=SERVERS,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **settings,
    )
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def read_all(topic, tell=read, **settings):
    """Reads a topic without a group, and returns the values."""
    async with consumer(group=None, **settings) as reader:
        reader.assign([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
        return await read_to_end(reader, tell)


async def read_to_end(reader, tell=read):
    values = []

    async def attempt():
        values.extend(await poll(reader, tell=tell))
        assigned = reader.assignment()
        if not assigned:
            return False
        ends = await reader.end_offsets(list(assigned))
        return all([await reader.position(partition) >= end for partition, end in ends.items()])

    await until("the end of all partitions", attempt)
    return values


async def poll(reader, wait_ms=50, tell=read):
    """The values that came."""
    values = []
    for records in (await reader.getmany(timeout_ms=wait_ms)).values():
        for record in records:
            tell(record.topic, record.value)
            values.append(text(record.value))
    return values


async def until(what, attempt):
    """Repeats an attempt, which waits by itself, until it gives something."""
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        given = await attempt()
        if given:
            return given
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"waited {PATIENCE_S} s for {what}")
