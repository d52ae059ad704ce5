// A broker fails: the story as it is heard. All that this test knows of the page it reads from the accessibility tree, and all
// that it does it does with the keyboard, at what it found there.

import assert from "node:assert/strict";

import { spoken } from "./support/language.mjs";
import { onPage } from "./support/test.mjs";
import { leap, millis, type } from "./support/time.mjs";

const CREATE =
  "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092";

/** What the browser gives to assistive technology: role, name and description of each thing. */
async function tree(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Accessibility.enable");
  const { nodes } = await cdp.send("Accessibility.getFullAXTree");
  await cdp.detach();
  return nodes
    .filter((node) => !node.ignored)
    .map((node) => ({
      id: node.backendDOMNodeId,
      role: node.role?.value,
      name: node.name?.value ?? "",
      description: node.description?.value ?? "",
    }));
}

/** Reads the tree until it holds what is looked for. */
async function heard(page, what, find) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = find(await tree(page));
    if (found) return found;
    await page.waitForTimeout(100);
  }
  return assert.fail(`the accessibility tree never says ${what}`);
}

/** Goes to what is called so, and presses Enter. */
async function press(page, role, name) {
  const { id } = await heard(page, `${role} ${name}`, (nodes) => nodes.find((it) => it.role === role && it.name === spoken(name)));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("DOM.enable");
  await cdp.send("DOM.getDocument");
  await cdp.send("DOM.focus", { backendNodeId: id });
  await cdp.detach();
  await page.keyboard.press("Enter");
}

/** The brokers of orders-0 and what each is to it. */
function replicas(nodes) {
  const strip = spoken(/^orders-0 on broker (\d)$/);
  const found = nodes.map((it) => [it.name.match(strip)?.[1], it.description]);
  return new Map(found.filter(([broker]) => broker));
}

/** The sentence of the log that tells something. */
function told(words) {
  const sentence = spoken(words);
  return (nodes) => nodes.find((it) => it.role === "StaticText" && sentence.test(it.name));
}

/** What a replica is to its partition. */
const leads = (it) => spoken(/^Leader/).test(it);
const isInSync = (it) => leads(it) || spoken(/^follower/).test(it);
const isOffline = (it) => spoken(/^offline/).test(it);

onPage("the story of a broker's failure can be heard", async ({ app, page }) => {
  await app.open("#/play");
  await type(page, CREATE);
  await leap(page, 2);
  await type(page, "producer start p1 --topic orders --rate 20 --acks all");
  await leap(page, 6);

  const before = await heard(page, "who leads orders-0", (nodes) => {
    const all = replicas(nodes);
    return all.size === 3 && [...all.values()].some(leads) ? all : null;
  });
  const [leader] = [...before].find(([, it]) => leads(it));
  assert.match(before.get(leader), spoken(/high watermark \d+, log end offset \d+/));
  const isrBefore = [...before.values()].filter(isInSync).length;
  assert.equal(isrBefore, 3, "all are in sync");

  await press(page, "button", `Broker ${leader}`);
  await press(page, "button", "Kill");
  await heard(page, "that it was killed", told(new RegExp(`^Broker ${leader} was killed`)));
  const killed = await heard(page, "that its replica is offline", (nodes) => {
    const all = replicas(nodes);
    return isOffline(all.get(leader) ?? "") ? all : null;
  });
  assert.equal(killed.size, 3);

  // Nobody knows yet: the controller misses heartbeats for nine seconds.
  await leap(page, (await millis(page)) / 1000 + 12);
  await heard(page, "that it was fenced", told(new RegExp(`^The controller fenced broker ${leader}`)));
  await heard(page, "that there is another leader", told(/^Broker \d leads orders-0 from here on/));
  const after = await heard(page, "who leads now", (nodes) => {
    const all = replicas(nodes);
    return [...all].some(([broker, it]) => broker !== leader && leads(it)) ? all : null;
  });
  assert.ok(isOffline(after.get(leader)), after.get(leader));

  // The inspector still shows the broker.
  await press(page, "button", "Start");
  await leap(page, (await millis(page)) / 1000 + 8);
  await heard(page, "that it is back in sync", (nodes) => isInSync(replicas(nodes).get(leader) ?? ""));
});
