import { fits, type Fit } from "../s3-pattern.ts";
import { arnFits } from "./compare-arn.ts";
import { parseDate, parseNumber } from "./compare-order.ts";
import { inRange } from "./compare-ip.ts";
import type { Operator } from "./operator.ts";
import { truthOf } from "./truth.ts";
import type { Truth } from "./trust-types.ts";

const FROM_FIT: Readonly<Record<Fit, Truth>> = { yes: "true", maybe: "unknown", no: "false" };

/**
 * Whether a value of the request is what the policy asks for, by the operator without its `Not`. `asked` has its policy
 * variables put in. Unknown where the policy's own value is none of that kind.
 */
export function compareValues({ family, name }: Operator, asked: string, given: string, variables: boolean): Truth {
  switch (family) {
    case "String": {
      const reading = { variables, wildcards: name.endsWith("Like"), ignoreCase: name.endsWith("IgnoreCase") };
      return FROM_FIT[fits(asked, given, reading)];
    }
    case "Arn":
      return arnFits(asked, given, variables);
    case "Numeric":
      return compareOrder(name, parseNumber(asked), parseNumber(given));
    case "Date":
      return compareOrder(name, parseDate(asked), parseDate(given));
    case "Bool":
      return truthOf(asked.toLowerCase() === given.toLowerCase());
    case "Binary":
      return truthOf(asked.replace(/={1,2}$/, "") === given.replace(/={1,2}$/, ""));
    case "Ip":
      return inRange(asked, given);
    // Null compares nothing.
    case "Null":
    default:
      return "unknown";
  }
}

function compareOrder(name: string, asked: number | undefined, given: number | undefined): Truth {
  if (asked === undefined) return "unknown";
  if (given === undefined) return "false";
  if (name.endsWith("LessThan")) return truthOf(given < asked);
  if (name.endsWith("LessThanEquals")) return truthOf(given <= asked);
  if (name.endsWith("GreaterThan")) return truthOf(given > asked);
  if (name.endsWith("GreaterThanEquals")) return truthOf(given >= asked);
  return truthOf(given === asked);
}
