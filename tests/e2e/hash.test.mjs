// The engine in WebAssembly is the engine: the same scenario gives the hash that the native tests
// hold, over every event and every byte of every log.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { onPage } from "./support/test.mjs";

const read = (name) => readFile(new URL(`../scenarios/${name}`, import.meta.url), "utf8");

onPage("a scenario has the same hash here as natively", async ({ app, page }) => {
  await app.open();
  const hash = await page.evaluate(async (script) => {
    const file = (name) => new URL(name, document.baseURI).href;
    await (await import(file("boot.js"))).ready;
    return (await import(file("highwater-web.js"))).scenario_hash(script);
  }, await read("story.hw"));
  assert.equal(hash, (await read("story.hash")).trim());
});
