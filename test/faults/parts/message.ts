/** One message of the sender: the same id and the same bytes on every try and every repeat. */
export interface Message {
  /** `svix-id`. */
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  /** Whose workflow it is for; null for what belongs to none. */
  readonly subject: Subject | null;
  readonly body: string;
}

export interface Subject {
  readonly kind: 'onboarding' | 'customer';
  readonly id: string;
}
