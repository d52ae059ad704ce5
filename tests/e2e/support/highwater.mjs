// The page as a person knows it: by roles and names, as CONTRIBUTING.md lists them.

/** A tab with Highwater in it. */
export class Highwater {
  /** @param page Playwright's page @param url where Highwater is served, with a slash at the end */
  constructor(page, url) {
    this.page = page;
    this.url = url;
  }

  /** Opens a route, such as `#/exercises`, and waits until the page stands. */
  async open(route = "") {
    await this.page.goto(this.url + route);
    await this.main.waitFor();
    return this;
  }

  /** The one main landmark. */
  get main() {
    return this.page.getByRole("main");
  }

  /** A button by its accessible name: the whole name, so that "Stop" is not "Stop broker 1". */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A region by its accessible name. */
  region(name) {
    return this.page.getByRole("region", { name, exact: true });
  }
}
