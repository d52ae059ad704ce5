// A beginner goes through the first stage, with mistakes on the way; and comes back later.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { leap, millis, type } from "./support/time.mjs";

const CONTENT = new URL("../../exercises/content/", import.meta.url);

/** The exercises of the first stage, in the order of the road. */
async function firstStage() {
  const road = await readFile(new URL("road.toml", CONTENT), "utf8");
  const [, stage] = road.split("[[stages]]");
  return [...stage.matchAll(/exercise = "([a-z0-9-]+)"/g)].map(([, id]) => id);
}

/** What the solution of an exercise does beyond what stands there at its beginning: lines with their seconds. */
async function steps(id) {
  const read = async (name) => {
    const text = await readFile(new URL(`exercises/${id}/${name}.hw`, CONTENT), "utf8");
    return text.split("\n").filter((line) => line.startsWith("@"));
  };
  const [given, all] = [await read("start"), await read("solution")];
  return all.slice(given.filter((line) => all.includes(line)).length).map((line) => {
    const [, at, unit, words] = line.match(/^@([\d.]+)(m?s)(?: t\d+>)? (.*)$/);
    return { second: Number(at) / (unit === "ms" ? 1000 : 1), words };
  });
}

/** Does what the solution does, at its time. */
async function solve(page, id) {
  for (const { second, words } of await steps(id)) {
    if ((await millis(page)) < second * 1000) await leap(page, Math.floor(second));
    if (words !== "run") await type(page, words);
  }
}

onPage("every exercise of the first stage is solved in the page", async ({ app, page }) => {
  const ids = await firstStage();
  assert.ok(ids.length >= 8, `${ids}`);
  for (const id of ids) {
    await app.open(`#/learn/${id}`);
    const exercise = app.region("Exercise");
    await exercise.getByText("To do:").first().waitFor({ state: "attached" });
    assert.equal(await exercise.getByText("Solved").count(), 0, `${id} is not solved yet`);
    await solve(page, id);
    await exercise.getByText("Solved").waitFor();
    await exercise.getByRole("heading", { name: "Why it works" }).waitFor();
    await assertAccessible(page);
  }
  await app.open("#/learn");
  for (const id of ids) await page.locator("li.card", { has: page.locator(`a[href="#/learn/${id}"]`) }).getByText("solved").waitFor();
});

onPage("mistakes are answered with a reason, then with a hint", async ({ app, page }) => {
  await app.open("#/learn/make-a-topic");
  const exercise = app.region("Exercise");
  const hint = exercise.getByRole("button", { name: /hint/ });
  await hint.waitFor();
  assert.equal(await hint.innerText(), spoken("Show a hint"), "none is thrust upon anybody");
  await type(page, "kafka-topics.sh --create --topic songs");
  // The first line lets time run; who has stopped it is not overruled.
  await app.button("Pause").click();
  await leap(page, 2);
  await exercise.getByRole("button", { name: "A hint may help: show it" }).click();
  await exercise.getByText("Where to look").waitFor();
  await exercise.getByRole("button", { name: /hint/ }).click();
  await exercise.getByText("The next step").waitFor();
  // Right but for its numbers: the reason has them.
  await type(page, "kafka-topics.sh --create --topic songs --partitions 3 --bootstrap-server broker1:9092");
  await leap(page, 5);
  await exercise.getByText(/: 3\. It is to be 1\. Delete the topic/).waitFor();
  await assertAccessible(page);
  await type(page, "kafka-topics.sh --delete --topic songs --bootstrap-server broker1:9092");
  await leap(page, 8);
  await type(page, "kafka-topics.sh --create --topic songs --partitions 1 --replication-factor 1 --bootstrap-server broker1:9092");
  await leap(page, 11);
  await exercise.getByText("The list has not been asked for since songs is there.").waitFor();
  await type(page, "kafka-topics.sh --list --bootstrap-server broker1:9092");
  await app.button("Play").waitFor();
  await leap(page, 14);
  const left = await millis(page);

  // Gone, and back another day: the exercise is where it was.
  await page.goto("about:blank");
  await app.open("");
  assert.match(page.url(), /#\/learn\/make-a-topic$/, "a second visit goes on where one was");
  const after = app.region("Exercise");
  await after.getByText("3 of 4").or(page.getByText("3 of 4")).first().waitFor();
  assert.equal(await millis(page), left);
  await type(page, "kafka-topics.sh --describe --topic songs --bootstrap-server broker1:9092");
  await leap(page, 17);
  await after.getByText("Solved").waitFor();
});
