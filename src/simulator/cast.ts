/** How somebody answers when chased. */
export type Temper = 'prompt' | 'overloaded' | 'hesitant' | 'manager' | 'sponsor';

export interface CastMember {
  /** As the policy of the demo names the person. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly temper: Temper;
}

/** Invented, all of them. config/demo.yaml knows the same five. */
export const CAST: readonly CastMember[] = [
  { id: 'mia', name: 'Mia Auerwald', email: 'mia@vendor.example', temper: 'prompt' },
  { id: 'jonas', name: 'Jonas Tannberg', email: 'jonas@vendor.example', temper: 'overloaded' },
  { id: 'aylin', name: 'Aylin Korvan', email: 'aylin@vendor.example', temper: 'hesitant' },
  { id: 'tom', name: 'Tom Hallstrand', email: 'tom@vendor.example', temper: 'manager' },
  { id: 'vera', name: 'Vera Quistholm', email: 'vera@vendor.example', temper: 'sponsor' },
];

/** Who carries onboardings; the other two come in when these do not act. */
export const OWNERS: readonly CastMember[] = CAST.slice(0, 3);

export function castMember(id: string): CastMember | undefined {
  return CAST.find((one) => one.id === id);
}

/** Invented customers; a scenario of more onboardings numbers them on. */
const COMPANIES: readonly string[] = [
  'Lumora Foods',
  'Kestwick Freight',
  'Brannoc Optics',
  'Veldara Clinics',
  'Oristane Energy',
  'Tavilo Retail',
  'Quenridge Logistics',
  'Norvane Hotels',
  'Halcyra Savings',
  'Pellworth Paper',
  'Sundrick Solar',
  'Marrowgate Media',
  'Illyvar Insurance',
  'Fenholt Farms',
  'Zephrine Air',
  'Cobaltry Tools',
  'Duskmere Games',
  'Evershaw Parks',
  'Grelling Motors',
  'Hartmond Textiles',
  'Ivoryn Dental',
  'Jastrel Mining',
  'Kyrenholm Ferries',
  'Ombrel Lighting',
];

export function companyName(index: number): string {
  const name = COMPANIES[index % COMPANIES.length] ?? '';
  const round = Math.floor(index / COMPANIES.length);
  return round === 0 ? name : `${name} ${round + 1}`;
}
