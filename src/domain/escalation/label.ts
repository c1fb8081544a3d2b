/** A headline as a timer's label begins: `stuck in uat` is `Stuck in uat`. */
export const phaseLabel = (headline: string): string => headline.replace(/^./, (first) => first.toUpperCase());
