// Starting Chromium.

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

import { useLanguage } from "./language.mjs";

// No sandbox: it does not work for root in a container, and only pages of this project are opened.
// The rest keeps the browser from doing anything but showing the page.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The browser that `CHROME` names, as `cargo xtask test` sets it; `HEADED=1` shows it, and `HIGHWATER_LANGUAGE=es` has its pages
 * speak Spanish.
 */
export async function launch() {
  const browser = await chromium.launch({
    executablePath: program(),
    headless: !process.env.HEADED,
    args: FLAGS,
  });
  useLanguage(browser);
  return browser;
}

function program() {
  const usual = ["/usr/bin/chromium", "/usr/bin/google-chrome"];
  const found = process.env.CHROME ?? usual.find((path) => existsSync(path));
  if (found) return found;
  throw new Error("no browser: set CHROME to the program of Chromium, or run `cargo xtask test`");
}
