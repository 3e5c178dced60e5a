import type { App } from "../../src/ports.ts";

/** Time that passes when the command sleeps. A little of it is real: a controller is at work meanwhile. */
export function quickClock(): Pick<App, "now" | "sleep"> {
  let slept = 0;
  return {
    now: () => new Date(Date.now() + slept),
    sleep: async (milliseconds) => {
      slept += milliseconds;
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  };
}
