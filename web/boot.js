// Loads the module. A file of its own, so that the page needs no inline script, and all addresses
// are relative, so that it works in any folder.
import init from "./highwater-web.js";

/** Settles once the page stands; whoever calls the module's functions waits for it. */
export const ready = init({
  module_or_path: new URL("./highwater-web_bg.wasm", import.meta.url),
});
