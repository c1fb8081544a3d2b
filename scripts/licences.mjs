// Lists the licence of everything that production runs; exits with 1 on one that is not known to be compatible with
// Apache-2.0 and with a closed product around it.
import { billOfMaterials } from './bill-of-materials.mjs';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-3.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

const found = new Map();
for (const { name, version, licenses = [] } of billOfMaterials().components) {
  const licence = licenses.map((one) => one.license?.id ?? one.license?.name ?? one.expression).join(' AND ') || 'none';
  found.set(licence, [...(found.get(licence) ?? []), `${name}@${version}`]);
}

let refused = 0;
for (const [licence, packages] of [...found].sort(([, a], [, b]) => b.length - a.length)) {
  const known = isAllowed(licence);
  if (!known) refused += packages.length;
  process.stdout.write(`${known ? '  ' : '! '}${licence} (${packages.length})\n`);
  for (const one of packages.sort()) process.stdout.write(`      ${one}\n`);
}
if (refused > 0) {
  process.stderr.write(
    `${refused} packages have a licence that is not on the list in scripts/licences.mjs: replace them, or have the licence looked at and put it there.\n`,
  );
  process.exitCode = 1;
}

/** An SPDX expression: one of the words joined by OR is enough, all of those joined by AND are needed. */
function isAllowed(expression) {
  const words = expression.replace(/^\(|\)$/g, '');
  if (words.includes(' OR ')) return words.split(' OR ').some(isAllowed);
  return words.split(' AND ').every((word) => ALLOWED.has(word));
}
