/** What a condition is judged with. */
export interface Circumstances {
  /** Milliseconds. */
  readonly time: number;
  /** `projects/_/buckets/B/objects/K`. */
  readonly name: string;
  /** `storage.googleapis.com/Object`. */
  readonly type: string;
  readonly service: string;
}

/** Undefined: it cannot be evaluated. */
type Truth = boolean | undefined;

const TOKEN = /\s*(?:(\|\||&&|[<>=!]=|[<>!().,])|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([\w.]+))/sy;

/**
 * Whether a condition holds: the part of the Common Expression Language that is `request.time`, `resource.name`, `type` and
 * `service`, `startsWith`, `endsWith`, comparisons, `&&`, `||`, `!` and brackets. What cannot be evaluated does not hold,
 * unless the other side of an `||` does.
 */
export function holds(expression: string, circumstances: Circumstances): boolean {
  const tokens = tokensOf(expression);
  if (tokens === undefined) return false;
  const parser = new Parser(tokens, circumstances);
  const truth = parser.either();
  return truth === true && parser.isDone;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    tokens.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #values: Readonly<Record<string, string | number | boolean>>;
  #at = 0;

  constructor(tokens: readonly string[], { time, name, type, service }: Circumstances) {
    this.#tokens = tokens;
    this.#values = {
      true: true,
      false: false,
      "request.time": time,
      "resource.name": name,
      "resource.type": type,
      "resource.service": service,
    };
  }

  get isDone(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Truth {
    const parts = [this.#both()];
    while (this.#take("||")) parts.push(this.#both());
    if (parts.includes(true)) return true;
    return parts.includes(undefined) ? undefined : false;
  }

  #both(): Truth {
    const parts = [this.#one()];
    while (this.#take("&&")) parts.push(this.#one());
    if (parts.includes(false)) return false;
    return parts.includes(undefined) ? undefined : true;
  }

  #one(): Truth {
    if (this.#take("!")) {
      const truth = this.#one();
      return truth === undefined ? undefined : !truth;
    }
    if (this.#take("(")) {
      const truth = this.either();
      return this.#take(")") ? truth : undefined;
    }
    return this.#comparison();
  }

  #comparison(): Truth {
    const left = this.#operand();
    const operator = ["<", "<=", ">", ">=", "==", "!="].find((one) => this.#take(one));
    if (operator === undefined) return typeof left === "boolean" ? left : undefined;
    const right = this.#operand();
    if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
    switch (operator) {
      case "<":
        return left < right;
      case "<=":
        return left <= right;
      case ">":
        return left > right;
      case ">=":
        return left >= right;
      default:
        return (left === right) === (operator === "==");
    }
  }

  #operand(): string | number | boolean | undefined {
    const token = this.#tokens[this.#at++] ?? "";
    if (/^["']/.test(token)) return token.slice(1, -1);
    const [, subject = token, method] = /^(.+)\.(startsWith|endsWith)$/.exec(token) ?? [];
    if (!this.#take("(")) return this.#values[token];
    const argument = this.#operand();
    if (!this.#take(")") || typeof argument !== "string") {
      this.#skip();
      return undefined;
    }
    if (token === "timestamp") return Number.isNaN(Date.parse(argument)) ? undefined : Date.parse(argument);
    const value = this.#values[subject];
    if (method === undefined || typeof value !== "string") return undefined;
    return method === "startsWith" ? value.startsWith(argument) : value.endsWith(argument);
  }

  /** Over the rest of a call that is not known. */
  #skip(): void {
    for (let depth = 1; depth > 0 && !this.isDone; this.#at += 1) {
      if (this.#tokens[this.#at] === "(") depth += 1;
      if (this.#tokens[this.#at] === ")") depth -= 1;
    }
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }
}
