// What a newcomer does in the first minutes: a real file streams through the cluster, a broker is
// stopped, the ISR is read from the inspector, an exercise is solved, a question is answered.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { onPage } from "./support/test.mjs";
import { playUntil } from "./support/time.mjs";

onPage("a file streams in, a broker stops, the ISR shrinks", async ({ app, page }) => {
  await app.open("#/play");
  const data = app.region("Your data");
  await data.getByRole("button", { name: /Use the sample/ }).click();
  await data.getByRole("button", { name: "Stream it in" }).click();
  const log = app.region("Log");
  await playUntil(app, page, log.getByText(/Producer .* started/));
  const replica = page.getByRole("button", { name: "flights-0 on broker 1", exact: true });
  await playUntil(app, page, replica);
  await assertAccessible(page);

  await app.button("Broker 2").click();
  const inspector = app.region("Inspector");
  await inspector.getByText("broker stop 2").first().waitFor();
  await inspector.getByRole("button", { name: /^Stop/ }).click();
  await playUntil(app, page, log.getByText("Broker 2 shut down"));
  await replica.click();
  const isr = inspector.getByText("ISR", { exact: true }).locator("xpath=..");
  assert.match(await isr.innerText(), /ISR\s+(1, 3|3, 1)/);
  await assertAccessible(page);

  const before = await page.getByRole("region", { name: "Log" }).innerText();
  await page.reload();
  await app.main.waitFor();
  await log.getByText("Broker 2 shut down").first().waitFor({ timeout: 60_000 });
  assert.ok(before.length > 0);
});

onPage("the exercise is solved through the page", async ({ app, page }) => {
  await app.open("#/learn/keep-writing");
  const exercise = app.region("Exercise");
  await exercise.getByText("To do:").first().waitFor({ state: "attached" });
  await assertAccessible(page);
  const type = async (line) => {
    const field = page.getByRole("textbox", { name: "Command line" });
    await field.fill(line);
    await field.press("Enter");
  };
  const topic = "--create --topic orders --partitions 3 --replication-factor 3";
  await type(`kafka-topics.sh --bootstrap-server broker1:9092 ${topic} --config min.insync.replicas=2`);
  const log = app.region("Log");
  await playUntil(app, page, log.getByText("Topic orders was created"));
  await type("producer start p1 --topic orders --rate 10 --acks all");
  await playUntil(app, page, page.getByRole("button", { name: "Producer p1", exact: false }));
  await type("broker stop 2");
  await playUntil(app, page, log.getByText("Broker 2 shut down"));
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "10×" });
  await app.button("Play").click();
  await page.waitForTimeout(2_000);
  await app.button("Pause").click();
  await type("broker start 2");
  await playUntil(app, page, exercise.getByText("Solved"));
  await exercise.getByText("Why it works").waitFor();
  await assertAccessible(page);
});

onPage("a question is answered by the engine", async ({ app, page }) => {
  await app.open("#/interview/second-broker-stops");
  const question = app.region("Question");
  await question.getByRole("radio").first().check();
  await question.getByRole("button", { name: "Lock in and run" }).click();
  await question.getByText("This happened").waitFor();
  await assertAccessible(page);
});

onPage("a script that would freeze the page only pauses it", async ({ app, page }) => {
  await app.open("#/play");
  const type = async (line) => {
    const field = page.getByRole("textbox", { name: "Command line" });
    await field.fill(line);
    await field.press("Enter");
  };
  await type("kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092");
  await playUntil(app, page, app.region("Log").getByText("Topic orders was created"));
  await type("producer start p1 --topic orders --rate 1000000000");
  await app.button("Play").click();
  await page.getByText(/The run stands still/).first().waitFor({ timeout: 30_000 });
  assert.equal(await page.evaluate(() => 6 * 7), 42, "the page answers");
});
