"""kcat, the client on the command line: librdkafka in the version of the system."""

import contextlib
import json
import os
import re
import subprocess

from trial import (
    CODECS,
    PATIENCE_S,
    SERVERS,
    acked,
    check,
    client,
    cluster,
    compressed,
    expect,
    finished,
    keyed,
    numbered,
    read,
    step,
    until,
)

KCAT = os.environ["KCAT"]


def main():
    versions = re.search(r"Version (\S+) .*?librdkafka (\S+)", kcat("-V", servers=False))
    client("kcat", f"{versions[1]} (librdkafka {versions[2]})")
    records()
    commit_and_resume()
    broker_stopped()
    queries()
    finished()


def records():
    step("keyed records, compressed by " + ", ".join(CODECS) + "; read by a group")
    create("records")
    for codec in CODECS:
        produce("records", keyed(50, codec), "-z", codec)
    # Under -G it ends where the partitions do.
    tell("records", kcat("-G", "readers", "-e", *FORMAT, "-X", EARLIEST, "records"))
    check("records")
    compressed("records", CODECS)


def commit_and_resume():
    step("commit and resume in a group")
    create("resumed")
    records = keyed(100)
    for half in (records[:50], records[50:]):
        produce("resumed", half)
        # It commits what it has read as it leaves.
        tell("resumed", kcat("-G", "resumes", "-e", *FORMAT, "-X", EARLIEST, "resumed"))
    check("resumed")


def broker_stopped():
    step("a broker stopped while records come: exactly-once")
    create("stopped")
    words = [KCAT, "-b", SERVERS, "-P", "-t", "stopped", "-K:", "-X", "enable.idempotence=true"]
    with killed_in_the_end(words) as sender:
        send_while_it_stops(sender)
    tell("stopped", kcat("-C", "-e", "-q", *FORMAT, "-t", "stopped"))
    check("stopped")
    cluster("broker start 2")


@contextlib.contextmanager
def killed_in_the_end(words):
    sender = subprocess.Popen(words, stdin=subprocess.PIPE, text=True, bufsize=1)
    try:
        yield sender
    finally:
        sender.kill()
        sender.wait()


def send_while_it_stops(sender):
    values = [numbered(n) for n in range(300)]
    for key, value in values[:150]:
        sender.stdin.write(f"{key}:{value}\n")
    # It is on its way with the first of them.
    until("records in the log", lambda: kcat("-C", "-e", "-q", "-t", "stopped"))
    cluster("broker stop 2")
    for key, value in values[150:]:
        sender.stdin.write(f"{key}:{value}\n")
    sender.stdin.close()
    expect("the exit code of kcat", sender.wait(PATIENCE_S), 0)
    for _, value in values:
        acked("stopped", value)


def queries():
    step("a topic that comes to be as it is asked for; metadata; offsets")
    until("the topic", lambda: has_leader("new"))
    listed = json.loads(kcat("-L", "-J"))
    expect("brokers", sorted(broker["id"] for broker in listed["brokers"]), [1, 2, 3])
    names = {topic["topic"] for topic in listed["topics"]}
    expect("topics", {"new", "records", "resumed", "stopped"} <= names, True)
    earliest = kcat("-Q", "-t", "records:0:-2").split()
    expect("the earliest offset", earliest, ["records", "[0]", "offset", "0"])


def has_leader(topic):
    found = json.loads(kcat("-L", "-J", "-t", topic))["topics"][0]
    return found["partitions"] and all(part["leader"] > 0 for part in found["partitions"])


EARLIEST = "auto.offset.reset=earliest"
FORMAT = ["-f", "%s\\n"]


def create(topic):
    """It has no call for that, and topics that come to be by themselves have one replica."""
    words = f"--topic {topic} --partitions 3 --replication-factor 3"
    cluster(f"kafka-topics.sh --create {words} --bootstrap-server localhost:9092")


def produce(topic, records, *words):
    lines = "".join(f"{key}:{value}\n" for key, value in records)
    kcat("-P", "-t", topic, "-K:", *words, given=lines)
    for _, value in records:
        acked(topic, value)


def tell(topic, lines):
    for value in lines.split():
        read(topic, value)


def kcat(*words, servers=True, given=None):
    """What it prints."""
    where = ["-b", SERVERS] if servers else []
    run = subprocess.run(
        [KCAT, *where, *words],
        input=given,
        stdin=None if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
    )
    if run.returncode != 0:
        raise AssertionError(f"kcat {' '.join(words)} ended with {run.returncode}")
    return run.stdout


if __name__ == "__main__":
    main()
