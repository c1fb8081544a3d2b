/** The first and the last instant that a date knows, for spans that are open at one end; epoch ms. */
export const BEGINNING = -8_640_000_000_000_000;
export const END = 8_640_000_000_000_000;
