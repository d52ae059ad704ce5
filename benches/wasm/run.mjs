// Plays a module's `main` once and prints the seconds that it took.

import { readFile } from "node:fs/promises";

const bytes = await readFile(process.argv[2]);
const { instance } = await WebAssembly.instantiate(bytes, {});
const begin = performance.now();
instance.exports.main(0, 0);
console.log((performance.now() - begin) / 1000);
