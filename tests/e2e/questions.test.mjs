// Questions of every kind, each answered with the keyboard alone, and judged by what the cluster did.

import assert from "node:assert/strict";

import { assertAccessible } from "./support/axe.mjs";
import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";

/** Opens a question, and gives what it is answered in. */
async function open(app, id) {
  await app.open(`#/interview/${id}`);
  const question = app.region("Question");
  await question.getByRole("heading", { level: 2 }).waitFor();
  return question;
}

/** Presses what has the focus put on it. */
async function press(locator, key = "Enter") {
  await locator.focus();
  await locator.press(key);
}

onPage("several options are chosen, and each is told apart", async ({ app, page }) => {
  const question = await open(app, "what-a-log-does-with-a-key");
  const lock = question.getByRole("button", { name: "Lock in and run" });
  assert.ok(await lock.isDisabled(), "nothing is chosen yet");
  await press(question.getByRole("checkbox", { name: "Both records can be read." }), "Space");
  await press(question.getByRole("checkbox", { name: "Only Lima can be read." }), "Space");
  await press(lock);
  await question.getByText("The cluster did something else.").waitFor();
  await question.getByText("50 % of it is right.").waitFor();
  assert.equal(await question.getByText("This happened").count(), 2);
  assert.equal(await question.getByText("Your prediction").count(), 1);
  await assertAccessible(page);
});

onPage("a number is typed, and asked for again with other numbers", async ({ app, page }) => {
  const question = await open(app, "what-the-second-group-reads");
  const asked = () => question.locator(".text").first().innerText();
  const first = await asked();
  const field = question.getByRole("spinbutton");
  await field.focus();
  await page.keyboard.type("0");
  await press(question.getByRole("button", { name: "Lock in and run" }));
  const right = Number((await question.getByText(/^It is \d+/).innerText()).match(/\d+/)[0]);
  assert.ok(right > 0);
  // A template draws something else in the end.
  for (let tries = 0; (await asked()) === first; tries += 1) {
    assert.ok(tries < 8, "the same numbers again and again");
    await press(question.getByRole("button", { name: "Ask me with other numbers" }));
    await question.getByRole("spinbutton").waitFor();
  }
  assert.equal(await question.getByText("Why", { exact: true }).count(), 0, "it is asked anew");
});

onPage("things are put in order", async ({ app, page }) => {
  const question = await open(app, "from-send-to-bookmark");
  const words = ["The topic is created.", "The consumer finds out where to begin.", "The producer is started."];
  for (const [place, text] of words.entries()) {
    const items = question.getByRole("group", { name: /What comes first/ }).getByRole("listitem");
    for (let tries = 0; tries < 4; tries += 1) {
      const texts = await items.allInnerTexts();
      const now = texts.findIndex((it) => it.startsWith(spoken(text)));
      if (now === place) break;
      await press(question.getByRole("button", { name: `Earlier: ${text}` }));
    }
  }
  await assertAccessible(page);
  await press(question.getByRole("button", { name: "Lock in and run" }));
  await question.getByText("You predicted it.").waitFor();
  await question.getByText("In this order:").waitFor();
});

onPage("something is pointed at on the stage", async ({ app, page }) => {
  const question = await open(app, "who-leads-after-the-stop");
  await question.getByText("Press a broker on the stage.").waitFor();
  await press(page.getByRole("button", { name: "Broker 2", exact: true }));
  await page.getByRole("tab", { name: "To do" }).isVisible();
  await question.getByText("You point at 2.").waitFor();
  await press(question.getByRole("button", { name: "Lock in and run" }));
  await question.getByText(/^It is \d/).waitFor();
  await press(question.getByRole("button", { name: "Show me the run" }));
  await app.button("Pause").waitFor();
});

onPage("an answer in one's own words is compared by oneself", async ({ app, page }) => {
  const question = await open(app, "log-or-queue");
  assert.equal(await question.getByText("A good answer has this").count(), 0, "it is not given away");
  await question.getByRole("textbox").focus();
  await page.keyboard.type("Because it keeps what was read.");
  await press(question.getByRole("button", { name: "Compare with a good answer" }));
  const points = question.getByRole("checkbox");
  assert.ok((await points.count()) >= 4);
  await press(points.first(), "Space");
  await assertAccessible(page);
  await press(question.getByRole("button", { name: "Lock in" }));
  await question.getByText("Something was left out.").waitFor();
});
