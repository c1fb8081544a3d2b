// `npm audit` over what production runs. Exits with 1 on a finding that is high or critical, and with 2 where the registry
// answers no advisories (a mirror, a closed network): that nothing was found is not that nothing is there. With
// `--offline-ok` it says so as loudly and exits with 0, for runs that are to go on without.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], { encoding: 'utf8' });
const answer = read(stdout);
const counts = answer?.metadata?.vulnerabilities;
if (!counts) {
  const reason = answer?.message ?? answer?.error?.summary ?? 'it said nothing that can be read';
  const said = `NOTHING WAS AUDITED: no advisories could be asked for (${String(reason).split('\n')[0]}).`;
  const isOk = process.argv.includes('--offline-ok');
  const what = isOk
    ? 'Let pass, as --offline-ok asks.'
    : 'Ask again where the registry has them, or pass --offline-ok to let it pass.';
  process.stderr.write(`${said} ${what}\n`);
  if (!isOk) process.exitCode = 2;
} else {
  const grave = counts.high + counts.critical;
  for (const [name, { severity, via }] of Object.entries(answer.vulnerabilities)) {
    const titles = via.flatMap((one) => (typeof one === 'string' ? [] : [`${one.title} ${one.url}`]));
    process.stdout.write(`${severity}: ${name} ${titles.join('; ')}\n`);
  }
  process.stdout.write(
    `${counts.total} findings in ${answer.metadata.dependencies.prod} packages, ${grave} high or critical.\n`,
  );
  if (grave > 0) process.exitCode = 1;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
