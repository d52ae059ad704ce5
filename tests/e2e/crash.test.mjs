// A panic shows what was done, to copy; nothing is lost with it.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { onPage } from "./support/test.mjs";

onPage("a panic shows the scenario to copy", async ({ app, page, troubles }) => {
  await app.open("#/play");
  const field = page.getByRole("textbox", { name: "Command line" });
  await field.fill("broker stop 2");
  await field.press("Enter");
  await page.evaluate(async () => {
    const module = await import(new URL("highwater-web.js", document.baseURI).href);
    try {
      module.highwater_fail();
    } catch {
      // The panic itself.
    }
  });
  await page.getByRole("heading", { name: "Highwater has failed" }).waitFor();
  const scenario = await page.getByRole("textbox", { name: "The scenario" }).inputValue();
  assert.match(scenario, /broker stop 2/);
  await assertAccessible(page);
  troubles.length = 0;
});
