// The glossary: its pages, the clusters in them, and the card where a text names a term.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";

onPage("a term is found by its letters, and its cluster runs to its end", async ({ app, page }) => {
  await app.open("#/terms");
  const search = page.getByRole("searchbox", { name: "Find" });
  await search.waitFor();
  const terms = page.locator("dl.terms dt");
  const all = await terms.count();
  const letters = spoken("Committed offset").slice(0, -3).toLowerCase();
  await search.fill(letters);
  await page.waitForFunction((all) => document.querySelectorAll("dl.terms dt").length < all, all);
  await assertAccessible(page);
  await search.fill("no such word");
  await page.getByText("No term has these letters.").waitFor();
  await search.fill(letters);
  await page.getByRole("link", { name: "Committed offset", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Committed offset" }).waitFor();
  await page.getByRole("button", { name: "Let it run" }).press("Enter");
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Again", exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Again", exact: true }).press("Enter");
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
});

onPage("a term in a task shows its card, and the task stays", async ({ app, page }) => {
  await app.open("#/learn/first-records");
  const exercise = app.region("Exercise");
  const link = exercise.getByRole("link", { name: "topic", exact: true });
  // What shows the card comes a moment after the page.
  for (let tries = 0; !(await page.getByRole("dialog").isVisible()); tries += 1) {
    assert.ok(tries < 20, "no card");
    await link.press("Enter");
    await page.waitForTimeout(200);
  }
  await page.getByRole("dialog").getByRole("heading", { level: 2, name: "topic" }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  assert.match(page.url(), /#\/learn\/first-records$/);
  assert.ok(await exercise.isVisible());
});
