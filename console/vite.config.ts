// SPDX-License-Identifier: Apache-2.0
// How the console is built and tested. What is built lies where the gateway looks for it: beside
// the folders of the presets. Nothing is inlined, because the page's content security policy allows
// files of its own origin only.
import { defineConfig } from "vitest/config";

const report = process.env["JUNIT_REPORT"];

export default defineConfig({
  base: "./",
  build: {
    outDir: "../build/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "^/(api|readyz|metrics)": "http://127.0.0.1:8001" } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    reporters: report ? ["default", ["junit", { outputFile: report }]] : ["default"],
  },
});
