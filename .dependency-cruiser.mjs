/**
 * The import table of the house as an allow-list: a room uses the rooms and packages named here and nothing else.
 * `main` alone wires. Every rule is proved by a planted violation in test/architecture.test.ts.
 */
export const ROOMS = {
  domain: { rooms: [], packages: [], node: false },
  contracts: { rooms: ['domain'], packages: ['@temporalio/common', '@temporalio/workflow', 'zod'], node: false },
  workflows: { rooms: ['domain', 'contracts'], packages: ['@temporalio/common', '@temporalio/workflow'], node: false },
  activities: {
    rooms: ['domain', 'contracts', 'channels', 'outbound'],
    packages: ['@temporalio/activity', '@temporalio/common'],
    node: true,
  },
  signature: { rooms: [], packages: ['svix'], node: true },
  'policy-file': { rooms: ['domain'], packages: ['yaml', 'zod', 'date-holidays'], node: true },
  outbound: { rooms: ['domain', 'contracts', 'signature'], packages: ['undici', 'ipaddr.js'], node: true },
  store: { rooms: ['domain', 'contracts'], packages: ['pg', 'kysely'], node: true },
  channels: { rooms: ['domain', 'contracts', 'outbound'], packages: ['nodemailer'], node: true },
  rebuild: { rooms: ['domain', 'contracts'], packages: [], node: true },
  dispatch: { rooms: ['domain', 'contracts'], packages: [], node: true },
  temporal: {
    rooms: ['domain', 'contracts'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/proto', '@temporalio/envconfig'],
    node: true,
  },
  embedded: { rooms: [], packages: ['pg', 'tar'], node: true },
  throttle: { rooms: [], packages: ['rate-limiter-flexible', 'ipaddr.js'], node: true },
  ingress: { rooms: ['domain', 'contracts', 'signature', 'throttle'], packages: ['express'], node: true },
  api: { rooms: ['domain', 'contracts', 'policy-file', 'throttle'], packages: ['express', 'zod'], node: true },
  cli: { rooms: ['contracts', 'signature', 'doctor'], packages: ['commander', 'undici'], node: true },
  doctor: { rooms: [], packages: [], node: false },
  simulator: { rooms: ['contracts', 'signature'], packages: ['svix', 'undici'], node: true },
};

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function roomRules([room, { rooms, packages, node }]) {
  const from = { path: `^src/${room}/` };
  const homes = [room, ...rooms].join('|');
  const rules = [
    {
      name: `${room}-rooms`,
      comment: `src/${room} may import ${rooms.length ? rooms.join(', ') : 'itself alone'}; take the rest as a parameter, and wire it in src/main.`,
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: `^src/(${homes})/` },
    },
    {
      name: `${room}-packages`,
      comment: `src/${room} may use ${packages.length ? packages.join(', ') : 'no package'}; another one belongs into the room that exists for it.`,
      severity: 'error',
      from,
      to: {
        path: '(^|/)node_modules/',
        ...(packages.length
          ? {
              pathNot: `(^|/)node_modules/(@types/)?(${packages.map((name) => escape(name.replace(/^@types\//, ''))).join('|')})/`,
            }
          : {}),
      },
    },
  ];
  if (!node)
    rules.push({
      name: `${room}-node`,
      comment: `src/${room} runs without Node: take the clock and I/O as arguments.`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'] },
    });
  return rules;
}

export default {
  forbidden: [
    ...Object.entries(ROOMS).flatMap(roomRules),
    {
      name: 'nobody-imports-main',
      comment: 'Only src/main wires; what others need belongs into a room below it.',
      severity: 'error',
      from: { path: '^src/(?!main/)' },
      to: { path: '^src/main/' },
    },
    {
      name: 'workflows-without-api-schemas',
      comment: 'zod in the workflow bundle costs memory for every cached workflow: contracts/api*.ts stay outside.',
      severity: 'error',
      from: { path: '^src/(workflows|domain)/' },
      to: { path: '^src/contracts/api' },
    },
    {
      name: 'zod-in-api-contracts-only',
      comment: 'Only contracts/api*.ts may use zod: workflows load the other contracts.',
      severity: 'error',
      from: { path: '^src/contracts/', pathNot: '^src/contracts/api' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'worker-sdk-in-workers-only',
      comment: 'A server runs no worker: loading the SDK of one would cost each start of it 0.4 s and 380 modules.',
      severity: 'error',
      from: { path: '^src/main/(server|migrate)-process' },
      to: { path: 'node_modules/@temporalio/worker/', reachable: true },
    },
    {
      name: 'schemas-without-sdk',
      comment:
        "Every verb of the command line loads the API's schemas: with the SDK of workflows it would answer 0.2 s later.",
      severity: 'error',
      from: { path: '^src/contracts/api' },
      to: { path: 'node_modules/@temporalio/', reachable: true },
    },
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one idea, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'unresolvable',
      comment: 'An import that leads nowhere is not checked by the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test|bench)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
      extensionAlias: { '.js': ['.ts', '.js'] },
    },
    moduleSystems: ['es6', 'cjs'],
  },
};
