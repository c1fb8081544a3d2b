/** `FAULTS_FULL=1` runs every case of the fault list; `npm test` a selection that fits beside everything else. */
export const isFull = process.env['FAULTS_FULL'] === '1';

export const sized = (selection: number, full: number): number => (isFull ? full : selection);

/** Says a figure with its n where people read the run. */
export function told(line: string): void {
  process.stdout.write(`    ${line}\n`);
}
