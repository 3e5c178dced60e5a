/** C identifiers with dots and dashes, not beginning with a digit: the rule before Kubernetes 1.34 (validation.IsEnvVarName). */
const STRICT = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
/** Any printable ASCII except `=`: KEP-4369, RelaxedEnvironmentVariableValidation, on by default since 1.32. */
const RELAXED = /^[\u0020-\u003c\u003e-\u007e]+$/;
export const RELAXED_SINCE_MINOR = 32;

/** Whether a container of a Kubernetes 1.`minor` node can have a variable of this name from `envFrom`. */
export function isEnvName(name: string, minor: number): boolean {
  if (minor >= RELAXED_SINCE_MINOR) return RELAXED.test(name);
  return STRICT.test(name) && name !== "." && name !== ".." && !name.startsWith("..");
}
