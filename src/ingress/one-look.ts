/**
 * One look for all who ask while it lasts and for as long after it as its answer keeps, ms: whoever may ask without a
 * token, and as often as they like, costs what is looked at one look in that time.
 */
export function oneLook<T>(look: () => Promise<T>, keeps: (answer: T) => number): () => Promise<T> {
  let last: Promise<T> | undefined;
  const forget = (): void => {
    last = undefined;
  };
  return () => {
    if (last) return last;
    last = look();
    last.then((answer) => setTimeout(forget, keeps(answer)).unref(), forget);
    return last;
  };
}
