// SPDX-License-Identifier: Apache-2.0
// What the console's linter insists on: the strict rules with types, and no way of turning text
// into markup.
import tseslint from "typescript-eslint";

const markup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "write"].map((name) => ({
  selector: `[property.name="${name}"]`,
  message: "text is shown by textContent, elements are made by element()",
}));

export default tseslint.config(
  { ignores: ["node_modules"] },
  {
    files: ["src/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: { "no-restricted-syntax": ["error", ...markup] },
  },
);
