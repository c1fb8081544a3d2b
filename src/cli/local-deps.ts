import type { Finding } from '../doctor/finding.js';

/** What the verbs need that work without a console; `main` reads it from the environment. */
export interface LocalDeps {
  /** Where `send` posts unless told otherwise. */
  readonly edgeUrl: string;
  /** The setting with the secrets of the first source, as it is written. */
  readonly secrets?: string;
  /** Secrets of other endpoints, such as the test one's. */
  readonly otherSecrets?: string;
  /** Looks at everything that `doctor` judges; takes a few seconds where a server does not answer. */
  readonly examine: () => Promise<readonly Finding[]>;
  /** Real epoch ms. */
  readonly now: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number;
}
