// `highwater serve --ui` with its page, and a real client beside it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The native program, as `cargo xtask test` names it. */
export const PROGRAM = process.env.HIGHWATER ?? here("target/debug/highwater");

const PYTHON = process.env.CLIENT_PYTHON ?? here(".tools/clients/python/bin/python");

/** Starts a cluster with its page. `end` has it save its run to the file `save`. */
export async function serveCluster(save) {
  const options = ["serve", "--port", "0", "--ui", "0", "--page", here("dist"), "--save", save];
  const child = spawn(PROGRAM, options, { stdio: ["pipe", "pipe", "inherit"] });
  const told = [];
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const cluster = { told };
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    ended.then((status) => reject(new Error(`highwater serve ended with ${status}:\n${told.join("\n")}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      told.push(line);
      const [name, value] = line.split(/=(.*)/s);
      if (name === "bootstrap.servers") cluster.servers = value;
      if (name === "page") cluster.page = value;
      // Some clients do not ask again while no broker takes part.
      if (told.filter((known) => known.includes("unfenced")).length === 3) resolve();
    });
  });
  cluster.end = async () => {
    child.stdin.write("exit\n");
    return ended;
  };
  cluster.kill = () => child.kill();
  return cluster;
}

/** kafka-python, which sends records to `rides` and reads them back; `acked` counts those that were acknowledged. */
export function pythonClient(servers, environment = {}) {
  const child = spawn(PYTHON, [here("tests/clients/live.py")], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", BOOTSTRAP_SERVERS: servers, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const client = { acked: 0, last: "", complaints: "" };
  child.stderr.on("data", (data) => (client.complaints += data));
  createInterface({ input: child.stdout }).on("line", (line) => {
    client.last = line;
    if (line.startsWith("acked ")) client.acked = Number(line.slice("acked ".length));
  });
  client.ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  client.kill = () => child.kill();
  return client;
}
