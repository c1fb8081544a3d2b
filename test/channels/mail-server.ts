import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** Where in the conversation the server says no, hangs or breaks off. */
export type MailBehaviour =
  | 'accept'
  | { readonly at: 'login' | 'sender' | 'recipient' | 'message'; readonly code: number; readonly text: string }
  /** Takes the message, keeps it, and breaks the connection before the reply. */
  | 'lose the reply'
  /** Takes the message, keeps it, and never replies. */
  | 'hang'
  /** Breaks the connection before the message. */
  | 'drop';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

export interface MailServer {
  readonly url: string;
  readonly got: readonly Mail[];
  expects(...behaviours: MailBehaviour[]): void;
  /** Ends every connection that is open. */
  dropConnections(): void;
  verify(): void;
  close(): Promise<void>;
}

/** A real SMTP server. Each message takes the next behaviour; one that nobody prepared for fails `verify`. */
export async function startMailServer(login: { user: string; pass: string }): Promise<MailServer> {
  const behaviours: MailBehaviour[] = [];
  const got: Mail[] = [];
  const surprises: string[] = [];
  const next = (): MailBehaviour | undefined => behaviours[0];
  const no = (at: 'login' | 'sender' | 'recipient' | 'message'): Error | undefined => {
    const behaviour = next();
    if (typeof behaviour !== 'object' || behaviour.at !== at) return undefined;
    behaviours.shift();
    return Object.assign(new Error(behaviour.text), { responseCode: behaviour.code });
  };
  const drop = (session: SMTPServerSession): void => {
    behaviours.shift();
    for (const connection of server.connections) if (connection.session.id === session.id) connection._socket.destroy();
  };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    onAuth: ({ username, password }, _session, done) => {
      const refusal = no('login');
      if (refusal || username !== login.user || password !== login.pass) done(refusal ?? new Error('who is that'));
      else done(null, { user: username });
    },
    onMailFrom: ({ address }, _session, done) => {
      if (!next()) surprises.push(`a message from ${address}`);
      done(no('sender'));
    },
    onRcptTo: (_address, session, done) => {
      if (next() === 'drop') drop(session);
      else done(no('recipient'));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = no('message');
        if (refusal) return done(refusal);
        const { mailFrom, rcptTo } = session.envelope;
        got.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        if (next() === 'lose the reply') return drop(session);
        if (behaviours.shift() !== 'hang') done();
      });
    },
  });
  // Connections that a test breaks are no news.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${login.user}:${login.pass}@127.0.0.1:${port}`,
    got,
    expects: (...more) => behaviours.push(...more),
    dropConnections: () => {
      for (const connection of server.connections) connection._socket.destroy();
    },
    verify: () => {
      if (surprises.length > 0) throw new Error(`nobody expected ${surprises.join(', ')}`);
      if (behaviours.length > 0) throw new Error(`${behaviours.length} expected messages never came`);
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
