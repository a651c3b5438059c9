// SPDX-License-Identifier: Apache-2.0
// Turns the objects of the API into short texts for the cells of tables.
import type { FieldMatch, Plugin, Route, Service } from "./api";

function field(match: FieldMatch): string {
  const [kind, value] = Object.entries(match).find(([key]) => key !== "name") ?? ["present", true];
  return value === true ? `${match.name} ${kind}` : `${match.name} ${kind} ${String(value)}`;
}

/** What a request must look like: "POST, a.example, prefix /v1/, header x-a exact b". */
export function matchText({ match }: Route): string {
  const [kind, path] = Object.entries(match.path)[0] ?? ["prefix", "/"];
  return [
    match.methods?.join(" "),
    match.hosts?.join(" "),
    `${kind} ${path}`,
    ...(match.headers ?? []).map((each) => `header ${field(each)}`),
    ...(match.query ?? []).map((each) => `query ${field(each)}`),
  ]
    .filter(Boolean)
    .join(", ");
}

/** What happens to a request: weights are told only when there is a choice. */
export function actionText(route: Route): string {
  if (route.redirect) {
    const { status, scheme, host, path, prefix } = route.redirect;
    const to = `${scheme ? `${scheme}://` : ""}${host ?? ""}${path ?? prefix ?? ""}`;
    return `redirect ${String(status)} ${to}`.trim();
  }
  if (route.response) return `answer ${String(route.response.status)}`;
  const services = route.services ?? [];
  if (services.length === 1) return services[0]?.service ?? "";
  return services.map((each) => `${each.service} × ${String(each.weight)}`).join(", ");
}

export function originText(service: Service): string {
  if (service.embedded) return `embedded: ${service.embedded}`;
  if (service.host) return service.port ? `${service.host}:${String(service.port)}` : service.host;
  return (service.endpoints ?? []).map((each) => each.address).join(", ");
}

/** Where a plug-in's module comes from; one without a source is built in. */
export function sourceText(plugin: Plugin): string {
  return plugin.wasm ?? plugin.url ?? "built in";
}
