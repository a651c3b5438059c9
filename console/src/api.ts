// SPDX-License-Identifier: Apache-2.0
// The admin API as the console uses it. Shapes follow schema/openapi.json.

export interface User {
  user: string;
  role: string;
}

export interface FieldMatch {
  name: string;
  [kind: string]: string | boolean;
}

export interface Route {
  name: string;
  match: {
    hosts?: string[];
    path: Record<string, string>;
    methods?: string[];
    headers?: FieldMatch[];
    query?: FieldMatch[];
  };
  services?: { service: string; weight: number }[];
  redirect?: { status: number; scheme?: string; host?: string; path?: string; prefix?: string };
  response?: { status: number };
}

export interface Service {
  name: string;
  endpoints?: { address: string; weight: number }[];
  host?: string;
  port?: number;
  embedded?: string;
  tls: boolean;
  protocol: string;
  load_balancing: string;
}

export interface Plugin {
  id: string;
  wasm?: string;
  url?: string;
  version?: string;
  stage?: string;
  priority?: number;
  on_failure?: string;
  enabled: boolean;
  rules: unknown[];
}

export interface Listing<T> {
  items: T[];
  total: number;
}

export interface Overview {
  ready: boolean;
  metrics: string;
  routes: Listing<Route>;
  services: Listing<Service>;
  plugins: Listing<Plugin>;
}

/** A refusal by the API, in its own words; status 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The words of an error's body, or a plain sentence when it has none. */
export function errorText(status: number, body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } } | null;
    if (typeof parsed?.error?.message === "string") return parsed.error.message;
  } catch {
    // Not JSON, so not the API's: the status has to do.
  }
  return `the gateway answered ${String(status)}`;
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const given = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { "content-type": "application/json" };
  try {
    return await fetch(path, { method, headers, signal: AbortSignal.timeout(10_000), ...given });
  } catch {
    throw new ApiError(0, "the gateway does not answer");
  }
}

async function text(method: string, path: string, body?: unknown): Promise<string> {
  const response = await call(method, path, body);
  const said = await response.text();
  if (!response.ok) throw new ApiError(response.status, errorText(response.status, said));
  return said;
}

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  return JSON.parse(await text(method, path, body)) as T;
}

export const signIn = (user: string, password: string) =>
  json<User>("POST", "/api/v1/session", { user, password });

export const signOut = () => text("DELETE", "/api/v1/session");

/** Who is signed in; undefined when nobody is. */
export async function whoAmI(): Promise<User | undefined> {
  try {
    return await json<User>("GET", "/api/v1/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

export async function overview(): Promise<Overview> {
  const list = <T>(kind: string) => json<Listing<T>>("GET", `/api/v1/${kind}?limit=500`);
  const [ready, metrics, routes, services, plugins] = await Promise.all([
    call("GET", "/readyz"),
    text("GET", "/metrics"),
    list<Route>("routes"),
    list<Service>("services"),
    list<Plugin>("plugins"),
  ]);
  return { ready: ready.ok, metrics, routes, services, plugins };
}
