// Cruises src/ with the import table and fails on any violation, or when fewer files were read than there are: a
// parser that sees nothing must not pass.
import { readdirSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import config from '../../.dependency-cruiser.mjs';

const files = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.ts')).length;
const { output } = await cruise(['src'], {
  ...config.options,
  ruleSet: { forbidden: config.forbidden },
  validate: true,
});
const { violations, totalCruised } = output.summary;
const own = output.modules.filter((module) => module.source.startsWith('src/')).length;
for (const { rule, from, to } of violations) {
  const comment = config.forbidden.find((one) => one.name === rule.name)?.comment;
  console.error(`${rule.name}: ${from} → ${to}\n  ${comment}`);
}
if (own < files) console.error(`Only ${own} of ${files} files were read.`);
console.log(`architecture: ${own} files, ${totalCruised} modules, ${violations.length} violations`);
process.exit(violations.length || own < files ? 1 : 0);
