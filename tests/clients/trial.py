"""What a program says to `cargo xtask clients`, which runs it: see xtask/src/clients/trial.rs."""

import os
import sys
import time

SERVERS = os.environ["BOOTSTRAP_SERVERS"]
CODECS = ["gzip", "snappy", "lz4", "zstd"]

# What is waited for comes in seconds: a machine may be slow, but nothing takes this long.
PATIENCE_S = 60


def client(name, version):
    say("client", name, version)


def step(words):
    say("step", words)


def acked(topic, value):
    say("acked", topic, text(value))


def read(topic, value):
    say("read", topic, text(value))


def check(topic, promise="exactly-once"):
    """Compares what was acknowledged with what was read, and does not return if they differ."""
    ask("check", topic, promise)


def compressed(topic, codecs):
    """Does not return unless the log of the topic holds batches of these codecs."""
    for codec in codecs:
        ask("compressed", topic, codec)


def cluster(line):
    """Types a line into `highwater serve`; returns when it is done."""
    ask("cluster", line)


def finished():
    say("finished")


def keyed(count, prefix="k"):
    """Keys and values, in the form in which order can be checked: KEY-NUMBER."""
    return [numbered(n, prefix) for n in range(count)]


def numbered(n, prefix="k"):
    key = f"{prefix}{n % 5}"
    return key, f"{key}-{n}"


def until(what, attempt):
    """Repeats an attempt, which waits by itself, until it gives something."""
    end = time.monotonic() + PATIENCE_S
    while True:
        given = attempt()
        if given:
            return given
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S} s for {what}")


def expect(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: {found!r}, not {expected!r}")


def say(*words):
    # As one write, since callbacks come on threads of the client's own.
    sys.stdout.write("@" + " ".join(words) + "\n")
    sys.stdout.flush()


def ask(*words):
    say(*words)
    answer = sys.stdin.readline().strip()
    if answer != "ok":
        sys.exit(1)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)
