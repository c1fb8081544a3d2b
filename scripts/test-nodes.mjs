// Runs the unit part and one workflow test, on a real Temporal server, under the newer Node majors that are supported
// beside the oldest one. npm's `node` package brings them: nothing is installed on the machine.
import { spawnSync } from 'node:child_process';

const MAJORS = process.argv.slice(2).length ? process.argv.slice(2) : ['22', '24'];
const TESTS = ['test/domain', 'test/workflows/life.test.ts'];

for (const major of MAJORS) {
  const from = Date.now();
  const version = node(major, ['--print', 'process.version'], 'pipe').stdout.trim();
  if (!version.startsWith(`v${major}.`)) {
    end(
      `Node ${major} was asked for and ${version || 'none'} came: see what npm says about the package node@${major}.`,
    );
  }
  const { status } = node(major, ['node_modules/vitest/vitest.mjs', 'run', ...TESTS], 'inherit');
  const took = Math.round((Date.now() - from) / 1000);
  if (status !== 0) end(`The tests failed on Node ${version} (${took} s).`);
  process.stdout.write(`Node ${version}: the unit part and a workflow test passed in ${took} s.\n`);
}

function node(major, words, stdout) {
  return spawnSync('npm', ['exec', '--yes', `--package=node@${major}`, '--', 'node', ...words], {
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
  });
}

function end(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
