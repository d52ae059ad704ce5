"""What the snippets of the notes have in common."""

import itertools
import json


def to_json(value):
    return json.dumps(value).encode("utf-8")


def from_json(value):
    return json.loads(value.decode("utf-8"))


def encoded(key):
    return key.encode("utf-8") if key else None


def take(reader, count):
    """As many messages as the loop of a snippet is to see; they are awaited as long as it takes."""
    return list(itertools.islice(reader, count))
