// Time as a thing in the hand: sought, taken back, branched; and panels that can be resized.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { onPage } from "./support/test.mjs";
import { play, reaches, timeline } from "./support/time.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092";

onPage("time is sought with the keyboard alone, forth and back", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "producer start p1 --topic orders --rate 20 --keys 30"]);
  const slider = timeline(page);
  const log = app.region("Log");
  await slider.focus();
  await page.keyboard.press("Home");
  await reaches(page, 0);
  // It lies ahead.
  await log.getByText("Producer p1 started").waitFor({ state: "detached" });
  await page.keyboard.press("End");
  await reaches(page, 4000);
  await log.getByText("Producer p1 started").waitFor();
});

onPage("a line is undone and done again", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "producer start p1 --topic orders --rate 20"]);
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
  await play(page, [CREATE, "broker stop 2", "broker stop 3"]);
  const slider = timeline(page);
  await slider.focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("PageDown");
  await reaches(page, 3000);
  await play(page, ["producer start p1 --topic orders --rate 5"]);
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
