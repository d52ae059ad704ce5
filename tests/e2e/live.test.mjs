// A real client and the page on one cluster: what the client does is seen here, what is pressed here befalls the client.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { PROGRAM, pythonClient, serveCluster } from "./support/served.mjs";
import { onPage } from "./support/test.mjs";
import { leap } from "./support/time.mjs";

const RECORDS = 150;

async function until(what, isSo) {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) if (await isSo()) return;
  assert.fail(`not within a minute: ${what}`);
}

/** The broker that leads `rides-0`, as the stage tells it. */
async function leaderOf(page, partition) {
  for (const broker of [1, 2, 3]) {
    const strip = page.getByRole("button", { name: `${partition} on broker ${broker}`, exact: true });
    if (spoken(/^leader/i).test((await strip.getAttribute("aria-description")) ?? "")) return broker;
  }
  return undefined;
}

onPage("kafka-python is watched, its leader is stopped from the page, and nothing is lost", async ({ app, page }) => {
  const folder = await mkdtemp(join(tmpdir(), "highwater-live-"));
  const save = join(folder, "run.hw");
  const cluster = await serveCluster(save);
  let client;
  try {
    await page.goto(cluster.page);
    const status = page.locator(".live-status");
    await status.getByText("Live: you see what happens now.").waitFor();
    await page.getByText("Nobody has connected yet.").waitFor();
    await assertAccessible(page);

    client = pythonClient(cluster.servers, { RECORDS: String(RECORDS) });
    // The client has a card on the stage, by its client.id, and its records stand in the log.
    await app.button("rides-app").first().waitFor({ timeout: 60_000 });
    await until("records that the client sent are on the stage", async () => {
      const strip = page.getByRole("button", { name: "rides-0 on broker 1", exact: true });
      const words = await strip.getAttribute("aria-description", { timeout: 60_000 });
      return spoken(/log end offset ([1-9])/i).test(words ?? "");
    });
    await assertAccessible(page);

    await until("twenty records are acknowledged", () => client.acked >= 20);
    const before = await leaderOf(page, "rides-0");
    assert.ok(before, "rides-0 has a leader");
    await app.button(`Broker ${before}`).click();
    await app.region("Inspector").getByRole("button", { name: "Stop", exact: true }).click();
    await until("another broker leads", async () => ![before, undefined].includes(await leaderOf(page, "rides-0")));
    const acked = client.acked;
    assert.ok(acked < RECORDS, "the client was at work when its leader went");

    assert.equal(await client.ended, 0, `${client.last}\n${client.complaints}`);
    assert.equal(client.last, `read ${RECORDS}, lost 0`);
    await status.getByText("Live: you see what happens now.").waitFor();
    const isToldThere = (line) => new RegExp(`broker ${before}.*(shut|stopp)`, "i").test(line);
    assert.ok(cluster.told.some(isToldThere), "it is told there too");

    assert.equal(await cluster.end(), 0);
    await status.getByText("The cluster does not answer any more.").waitFor();
    await replays(save, app, page);
  } finally {
    client?.kill();
    cluster.kill();
    await rm(folder, { recursive: true, force: true });
  }
});

/** The log end offset of a partition, the highest of its replicas. */
async function logEnd(page, partition) {
  const ends = [1, 2, 3].map(async (broker) => {
    const strip = page.getByRole("button", { name: `${partition} on broker ${broker}`, exact: true });
    return Number(spoken(/log end offset (\d+)/i).exec((await strip.getAttribute("aria-description")) ?? "")?.[1] ?? 0);
  });
  return Math.max(...(await Promise.all(ends)));
}

/** What was saved is a scenario: it comes to the same by the native program alone, and in the page alone. */
async function replays(save, app, page) {
  const script = await readFile(save, "utf8");
  assert.match(script, /client c1 connect 1|client c1 connect/);
  const events = execFileSync(PROGRAM, ["run", save, "--format", "json", "--until", "60s"], { maxBuffer: 1 << 30 }).toString();
  assert.match(events, /rides/);
  await app.open("#/play");
  await app.button("Share").click();
  await page.getByLabel("Open a scenario").setInputFiles(save);
  await leap(page, 60);
  await app.button("rides-0 on broker 1").waitFor({ timeout: 60_000 });
  await until("all records are in the log again", async () => {
    const ends = [0, 1, 2].map((partition) => logEnd(page, `rides-${partition}`));
    return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0) === RECORDS;
  });
}

onPage("who opens the address without such a cluster is told how to get one", async ({ app, page, troubles }) => {
  await app.open("#/live");
  await page.getByText("Nobody serves a cluster here.").waitFor();
  await assertAccessible(page);
  // The browser itself notes that the stream is not there.
  troubles.length = 0;
});
