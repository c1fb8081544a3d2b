import { spawnSync } from 'node:child_process';

/** The CycloneDX bill of materials of what production runs, by npm itself: name, version, licence and hash of each. */
export function billOfMaterials() {
  const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--omit=dev', '--sbom-format=cyclonedx'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return JSON.parse(stdout);
  process.stderr.write(`${stderr.trim()}\nNo bill of materials could be made: run npm ci, then this again.\n`);
  process.exit(1);
}
