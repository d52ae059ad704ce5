// What is measured: charts over virtual time with their tables, and metrics by the names of JMX.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { say, spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { millis, play, reaches } from "./support/time.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092";
const LINES = [
  CREATE,
  "producer start p1 --topic orders --rate 20 --keys 30",
  "consumer start c1 --group billing --topic orders --from-beginning",
];

function tab(page, name) {
  return page.getByRole("tab", { name, exact: true }).filter({ visible: true });
}

for (const colorScheme of ["light", "dark"]) {
  onPage(`charts and metrics are accessible in ${colorScheme} colours`, { colorScheme }, async ({ app, page }) => {
    await app.open("#/play");
    await play(page, LINES, { apart: 1, until: 8 });
    await tab(page, "Charts").click();
    const charts = app.region("Charts");
    for (const name of ["Size of the ISR", "Produce latency", "Disk use"]) {
      await charts.getByRole("button", { name, exact: true }).click();
    }
    await assertAccessible(page);
    await charts.getByRole("button", { name: "Throughput as a table" }).click();
    await assertAccessible(page);
    await tab(page, "Metrics").click();
    await app.region("Metrics").getByText("MessagesInPerSec").first().waitFor();
    await assertAccessible(page);
  });
}

onPage("a chart is read and sought with the keyboard alone", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 9 });
  await tab(page, "Log").focus();
  for (const next of ["Tables", "Charts"]) {
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tab", { name: next, selected: true }).first().waitFor();
  }
  const plot = app.region("Charts").getByRole("slider", { name: "Throughput, in records/s" });
  await plot.focus();
  await page.keyboard.press("Home");
  assert.equal(await plot.getAttribute("aria-valuenow"), "1");
  for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press("ArrowRight");
  // The producer makes 20 records a second.
  assert.match(await plot.getAttribute("aria-valuetext"), new RegExp(`^00:05\\.000: .*${say("line.written", { topic: "orders" })} 20(,|$)`));
  await page.keyboard.press("Enter");
  await reaches(page, 5000);
  // What lies ahead was measured before, and can be gone to again.
  await page.keyboard.press("End");
  assert.equal(await plot.getAttribute("aria-valuenow"), "8");
});

onPage("a click on a chart goes to that moment, and its table says the same", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 9 });
  await tab(page, "Charts").click();
  const charts = app.region("Charts");
  const plot = charts.getByRole("slider", { name: "Throughput, in records/s" });
  const area = await plot.locator(".past").boundingBox();
  await page.mouse.click(area.x + area.width / 2, area.y + area.height / 2);
  await page.waitForTimeout(300);
  const now = await millis(page);
  assert.ok(Math.abs(now - 4500) < 150, `half of nine seconds: ${now}`);
  await charts.getByRole("button", { name: "Throughput as a table" }).click();
  const row = charts.getByRole("row", { name: /^00:05\.000/ });
  assert.ok((await row.getByRole("cell").allTextContents()).includes("20"), await row.textContent());
});

onPage("metrics are found by their names and copied for Prometheus", async ({ app, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 8 });
  await tab(page, "Metrics").click();
  const metrics = app.region("Metrics");
  await metrics.getByRole("textbox").fill("underreplicated broker2");
  const row = metrics.getByRole("row", { name: /name=UnderReplicatedPartitions/ });
  await row.waitFor();
  const good = spoken(/It should be 0\./).source;
  assert.match(await row.textContent(), new RegExp(`ReplicaManager,name=UnderReplicatedPartitions.*${good}Value0$`));
  await metrics.getByRole("button", { name: "Copy as Prometheus text" }).click();
  await metrics.getByText("Copied").waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^# TYPE kafka_server_replicamanager_underreplicatedpartitions gauge$/m);
  assert.match(text, /^kafka_server_replicamanager_underreplicatedpartitions\{instance="broker2"\} 0$/m);
  await metrics.getByRole("button", { name: "Prometheus text", exact: true }).click();
  await metrics.getByText("# HELP kafka_server_brokertopicmetrics_messagesin_total").waitFor();
});

onPage("on a phone charts and metrics are panels of their own", { viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 6 });
  await tab(page, "Charts").click();
  await app.region("Charts").getByRole("slider", { name: "Throughput, in records/s" }).waitFor();
  await assertAccessible(page);
  await tab(page, "Metrics").click();
  await app.region("Metrics").getByText("MessagesInPerSec").first().waitFor();
  await assertAccessible(page);
});
