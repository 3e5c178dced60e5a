/** An error as somebody would paste it, and the causes that have to be named first, in this order. */
export type Case = readonly [text: string, ...causes: string[]];
