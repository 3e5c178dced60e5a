import { spawn } from "node:child_process";

/** Runs a program to its end, with what it prints shown; others go first on a busy machine. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  const child = spawn("nice", ["-n", "5", program, ...args], {
    cwd: options.cwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...options.env },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args.slice(0, 3).join(" ")} … ended with ${code}`)),
    );
  });
}
