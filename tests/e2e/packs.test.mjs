// Packs: opened from a file, a drop and a link, proven in the page, kept; refused with the place of what is wrong.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { assertAccessible } from "./support/axe.mjs";
import { drop } from "./support/drop.mjs";
import { say, verbatim } from "./support/language.mjs";
import { filesOf, packFile, textOf } from "./support/packs.mjs";
import { onPage } from "./support/test.mjs";
import { playUntil, type } from "./support/time.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SOLUTION = "kafka-topics.sh --create --topic tea --partitions 2 --replication-factor 1 --bootstrap-server broker1:9092";
const TEXT = "exercises/first-records/exercise.md";

/** Chooses a file where the page asks for one. */
async function choose(page, file) {
  await page.getByLabel("Open a pack").setInputFiles(file);
}

async function isOpened(page) {
  await page.getByText("Proved: one exercise.").waitFor({ timeout: 60_000 });
}

// Before the tests: the command may have to be built first, which takes longer than a test may.
const file = join(await mkdtemp(join(tmpdir(), "packs-")), "tea.hwpack");
const words = ["xtask", "content", "exercises/tests/packs/tea-house", "--pack", file];
const { stdout } = await promisify(execFile)("cargo", words, { cwd: ROOT, timeout: 900_000 });

onPage("a pack that the command made opens from a file, is solved, and survives a reload", async ({ app, page }) => {
  assert.match(stdout, /"Orders of a tea house" by Mira Holm/);
  await app.open("#/learn");
  await page.getByRole("region", { name: "Packs" }).waitFor();
  await assertAccessible(page);
  await choose(page, { name: "tea.hwpack", mimeType: "application/json", buffer: await readFile(file) });
  await isOpened(page);
  await assertAccessible(page);
  await page.getByRole("link", { name: "To all exercises" }).click();
  const packs = page.getByRole("region", { name: "Packs" });
  await packs.getByRole("heading", { level: 2, name: "Orders of a tea house" }).waitFor();
  await packs.getByText(verbatim(`${say("packs.by", { author: "Mira Holm" })} A first hour with Kafka`)).waitFor();
  await assertAccessible(page);

  // Its exercise is one like the others: with a guess, a demonstration, terms of its own and of ours.
  await packs.getByRole("link", { name: "One list for each floor" }).click();
  const exercise = app.region("Exercise");
  await exercise.getByRole("heading", { name: "One list for each floor" }).waitFor();
  await exercise.getByRole("link", { name: "orders" }).click();
  const card = page.getByRole("dialog");
  await card.getByText(verbatim("What a table asks for: in Kafka, a record.")).waitFor();
  await card.getByRole("button").last().click();
  await exercise.getByRole("radio", { name: verbatim("One, with a line down its middle") }).check();
  await exercise.getByRole("radio", { name: "Certain" }).check();
  await exercise.getByRole("button", { name: "Lock in" }).click();
  await type(page, SOLUTION);
  await playUntil(app, page, exercise.getByText("Solved"));
  await exercise.getByText("It came otherwise.").waitFor();
  await assertAccessible(page);
  await exercise.getByRole("button", { name: "Let it run" }).click();
  await exercise.getByRole("button", { name: "Pause" }).waitFor();

  await page.reload();
  await app.region("Exercise").getByText("Solved").waitFor({ timeout: 30_000 });
  await app.open("#/learn");
  await packs.getByText(/About 3 minutes.*solved/).waitFor();
  await page.getByText(say("learning.believed.one", { belief: /A topic is one log.*/ })).waitFor();
  await page.getByRole("link", { name: "order", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "order", exact: true }).waitFor();
  await app.open("#/interview/tea-house/orders-in-the-log");
  await app.region("Question").getByText("Orders in the log").waitFor();

  await app.open("#/learn");
  await packs.getByRole("button", { name: "Remove Orders of a tea house" }).click();
  await packs.getByText(verbatim(say("packs.removed", { title: "Orders of a tea house" }))).waitFor();
  assert.equal(await packs.getByRole("heading").count(), 0);
  await page.reload();
  await app.open("#/learn/tea-house/first-records");
  await page.getByText("This is from a pack that is not here").waitFor();
  await assertAccessible(page);
});

onPage("a pack opens from a drop anywhere, and from a link that the page copied", async ({ app, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await app.open("#/play");
  await drop(page, "section.stage", "tea.hwpack", textOf(await filesOf("tea-house")));
  await isOpened(page);
  await app.open("#/learn");
  await page.getByRole("button", { name: "Copy its link" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#\/pack\/[A-Za-z0-9_-]{500,}$/);
  const other = await context.browser().newContext({ serviceWorkers: "block" });
  try {
    const fresh = await other.newPage();
    await fresh.goto(link);
    await isOpened(fresh);
    await fresh.getByRole("link", { name: "One list for each floor" }).waitFor();
  } finally {
    await other.close();
  }
  await app.open(`#/pack/${link.split("#/pack/")[1].slice(0, 400)}`);
  await page.getByText(verbatim("this link is cut off after 400 characters")).waitFor();
});

onPage("a pack asks before it takes the place of another, and says when there is no room", async ({ app, page }) => {
  await app.open("#/pack");
  await choose(page, await packFile("tea-house"));
  await isOpened(page);
  const newer = await packFile("tea-house", (files) => (files["pack.toml"] = files["pack.toml"].replace("Orders", "More orders")));
  for (const [button, title] of [
    ["Keep the one that is there", "Orders of a tea house"],
    ["Take the new one in its place", "More orders of a tea house"],
  ]) {
    await app.open("#/pack");
    await choose(page, newer);
    await page.getByText(`There is another pack with this id already: "Orders of a tea house" by Mira Holm.`).waitFor();
    await assertAccessible(page);
    await app.button(button).click();
    await app.open("#/learn");
    await page.getByRole("region", { name: "Packs" }).getByRole("heading", { level: 2, name: title, exact: true }).waitFor();
  }
  await page.evaluate(() => {
    let size = 1 << 20;
    for (let index = 0; size > 100; index += 1) {
      try {
        localStorage.setItem(`full.${index}`, "x".repeat(size));
      } catch {
        size >>= 1;
      }
    }
  });
  await choose(page, await packFile("tea-house", (files) => (files["pack.toml"] = files["pack.toml"].replace("tea-house", "tea-two"))));
  await page.getByText("It is here until this page is closed").waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: "One list for each floor" }).click();
  await app.region("Exercise").getByRole("heading", { name: "One list for each floor" }).waitFor();
});

onPage("the page stays at hand while a pack is proven, and it can be called off", async ({ app, page }) => {
  await app.open("#/pack");
  // Sixty exercises: it takes a while.
  const many = await packFile("tea-house", (files) => {
    for (const [path, text] of Object.entries(files)) {
      if (!path.startsWith("exercises/")) continue;
      for (let index = 0; index < 60; index += 1) files[path.replace("first-records", `floor-${index}`)] = text;
    }
  });
  await page.evaluate(() => {
    globalThis.longest = 0;
    let before = performance.now();
    setInterval(() => {
      const now = performance.now();
      if (document.querySelector("progress")?.value > 2) globalThis.longest = Math.max(globalThis.longest, now - before);
      before = now;
    }, 5);
  });
  await choose(page, many);
  const progress = page.getByRole("progressbar", { name: "Proofs that are done" });
  await progress.waitFor();
  await page.getByText(/^\d+ of \d{3} proofs$/).waitFor();
  await assertAccessible(page);
  // From here on: what looks at the page took its time as well.
  await page.evaluate(() => (globalThis.longest = 0));
  const at = Number(await progress.getAttribute("value"));
  await page.waitForFunction((at) => document.querySelector("progress")?.value > at + 60, at);
  const longest = await page.evaluate(() => globalThis.longest);
  console.log(`the longest the page was not at hand: ${Math.round(longest)} ms`);
  assert.ok(longest < 250, `${longest} ms`);
  await page.getByRole("button", { name: "Call it off" }).click();
  await page.getByText("Called off. Nothing was opened").waitFor();
  await app.open("#/learn");
  assert.equal(await page.getByRole("heading", { name: "Orders of a tea house" }).count(), 0);
});

onPage("a broken pack is refused with the place of what is wrong", async ({ app, page }) => {
  await app.open("#/pack");
  await choose(page, await packFile("tea-house", (files) => (files[TEXT] = files[TEXT].replace("[[topic]]", "[[topik]]"))));
  await page.getByText("exercises/first-records/exercise.md:2: there is no term topik").waitFor();
  await assertAccessible(page);
  // What can be read, and does not prove.
  await choose(
    page,
    await packFile("tea-house", (files) => {
      const path = "exercises/first-records/solution.hw";
      files[path] = files[path].replace("--partitions 2", "--partitions 3");
    }),
  );
  await page.getByText(/exercises\/first-records\/solution\.hw: .*check two-floors is not met/).waitFor({ timeout: 60_000 });
  await page.getByText("The scenario", { exact: true }).first().click();
  await page.getByText("--partitions 3").first().waitFor();
  await assertAccessible(page);
  await choose(page, { name: "x.hwpack", mimeType: "application/json", buffer: Buffer.from("{\n nonsense") });
  await page.getByText("the pack:2: this is no pack").waitFor();
  await choose(page, { name: "x.hwpack", mimeType: "application/json", buffer: Buffer.alloc(2_000_000, 32) });
  await page.getByText("x.hwpack is longer than a pack may be").waitFor();
  await app.open("#/learn");
  assert.equal(await page.getByRole("heading", { name: "Orders of a tea house" }).count(), 0);
});

onPage("a hostile pack injects nothing", async ({ app, page }) => {
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(event.effectiveDirective));
  });
  await app.open("#/pack");
  const evil = `<img src="x" onerror="globalThis.hacked = 1"><script>globalThis.hacked = 2</script>`;
  for (const spoil of [
    (files) => (files[TEXT] += `\n\n${evil}\n`),
    (files) => (files[TEXT] += "\n\n[x](javascript:globalThis.hacked=3)\n"),
    (files) => (files[`exercises/${evil}/exercise.toml`] = evil),
    (files) => (files[evil] = evil),
    (files) => (files["pack.toml"] = files["pack.toml"].replace("tea-house", evil.replaceAll('"', "'"))),
  ]) {
    await choose(page, await packFile("tea-house", spoil));
    await page.getByRole("heading", { name: "The pack is not opened" }).waitFor();
    await page.getByText(verbatim(/(<img|javascript:|id of a pack)/)).first().waitFor();
  }
  // Names and titles may hold anything: they are shown as they are.
  const odd = await packFile("tea-house", (files) => {
    const quoted = evil.replaceAll('"', "'").replaceAll("globalThis.hacked", "hacked");
    files["pack.toml"] = files["pack.toml"].replace("Orders of a tea house", "<b>Orders</b>").replace("A first hour", quoted);
    const toml = "exercises/first-records/exercise.toml";
    files[toml] = files[toml].replace("One list for each floor", quoted).replace("There is a topic named tea", quoted);
    files["glossary/order.toml"] = files["glossary/order.toml"].replace("in Kafka, a record.", `x' \\" onmouseover=hacked=1 ${quoted}`);
  });
  await choose(page, odd);
  await isOpened(page);
  await page.getByRole("link", { name: /^<img src='x'/ }).click();
  await app.region("Exercise").getByRole("heading", { name: /^<img src='x'/ }).waitFor();
  await app.region("Exercise").getByRole("link", { name: "orders" }).hover();
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
  assert.equal(await page.locator("main img, .guide img, main b, .guide b").count(), 0);
});
