// The levels below the cluster: reached by keys alone, by link, and back; each accessible.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { spoken, verbatim } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { leap, play } from "./support/time.mjs";

const LINES = [
  "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092",
  "producer start p1 --topic orders --rate 8 --acks all --keys 9 --config compression.type=gzip",
  "consumer start c1 --group billing --topic orders --from-beginning",
];

/** Presses Tab until what has the focus is called so. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 200; presses += 1) {
    const at = await focused(page);
    if (name.test(at)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${name}`);
}

function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
  });
}

/** Waits until the heading of a level is there. */
function level(app, name) {
  return app.region("Stage").getByRole("heading", { level: 2, name }).waitFor();
}

onPage("from the cluster to the bytes and back with the keyboard alone", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES);
  await page.getByRole("button", { name: "orders-0 on broker 1", exact: true }).waitFor();
  await tabTo(page, spoken(/^orders-0 on broker 1$/));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await level(app, /^orders-0$/);
  await tabTo(page, spoken(/^Offset \d+: record/));
  const last = Number((await focused(page)).match(/\d+/)[0]);
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(
    (offset) => document.activeElement.id.endsWith(`-${offset}`),
    last - 1,
  );
  assert.match(await focused(page), spoken(/key .*, below the high watermark$/));
  await page.keyboard.press("Enter");
  await level(app, `Record ${last - 1} of orders-0`);
  assert.match(await app.main.innerText(), spoken(/murmur2 takes the key four bytes at a time/));
  await tabTo(page, spoken(/^Its bytes$/));
  await page.keyboard.press("Enter");
  await level(app, /^The bytes of batch/);
  await tabTo(page, spoken(/^Hex dump/));
  const told = page.locator("#field");
  // Fields of the wire format have the names that Kafka's own documents give them.
  await told.getByText(verbatim(/^length$/)).waitFor();
  const names = ["attributes", "timestampDelta", "offsetDelta", "keyLength", "key"];
  for (const name of names) {
    await page.keyboard.press("ArrowRight");
    await told.getByText(verbatim(new RegExp(`^${name}$`))).waitFor();
  }
  const headings = [/^Record/, /^Batch/, /\.log$/, /^orders-0 on broker/, /^orders-0$/];
  for (const heading of headings) {
    await page.keyboard.press("Escape");
    await level(app, heading);
  }
  await page.keyboard.press("Backspace");
  await page.getByRole("button", { name: "orders-0 on broker 1", exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/play");
});

for (const colorScheme of ["light", "dark"]) {
  onPage(`each level is accessible, ${colorScheme}`, { colorScheme }, async ({ app, page }) => {
    await app.open("#/play");
    await play(page, LINES);
    const log = "orders-0/broker/1";
    const places = [
      ["broker/1", "Broker 1"],
      ["orders-0", "orders-0"],
      [log, "orders-0 on broker 1"],
      [`${log}/segment/0`, "00000000000000000000.log"],
      [`${log}/segment/0/batch/0`, "Batch 0"],
      [`${log}/segment/0/batch/0/record/0`, "Record 0 of orders-0"],
      [`${log}/segment/0/batch/0/bytes`, "The bytes of batch 0"],
    ];
    for (const [place, heading] of places) {
      await page.evaluate((to) => {
        globalThis.location.hash = to;
      }, `#/play/at/${place}`);
      await level(app, heading);
      const trail = page.getByRole("navigation", { name: "Where you are" });
      assert.equal(await trail.getByRole("link").first().innerText(), spoken("Cluster"));
      await assertAccessible(page);
    }
  });
}

onPage("an internal topic opens like any other, and its records are read", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES);
  await page.evaluate(() => {
    globalThis.location.hash = "#/play/at/broker/1";
  });
  await level(app, "Broker 1");
  // What holds records comes first in the table.
  await app.region("The replicas of the broker").getByRole("link", { name: /^__consumer_offsets/ }).first().click();
  await app.region("The files of the log").getByRole("link").first().click();
  await app.region("The batches of the segment").getByRole("link").first().click();
  await app.region("The records of the batch").getByRole("link").first().click();
  const stage = app.region("Stage");
  await stage.getByRole("heading", { name: /(Group|OffsetCommit)\w*Key$/ }).waitFor();
  await stage.getByText("Java's hashCode of it is").waitFor();
});

onPage("a place stands behind an exercise too, and an exercise stays as it is", async ({ app, page }) => {
  // The first exercises do not speak of brokers yet.
  const first = "#/learn/keep-writing";
  await app.open(`${first}/at/broker/1`);
  await app.region("Exercise").waitFor();
  await level(app, "Broker 1");
  await page.keyboard.press("Escape");
  await app.button("Broker 1").waitFor();
  assert.equal(new URL(page.url()).hash, first);
  await page.goBack();
  await level(app, "Broker 1");
});

onPage("a place that is not there says so, and the trail leads back", async ({ app, page }) => {
  await app.open("#/play/at/nothing-7/broker/3/segment/0");
  await level(app, "Not there");
  await assertAccessible(page);
  await page.getByRole("link", { name: "Cluster", exact: true }).click();
  await app.button("Broker 1").waitFor();
});

onPage("a pass of the cleaner is gone through record by record", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [
    "kafka-topics.sh --create --topic prices --partitions 1 --replication-factor 3 --config cleanup.policy=compact --config segment.ms=3000 --config min.cleanable.dirty.ratio=0.01 --bootstrap-server broker1:9092",
    "producer start p1 --topic prices --rate 4 --keys 3",
  ]);
  await leap(page, 40);
  await app.open("#/play/at/prices-0/broker/1");
  const pass = page.getByRole("group", { name: "The pass, record by record" });
  await pass.waitFor();
  await pass.getByText(/^The cleaner knows from its map/).waitFor();
  const next = pass.getByRole("button", { name: "Next record" });
  await next.focus();
  await page.keyboard.press("Enter");
  await pass.getByText(/^Offset \d+ (goes: its key is written again at \d+|stays: nothing newer has its key)\.$/).waitFor();
  await pass.getByText(/^1 of \d+ records$/).waitFor();
  const slider = pass.getByRole("slider", { name: "Records looked at" });
  await slider.focus();
  await page.keyboard.press("End");
  assert.ok(await next.isDisabled(), "it is through");
  // What stays is what is written.
  const kept = (cells) => cells.locator("li.kept").allInnerTexts();
  const [before, after] = [await kept(pass.locator("ol").first()), await kept(pass.locator("ol").last())];
  assert.ok(after.length > 0);
  assert.deepEqual(before, after.slice(after.length - before.length));
  await assertAccessible(page);
});
