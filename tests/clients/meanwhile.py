"""Records that are sent on a thread of their own while something happens."""

import contextlib
import itertools
import threading
import time

from trial import numbered, until

# So many are sent before it happens, and so many after.
BEFORE = 100
AFTER = 100
BETWEEN_S = 0.002


@contextlib.contextmanager
def meanwhile(send):
    """Calls `send` with one keyed record after the other, before, during and after the body."""
    sender = Sender(send)
    sender.start()
    until(f"{BEFORE} records that are sent", lambda: sender.pause_until(BEFORE))
    try:
        yield
    finally:
        sender.last = sender.count + AFTER
        sender.join()
    if sender.error:
        raise sender.error


class Sender(threading.Thread):
    def __init__(self, send):
        super().__init__(daemon=True)
        self.send = send
        self.count = 0
        self.last = None
        self.error = None

    def run(self):
        try:
            for n in itertools.count():
                if self.last is not None and n >= self.last:
                    return
                self.send(numbered(n))
                self.count = n + 1
                time.sleep(BETWEEN_S)
        except Exception as error:
            self.error = error

    def pause_until(self, count):
        time.sleep(BETWEEN_S)
        return self.count >= count or self.error
