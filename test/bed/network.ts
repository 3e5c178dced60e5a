import { spawn, spawnSync } from "node:child_process";
import { networkInterfaces } from "node:os";

/** The host of an EKS cluster's issuer, and the address that is its own inside the private network. */
export const ISSUER_HOST = "oidc.eks.us-east-1.amazonaws.com";
export const ISSUER_ADDRESS = "192.0.2.10";

/**
 * versitygw refuses issuers on loopback, on private addresses and with a port, and so the bed has a network of its own:
 * loopback alone, with an address that counts as public. Nothing in it reaches anything outside.
 */
const SET_UP = `
fail() { printf 'error: the private network cannot be set up: %s\\n' "$1" >&2; exit 1; }
command -v ip >/dev/null || fail 'there is no ip in PATH (package iproute2)'
ip link set lo up && ip addr add ${ISSUER_ADDRESS}/32 dev lo || fail 'ip could not'
hosts=$(mktemp) && printf '127.0.0.1 localhost\\n${ISSUER_ADDRESS} ${ISSUER_HOST}\\n' >"$hosts" && chmod 644 "$hosts" &&
  mount --bind "$hosts" /etc/hosts && rm "$hosts" || fail '/etc/hosts could not be covered'
exec "$@"`;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Whether this process is in the private network. */
export function inPrivateNetwork(): boolean {
  const { lo, ...others } = networkInterfaces();
  return Object.keys(others).length === 0 && lo?.some(({ address }) => address === ISSUER_ADDRESS) === true;
}

/**
 * What runs Node with some arguments inside a private network, and resolves to its exit code.
 * @throws Error in one line when this machine does not let us make one
 */
export function privateNetwork(): (args: readonly string[]) => Promise<number> {
  const unshare = [...(process.getuid?.() === 0 ? [] : ["--map-root-user"]), "--net", "--mount"];
  const probe = spawnSync("unshare", [...unshare, "sh", "-c", ":"], { encoding: "utf8" });
  if (probe.status !== 0) {
    const reason = probe.error?.message ?? probe.stderr.trim();
    throw new Error(`the bed needs a private network, and this machine lets us make none: ${reason}`);
  }
  return async (args) => {
    const command = [...unshare, "sh", "-c", SET_UP, "sh", process.execPath, ...args];
    const child = spawn("unshare", command, { stdio: "inherit" });
    const pass = (signal: NodeJS.Signals): boolean => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, pass);
    const code = await new Promise<number>((resolve) => child.once("exit", (status) => resolve(status ?? 1)));
    for (const signal of SIGNALS) process.off(signal, pass);
    return code;
  };
}
