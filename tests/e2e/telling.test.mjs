// What is told, and where a run pauses: three depths, search, breakpoints, steps by message, the offer to
// pass over a wait, and what a screen reader hears.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { play, type } from "./support/time.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092";

onPage("another depth shows the past, and is kept", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "producer start p1 --topic orders --rate 20"]);
  const log = app.region("Log");
  await log.getByText(/^The first records of orders-0/).waitFor();
  assert.equal(await log.getByText(/copied offset/).count(), 0, "the story leaves it out");
  await log.getByRole("button", { name: "Detail" }).click();
  await log.getByText(/copied offset/).first().waitFor();
  await log.getByRole("button", { name: "Wire" }).click();
  await log.getByText(/Produce request leaves p1 for broker \d: version 12, correlation id \d+, \d+ bytes/).first().waitFor();
  await assertAccessible(page);
  await page.reload();
  await app.main.waitFor();
  assert.equal(await log.getByRole("button", { name: "Wire" }).getAttribute("aria-pressed"), "true");
});

onPage("the log is searched by node, kind and words", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "broker kill 2", "broker kill 3"]);
  const log = app.region("Log");
  await log.getByRole("combobox", { name: "Search the log" }).fill(spoken("Broker 2 was killed").replace(" was ", " "));
  const lines = log.getByRole("listitem");
  await log.getByText("Broker 2 was killed").waitFor();
  await counts(lines, 1);
  await log.getByRole("combobox", { name: "Search the log" }).fill("");
  await log.getByText("Broker 3 was killed").waitFor();
  await log.getByRole("combobox", { name: "Kind" }).selectOption("topic");
  await log.getByText("Topic orders was created").waitFor();
  assert.equal(await log.getByText("Broker 3 was killed").count(), 0);
  await log.getByRole("combobox", { name: "Search the log" }).fill("nothing of the kind");
  await log.getByText(/as far back as it is remembered/).waitFor();
});

onPage("a breakpoint pauses the run, says why and leaves a mark", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "broker kill 2"]);
  await page.locator("body").press("b");
  const list = page.getByRole("dialog", { name: "Breakpoints" });
  await list.getByRole("checkbox", { name: "An ISR changed" }).check();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  assert.ok(!(await list.isVisible()));
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  await app.button("Play").click();
  await page.getByText(/^Paused: An ISR changed\. The ISR of orders-0 shrank to/).first().waitFor({ timeout: 30_000 });
  await app.button("Play").waitFor();
  await page.getByRole("button", { name: "Breakpoints: 1 on" }).click();
  await counts(list.getByRole("listitem"), 1, "it can be gone back to");
  await counts(page.locator(".timeline path.hit"), 1, "it is marked");
});

onPage("steps go from message to message, forth and back, by key", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE]);
  const narration = page.locator(".narration");
  const clock = () => page.locator(".clock").innerText();
  await page.locator("body").press("m");
  await narration.getByText(/ reaches .*: version \d+, correlation id \d+, \d+ bytes/).waitFor();
  // Several may arrive at one instant.
  const first = await clock();
  let second = first;
  for (let presses = 0; presses < 40 && second === first; presses += 1) {
    await page.locator("body").press("m");
    second = await clock();
  }
  assert.ok(second > first, `${first} ${second}`);
  await page.locator("body").press("Shift+M");
  await page.waitForFunction((after) => document.querySelector(".clock").innerText < after, second);
});

onPage("a long wait offers to be passed over", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "broker kill 2"]);
  const slider = page.getByRole("slider", { name: "Virtual time" });
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "1/10" });
  await app.button("Play").click();
  const offer = page.getByRole("button", { name: /^Nothing for \d+ s: skip to the next event$/ });
  await offer.waitFor({ timeout: 20_000 });
  const before = Number(await slider.getAttribute("aria-valuenow"));
  await assertAccessible(page);
  await page.locator("body").press("n");
  await page.waitForFunction(
    (then) => Number(document.querySelector(".track").getAttribute("aria-valuenow")) > then + 1000,
    before,
  );
  await app.button("Pause").waitFor();
});

onPage("a screen reader hears at most one sentence in two seconds", async ({ app, page }) => {
  await app.open("#/play");
  await play(page, [CREATE, "producer start p1 --topic orders --rate 20", "consumer start c1 --topic orders --group g1"]);
  await page.evaluate(() => {
    const heard = [];
    const live = [...document.querySelectorAll("main [aria-live=polite]")].find((e) => e.matches(".sr-only"));
    new MutationObserver(() => heard.push([performance.now(), live.textContent])).observe(live, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    globalThis.heard = heard;
  });
  await type(page, "broker kill 2");
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  await app.button("Play").click();
  for (const [count, line] of [[1, "broker start 2"], [2, "broker kill 3"], [3, "broker start 3"]]) {
    await page.waitForFunction((count) => globalThis.heard.length >= count, count);
    await type(page, line);
  }
  const heard = await page.evaluate(() => globalThis.heard);
  for (let at = 1; at < heard.length; at += 1) {
    assert.ok(heard[at][0] - heard[at - 1][0] > 1_800, JSON.stringify(heard));
  }
  const story = spoken(/fenced broker|ISR|leads|was killed/);
  assert.ok(heard.some(([, text]) => story.test(text)), JSON.stringify(heard));
});

for (const colorScheme of ["light", "dark"]) {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme };
  onPage(`on a phone nothing sticks out (${colorScheme})`, phone, async ({ app, page }) => {
    await app.open("#/play");
    const width = () => page.evaluate(() => document.scrollingElement.scrollWidth);
    assert.ok((await width()) <= 390, `${await width()}`);
    const row = await page.getByRole("group", { name: "Time" }).boundingBox();
    assert.ok(row.height < 56, "the controls of time stay in one row");
    await page.getByRole("tab", { name: "Log" }).click();
    await assertAccessible(page);
    await app.button("Breakpoints").click();
    await page.getByRole("dialog", { name: "Breakpoints" }).waitFor();
    assert.ok((await width()) <= 390, `${await width()}`);
    await assertAccessible(page);
  });
}
