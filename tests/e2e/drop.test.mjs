// A file that is dropped anywhere on the page becomes a stream of records.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { drop } from "./support/drop.mjs";
import { onPage } from "./support/test.mjs";

const CSV = "id,city\n1,Oslo\n2,Lima\n3,Quito\n";

onPage("a file dropped on the stage is read and streamed in", async ({ app, page }) => {
  await app.open("#/play");
  await drop(page, "section.stage", "cities.csv", CSV);
  const data = app.region("Your data");
  await data.getByText("cities.csv").first().waitFor();
  await data.getByText(/3 records/).waitFor();
  await assertAccessible(page);
  await data.getByRole("button", { name: "Stream it in" }).click();
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  await page.getByRole("button", { name: "Producer p1" }).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "cities-0 on broker 1", exact: true }).waitFor();
});

onPage("a file that cannot be read is told, with its line", async ({ app, page }) => {
  await app.open("#/play");
  await drop(page, "section.data", "broken.jsonl", '{"id":1}\n{"id":\n');
  const data = app.region("Your data");
  await data.getByText(/1 place in it cannot be read/).waitFor();
  assert.match(await data.getByRole("alert").innerText(), /line 2/i);
});

onPage("a file dropped where nothing takes it does not replace the page", async ({ app, page }) => {
  await app.open("#/about");
  const refused = await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "x.txt"));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(event);
  });
  assert.ok(refused, "the browser would leave the page for the file");
});
