// What goes wrong in a page without anyone looking.

/**
 * Collects from now on what a page complains about: errors in its console, exceptions that nobody
 * caught, requests that failed, answers that are no success. A good page leaves the list empty.
 */
export function collectTroubles(page) {
  const troubles = [];
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`exception: ${error.stack ?? error.message}`));
  page.on("requestfailed", (request) => {
    // The page was left meanwhile: nobody misses it.
    if (request.failure()?.errorText === "net::ERR_ABORTED") return;
    troubles.push(`request: ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`answer ${response.status()}: ${response.url()}`);
  });
  return troubles;
}
