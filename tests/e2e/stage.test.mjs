// The stage whole: groups with their protocol, transactions as brackets, large clusters, and the stage in the hand.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { spoken } from "./support/language.mjs";
import { openAt, scenario } from "./support/scenes.mjs";
import { onPage } from "./support/test.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** What a thing on the stage says of itself to those who listen. */
async function said(app, name) {
  return (await app.button(name).getAttribute("aria-description")) ?? "";
}

async function open(app, page, name, at, view) {
  await app.open("#/about");
  await openAt(page, await scenario(name), at, view);
}

/** Steps on in virtual time until `is` holds of what a thing says; gives all that it said. */
async function listen(app, page, name, is, step = () => app.button("Next event").click()) {
  const heard = [];
  for (let tries = 0; tries < 150; tries += 1) {
    const words = await said(app, name);
    if (heard.at(-1) !== words) heard.push(words);
    if (is(words)) return heard;
    await step();
    await page.waitForTimeout(140);
  }
  assert.fail(`it never came; heard was:\n${heard.join("\n")}`);
}

for (const colorScheme of ["dark", "light"]) {
  onPage(`groups and transactions are said in text and can be read (${colorScheme})`, { colorScheme }, async ({ app, page }) => {
    await open(app, page, "stage/rebalance", 11, "select=group:billing");
    assert.match(await said(app, "Group billing"), spoken(/^Stable, generation \d+, range, coordinator broker \d; 2 members, lag \d+$/));
    assert.match(await said(app, "Group fraud"), spoken(/^Stable, group and assignment epoch \d+/));
    assert.match(await said(app, "Consumer c1"), spoken(/generation \d+.*; owns orders-0, orders-1$/));
    const bracket = page.getByRole("img", { name: "Transaction pay" });
    const ongoing = spoken(/^Ongoing, over orders-2, payments-0, payments-1; read_committed waits at the last stable offset/);
    assert.match(await bracket.getAttribute("aria-description"), ongoing);
    assert.match(await said(app, "Partition payments-0"), spoken(/transaction pay open, LSO held at 0/));
    await page.locator(".ties path").nth(3).waitFor({ state: "attached" });
    assert.ok((await page.locator(".ties path").count()) >= 4, "the selected group is tied to what it reads");
    await assertAccessible(page);
  });
}

onPage("a rebalance of the classic protocol is told as it goes", async ({ app, page }) => {
  await open(app, page, "stage/rebalance", 11.9);
  const heard = await listen(app, page, "Group billing", (words) => spoken(/^Stable.*3 members/).test(words));
  assert.ok(heard.some((words) => words.startsWith("PreparingRebalance")), heard.join("\n"));
  assert.ok(heard.some((words) => spoken(/given up by|→ c\d/).test(words)), heard.join("\n"));
});

onPage("a rebalance by KIP-848 says what moves from whom to whom", async ({ app, page }) => {
  await open(app, page, "stage/rebalance", 11.9);
  const heard = await listen(app, page, "Group fraud", (words) => spoken(/^Stable.*2 members/).test(words), () =>
    page.getByRole("slider", { name: "Virtual time" }).press("PageUp"),
  );
  assert.ok(heard.some((words) => /orders-\d.* d1 → d2/.test(words)), heard.join("\n"));
});

onPage("ten brokers fit the stage, and nothing is folded", async ({ app, page }) => {
  await open(app, page, "stage/ten-brokers", 15);
  await counts(page.getByRole("button", { name: /^Partition / }), 24);
  const wider = await page.locator(".stage-scroll").evaluate((node) => node.scrollWidth - node.clientWidth);
  assert.ok(wider <= 0, `the stage is ${wider} pixels too wide`);
  await assertAccessible(page);
});

onPage("200 partitions fold, with the keyboard alone, and trouble stays open", async ({ app, page }) => {
  await open(app, page, "stage/two-hundred", 40);
  const topic = app.button("Topic orders");
  assert.equal(await topic.getAttribute("aria-expanded"), "false");
  assert.match(await topic.getAttribute("aria-description"), spoken(/^\d+ healthy, \d+ under-replicated$/));
  assert.match(await said(app, "Topic clicks"), spoken(/under-replicated/));
  await page.getByText(/partitions are folded into the bands of their topics/).waitFor();
  const rows = () => page.getByRole("button", { name: /^Partition orders-\d+$/ }).count();
  assert.equal(await rows(), 4, "those in trouble stay open");
  await assertAccessible(page);
  await topic.focus();
  await page.keyboard.press("Enter");
  const isThere = ([name, count]) => document.querySelectorAll(`[aria-label^='${name}']`).length === count;
  const begin = spoken("Partition orders-0").slice(0, -1);
  await page.waitForFunction(isThere, [begin, 100]);
  assert.equal(await topic.getAttribute("aria-expanded"), "true");
  const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  assert.equal(focused, spoken("Topic orders"), "the focus stays where it was");
  await page.keyboard.press("Enter");
  await page.waitForFunction(isThere, [begin, 4]);
});

onPage("what is selected is never folded away", async ({ app, page }) => {
  await open(app, page, "stage/two-hundred", 12, "select=partition:orders-77");
  await app.button("Partition orders-77").waitFor();
});

/** Fingers on the screen, by the protocol of the browser: Playwright has but one. */
async function fingers(page) {
  const session = await page.context().newCDPSession(page);
  return (type, ...points) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
}

async function middleOf(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
}

onPage("two fingers zoom, and what is between them stays there", PHONE, async ({ app, page }) => {
  await open(app, page, "stage/rebalance", 11);
  const svg = page.locator(".stage-scroll > svg");
  const before = await svg.boundingBox();
  const touch = await fingers(page);
  await touch("touchStart", [150, 150], [250, 150]);
  for (let step = 1; step <= 10; step += 1) await touch("touchMove", [150 - 5 * step, 150], [250 + 5 * step, 150]);
  await touch("touchEnd");
  await page.waitForTimeout(200);
  const after = await svg.boundingBox();
  assert.ok(Math.abs(after.width / before.width - 2) < 0.1, `${before.width} became ${after.width}`);
  const place = (box) => (200 - box.x) / box.width;
  assert.ok(Math.abs(place(after) - place(before)) < 0.02, `${place(before)} became ${place(after)}`);
});

onPage("a long press asks what can be done, and a drag moves the stage", PHONE, async ({ app, page }) => {
  await open(app, page, "stage/rebalance", 11);
  const touch = await fingers(page);
  const broker = await middleOf(app.button("Broker 2"));
  await touch("touchStart", broker);
  await page.waitForTimeout(700);
  await touch("touchEnd");
  await app.region("Inspector").getByRole("button", { name: "Kill" }).waitFor();
  assert.ok(!page.url().includes("/at/"), "it is not opened");
  const scroller = page.locator(".stage-scroll");
  const [x, y] = await middleOf(scroller);
  await touch("touchStart", [x, y]);
  for (let step = 1; step <= 8; step += 1) await touch("touchMove", [x, y - 12 * step]);
  await touch("touchEnd");
  await page.waitForTimeout(300);
  assert.ok((await scroller.evaluate((node) => node.scrollTop)) > 20, "it moved");
});

for (const colorScheme of ["dark", "light"]) {
  onPage(`on a phone the panels are a sheet over which the stage stays (${colorScheme})`, { ...PHONE, colorScheme }, async ({ app, page }) => {
    await open(app, page, "stage/rebalance", 11, "tab=log");
    const heights = () =>
      page.evaluate(() => [".stage", ".log"].map((name) => Math.round(document.querySelector(name).getBoundingClientRect().height)));
    const isScrolled = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 1);
    assert.ok(!isScrolled, "the page itself does not scroll");
    const [stage, log] = await heights();
    assert.ok(stage >= 110 && log > 120, `${stage}, ${log}`);
    await assertAccessible(page);
    const handle = page.getByRole("separator", { name: "Height of the panel" });
    await handle.focus();
    await page.keyboard.press("ArrowUp");
    assert.ok((await heights())[1] > log, "an arrow pulls it up");
    await page.keyboard.press("End");
    assert.ok((await heights())[0] >= 110, "the stage never goes");
    await app.button("Fold away").click();
    assert.equal((await heights())[1], 0);
    await app.button("Pull up").click();
    assert.ok((await heights())[1] > 120);
    const touch = await fingers(page);
    const [x, y] = await middleOf(handle);
    await touch("touchStart", [x, y]);
    for (let step = 1; step <= 10; step += 1) await touch("touchMove", [x, y + 40 * step]);
    await touch("touchEnd");
    await app.button("Pull up").waitFor();
    await page.getByRole("tab", { name: "Terminal" }).click();
    await app.button("Fold away").waitFor();
  });
}

onPage("the desk at presenter size is read from the last row", { viewport: { width: 1280, height: 720 } }, async ({ app, page }) => {
  await page.addInitScript(() => localStorage.setItem("highwater.size", "presenter"));
  await open(app, page, "stage/rebalance", 11);
  const shares = await page.evaluate(() => {
    const area = (node) => node.getBoundingClientRect();
    const stage = area(document.querySelector(".stage"));
    const smallest = Math.min(
      ...[...document.querySelectorAll(".stage text, .inspector dd, .narration, .task p")]
        .filter((node) => node.getClientRects().length > 0)
        .map((node) => {
          const size = parseFloat(getComputedStyle(node).fontSize);
          return node.ownerSVGElement ? size * node.getScreenCTM().a : size * 1.5;
        }),
    );
    return { wide: stage.width / innerWidth, high: stage.height / innerHeight, smallest, over: document.documentElement.scrollWidth - innerWidth };
  });
  assert.ok(shares.smallest >= 17.5, `the smallest type is ${shares.smallest} px`);
  assert.ok(shares.wide > 0.6 && shares.high > 0.5, `the stage has ${shares.wide} by ${shares.high}`);
  assert.ok(shares.over <= 0, `it is ${shares.over} px too wide`);
});
