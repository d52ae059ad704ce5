// Makes a first visit with a module that notes which of its functions run, and prints their numbers.
// Started by `cargo xtask profile`, with the address and the count of the notes in the module's memory.

import { serve } from "./server.mjs";
import { launch } from "./support/browser.mjs";
import { Highwater } from "./support/highwater.mjs";

const [begin, count] = process.argv.slice(2).map(Number);
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/**
 * What a first screen answers to: the front page, the stage before anything has moved. What lets
 * time run comes with the rest, which is on its way by then.
 */
async function visit(page, url) {
  const app = await new Highwater(page, url).open("#/");
  await page.waitForTimeout(2_000);
  await page.getByRole("link", { name: "Play", exact: true }).click();
  await app.region("Stage").waitFor();
  await page.waitForTimeout(1_000);
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.waitForTimeout(1_000);
}

/** The numbers of the functions that have run. */
function ran(page) {
  return page.evaluate(
    async ([begin, count]) => {
      const module = await import(new URL("highwater-web.js", document.baseURI).href);
      const { memory } = await module.default();
      const notes = new Uint8Array(memory.buffer, begin, count);
      return [...notes.keys()].filter((index) => notes[index]);
    },
    [begin, count],
  );
}

const server = await serve();
const browser = await launch();
try {
  const all = new Set();
  // Twice each: what runs depends a little on how fast the machine is just then.
  for (const viewport of [...SIZES, ...SIZES]) {
    const page = await (await browser.newContext({ viewport })).newPage();
    // What begins once the module is whole is not what a first screen needs.
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, "highwaterIsWhole", { get: () => false, set: () => {} });
      addEventListener("highwater-whole", (event) => event.stopImmediatePropagation(), { capture: true });
    });
    await visit(page, server.url);
    for (const index of await ran(page)) all.add(index);
  }
  console.log([...all].join("\n"));
} finally {
  await browser.close();
  await server.close();
}
