// Each task of the tests is done with the keyboard alone: what a test clicks is given the focus and a key instead. Tests about
// pointers say so, and those of a touch screen tap.

const byKeyboard = new WeakSet();
let isPatched = false;

/** From here on, whoever clicks something on the page, or ticks it, does it by a key. */
export function useKeyboard(page) {
  if (!isPatched) patch(Object.getPrototypeOf(page.locator("body")));
  byKeyboard.add(page);
}

function patch(locators) {
  isPatched = true;
  for (const name of ["click", "check"]) {
    const usual = locators[name];
    locators[name] = async function press(options) {
      // What names a place or a button of the mouse is about the mouse.
      if (!byKeyboard.has(this.page()) || options) return usual.call(this, options);
      // It can be seen, stands still, is enabled, and nothing covers it.
      await usual.call(this, { trial: true });
      await this.page().keyboard.press(await this.evaluate(focus));
    };
  }
}

/** Runs in the page: gives the focus to what was meant, and names the key that presses it. */
function focus(element) {
  const control = element.closest("button, a, summary, input, select, textarea, label, [role], [tabindex]") ?? element;
  const meant = control.control ?? control;
  // Within these, arrows lead on.
  const isReached = meant.tabIndex >= 0 || meant.closest("[role=tablist], [role=listbox], .grid");
  if (!isReached) throw new Error(`no key leads to ${meant.outerHTML.slice(0, 200)}`);
  meant.focus();
  if (document.activeElement !== meant) throw new Error(`${meant.outerHTML.slice(0, 200)} does not take the focus`);
  return ["checkbox", "radio"].includes(meant.type) ? "Space" : "Enter";
}
