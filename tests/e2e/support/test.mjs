// One line for a test that needs the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { serve } from "../server.mjs";
import { launch } from "./browser.mjs";
import { Highwater } from "./highwater.mjs";
import { useKeyboard } from "./keyboard.mjs";
import { collectTroubles } from "./troubles.mjs";

// A path that no address of the page knows: all of them must be relative.
const BASE = "/some/folder/";

let browser;
let server;

before(async () => {
  server = await serve({ base: BASE });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/**
 * Runs a test in a tab with an empty storage, and fails it if the page complained about anything.
 * `options` are those of Playwright's browser contexts, such as `colorScheme` or `viewport`, and `speaks`: the language, where it
 * is another than that of all tests. What is clicked is pressed by a key, unless the screen is touched or `byPointer` says
 * that the test is about a mouse. The test gets `{ app, page, context, troubles }`; one that provokes a complaint
 * empties `troubles`.
 */
export function onPage(name, options, run) {
  if (typeof options === "function") return onPage(name, {}, options);
  test(name, { timeout: 120_000 }, async () => {
    const viewport = { width: 1440, height: 900 };
    // What a service worker answers cannot be slowed down or refused by a test: those that are about it let it in.
    const { byPointer, ...others } = options;
    const context = await browser.newContext({ viewport, serviceWorkers: "block", ...others });
    try {
      const page = await context.newPage();
      if (!options.hasTouch && !byPointer) useKeyboard(page);
      const troubles = collectTroubles(page);
      await run({ app: new Highwater(page, server.url), page, context, troubles });
      assert.deepEqual(troubles, [], "the page complained");
    } finally {
      await context.close();
    }
  });
}
