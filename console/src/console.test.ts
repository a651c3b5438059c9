// SPDX-License-Identifier: Apache-2.0
// Goal: metrics are read right, objects of the API become readable cells, and text stays text.
import { expect, test } from "vitest";
import { errorText, type Overview, type Route } from "./api";
import { actionText, matchText, originText } from "./describe";
import { parseMetrics, sumBy, total } from "./prometheus";
import { failure, figures, overviewPage, signInPage, table } from "./view";

const metrics = `# HELP mynah_gateway_exchanges_total Exchanges.
# TYPE mynah_gateway_exchanges_total counter
mynah_gateway_exchanges_total{route="chat",status="2xx"} 1200
mynah_gateway_exchanges_total{route="a, \\"b\\" }",status="2xx"} 34
mynah_gateway_exchanges_total{route="chat",status="5xx"} 2
mynah_gateway_exchanges_in_flight 3
not a sample
`;

const chat: Route = {
  name: "chat",
  match: {
    hosts: ["a.example"],
    path: { prefix: "/v1/" },
    methods: ["POST"],
    headers: [
      { name: "x-a", exact: "b" },
      { name: "x-b", absent: true },
    ],
  },
  services: [{ service: "qwen", weight: 1 }],
};

test("metrics are read, with what is quoted in their labels", () => {
  const samples = parseMetrics(metrics);

  expect(samples).toHaveLength(4);
  expect(samples[1]?.labels["route"]).toBe('a, "b" }');
});

test("samples are summed by a label", () => {
  const samples = parseMetrics(metrics);

  expect(sumBy(samples, "mynah_gateway_exchanges_total", "status")).toEqual([
    ["2xx", 1234],
    ["5xx", 2],
  ]);
  expect(total(samples, "mynah_none")).toBeUndefined();
});

test("the figures tell exchanges by status", () => {
  expect(figures(metrics)).toEqual([
    ["exchanges in flight", "3"],
    ["answered 2xx", "1,234"],
    ["answered 5xx", "2"],
    ["connections refused", "0"],
    ["failures of plug-ins", "0"],
  ]);
});

test("a route tells what it matches", () => {
  expect(matchText(chat)).toBe(
    "POST, a.example, prefix /v1/, header x-a exact b, header x-b absent",
  );
});

test("a route tells where it leads", () => {
  const { name, match } = chat;
  const two = [
    { service: "a", weight: 9 },
    { service: "b", weight: 1 },
  ];

  expect(actionText(chat)).toBe("qwen");
  expect(actionText({ name, match, services: two })).toBe("a × 9, b × 1");
  expect(actionText({ name, match, redirect: { status: 302, path: "/new" } })).toBe(
    "redirect 302 /new",
  );
  expect(actionText({ name, match, response: { status: 403 } })).toBe("answer 403");
});

test("a service tells where it is", () => {
  const service = { name: "s", tls: false, protocol: "http1", load_balancing: "round_robin" };

  expect(originText({ ...service, host: "qwen.example", port: 443 })).toBe("qwen.example:443");
  expect(originText({ ...service, embedded: "store" })).toBe("embedded: store");
  expect(originText({ ...service, endpoints: [{ address: "127.0.0.1:9000", weight: 1 }] })).toBe(
    "127.0.0.1:9000",
  );
});

test("an error is told in the API's words, or by its status", () => {
  expect(errorText(401, '{"error":{"code":"x","message":"the password is wrong"}}')).toBe(
    "the password is wrong",
  );
  expect(errorText(502, "<html>")).toBe("the gateway answered 502");
  expect(errorText(500, "null")).toBe("the gateway answered 500");
});

test("text from the gateway never becomes markup", () => {
  const hostile = '<img src="x" onerror="alert(1)">';

  const shown = table(hostile, ["name"], [[hostile, hostile]]);

  expect(shown.querySelector("img")).toBeNull();
  expect(shown.querySelector("td")?.textContent).toBe(hostile);
  expect(failure(hostile).textContent).toBe(hostile);
});

test("a table that is cut says of how many", () => {
  const shown = table("Routes", ["name"], [["chat"]], 700);

  expect(shown.textContent).toContain("The first 1 of 700.");
  expect(table("Routes", ["name"], []).textContent).toContain("None.");
});

test("the overview shows the state and each kind of object", () => {
  const nothing = { items: [], total: 0 };
  const of: Overview = {
    ready: false,
    metrics,
    routes: { items: [chat], total: 1 },
    services: nothing,
    plugins: { items: [{ id: "ai-cache", enabled: true, rules: [] }], total: 1 },
  };

  const page = overviewPage(of);

  expect(page.querySelector("[role=status]")?.textContent).toContain("Not ready");
  expect([...page.querySelectorAll("tbody th")].map((each) => each.textContent)).toEqual([
    "chat",
    "ai-cache",
  ]);
});

test("signing in hands over what was typed", () => {
  const given: string[] = [];
  const page = signInPage((user, password) => given.push(user, password));
  const password = page.querySelector<HTMLInputElement>("[name=password]");
  if (password) password.value = "secret";

  page.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));

  expect(given).toEqual(["admin", "secret"]);
});
