// SPDX-License-Identifier: Apache-2.0
// Makes elements. Whatever comes from the gateway enters the page as text, never as markup.
import type { Overview, User } from "./api";
import { actionText, matchText, originText, sourceText } from "./describe";
import { parseMetrics, sumBy, total } from "./prometheus";

type Child = Node | string;

/** An element with attributes; strings among the children become text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A section with a table, or with a sentence when there is nothing to show. */
export function table(
  title: string,
  columns: string[],
  rows: string[][],
  count = rows.length,
): HTMLElement {
  const heading = element("h2", {}, title);
  if (!rows.length) return element("section", {}, heading, element("p", {}, "None."));
  const head = columns.map((column) => element("th", { scope: "col" }, column));
  const body = rows.map(([first = "", ...rest]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, first),
      ...rest.map((cell) => element("td", {}, cell)),
    ),
  );
  const content = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  // A wide table scrolls by itself, also by keyboard, and the page does not.
  const frame = element(
    "div",
    { class: "scroll", role: "region", tabindex: "0", "aria-label": title },
    content,
  );
  const section = element("section", {}, heading, frame);
  if (count > rows.length) {
    section.append(element("p", {}, `The first ${String(rows.length)} of ${String(count)}.`));
  }
  return section;
}

/** A few numbers: label and value. */
export function numbers(pairs: [string, string][]): HTMLElement {
  const boxes = pairs.map(([label, value]) =>
    element("div", {}, element("dt", {}, label), element("dd", {}, value)),
  );
  return element("dl", { class: "numbers" }, ...boxes);
}

/** The numbers of an overview: exchanges by class of status, then what needs attention. */
export function figures(metrics: string): [string, string][] {
  const samples = parseMetrics(metrics);
  const figure = (name: string) => (total(samples, name) ?? 0).toLocaleString("en");
  return [
    ["exchanges in flight", figure("mynah_gateway_exchanges_in_flight")],
    ...sumBy(samples, "mynah_gateway_exchanges_total", "status").map(
      ([status, count]): [string, string] => [`answered ${status}`, count.toLocaleString("en")],
    ),
    ["connections refused", figure("mynah_gateway_connections_refused_total")],
    ["failures of plug-ins", figure("mynah_gateway_plugin_failures_total")],
  ];
}

export function overviewPage(of: Overview): HTMLElement {
  const { ready, routes, services, plugins } = of;
  const state = ready ? "Ready: new requests are taken." : "Not ready: new requests are refused.";
  return element(
    "main",
    {},
    element("p", { class: ready ? "state" : "state bad", role: "status" }, state),
    numbers(figures(of.metrics)),
    table(
      "Routes",
      ["name", "match", "to"],
      routes.items.map((each) => [each.name, matchText(each), actionText(each)]),
      routes.total,
    ),
    table(
      "Services",
      ["name", "at", "protocol", "TLS", "load balancing"],
      services.items.map((each) => [
        each.name,
        originText(each),
        each.protocol,
        each.tls ? "yes" : "no",
        each.load_balancing,
      ]),
      services.total,
    ),
    table(
      "Plug-ins",
      ["id", "version", "from", "stage", "on failure", "enabled", "rules"],
      plugins.items.map((each) => [
        each.id,
        each.version ?? "–",
        sourceText(each),
        each.stage ?? "–",
        each.on_failure ?? "–",
        each.enabled ? "yes" : "no",
        String(each.rules.length),
      ]),
      plugins.total,
    ),
  );
}

export function header(user: User, refresh: () => void, leave: () => void): HTMLElement {
  const again = element("button", { type: "button" }, "Refresh");
  again.addEventListener("click", refresh);
  const out = element("button", { type: "button" }, "Sign out");
  out.addEventListener("click", leave);
  return element(
    "header",
    {},
    element("h1", {}, "Mynah"),
    element("span", {}, `${user.user} (${user.role})`),
    again,
    out,
  );
}

export function signInPage(submit: (user: string, password: string) => void): HTMLElement {
  const user = element("input", {
    name: "user",
    value: "admin",
    autocomplete: "username",
    required: "",
  });
  const password = element("input", {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: "",
    autofocus: "",
  });
  const form = element(
    "form",
    {},
    element("h1", {}, "Mynah"),
    element("label", {}, "User", user),
    element("label", {}, "Password", password),
    element("button", {}, "Sign in"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(user.value, password.value);
  });
  return element("main", { class: "sign-in" }, form);
}

export function failure(text: string): HTMLElement {
  return element("p", { class: "failure", role: "alert" }, text);
}
