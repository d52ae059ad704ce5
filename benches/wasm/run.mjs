// Plays a module's `main` once and prints the seconds of the processor that it took, with what compiling the module's
// functions takes meanwhile.

import { readFile } from "node:fs/promises";

const bytes = await readFile(process.argv[2]);
const { instance } = await WebAssembly.instantiate(bytes, {});
const before = process.cpuUsage();
instance.exports.main(0, 0);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1e6);
