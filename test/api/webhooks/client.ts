import { ApiException, Svix } from 'svix';
import { type Served, serve } from '../served.js';
import { World } from '../world.js';

export const ADMIN = 'slp_admin';

/** The console with the official client before it, as an admin and as the other roles. */
export class Client {
  readonly world: World;
  readonly api: Served;
  readonly admin: Svix;
  readonly operator: Svix;
  readonly viewer: Svix;

  private constructor(world: World, api: Served) {
    this.world = world;
    this.api = api;
    const as = (role: 'admin' | 'operator' | 'viewer'): Svix =>
      new Svix(world.token(role, role), { serverUrl: api.url, numRetries: 0 });
    this.admin = as('admin');
    this.operator = as('operator');
    this.viewer = as('viewer');
  }

  static async start(more: Parameters<World['deps']>[0] = {}): Promise<Client> {
    const world = new World();
    return new Client(world, await serve(world.deps({ token: 'bootstrap-token', ...more })));
  }

  /** Raw HTTP, for what the client does not send. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    return this.api.request(method, path, {
      headers: { authorization: `Bearer ${ADMIN}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  close(): Promise<void> {
    return this.api.close();
  }
}

/** What a call is refused with. Fails where it is not. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly status: number; readonly body: ReturnType<typeof JSON.parse> }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiException) {
      const body: unknown = error.body;
      return { status: error.code, body: typeof body === 'string' ? JSON.parse(body) : body };
    }
    throw error;
  }
  throw new Error('it was not refused');
}

/** Where a request was not valid. */
export async function wrongPlaces(call: Promise<unknown>): Promise<string[]> {
  const { status, body } = await refusal(call);
  if (status !== 422) throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
  return (body.detail as { loc: string[] }[]).map(({ loc }) => loc.join('.'));
}
