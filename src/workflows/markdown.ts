/** What the details of a workflow are made of: markdown as the Temporal UI shows it, with nobody's address in it. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

export const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** Who is chased without a name in the policy is known by their address alone. */
export const withoutAddresses = (text: string): string => text.replace(/[^\s<>,:;()]+@[^\s<>,:;()]+/g, 'somebody');
