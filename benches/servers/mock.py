"""librdkafka's own server for tests, in a process of its own: says where its brokers listen, and stays."""

import sys

from confluent_kafka import Producer

# Its cluster lives in the process of the client that asks for it; others reach it over TCP.
host = Producer({"test.mock.num.brokers": int(sys.argv[1]), "bootstrap.servers": "none"})
brokers = host.list_topics(timeout=10).brokers.values()
print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
sys.stdin.read()
