// kafkajs: records, groups, transactions, administration. What it says to who runs it is told in
// xtask/src/clients/trial.rs. It is no ES module, so that it finds the package outside the tree (NODE_PATH).

"use strict";

const assert = require("node:assert/strict");
const readline = require("node:readline");
const { CompressionTypes, Kafka, logLevel } = require("kafkajs");
const { version } = require("kafkajs/package.json");

// What is waited for comes in seconds: a machine may be slow, but nothing takes this long.
const PATIENCE_MS = 60_000;
const PARTITIONS = 3;

const kafka = new Kafka({
  clientId: "with-kafkajs",
  brokers: process.env.BOOTSTRAP_SERVERS.split(","),
  logLevel: logLevel.WARN,
  retry: { initialRetryTime: 100, retries: 20, maxRetryTime: 2_000 },
});
const admin = kafka.admin();

async function main() {
  say(`client kafkajs ${version}`);
  await admin.connect();
  await topicsAndRecords();
  await commitAndResume();
  await joinAndLeave();
  await brokerStopped(true, "exactly-once");
  await brokerStopped(false, "at-least-once");
  await transactions();
  await administration();
  await admin.disconnect();
  say("finished");
  process.exit(0);
}

async function topicsAndRecords() {
  say("step a topic; keyed records, compressed by gzip; read by a group");
  const topic = await create("records");
  await produce(topic, keyed(200), { compression: CompressionTypes.GZIP });
  const reader = await readerOf(topic, "readers");
  await until("all records", () => reader.values.length >= 200);
  await reader.stop();
  await ask(`check ${topic} exactly-once`);
  await ask(`compressed ${topic} gzip`);
}

async function commitAndResume() {
  say("step commit and resume in a group");
  const topic = await create("resumed");
  await produce(topic, keyed(100).slice(0, 50));
  const first = await readerOf(topic, "resumes");
  await until("the first records", () => first.values.length >= 50);
  await first.stop();
  await produce(topic, keyed(100).slice(50));
  const second = await readerOf(topic, "resumes");
  await until("the other records", () => second.values.length >= 50);
  await second.stop();
  await ask(`check ${topic} exactly-once`);
}

async function joinAndLeave() {
  say("step rebalances as a member joins and leaves");
  const topic = await create("moved", 4);
  let count = 0;
  const share = async (members, shares) => {
    await produce(topic, keyed(count + 40).slice(count));
    count += 40;
    await until(`shares of ${shares}`, () =>
      same(
        members.map((member) => member.share),
        shares,
      ),
    );
    await until(`${count} records`, () => read.get(topic) >= count);
  };
  const first = await readerOf(topic, "moves");
  await share([first], [4]);
  const second = await readerOf(topic, "moves");
  await share([first, second], [2, 2]);
  await second.stop();
  await share([first], [4]);
  await first.stop();
  // It commits what it has processed after a batch: what is under way in a rebalance may come twice.
  await ask(`check ${topic} at-least-once`);
}

async function brokerStopped(idempotent, promise) {
  say(`step a broker stopped while records come, ${idempotent ? "with idempotence" : "without"}: ${promise}`);
  const topic = await create(`stopped-${promise}`);
  const producer = kafka.producer({ idempotent, maxInFlightRequests: idempotent ? 1 : null });
  await producer.connect();
  // One by one: a send for several partitions forgets the one whose leader went to a broker that has
  // answered for another already, and resolves all the same, without a word of that partition.
  const send = async (n) => {
    const record = numbered(n);
    const done = await producer.send({ topic, acks: -1, messages: [record] });
    assert.equal(done.length, 1);
    acked(topic, [record]);
  };
  let n = 0;
  while (n < 60) await send(n++);
  let isStopped = false;
  const stop = ask("cluster broker stop 2").then(() => (isStopped = true));
  while (!isStopped) await send(n++);
  await stop;
  for (const last = n + 60; n < last;) await send(n++);
  await producer.disconnect();
  const reader = await readerOf(topic, `readers-${promise}`);
  await until("all records", () => new Set(reader.values).size >= n);
  await reader.stop();
  await ask(`check ${topic} ${promise}`);
  await ask("cluster broker start 2");
}

async function transactions() {
  say("step transactions committed and aborted; offsets in the transaction");
  const topic = await create("transactions");
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: "payments" });
  await producer.connect();
  const records = keyed(90);
  for (const part of [0, 1, 2]) {
    const transaction = await producer.transaction();
    const messages = records.slice(part * 30, part * 30 + 30);
    await transaction.send({ topic, messages });
    const offsets = [{ partition: 0, offset: String(part) }];
    await transaction.sendOffsets({ consumerGroupId: "positions", topics: [{ topic, partitions: offsets }] });
    if (part === 1) {
      await transaction.abort();
    } else {
      await transaction.commit();
      acked(topic, messages);
    }
  }
  await producer.disconnect();
  const [{ partitions }] = await admin.fetchOffsets({ groupId: "positions", topics: [topic] });
  assert.equal(partitions.find(({ partition }) => partition === 0).offset, "2");
  const reader = await readerOf(topic, "committed");
  await until("all records", () => reader.values.length >= 60);
  await reader.stop();
  await ask(`check ${topic} exactly-once`);
}

async function administration() {
  say("step administration: the cluster, topics, records, settings, groups");
  const { brokers } = await admin.describeCluster();
  assert.deepEqual(brokers.map(({ nodeId }) => nodeId).sort(), [1, 2, 3]);
  const topic = await create("administered");
  await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
  await until("more partitions", async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0].partitions.length === 5;
  });
  await produce(topic, keyed(30));
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "-1" }] });
  const [first] = (await admin.fetchTopicOffsets(topic)).filter(({ partition }) => partition === 0);
  assert.equal(first.low, first.high);
  const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: topic }] });
  assert.ok(resources[0].configEntries.some(({ configName }) => configName === "retention.ms"));
  const { groups } = await admin.listGroups();
  assert.ok(groups.some(({ groupId }) => groupId === "committed"));
  const described = await admin.describeGroups(["committed"]);
  assert.equal(described.groups[0].state, "Empty");
  await admin.deleteGroups(["committed"]);
  await admin.deleteTopics({ topics: [topic] });
  assert.ok(!(await admin.listTopics()).includes(topic));
}

async function create(topic, numPartitions = PARTITIONS) {
  await admin.createTopics({
    topics: [{ topic, numPartitions, replicationFactor: 3 }],
    waitForLeaders: true,
  });
  return topic;
}

async function produce(topic, messages, settings = {}) {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages, ...settings });
  await producer.disconnect();
  acked(topic, messages);
}

/** How many records were read of each topic. */
const read = new Map();

/** A member of a group, with the values that it has read and the size of its share. */
async function readerOf(topic, groupId) {
  const consumer = kafka.consumer({
    groupId,
    heartbeatInterval: 500,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 100,
  });
  const reader = { values: [], share: 0 };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    reader.share = (payload.memberAssignment[topic] ?? []).length;
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      reader.values.push(message.value.toString());
      read.set(topic, (read.get(topic) ?? 0) + 1);
      say(`read ${topic} ${message.value}`);
    },
  });
  // It commits what it has read as it leaves.
  reader.stop = () => consumer.disconnect();
  return reader;
}

/** Keys and values, in the form in which order can be checked: KEY-NUMBER. */
function keyed(count) {
  return Array.from({ length: count }, (_, n) => numbered(n));
}

function numbered(n) {
  return { key: `k${n % 5}`, value: `k${n % 5}-${n}` };
}

function acked(topic, records) {
  for (const { value } of records) say(`acked ${topic} ${value}`);
}

const same = (some, others) => JSON.stringify(some) === JSON.stringify(others);

async function until(what, isSo) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function say(words) {
  process.stdout.write(`@${words}\n`);
}

/** Says a line, and waits until it is done. */
async function ask(words) {
  say(words);
  const { value } = await answers.next();
  assert.equal(value, "ok", words);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
