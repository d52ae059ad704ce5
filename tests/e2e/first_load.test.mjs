// The page stands and plays with the first half of its module; the rest comes when it is needed.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { onPage } from "./support/test.mjs";

const REST = "**/highwater-web_rest.wasm";

// A first visit in another language needs all of it at once, and letters beyond English: this is about the first visit in English.
const ENGLISH = { speaks: "en" };

onPage("the empty stage stands and plays while the rest is slow to come", ENGLISH, async ({ app, page, troubles }) => {
  // What runs in a first visit depends a little on how fast the machine is: one function too many that
  // is needed early must cost a wait, and nothing else.
  let asked = 0;
  await page.route(REST, async (route) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return route.continue();
  });
  await app.open("#/play");
  await app.button("Play").click();
  await app.region("Log").getByText(/registered|unfenced|takes part/i).first().waitFor();
  await page.waitForTimeout(1_000);
  await app.button("Pause").click();
  await app.button("Next event").click();
  assert.ok(asked <= 2, `the rest was asked for ${asked} times`);
  await app.button("Broker 2").click();
  await app.region("Inspector").getByText("Process").waitFor();
  troubles.length = 0;
});

onPage("what is done before the rest is there fetches it at once", ENGLISH, async ({ app, page, troubles }) => {
  let asked = 0;
  await page.route(REST, (route) => {
    asked += 1;
    return asked === 1 ? route.abort() : route.continue();
  });
  await app.open("#/play");
  await page.waitForFunction(() => performance.getEntriesByName(new URL("highwater-web_rest.wasm", document.baseURI).href).length > 0);
  await app.button("Play").click();
  // The terminal comes with the rest.
  const field = page.getByRole("textbox", { name: "Command line" });
  await field.fill("producer start p1 --topic orders --rate 5 --acks all");
  await field.press("Enter");
  await page.getByRole("button", { name: "Producer p1" }).waitFor({ timeout: 60_000 });
  assert.equal(asked, 2);
  troubles.length = 0;
});

onPage("a rest that cannot be had is told, and a reload brings all back", ENGLISH, async ({ app, page, troubles }) => {
  await page.route(REST, (route) => route.abort());
  await app.open("#/play");
  await app.button("Play").click();
  await page.getByRole("heading", { name: "A part of the page is missing" }).waitFor();
  await assertAccessible(page);
  await page.unroute(REST);
  await app.button("Reload").click();
  await app.region("Stage").waitFor();
  troubles.length = 0;
});

onPage("the page's own letters are all in the small font", ENGLISH, async ({ app, page }) => {
  await app.open("#/about");
  await page.evaluate(() => document.fonts.ready);
  const loaded = await page.evaluate(() =>
    [...document.fonts].filter((font) => font.status === "loaded").map((font) => font.unicodeRange),
  );
  assert.ok(loaded.some((range) => range.startsWith("U+20-")), "the small font is not used");
  assert.ok(!loaded.some((range) => range.includes("U+A1-")), "the whole font was fetched");
});
