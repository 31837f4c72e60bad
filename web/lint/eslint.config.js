import js from "@eslint/js";
import globals from "globals";

export default [
  {
    files: ["**/*.js"],
    ...js.configs.recommended,
    languageOptions: { ecmaVersion: 2025, sourceType: "module", globals: { ...globals.browser, __ELEMENTS__: "readonly" } }, // web/pack fills in __ELEMENTS__
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...js.configs.recommended.rules,
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
