// The terminals of a page, as a person knows them.

import { verbatim } from "./language.mjs";

export const SERVER = "--bootstrap-server broker1:9092";

/** A hundred thousand lines of a consumer's output. */
export async function printManyLines(terminals) {
  await terminals.page.getByRole("combobox", { name: /speed/i }).selectOption({ label: "100×" });
  await terminals.run(`kafka-topics.sh --create --topic many --partitions 1 ${SERVER}`, "Created topic many.");
  await terminals.run(
    `kafka-producer-perf-test.sh --topic many --num-records 100000 --record-size 200 --throughput -1 --producer-props bootstrap.servers=broker1:9092 batch.size=200000`,
    /^100000 records sent/,
  );
  await terminals.run(
    `kafka-console-consumer.sh --topic many --from-beginning --max-messages 100000 ${SERVER}`,
    "Processed a total of 100000 messages",
    90_000,
  );
}

/** The terminals. */
export class Terminals {
  constructor(app, page) {
    this.app = app;
    this.page = page;
    this.field = page.getByRole("textbox", { name: "Command line" });
    this.tabs = page.getByRole("tablist", { name: "Terminals" });
  }

  get screen() {
    return this.page.getByRole("tabpanel", { name: /^Output of/ });
  }

  tab(name) {
    return this.tabs.getByRole("tab", { name: new RegExp(`^${name}( |$)`) });
  }

  async type(line) {
    await this.field.fill(line);
    await this.field.press("Enter");
  }

  /** Waits until a text stands on the screen: what commands print is English in any language. */
  async shows(text, timeout = 30_000) {
    await this.screen.getByText(verbatim(text)).first().waitFor({ timeout });
  }

  /** Types a line and waits for what it prints. */
  async run(line, text, timeout) {
    await this.type(line);
    await this.shows(text, timeout);
    await this.tabs.locator('[aria-selected="true"]', { hasText: "runs" }).waitFor({ state: "detached" });
  }
}
