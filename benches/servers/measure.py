"""One client against one server that speaks Kafka's protocol: how much passes, how long it takes, what the
server holds. `cargo xtask bench --servers` runs it for each server.

    measure.py NAME WHERE COMMAND..

COMMAND is the server. WHERE is the port on which it listens, or `told` if its first line says where, or `mock`
if it does and lets nobody create topics. Prints lines NAME<TAB>measure<TAB>value<TAB>unit.
"""

import contextlib
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

ROUNDS = 3
# More than this, librdkafka's own server forgets before it is read: it keeps 5 MB of a partition.
RECORDS = int(os.environ.get("BENCH_RECORDS", "100000"))
BYTES = 100
PARTITIONS = 3
# One after the other, at a rate that leaves every server idle in between.
SINGLE = 2000
SINGLE_RATE = 200
PATIENCE_S = 120

# ApiVersions, version 0.
QUESTION = struct.pack(">ihhih", 10, 18, 0, 1, -1)


def main():
    name, where, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    begin = time.monotonic()
    with running(command) as server:
        is_told = where in ("told", "mock")
        servers = server.stdout.readline().strip() if is_told else f"127.0.0.1:{where}"
        servers = servers.removeprefix("bootstrap.servers=")
        threading.Thread(target=server.stdout.read, daemon=True).start()
        await_answer(servers)

        def tell(measure, value, unit):
            print(name, measure, value, unit, sep="\t", flush=True)

        tell("start-up", 1000 * (time.monotonic() - begin), "ms")
        tell("memory at first", resident_mib(server.pid), "MiB")
        sent, received = [], []
        for number in range(ROUNDS):
            topic = create(servers, f"round-{number}", where != "mock")
            sent.append(RECORDS / timed(lambda: produce(servers, topic)))
            received.append(RECORDS / timed(lambda: consume(servers, topic)))
        tell("produced", statistics.median(sent), "records/s")
        tell("consumed", statistics.median(received), "records/s")
        tell("memory then", resident_mib(server.pid), "MiB")
        tell("processor", processor_s(server.pid), "s")
        acked, arrived = one_by_one(servers, create(servers, "one-by-one", where != "mock"))
        for what, times in [("acknowledged", acked), ("read", arrived)]:
            tell(f"{what}, p50", 1000 * percentile(times, 50), "ms")
            tell(f"{what}, p99", 1000 * percentile(times, 99), "ms")


@contextlib.contextmanager
def running(command):
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def await_answer(servers):
    """Returns when each of the servers answers a first question."""
    end = time.monotonic() + PATIENCE_S
    for address in servers.split(","):
        host, port = address.rsplit(":", 1)
        while True:
            try:
                with socket.create_connection((host, int(port)), 5) as connection:
                    connection.sendall(QUESTION)
                    if len(connection.recv(4)) == 4:
                        break
            except OSError:
                pass
            if time.monotonic() > end:
                raise TimeoutError(f"{address} does not answer")
            time.sleep(0.002)


def create(servers, topic, is_administered):
    admin = AdminClient({"bootstrap.servers": servers})
    until(lambda: admin.list_topics(timeout=10).brokers, "brokers")
    # Where nothing creates topics, they come to be as they are asked for.
    if is_administered:
        wanted = NewTopic(topic, PARTITIONS, min(3, len(admin.list_topics(timeout=10).brokers)))
        admin.create_topics([wanted])[topic].result(PATIENCE_S)

    def is_there():
        known = admin.list_topics(topic, timeout=10).topics[topic]
        return known.error is None and len(known.partitions) >= 1

    until(is_there, topic)
    return topic


def until(attempt, what):
    end = time.monotonic() + PATIENCE_S
    while not attempt():
        if time.monotonic() > end:
            raise TimeoutError(f"waited for {what}")
        time.sleep(0.05)


def producer(servers, **settings):
    usual = {"bootstrap.servers": servers, "acks": "all", "queue.buffering.max.messages": 1000000}
    return Producer(usual | {name.replace("_", "."): value for name, value in settings.items()})


def consumer(servers, **settings):
    usual = {"bootstrap.servers": servers, "group.id": "nobody", "enable.auto.commit": False}
    return Consumer(usual | {name.replace("_", "."): value for name, value in settings.items()})


def produce(servers, topic):
    failed = []

    def delivered(error, _):
        if error:
            failed.append(error)

    sender = producer(servers, linger_ms=5)
    value = b"x" * BYTES
    for number in range(RECORDS):
        sender.produce(topic, value, partition=number % PARTITIONS, on_delivery=delivered)
        if number % 1000 == 0:
            sender.poll(0)
    if sender.flush(PATIENCE_S) or failed:
        raise RuntimeError(f"records were not sent: {failed[:1]}")


def consume(servers, topic):
    reader = consumer(servers)
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    count, end = 0, time.monotonic() + PATIENCE_S
    while count < RECORDS:
        messages = reader.consume(10000, 1)
        count += sum(message.error() is None for message in messages)
        if time.monotonic() > end:
            raise TimeoutError(f"{count} of {RECORDS} records were read")
    reader.close()


def one_by_one(servers, topic):
    """How long it takes until a record is acknowledged, and until it is read, in seconds."""
    acked, arrived = [], []
    reader = consumer(servers, fetch_wait_max_ms=100)
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    reading = threading.Thread(target=read_times, args=(reader, arrived), daemon=True)
    reading.start()
    sender = producer(servers, linger_ms=0)

    def delivered(begin):
        return lambda error, _: acked.append(time.perf_counter() - begin)

    for number in range(SINGLE):
        begin = time.perf_counter()
        value = struct.pack(">d", begin) + b"x" * (BYTES - 8)
        sender.produce(topic, value, partition=number % PARTITIONS, on_delivery=delivered(begin))
        while time.perf_counter() < begin + 1 / SINGLE_RATE:
            sender.poll(0.0005)
    sender.flush(PATIENCE_S)
    reading.join(PATIENCE_S)
    reader.close()
    # The first ones find connections that are not there yet.
    return acked[100:], arrived[100:]


def read_times(reader, arrived):
    while len(arrived) < SINGLE:
        message = reader.poll(1)
        if message is not None and message.error() is None:
            arrived.append(time.perf_counter() - struct.unpack(">d", message.value()[:8])[0])


def timed(run):
    begin = time.monotonic()
    run()
    return time.monotonic() - begin


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def resident_mib(process):
    with open(f"/proc/{process}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmRSS"].split()[0]) / 1024


def processor_s(process):
    with open(f"/proc/{process}/stat") as stat:
        words = stat.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
