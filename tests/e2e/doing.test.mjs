// All that can be done, found by a few letters; what can go wrong, in one tray; clusters to begin with.

import { assertAccessible } from "./support/axe.mjs";
import { counts } from "./support/counts.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";

/** Lets virtual time pass, by the keyboard. */
async function pass(page, seconds) {
  await page.getByRole("slider", { name: "Virtual time" }).focus();
  for (let count = 0; count < seconds; count += 1) await page.keyboard.press("PageUp");
}

onPage("a broker is killed from the palette, with the keyboard alone", async ({ app, page }) => {
  await app.open("#/play");
  await pass(page, 2);
  await page.keyboard.press("Control+k");
  await page.keyboard.type(`${spoken("Kill").toLowerCase()} 2`);
  await page.getByRole("option", { name: /Broker 2: Kill/ }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await pass(page, 2);
  await app.region("Log").getByText("broker kill 2").waitFor();
  await page.getByRole("button", { name: "Faults: 1 now" }).waitFor();
});

onPage("a fault of the tray acts, stands there as wrong, and is made good", async ({ app, page }) => {
  await app.open("#/play");
  await pass(page, 2);
  await page.getByRole("button", { name: "Faults" }).click();
  const tray = page.getByRole("group", { name: "Faults" });
  await tray.getByLabel(/^With/).selectOption({ label: "broker 2" });
  await tray.getByLabel("and, for a link,").selectOption({ label: "broker 3" });
  await tray.getByRole("button", { name: "Cut a link", exact: true }).click();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await pass(page, 1);
  await page.getByRole("button", { name: "Faults: 1 now" }).click();
  await tray.getByRole("button", { name: /^Heal/ }).click();
  await page.keyboard.press("Escape");
  await pass(page, 1);
  await page.getByRole("button", { name: "Faults", exact: true }).waitFor();
});

onPage("another cluster to begin with", async ({ app, page }) => {
  await app.open("#/play");
  await page.getByText("Other clusters to begin with").click();
  await assertAccessible(page);
  await app.button("Five brokers, three controllers of their own").click();
  await pass(page, 5);
  await page.getByRole("button", { name: "Broker 5", exact: true }).waitFor();
  await page.getByRole("button", { name: "Consumer c2" }).waitFor();
  await counts(page.getByRole("button", { name: /^Controller \d/ }), 3);
});
