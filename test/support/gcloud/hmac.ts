import type { Json } from "./client.ts";
import type { Commands, Run } from "./command.ts";

function path({ names: [id = ""], project }: Run): string {
  return `projects/${project()}/hmacKeys/${id}`;
}

export const HMAC: Commands = {
  "storage hmac create": {
    positional: ["SERVICE_ACCOUNT"],
    run: ({ client, project, names: [account = ""] }) =>
      client.ask(
        "STORAGE",
        "POST",
        `projects/${project()}/hmacKeys?serviceAccountEmail=${encodeURIComponent(account)}`,
      ),
  },
  "storage hmac describe": {
    positional: ["ACCESS_ID"],
    run: (run) => run.client.ask("STORAGE", "GET", path(run)),
  },
  "storage hmac update": {
    positional: ["ACCESS_ID"],
    flags: { activate: "switch", deactivate: "switch", etag: "value" },
    oneOf: [["activate", "deactivate"]],
    run: (run) =>
      run.client.ask("STORAGE", "PUT", path(run), {
        state: run.flags.has("activate") ? "ACTIVE" : "INACTIVE",
        etag: run.flags.get("etag"),
      }),
  },
  "storage hmac delete": {
    positional: ["ACCESS_ID"],
    run: (run) => run.client.ask("STORAGE", "DELETE", path(run)),
  },
  "storage hmac list": {
    flags: { "service-account": "value", all: "switch", long: "switch" },
    run: async ({ client, project, flags }) => {
      const query = new URLSearchParams();
      const account = flags.get("service-account");
      if (account !== undefined) query.set("serviceAccountEmail", account);
      if (flags.has("all")) query.set("showDeletedKeys", "true");
      const { items = [] }: Json = await client.ask("STORAGE", "GET", `projects/${project()}/hmacKeys?${query}`);
      return items;
    },
  },
};
