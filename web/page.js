// What must work before the module is there, and after it has failed: the looks that were chosen,
// the buttons of the crash screen, and files dropped anywhere.

try {
  for (const look of ["theme", "contrast", "motion", "size"]) {
    const chosen = localStorage.getItem(`highwater.${look}`);
    if (/^[a-z]+$/.test(chosen)) document.documentElement.dataset[look] = chosen;
  }
} catch {
  // Storage is forbidden: the system's colours hold.
}

// A file that is dropped where nothing takes it must not replace the page.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}

addEventListener("click", async ({ target }) => {
  const button = target instanceof Element && target.closest("[data-crash]");
  if (!button) return;
  if (button.dataset.crash === "copy") {
    const text = document.querySelector("#crash-scenario");
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    return;
  }
  if (button.dataset.crash === "afresh") {
    try {
      sessionStorage.setItem("highwater.afresh", "1");
    } catch {
      // Then nothing was saved either.
    }
  }
  location.reload();
});
