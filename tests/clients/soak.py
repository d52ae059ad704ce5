"""What the programs of `cargo xtask soak` have in common: who runs them says how fast, and when to end."""

import itertools
import os
import sys
import threading
import time

from trial import acked, numbered, say

TOPIC = os.environ.get("SOAK_TOPIC", "")
RATE = float(os.environ.get("SOAK_RATE", "20"))

# What a group has read is compared under a name of its own.
OF_GROUP = "/of-its-group"


class Ending:
    """Over when the runner says so: when the time is, and all that was broken works again."""

    def __init__(self):
        self.is_over = False
        say("soaking")
        threading.Thread(target=self.await_answer, daemon=True).start()

    def await_answer(self):
        self.is_over = sys.stdin.readline().strip() == "ok"
        if not self.is_over:
            os._exit(1)


def acked_by_both(topic, value):
    """It must be read by whoever reads the topic in the end, and by the group."""
    acked(topic, value)
    acked(topic + OF_GROUP, value)


def until_over(ending):
    """Records to send: when a send took long, those that wait are not caught up with."""
    for n in itertools.count():
        if ending.is_over:
            return
        yield numbered(n)
        time.sleep(1 / RATE)
