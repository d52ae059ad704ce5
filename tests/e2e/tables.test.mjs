// The tables: brokers, topics, messages, groups, transactions and configs, linked with the stage; and the forms
// for new clients.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { say, spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { play } from "./support/time.mjs";

const LINES = [
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092",
  "producer start p1 --topic orders --rate 40 --keys 30",
  "producer start p2 --topic orders --rate 20 --transactional-id tx --abort-every 2",
  "consumer start c1 --group billing --topic orders --from-beginning",
];
const KINDS = ["Brokers", "Topics", "Messages", "Consumer groups", "Transactions", "Configs"];

function tab(page, name) {
  return page.getByRole("tab", { name, exact: true }).filter({ visible: true });
}

async function open(app, page, kind) {
  await tab(page, "Tables").click();
  await tab(page, kind).click();
  return app.region("Tables");
}

for (const colorScheme of ["light", "dark"]) {
  onPage(`tables and forms are accessible in ${colorScheme} colours`, { colorScheme }, async ({ app, page }) => {
    await app.open("#/play");
    await play(page, LINES, { apart: 1, until: 9 });
    for (const kind of KINDS) {
      const tables = await open(app, page, kind);
      await tables.getByRole("row").nth(1).waitFor();
      await assertAccessible(page);
    }
    const tables = app.region("Tables");
    await tables.locator("button.row-head").first().click();
    await tables.getByRole("form").waitFor();
    await assertAccessible(page);
    await app.button("New…").click();
    const dialog = page.getByRole("dialog");
    for (const form of ["Producer", "Consumer", "Workload", "Application"]) {
      await dialog.getByRole("button", { name: form, exact: true }).click();
      await dialog.getByRole("heading", { name: `${say("forms.new-before")}${spoken(form).toLowerCase()}` }).waitFor();
      await dialog.getByText("More settings").click();
      await assertAccessible(page);
    }
  });
}

onPage("a row selects on the stage, and what is selected there stands out in the table", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 6 });
  const tables = await open(app, page, "Brokers");
  const head = (name) => tables.getByRole("button", { name, exact: true });
  await head("Broker 2").click();
  await app.region("Inspector").getByRole("heading", { name: "Broker 2" }).waitFor();
  assert.equal(await head("Broker 2").getAttribute("aria-pressed"), "true");
  await app.region("Stage").getByRole("button", { name: /^Broker 3/ }).first().click();
  await tables.locator("button.row-head[aria-pressed=true]", { hasText: "Broker 3" }).waitFor();
  // Sorted by a column, and back.
  await tables.getByRole("button", { name: "Broker", exact: true }).click();
  await tables.getByRole("button", { name: "Broker", exact: true }).click();
  assert.equal(await tables.locator(".row-head").first().textContent(), "Broker 3");
  await counts(tables.locator("th[aria-sort=descending]"), 1);
});

onPage("messages are searched, filtered and opened", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 12 });
  const tables = await open(app, page, "Messages");
  await tables.getByText(/50 shown, 50 of [\d,]+ records passed/).waitFor();
  await counts(tables.locator("tbody tr"), 50);
  await tables.getByRole("button", { name: "Go on" }).click();
  await tables.getByText(/50 shown, 100 of/).waitFor();
  await tables.getByRole("button", { name: "Back to the first" }).click();
  await tables.getByRole("combobox", { name: "Partition" }).selectOption("1");
  await tables.getByRole("combobox", { name: "First" }).selectOption("oldest");
  await tables.getByRole("link", { name: "orders-1 @ 0", exact: true }).waitFor();
  assert.equal(await tables.getByRole("link", { name: /^orders-0/ }).count(), 0);
  await tables.getByRole("combobox", { name: "From" }).selectOption("offset");
  await tables.getByRole("textbox", { name: "Offset" }).fill("7");
  await tables.getByRole("link", { name: "orders-1 @ 7", exact: true }).waitFor();
  assert.equal(await tables.locator(".row-head").first().textContent(), "orders-1 @ 7");
  await tables.getByRole("textbox", { name: "Offset" }).fill("x");
  await tables.getByText("Type an offset").waitFor();
  await tables.getByRole("combobox", { name: "From" }).selectOption("edge");
  await tables.getByRole("combobox", { name: "Partition" }).selectOption("");
  await tables.getByRole("searchbox").fill("key: k7");
  await tables.getByText(/found\. Searched all [\d,]+ records/).waitFor();
  const keys = await tables.locator("tbody tr td:nth-child(3)").allTextContents();
  assert.ok(keys.length > 0 && keys.every((key) => key === "k7"), keys.join());
  await tables.getByRole("searchbox").fill("");
  await tables.getByRole("combobox", { name: "First" }).selectOption("newest");
  const aborted = tables.getByRole("row").filter({ hasText: "transaction aborted" }).first();
  for (let pages = 0; !(await aborted.isVisible()); pages += 1) {
    assert.ok(pages < 5, "every second transaction is aborted");
    await tables.getByRole("button", { name: "Go on" }).click();
    await page.waitForTimeout(300);
  }
  await aborted.getByRole("link").click();
  await page.getByText("Its transaction was aborted").waitFor();
  assert.match(page.url(), /\/at\/orders-\d\/broker\/\d\/segment\/\d+\/batch\/\d+\/record\/\d+$/);
});

onPage("a setting is changed by its line", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES.slice(0, 1), { apart: 1, until: 2 });
  const tables = await open(app, page, "Configs");
  await tables.getByRole("searchbox").fill("retention.ms");
  await tables.getByRole("button", { name: "retention.ms", exact: true }).click();
  const value = tables.getByRole("form").getByRole("textbox");
  await value.fill("soon");
  await tables.getByText("Not a number of type LONG").waitFor();
  assert.ok(await app.button("Change it").isDisabled());
  await value.fill("60000");
  await value.press("Enter");
  await play(page, [], { apart: 1, until: 4 });
  const row = tables.getByRole("row").filter({ has: page.getByRole("button", { name: "retention.ms", exact: true }) });
  await row.getByText("this topic").waitFor();
  assert.match(await row.textContent(), /60000.*604800000/);
});

onPage("groups, tables and a new consumer by the keyboard alone", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 8 });
  const palette = async (typed) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(typed);
    await page.keyboard.press("Enter");
  };
  await palette(say("palette.see", { name: spoken("Consumer groups").toLowerCase() }));
  const tables = app.region("Tables");
  await tables.getByRole("button", { name: "Members and lag of billing" }).focus();
  await page.keyboard.press("Enter");
  await tables.getByText("Group billing", { exact: true }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "table-tab-groups");
  await tables.getByRole("button", { name: "orders-0", exact: true }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await app.region("Inspector").getByRole("heading", { name: "orders-1" }).waitFor();
  await palette(say("palette.new", { kind: spoken("Consumer").toLowerCase() }));
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "At most once" }).focus();
  await page.keyboard.press("Enter");
  const line = dialog.locator(".writes code");
  assert.equal(
    await line.textContent(),
    "consumer start c2 --topic orders --group billing --from-beginning --commit sync --commit-when before --process-ms 20",
  );
  await dialog.getByText("what a crash interrupts is not read again").waitFor();
  await dialog.getByRole("textbox", { name: "name" }).fill("c1");
  await dialog.getByText("There is a client c1 already").waitFor();
  assert.ok(await app.button("Start it").isDisabled());
  await dialog.getByRole("textbox", { name: "name" }).fill("c9");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await play(page, [], { apart: 1, until: 13 });
  await tables.getByText("c9", { exact: true }).first().waitFor();
});

onPage("what contradicts is told by the parser of the line", async ({ app, page }) => {
  await app.open("#/play");
  await app.button("New…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Safest" }).click();
  await dialog.getByRole("combobox", { name: "acks" }).selectOption("1");
  await dialog.locator(".writes .error").waitFor();
  assert.match(await dialog.locator(".writes .error").textContent(), /acks/);
  assert.ok(await app.button("Start it").isDisabled());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

onPage("on a phone tables are a panel of their own, and a form fills the screen", { viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ app, page }) => {
  await app.open("#/play");
  await play(page, LINES, { apart: 1, until: 6 });
  for (const kind of KINDS) {
    const tables = await open(app, page, kind);
    await tables.getByRole("row").nth(1).waitFor();
    await assertAccessible(page);
    const { x, width } = await tables.boundingBox();
    assert.ok(x >= 0 && x + width <= 390, `${kind}: the panel is ${width} px wide`);
  }
  await app.button("New…").click();
  const box = await page.getByRole("dialog").boundingBox();
  assert.ok(box.x >= 0 && box.width <= 390 && box.height >= 840, JSON.stringify(box));
  await assertAccessible(page);
});
