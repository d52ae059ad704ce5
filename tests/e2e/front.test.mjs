// The front page: three doors, a cluster that lives, and the way back to what was left.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { onPage } from "./support/test.mjs";

onPage("the front page leads everywhere, and its cluster lives", async ({ app, page }) => {
  await app.open("#/");
  for (const door of [/^Learn Exercises/, /^Play An empty/, /^Be interviewed Questions/]) {
    await page.getByRole("link", { name: door }).waitFor();
  }
  const show = app.region("A cluster that lives");
  await show.getByRole("button", { name: "Broker 2", exact: true }).click();
  await show.getByRole("button", { name: "Kill", exact: true }).click();
  await show.getByText("broker start 2").last().waitFor();
  await assertAccessible(page);
  await page.getByRole("link", { name: /^Play An empty/ }).click();
  await app.region("Stage").waitFor();
  await page.getByRole("region", { name: "First steps" }).waitFor();
  assert.equal(await app.button("Producer p1").count(), 0, "free play has its own cluster");
});

onPage("a second visit goes on where the first ended", async ({ app, page }) => {
  await app.open("#/learn/keep-writing");
  await page.goto("about:blank");
  await app.open("");
  assert.match(page.url(), /#\/learn\/keep-writing$/);
  await app.open("#/");
  await page.getByRole("link", { name: /^Go on with/ }).click();
  await page.waitForURL(/#\/learn\/keep-writing$/);
});

onPage("looks are chosen with the keyboard, and kept", async ({ app, page }) => {
  await app.open("#/play");
  await app.button("Looks").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Dark" }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("radio", { name: "High" }).check();
  await page.getByRole("radio", { name: /^Presenter/ }).check();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.reload();
  await app.main.waitFor();
  const looks = await page.evaluate(() => ({ ...document.documentElement.dataset }));
  assert.deepEqual(looks, { theme: "dark", contrast: "more", size: "presenter" });
  await assertAccessible(page);
});

onPage("the keys are told behind a question mark", async ({ app, page }) => {
  await app.open("#/play");
  await page.keyboard.press("?");
  await page.getByRole("group", { name: "Keys" }).getByText("Play and pause").waitFor();
  await assertAccessible(page);
});
