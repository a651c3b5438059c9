// SPDX-License-Identifier: Apache-2.0
// The console: two pages, signing in and the overview. Nothing is kept in the browser but the
// session's cookie, which scripts cannot read.
import { ApiError, overview, signIn, signOut, whoAmI, type User } from "./api";
import { element, failure, header, overviewPage, signInPage } from "./view";

const place = document.getElementById("console") ?? document.body;

// Does what a page asks for. What goes wrong is shown above the page; a session that has ended leads
// to signing in.
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && !place.querySelector("form")) {
      showSignIn();
    }
    place.querySelector(".failure")?.remove();
    place.prepend(failure(error instanceof Error ? error.message : "something went wrong"));
  }
}

function showSignIn(): void {
  const submit = (user: string, password: string) =>
    void attempt(async () => {
      await showOverview(await signIn(user, password));
    });
  place.replaceChildren(signInPage(submit));
  place.querySelector<HTMLInputElement>("[name=password]")?.focus();
}

async function showOverview(user: User): Promise<void> {
  const refresh = () => void attempt(() => showOverview(user));
  const leave = () =>
    void attempt(async () => {
      await signOut();
      showSignIn();
    });
  const head = header(user, refresh, leave);
  // The way out is there even when the overview cannot be had.
  if (!place.querySelector("header")) place.replaceChildren(head, element("main"));
  const page = overviewPage(await overview());
  place.replaceChildren(head, page);
}

void attempt(async () => {
  const user = await whoAmI();
  if (user) await showOverview(user);
  else showSignIn();
});
