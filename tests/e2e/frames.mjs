// What a frame of the page costs with thousands of messages in flight, beside a bare canvas that draws as many
// rectangles: the third part of `cargo xtask bench`. Both are measured in one run of one browser, by what the browser
// itself traces of the processor's time that scripts take. Prints lines of name, value and unit, apart by tabs.

import { readFile } from "node:fs/promises";

import { drop } from "./support/drop.mjs";
import { Highwater } from "./support/highwater.mjs";
import { at, measure, print } from "./support/measure.mjs";

const SCRIPT = new URL("../scenarios/frames.hw", import.meta.url);
const MESSAGES = 5_000;
const VIEWPORT = { width: 1440, height: 900 };
/** How long each is watched. */
const WATCHED_MS = 10_000;

await measure(async ({ browser, url }) => {
  const page = await pageWith(browser, url, await readFile(SCRIPT, "utf8"));
  const drawn = await untilInFlight(page);
  const ours = await scriptPerFrame(page);
  const bare = await browser.newPage({ viewport: VIEWPORT });
  await bare.setContent("<canvas></canvas>");
  await bare.evaluate(drawBare, { ...VIEWPORT, count: MESSAGES });
  const theirs = await scriptPerFrame(bare);
  print("messages in flight", drawn, "messages");
  print("script per frame, median", at(ours.cpu, 0.5), "ms");
  print("script per frame, p99", at(ours.cpu, 0.99), "ms");
  print("script per frame by the clock, p99", at(ours.wall, 0.99), "ms");
  print("frames in 10 s", ours.cpu.length, "frames");
  print("bare canvas, median", at(theirs.cpu, 0.5), "ms");
  print("bare canvas, p99", at(theirs.cpu, 0.99), "ms");
  print("ratio to the bare canvas, p99", at(ours.cpu, 0.99) / at(theirs.cpu, 0.99), "times");
});

/** The page with a scenario that plays. */
async function pageWith(browser, url, script) {
  const page = await browser.newPage({ viewport: VIEWPORT });
  const app = await new Highwater(page, url).open("#/play");
  await drop(page, "header", "frames.hw", script);
  const speed = page.getByRole("combobox", { name: "Speed" });
  await speed.selectOption({ label: "10×" });
  await app.button("Play").click();
  await page.getByRole("button", { name: /^Producer p/ }).first().waitFor({ timeout: 120_000 });
  await speed.selectOption({ label: "1×" });
  return page;
}

/** Waits until so many messages fly, and says how many there are. */
async function untilInFlight(page) {
  const row = page.getByRole("region", { name: "Inspector" }).getByText("Messages under way").locator("..");
  let most = 0;
  for (let tries = 0; tries < 240; tries += 1) {
    const found = Number((await row.innerText()).replace(/\D/g, ""));
    most = Math.max(most, found);
    if (found >= MESSAGES) return found;
    await page.waitForTimeout(250);
  }
  throw new Error(`only ${most} messages were under way at once`);
}

/**
 * The milliseconds of script in each frame, as the browser traces them, the least first: the processor's time (what else the
 * machine does meanwhile does not count), and the same by the clock.
 */
async function scriptPerFrame(page) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await page.waitForTimeout(WATCHED_MS);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const frames = traceEvents.filter((event) => event.name === "FireAnimationFrame" && event.ph === "X");
  const byThread = new Map();
  for (const event of frames) {
    const thread = `${event.pid} ${event.tid}`;
    byThread.set(thread, [...(byThread.get(thread) ?? []), event]);
  }
  const main = [...byThread.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  if (main.length < 50) throw new Error(`only ${main.length} frames were traced`);
  const { pid, tid } = main[0];
  // All script between two frames counts: what an answer or a timer runs too. What runs inside another is in it.
  const scripts = traceEvents.filter(
    (event) =>
      event.pid === pid &&
      event.tid === tid &&
      event.ph === "X" &&
      ["FireAnimationFrame", "FunctionCall", "RunMicrotasks", "TimerFire", "EventDispatch"].includes(event.name),
  );
  scripts.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const costs = { cpu: [], wall: [] };
  let end = -1;
  for (const event of scripts) {
    if (event.ts < end) continue;
    end = event.ts + event.dur;
    for (const [by, took] of [["cpu", event.tdur ?? event.dur], ["wall", event.dur]]) {
      if (event.name === "FireAnimationFrame") costs[by].push(0);
      if (costs[by].length > 0) costs[by][costs[by].length - 1] += took / 1_000;
    }
  }
  for (const list of Object.values(costs)) list.sort((a, b) => a - b);
  return costs;
}

/** Draws so many rectangles that move, once per frame, with nothing around it. */
function drawBare({ width, height, count }) {
  const canvas = document.querySelector("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const places = Array.from({ length: count }, (_, index) => [(index * 7919) % width, (index * 104_729) % height]);
  const draw = (now) => {
    context.clearRect(0, 0, width, height);
    context.fillStyle = "teal";
    context.beginPath();
    for (const [x, y] of places) context.rect((x + now / 20) % width, y, 9, 9);
    context.fill();
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}
