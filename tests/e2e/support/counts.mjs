// How many of something the page shows, once it has had the time to.

import assert from "node:assert/strict";

/** Waits until so many are there; fails with how many there are otherwise. */
export async function counts(locator, wanted, why) {
  for (let tries = 0; tries < 100 && (await locator.count()) !== wanted; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(await locator.count(), wanted, why);
}
