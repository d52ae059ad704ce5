// The road: its stages in the list, and the first two minutes of a beginner, with a guess before the run.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { playUntil } from "./support/time.mjs";

onPage("the road shows its stages, with what is there and what is not", async ({ app, page }) => {
  await app.open("#/learn");
  const headings = page.getByRole("heading", { level: 2 });
  await headings.first().waitFor();
  assert.equal(await headings.count(), 10);
  assert.match(await headings.first().innerText(), spoken(/1\. topics, producers, consumers/));
  await page.getByRole("link", { name: "Three records, two readers", exact: true }).waitFor();
  assert.ok((await page.getByText(/Not there yet/).count()) >= 3);
  await assertAccessible(page);
});

onPage("a lesson stands before its stage's exercises, its cluster runs, and it leads to the first of them", async ({ app, page }) => {
  await app.open("#/learn");
  const lessons = page.getByRole("link", { name: /^Lesson: / });
  await lessons.first().waitFor();
  assert.equal(await lessons.count(), 7);
  await lessons.first().click();
  await page.getByRole("heading", { level: 1, name: "A book on the counter" }).waitFor();
  assert.match(page.url(), /#\/lesson\/a-book-on-the-counter$/);
  await assertAccessible(page);
  const runs = page.getByRole("button", { name: "Let it run" });
  assert.equal(await runs.count(), 3);
  await runs.first().press("Enter");
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  const stage = app.region("Stage");
  await stage.getByRole("button", { name: "Producer phone", exact: false }).waitFor();
  // What its stage does not teach is not there.
  for (const untaught of [/^Broker/, /^Controller/, /^Faults/]) {
    assert.equal(await stage.getByRole("button", { name: untaught }).count(), 0, `${untaught} is not taught yet`);
  }
  await assertAccessible(page);
  await page.getByRole("button", { name: "Again", exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: "Begin with: Three records, two readers" }).click();
  await app.region("Exercise").getByText("To do:").first().waitFor({ state: "attached" });
});

onPage("a beginner sends three records, guesses, and sees the second reader get them all", async ({ app, page }) => {
  await app.open("#/learn/first-records");
  const exercise = app.region("Exercise");
  await exercise.getByText("To do:").first().waitFor({ state: "attached" });
  await playUntil(app, page, page.getByRole("button", { name: "Consumer ann", exact: false }));
  // What is not taught yet is not there.
  const stage = app.region("Stage");
  for (const untaught of [/^Broker/, /^Controller/, /^Group/, /^Faults/]) {
    assert.equal(await stage.getByRole("button", { name: untaught }).count(), 0, `${untaught} is not taught yet`);
  }
  for (const untaught of [/acks|generation|HW/, spoken(/generation \d+/), spoken(/Leader/)]) {
    assert.doesNotMatch(await stage.innerText(), untaught);
  }
  // The one thing to do first is a button.
  assert.equal(await exercise.getByRole("button", { name: "Let Ben come" }).count(), 0);
  const send = page.getByRole("button", { name: "Send", exact: true });
  for (const word of ["hello", "world", "bye"]) {
    assert.equal(await page.getByRole("textbox", { name: "What to send" }).inputValue(), word);
    await send.focus();
    await page.keyboard.press("Enter");
  }
  const guess = exercise.getByRole("group", { name: "Your guess" });
  await guess.first().waitFor({ timeout: 60_000 });
  await guess.getByRole("radio", { name: "Nothing: Ann took them" }).check();
  await exercise.getByRole("radio", { name: "Fairly sure" }).check();
  await assertAccessible(page);
  await exercise.getByRole("button", { name: "Lock in" }).click();
  assert.ok(await guess.getByRole("radio").first().isDisabled(), "it is locked");
  await exercise.getByRole("button", { name: "Let Ben come" }).press("Enter");
  await playUntil(app, page, exercise.getByText("It came otherwise."));
  await playUntil(app, page, exercise.getByText("Solved"));
  await exercise.getByText("The same elsewhere").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Show everything" }).click();
  await stage.getByRole("button", { name: "Broker 1", exact: true }).waitFor();

  // What was learned is told, and can be taken along.
  await app.open("#/learn");
  const report = page.locator(".own-report");
  await report.getByText(/^Exercises begun: 1; solved: 1/).waitFor();
  await report.getByText(/The first record of your own: \d+ seconds/).waitFor();
  await report.getByText(/right at the first try: 0 of 1/).waitFor();
  await report.getByText("Chosen once: “Reading a record takes it away, so only one reader gets it.”").waitFor();
  await assertAccessible(page);
  const download = page.waitForEvent("download");
  await report.getByRole("button", { name: "Save the report" }).click();
  const saved = JSON.parse(await readFile(await (await download).path(), "utf8"));
  assert.equal(saved.exercises[0].exercise, "first-records");
  assert.deepEqual(saved.beliefs, { "reading-deletes": 1 });
  assert.ok(saved.seconds_to_first_record < 60, `${saved.seconds_to_first_record} s`);
});
