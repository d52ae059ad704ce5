"""aiokafka, for hours: a producer and a group, while brokers come and go."""

import asyncio

import aiokafka
from aiokafka.errors import CommitFailedError, KafkaError

from aiokafka_calls import consumer, poll, producer, read_all, until
from soak import OF_GROUP, RATE, TOPIC, Ending, acked_by_both
from trial import PATIENCE_S, check, client, finished, numbered, read, step


async def main():
    client("aiokafka", aiokafka.__version__)
    step("records sent with idempotence, and read by a group")
    values = set()
    group = asyncio.create_task(read_in_group(values))
    count = await send_until_over(group)
    step("all is read again")

    async def attempt():
        await asyncio.sleep(0.1)
        return group.done() or len(values) >= count

    await until("the group", attempt)
    group.cancel()
    try:
        await group
    except asyncio.CancelledError:
        pass
    await read_all(TOPIC)
    check(TOPIC)
    check(TOPIC + OF_GROUP, "at-least-once")
    finished()


async def send_until_over(group):
    ending = Ending()
    told = []

    async def tell(delivered, value):
        await delivered
        acked_by_both(TOPIC, value)

    count = 0
    # It gives up what takes longer than its request timeout: several faults in a row may take longer than the default's 40 s.
    settings = {"enable_idempotence": True, "acks": "all", "linger_ms": 20, "request_timeout_ms": 120_000}
    async with producer(**settings) as sender:
        while not ending.is_over and not group.done():
            key, value = numbered(count)
            delivered = await sender.send(TOPIC, value.encode(), key.encode())
            told.append(asyncio.create_task(tell(delivered, value)))
            count += 1
            if count % 100 == 0:
                told = await still_awaited(told)
            await asyncio.sleep(1 / RATE)
        await asyncio.wait_for(asyncio.gather(*told), PATIENCE_S)
    return count


async def still_awaited(told):
    """Those that are not done; one that failed ends the program."""
    for task in told:
        if task.done():
            task.result()
    return [task for task in told if not task.done()]


async def read_in_group(values):
    """The one member of a group, which commits what it has read."""
    async with consumer(TOPIC, group="soak-aiokafka") as reader:
        while True:
            values.update(await poll(reader, tell=lambda topic, value: read(topic + OF_GROUP, value)))
            try:
                await reader.commit()
            except KafkaError as error:
                # It commits again with what comes next, as a member anew if it must.
                if not error.retriable and not isinstance(error, CommitFailedError):
                    raise


if __name__ == "__main__":
    asyncio.run(main())
