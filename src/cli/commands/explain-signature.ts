import { type Command, InvalidArgumentError } from 'commander';
import { explain, type Finding, type SignatureExplanation } from '../../signature/explain.js';
import { type CapturedRequest, headersOf, readCaptured } from '../captured-request.js';
import { instant } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { readBytes, readText } from '../files.js';
import type { LocalDeps } from '../local-deps.js';
import { clean, wrapped } from '../text.js';

interface Options {
  readonly headers?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly otherSecret?: string;
  readonly at?: string;
  readonly tolerance: number;
  readonly json?: true;
}

/** `slipway explain-signature [request]`: why a captured request is not believed. */
export function explainSignature(program: Command, deps: LocalDeps): void {
  program
    .command('explain-signature [request]')
    .description('name the cause why a captured request is not believed, or say that it is valid')
    .option('--headers <file>', 'its headers, one a line, where they are not with the body')
    .option('--body <file>', 'its body, byte for byte')
    .option('--secret <secrets>', "the endpoint's secrets; else what PIVOTAL_WEBHOOK_SECRET says")
    .option('--other-secret <secrets>', "other endpoints' secrets; else what PIVOTAL_TEST_WEBHOOK_SECRET says")
    .option('--at <instant>', 'when it was received; now where not given', instant)
    .option('--tolerance <seconds>', 'how far its timestamp may lie from then', seconds, 300)
    .option('--json', 'print the findings as JSON, for programs')
    .addHelpText('after', REQUEST)
    .action((file: string | undefined, options: Options) => run(file, options, deps));
}

const REQUEST = `
The request is raw HTTP text (headers, an empty line, the body) or JSON with "headers" and
"body", from a file, or from the standard input where none is named.`;

async function run(file: string | undefined, options: Options, deps: LocalDeps): Promise<void> {
  if (file === undefined && options.body === undefined && process.stdin.isTTY)
    deps.err('Paste the request, then end it with Ctrl-D.\n');
  const captured = await capture(file, options);
  const others = options.otherSecret ?? deps.otherSecrets;
  const told = explain(captured, {
    active: options.secret ?? deps.secrets ?? '',
    ...(others === undefined ? {} : { others }),
    now: options.at === undefined ? deps.now() : Date.parse(options.at),
    toleranceMs: options.tolerance * 1000,
  });
  deps.out(options.json ? `${JSON.stringify(jsonOf(told), null, 2)}\n` : tell(told, deps.columns));
  if (!told.valid)
    throw new CliFailure(EXIT.refused, `This request is not valid: ${told.findings[0]?.cause ?? 'unknown'}.`);
}

async function capture(file: string | undefined, { headers, body }: Options): Promise<CapturedRequest> {
  if ((headers === undefined) !== (body === undefined))
    throw new CliFailure(EXIT.usage, 'Give --headers and --body together, or the whole request in one file.');
  if (headers !== undefined && body !== undefined) {
    if (file !== undefined) throw new CliFailure(EXIT.usage, 'Give the request, or --headers and --body, not both.');
    return { headers: headersOf(await readText(headers)), body: await readBytes(body) };
  }
  return readCaptured(await readBytes(file ?? '-'));
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number of seconds above 0.');
}

const jsonOf = ({ valid, secret, deliveryId, findings }: SignatureExplanation): unknown => ({
  valid,
  secret,
  delivery_id: deliveryId,
  findings,
});

function tell({ valid, secret, deliveryId, findings }: SignatureExplanation, columns: number): string {
  const head = valid
    ? `${clean(deliveryId ?? '')} is valid: it is signed with the secret ${clean(secret ?? '')}.\n`
    : '';
  return head + findings.map((finding) => sayFinding(finding, columns)).join('\n');
}

function sayFinding({ cause, proved, what, fix }: Finding, columns: number): string {
  return [
    `${cause}${proved ? '' : ' (likely)'}\n`,
    wrapped(clean(what), columns, '  '),
    wrapped(`Do: ${clean(fix)}`, columns, '  '),
  ].join('');
}
