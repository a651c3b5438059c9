// SPDX-License-Identifier: Apache-2.0
// Reads the text format in which the gateway gives its metrics.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, next: string) => (next === "n" ? "\n" : next));
}

function number(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

/** The samples of a text; lines that are none (comments, anything malformed) are passed over. */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const each of text.split("\n")) {
    const found = line.exec(each.trim());
    if (!found?.[1] || !found[3]) continue;
    const value = number(found[3]);
    if (Number.isNaN(value)) continue;
    const pairs = [...(found[2] ?? "").matchAll(label)].map(([, key, inside]) => [
      key ?? "",
      unescaped(inside ?? ""),
    ]);
    samples.push({
      name: found[1],
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value,
    });
  }
  return samples;
}

/** The sum of a metric's samples for each value of a label, ordered by that value. */
export function sumBy(samples: Sample[], name: string, by: string): [string, number][] {
  const sums = new Map<string, number>();
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const key = sample.labels[by] ?? "";
    sums.set(key, (sums.get(key) ?? 0) + sample.value);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The sum of all samples of a metric; undefined when it has none. */
export function total(samples: Sample[], name: string): number | undefined {
  const found = samples.filter((sample) => sample.name === name);
  return found.length ? found.reduce((sum, sample) => sum + sample.value, 0) : undefined;
}
