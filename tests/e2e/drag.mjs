// How fast the timeline brings back any moment of ten virtual minutes at 1,000 records a second, and what the page holds in
// memory for it: a part of `cargo xtask bench`. Prints lines of name, value and unit, apart by tabs.

import { readFile } from "node:fs/promises";

import { drop } from "./support/drop.mjs";
import { Highwater } from "./support/highwater.mjs";
import { at, measure, print } from "./support/measure.mjs";
import { millis, timeline } from "./support/time.mjs";

const SCRIPT = new URL("../scenarios/drag.hw", import.meta.url);
const END_S = 603;
/** The moments that are gone to. */
const MOMENTS = 300;

await measure(async ({ browser, url }) => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const app = await new Highwater(page, url).open("#/play");
  await drop(page, "header", "drag.hw", await readFile(SCRIPT, "utf8"));
  await app.button("Play").click();
  // What was opened brings its own speed with it.
  await page.getByRole("button", { name: "orders-0 on broker 1", exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "1000×" });
  for (let tries = 0; (await millis(page)) < END_S * 1000; tries += 1) {
    if (tries > 2_000) throw new Error(`virtual time stands at ${await millis(page)} ms`);
    await page.waitForTimeout(250);
  }
  await app.button("Pause").click();
  await timeline(page).waitFor();
  const waits = (await page.evaluate(dragAbout, MOMENTS)).sort((a, b) => a - b);
  print("a moment of ten minutes, median", at(waits, 0.5), "ms");
  print("a moment of ten minutes, p99", at(waits, 0.99), "ms");
  print("memory for ten minutes", (await page.evaluate(memory)) / 1e6, "MB");
});

/** Presses the timeline here and there; the milliseconds until the page stood at each moment. */
async function dragAbout(moments) {
  const track = document.querySelector("[role=slider].track");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const { left, width, top, height } = track.getBoundingClientRect();
  const pointer = (kind, x) =>
    track.dispatchEvent(
      new PointerEvent(kind, { bubbles: true, pointerId: 1, clientX: x, clientY: top + height / 2, button: 0, buttons: 1 }),
    );
  const reached = Number(track.ariaValueNow) / Number(track.ariaValueMax);
  const waits = [];
  for (let index = 1; index <= moments; index += 1) {
    // Spread evenly, and never twice near one another.
    const share = ((index * 0.618034) % 1) * reached;
    const before = track.ariaValueNow;
    const began = performance.now();
    pointer("pointerdown", left + share * width);
    pointer("pointerup", left + share * width);
    let [seen, since, last] = [before, 0, began];
    // It stands when it has not moved for a while.
    while (since < 8) {
      await frame();
      since += 1;
      if (track.ariaValueNow !== seen) [seen, since, last] = [track.ariaValueNow, 0, performance.now()];
    }
    if (seen !== before) waits.push(last - began);
  }
  if (waits.length < moments * 0.9) throw new Error(`only ${waits.length} of ${moments} moments were gone to`);
  return waits;
}

/** What the page holds: the module's memory, and what is of JavaScript. */
async function memory() {
  const { default: init } = await import(new URL("highwater-web.js", document.baseURI).href);
  const { memory } = await init();
  return memory.buffer.byteLength + performance.memory.usedJSHeapSize;
}
