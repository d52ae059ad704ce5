// The page stands at all: from a folder of a file server, in both colour schemes, on a phone.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";

onPage("the page stands when served from a sub-folder", async ({ app, page }) => {
  await app.open();
  assert.equal(await page.title(), spoken("Highwater: Apache Kafka in a browser tab"));
  await assertAccessible(page);
});

onPage("the page is accessible in the dark", { colorScheme: "dark" }, async ({ app, page }) => {
  await app.open();
  await assertAccessible(page);
});

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
onPage("the page fits a phone", phone, async ({ app, page }) => {
  await app.open();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the phone`);
  await assertAccessible(page);
});

onPage("the page holds no inline script", async ({ app, page }) => {
  const answer = await page.request.get(app.url);
  const inline = [...(await answer.text()).matchAll(/<script(?![^>]*\ssrc=)[^>]*>/g)];
  assert.deepEqual(inline.map(String), [], "a strict security policy would refuse these");
});
