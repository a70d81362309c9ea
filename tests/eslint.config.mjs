// What eslint is told about the scripts of the pages and of the browser tests; `make lint` starts it.
import { createRequire } from "node:module";

// npx keeps eslint and what it is told here in a folder of its own, which is found from eslint itself.
const beside = createRequire(process.argv[1]);
const js = beside("@eslint/js");
const globals = beside("globals");

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "script", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "eqeqeq": "error",
      "no-implicit-globals": "off",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
];
