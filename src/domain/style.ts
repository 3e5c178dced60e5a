/** How text is painted: a Chalk fits, and so does a set of functions that do nothing. */
export type Paint = Readonly<Record<"red" | "yellow" | "green" | "cyan" | "bold" | "dim", (text: string) => string>>;

export interface Style {
  readonly paint: Paint;
  readonly unicode: boolean;
}

const plain = (text: string): string => text;

export const PLAIN: Style = {
  paint: { red: plain, yellow: plain, green: plain, cyan: plain, bold: plain, dim: plain },
  unicode: true,
};
