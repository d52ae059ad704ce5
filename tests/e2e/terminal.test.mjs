// The terminal: a newcomer's first ten minutes, typed, and once more on a phone by tapping alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { verbatim } from "./support/language.mjs";
import { SERVER, Terminals, printManyLines } from "./support/terminals.mjs";
import { onPage } from "./support/test.mjs";

const CREATE = `kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 ${SERVER}`;

async function opened(app, page) {
  await app.open("#/play");
  await app.button("Play").click();
  return new Terminals(app, page);
}

onPage("a newcomer's first ten minutes, typed", { colorScheme: "dark" }, async ({ app, page }) => {
  const terminals = await opened(app, page);
  const { field } = terminals;
  await terminals.run(CREATE, "Created topic orders.");
  await terminals.run(`kafka-topics.sh --list ${SERVER}`, /^orders$/);
  await terminals.run(`kafka-topics.sh --describe --topic orders ${SERVER}`, /PartitionCount: 3/);

  // Records with keys, typed to the producer.
  await terminals.type(`kafka-console-producer.sh --topic orders --property parse.key=true --property key.separator=: ${SERVER}`);
  await app.button("Send").waitFor();
  for (const record of ["k1:one", "k2:two", "k1:three"]) await terminals.type(record);
  await terminals.shows("k1:three");

  // A second terminal reads them, while the first one goes on.
  await app.button("New terminal").click();
  await terminals.tab("t2").and(page.locator('[aria-selected="true"]')).waitFor();
  await terminals.type(`kafka-console-consumer.sh --topic orders --group readers --from-beginning --property print.key=true ${SERVER}`);
  await terminals.shows(/k1\s+three/);
  assert.equal(await terminals.screen.getByText(verbatim("Created topic")).count(), 0, "the output of t1 stays there");
  await terminals.tab("t1").click();
  await terminals.type("k3:four");
  await terminals.tab("t2").getByText("new").waitFor();
  await field.press("Control+d");
  await app.button("Run").waitFor();
  await terminals.tab("t2").click();
  await terminals.shows(/k3\s+four/);
  await terminals.tab("t1").click();

  // The consumer commits every five seconds.
  await terminals.run("sleep 6; echo rested", /^rested$/);
  const describe = `kafka-consumer-groups.sh --describe --group readers ${SERVER}`;
  await terminals.run(describe, /readers\s+orders\s+\d\s+\d+\s+\d+\s+0/);
  await terminals.run("broker stop 2", /Broker 2|stop/i);
  await terminals.type(`kafka-topics.sh --describe --topic orders ${SERVER}`);
  await terminals.shows(/Isr: (1,3|3,1)\b/);
  await terminals.run("kafka-topics.sh --list --zookeeper localhost:2181", /^Highwater: --zookeeper is gone/);
  const own = terminals.screen.locator(".own").first();
  assert.match(await own.evaluate((row) => getComputedStyle(row).borderLeftStyle), /double/, "it has a shape of its own");
  await terminals.run(`kafka-topics.sh --list ${SERVER} | grep -c orders`, /^1$/);
  await assertAccessible(page);

  // The lines typed before: by arrows, and searched.
  await field.press("ArrowUp");
  assert.equal(await field.inputValue(), `kafka-topics.sh --list ${SERVER} | grep -c orders`);
  await field.press("ArrowUp");
  await field.press("ArrowDown");
  await field.press("ArrowDown");
  assert.equal(await field.inputValue(), "");
  await field.press("Control+r");
  await field.pressSequentially("describe --group");
  const before = page.getByRole("listbox", { name: "Typed before" });
  await before.getByRole("option").first().waitFor();
  await assertAccessible(page);
  await field.press("Tab");
  assert.equal(await field.inputValue(), describe);

  // Words are completed as far as there is one way, then listed.
  await field.fill("kafka-cons");
  await field.press("Tab");
  const list = page.getByRole("listbox", { name: "What may follow" });
  await list.getByRole("option", { name: /kafka-console-consumer/ }).waitFor();
  await field.fill("kafka-consumer-g");
  await field.press("Escape");
  await field.press("Shift+Tab");
  await field.focus();
  await field.press("End");
  await field.press("Tab");
  assert.equal(await field.inputValue(), "kafka-consumer-groups.sh ");
  await field.pressSequentially("--describe --gr");
  await field.press("Tab");
  await field.pressSequentially("re");
  await field.press("Tab");
  assert.equal(await field.inputValue(), "kafka-consumer-groups.sh --describe --group readers ");
  await field.press("Escape");
  await field.press("Tab");
  assert.ok(await field.evaluate((field) => document.activeElement !== field), "the field is no trap");

  // Control C gives up a line, or ends a command; Control L clears the view.
  await field.focus();
  await field.press("Control+c");
  assert.equal(await field.inputValue(), "");
  await terminals.tab("t2").click();
  await field.press("Control+c");
  await terminals.shows(/Processed a total of 4 messages/);
  await field.press("Control+l");
  await terminals.screen.getByText(verbatim("Processed a total")).waitFor({ state: "detached" });

  // A reload in the middle: what was typed and printed is there again.
  await page.reload();
  await app.main.waitFor();
  await terminals.tab("t2").waitFor({ timeout: 60_000 });
  await terminals.shows(`$ kafka-topics.sh --list ${SERVER} | grep -c orders`);
  await field.press("ArrowUp");
  assert.equal(await field.inputValue(), `kafka-topics.sh --list ${SERVER} | grep -c orders`);
});

onPage("the roadmap's cheat sheet is pasted into an empty playground", { colorScheme: "light" }, async ({ app, page }) => {
  const terminals = await opened(app, page);
  const notes = await readFile(new URL("../scenarios/notes-commands.txt", import.meta.url), "utf8");
  const sheet = notes
    .slice(notes.indexOf("# The roadmap's cheat sheet"), notes.indexOf("# Consumer lag"))
    .split("\n")
    .filter((line) => line.startsWith("$ ") || line.startsWith("# "))
    .join("\n");
  await paste(terminals.field, `${sheet}\n`);
  const dialog = page.getByRole("dialog", { name: /lines were pasted/ });
  await dialog.getByText("# The roadmap's cheat sheet").waitFor();
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^Run \d+ lines$/ }).click();
  await terminals.tab("t1").getByText("runs").waitFor();
  await terminals.shows("Highwater: --broker-list was removed in Kafka 4.0");
  // What the producer's refusal lists stands between.
  await terminals.screen.evaluate((screen) => screen.scrollTo(0, 0));
  await terminals.shows("Created topic orders.");
  // The consumer is the last: it reads what another terminal writes.
  await app.button("New terminal").click();
  await terminals.type(`echo hello | kafka-console-producer.sh --topic orders ${SERVER}`);
  await terminals.tab("t1").click();
  await terminals.shows(/^hello$/);
  await app.button("Ctrl C").click();
  await terminals.shows(/Processed a total of 1 messages/);
  await assertAccessible(page);

  // A single line goes into the field.
  await paste(terminals.field, "kafka-topics.sh --list \\\n  --bootstrap-server broker1:9092\n");
  assert.equal(await terminals.field.inputValue(), "kafka-topics.sh --list --bootstrap-server broker1:9092");
});

onPage("going back in time takes the output back", async ({ app, page }) => {
  const terminals = await opened(app, page);
  await terminals.run("seq 1 5", /^5$/);
  await page.waitForTimeout(500);
  await terminals.run("echo later", /^later$/);
  await app.button("Undo").click();
  await terminals.screen.getByText(/^later$/).waitFor({ state: "detached" });
  await terminals.shows(/^5$/);
  await page.getByRole("slider", { name: "Virtual time" }).focus();
  await page.keyboard.press("Home");
  await terminals.screen.getByText(/^5$/).waitFor({ state: "detached" });
});

onPage("files are made, named in a line, changed and deleted", async ({ app, page }) => {
  const terminals = await opened(app, page);
  await app.button("Files").click();
  const dialog = page.getByRole("dialog", { name: "Files" });
  await dialog.getByRole("button", { name: "New client.properties" }).click();
  await dialog.getByRole("textbox", { name: "Content" }).fill("client.id=me\n");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("button", { name: "Edit client.properties" }).waitFor();
  await assertAccessible(page);
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download client.properties" }).click();
  const path = await (await download).path();
  assert.equal(await readFile(path, "utf8"), "client.id=me\n");
  await dialog.locator('input[type="file"]').setInputFiles({ name: "offsets.csv", mimeType: "text/csv", buffer: Buffer.from("orders,0,1\n") });
  await dialog.getByRole("button", { name: "Edit offsets.csv" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await terminals.run("cat offsets.csv", /^orders,0,1$/);
  await terminals.field.fill(`kafka-topics.sh --list ${SERVER} --command-config cl`);
  await terminals.field.press("Tab");
  assert.match(await terminals.field.inputValue(), /client\.properties $/);
  await app.button("Files").click();
  await dialog.getByRole("button", { name: "Delete offsets.csv" }).click();
  await dialog.getByRole("button", { name: "Edit offsets.csv" }).waitFor({ state: "detached" });
});

onPage("what is new is read out once", async ({ app, page }) => {
  const terminals = await opened(app, page);
  const log = page.getByRole("log", { name: "New output" });
  await terminals.run("seq 100 103", /^103$/);
  await log.getByText(/^103$/).waitFor();
  await terminals.run("seq 200 260", /^260$/);
  await log.getByText(/^and \d+ more lines$/).waitFor();
  assert.equal(await log.getByText(/^103$/).count(), 1, "each line once");
  assert.ok((await log.locator("p").count()) <= 60, "the rest is not kept");
});

onPage("100,000 lines are there, and few of them are in the page", async ({ app, page }) => {
  const terminals = await opened(app, page);
  await printManyLines(terminals);
  await app.button("Pause").click();
  const height = await terminals.screen.evaluate((screen) => screen.scrollHeight);
  assert.ok(height >= 100_000 * 20, `the screen is ${height} pixels high`);
  const rows = terminals.screen.locator(".row");
  for (const share of [0, 0.5, 1]) {
    await terminals.screen.evaluate((screen, share) => {
      screen.scrollTop = share * screen.scrollHeight;
    }, share);
    await page.waitForTimeout(100);
    const count = await rows.count();
    assert.ok(count > 3 && count < 200, `${count} rows stand in the page`);
  }
});

/** Pastes a text as a person does: the clipboard itself is not for tests. */
async function paste(field, text) {
  await field.focus();
  await field.evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

for (const colorScheme of ["dark", "light"]) {
  onPage(`the tour on a phone, by tapping alone, ${colorScheme}`, { ...PHONE, colorScheme }, async ({ app, page }) => {
    await app.open("#/play");
    await app.button("Play").tap();
    await page.getByRole("tablist", { name: "Panels" }).getByRole("tab", { name: "Terminal" }).tap();
    const terminals = new Terminals(app, page);
    const words = page.getByRole("group", { name: "Next words" });
    const tap = async (...line) => {
      for (const word of line) await words.getByRole("button", { name: word, exact: true }).tap();
    };
    const run = async (...line) => {
      await tap(...line);
      await app.button("Run").tap();
    };
    const server = ["--bootstrap-server", "broker1:9092"];
    await run("kafka-topics.sh", "--create", "--topic", "orders", "--partitions", "3", "--replication-factor", "3", ...server);
    await terminals.shows("Created topic orders.");
    await run("kafka-topics.sh", "--list", ...server);
    await terminals.shows(/^orders$/);
    await run("kafka-topics.sh", "--describe", "--topic", "orders", ...server);
    await terminals.shows(/PartitionCount: 3/);
    await tap("kafka-console-producer.sh", "--topic", "orders", "--property", "parse.key=true");
    await tap("--property", "key.separator=:");
    await run(...server);
    await app.button("Send").waitFor();
    for (const record of ["k1:one", "k2:two"]) {
      await tap(record);
      await app.button("Send").tap();
    }
    await assertAccessible(page);
    await app.button("New terminal").tap();
    await run("kafka-console-consumer.sh", "--topic", "orders", "--group", "readers", "--from-beginning", ...server);
    await terminals.shows(/^two$/);
    await terminals.tab("t1").tap();
    await app.button("Ctrl D").tap();
    await app.button("Run").waitFor();
    await run("kafka-consumer-groups.sh", "--describe", "--group", "readers", ...server);
    await terminals.shows(/LAG/);
    await run("broker", "stop", "2");
    await app.button("Earlier lines").tap();
    await page.getByRole("option", { name: verbatim(/--describe --topic orders/) }).tap();
    await app.button("Run").tap();
    await terminals.shows(/Isr: (1,3|3,1)\b/);
    await run("kafka-topics.sh", "--list", ...server, "|", "head");
    await terminals.tab("t2").tap();
    await app.button("Ctrl C").tap();
    await terminals.shows(/Processed a total of 2 messages/);
    await assertAccessible(page);
    const small = await page.locator("#panel-terminal button:visible").evaluateAll((buttons) =>
      buttons.map((button) => [button.textContent, button.getBoundingClientRect().height]).filter(([, height]) => height < 40));
    assert.deepEqual(small, [], "what is tapped is large enough");
  });
}
