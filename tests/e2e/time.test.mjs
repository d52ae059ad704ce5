// Time as a thing in the hand: sought, taken back, branched; and panels that can be resized.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { onPage } from "./support/test.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092";

/** Types lines, each followed by some virtual time. */
async function play(app, page, ...lines) {
  const slider = timeline(page);
  const box = page.getByRole("textbox", { name: "Command line" });
  for (const line of lines) {
    await box.fill(line);
    await box.press("Enter");
    const before = await millis(slider);
    await slider.focus();
    for (let presses = 0; presses < 2; presses += 1) await page.keyboard.press("PageUp");
    await reaches(slider, (now) => now === before + 2000);
  }
}

function timeline(page) {
  return page.getByRole("slider", { name: "Virtual time" });
}

async function millis(slider) {
  return Number(await slider.getAttribute("aria-valuenow"));
}

async function reaches(slider, isThere) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (isThere(await millis(slider))) return;
    await slider.page().waitForTimeout(50);
  }
  assert.fail(`virtual time stays at ${await millis(slider)} ms`);
}

onPage("time is sought with the keyboard alone, forth and back", async ({ app, page }) => {
  await app.open("#/play");
  await play(app, page, CREATE, "producer start p1 --topic orders --rate 20 --keys 30");
  const slider = timeline(page);
  const log = app.region("Log");
  await slider.focus();
  await page.keyboard.press("Home");
  await reaches(slider, (now) => now === 0);
  assert.equal(await log.getByText("Producer p1 started").count(), 0, "it lies ahead");
  await page.keyboard.press("End");
  await reaches(slider, (now) => now === 4000);
  await log.getByText("Producer p1 started").waitFor();
});

onPage("a line is undone and done again", async ({ app, page }) => {
  await app.open("#/play");
  await play(app, page, CREATE, "producer start p1 --topic orders --rate 20");
  const card = app.button("Producer p1");
  await card.waitFor();
  await app.button("Undo").click();
  await card.waitFor({ state: "detached" });
  await app.button("Redo").click();
  await card.waitFor();
  assert.ok(await app.button("Redo").isDisabled(), "there is nothing more to do again");
});

onPage("acting in the past makes a branch, and the other stays", async ({ app, page }) => {
  await app.open("#/play");
  await play(app, page, CREATE, "broker stop 2", "broker stop 3");
  const slider = timeline(page);
  await slider.focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("PageDown");
  await reaches(slider, (now) => now === 3000);
  await play(app, page, "producer start p1 --topic orders --rate 5");
  const branches = page.getByRole("list", { name: "Branches" });
  await counts(branches.getByRole("listitem"), 2);
  await app.button("Producer p1").waitFor();
  await branches.getByRole("button", { name: /^branch 1/ }).click();
  await app.button("Producer p1").waitFor({ state: "detached" });
  await assertAccessible(page);
});

onPage("a panel keeps the size that the reader gave it", async ({ app, page }) => {
  await app.open("#/play");
  const border = page.getByRole("separator", { name: "Width of the task" });
  const width = async () => (await page.locator("#panel-task").boundingBox()).width;
  const before = await width();
  await border.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(Math.round(await width()), Math.round(before) + 48);
  await page.reload();
  await app.main.waitFor();
  assert.equal(Math.round(await width()), Math.round(before) + 48, "after a reload");
  await border.focus();
  await page.keyboard.press("Home");
  assert.ok((await width()) < 2, "it is folded");
  await page.keyboard.press("Enter");
  assert.equal(Math.round(await width()), Math.round(before), "it is back at its usual size");
});
