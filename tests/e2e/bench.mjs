// The engine's speed in WASM: the other half of `cargo xtask bench`. Prints what the function
// `highwater_bench` of the page's module returns, lines of name, value and unit, apart by tabs.

import { readFile } from "node:fs/promises";

import { Highwater } from "./support/highwater.mjs";
import { measure } from "./support/measure.mjs";

// What the native half measures too.
const SCRIPT = new URL("../scenarios/bench.hw", import.meta.url);

const script = await readFile(SCRIPT, "utf8");
await measure(async ({ browser, url }) => {
  const page = await browser.newPage();
  await new Highwater(page, url).open();
  process.stdout.write(await page.evaluate(inPage, script));
});

/** Runs in the page, with the very module that the page runs. */
async function inPage(script) {
  const file = (name) => new URL(name, document.baseURI).href;
  await (await import(file("boot.js"))).ready;
  const { highwater_bench: bench } = await import(file("highwater-web.js"));
  if (!bench) throw new Error("the page's module exports no function highwater_bench");
  return bench(script);
}
