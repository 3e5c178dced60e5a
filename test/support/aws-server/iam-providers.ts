import { members, required, tags, type QueryCall, type IamAction } from "./query-api.ts";
import { noSuchEntity, Refusal, validation } from "./refusal.ts";
import { now, type Account, type Provider } from "./state.ts";

const MOST_CLIENT_IDS = 100;

const onProvider: IamAction["on"] = ({ params }) => {
  const arn = params.get("OpenIDConnectProviderArn") ?? "";
  return { arn, words: arn };
};

/** Calls on OpenID Connect providers, which are known by their URL without scheme. */
export const PROVIDER_ACTIONS: Readonly<Record<string, IamAction>> = {
  GetOpenIDConnectProvider: {
    on: onProvider,
    run: (call) => {
      const { url, clientIds, thumbprints, createdAt, tags: own } = existing(call, call.state.seen);
      const Tags = Object.entries(own).map(([Key, Value]) => ({ Key, Value }));
      return { Url: url, ClientIDList: clientIds, ThumbprintList: [...thumbprints], CreateDate: createdAt, Tags };
    },
  },

  ListOpenIDConnectProviders: {
    on: ({ state }) => {
      const arn = state.arn("oidc-provider/*");
      return { arn, words: arn };
    },
    run: ({ state }) => ({
      OpenIDConnectProviderList: [...state.seen.providers.keys()].map((url) => ({
        Arn: state.arn(`oidc-provider/${url}`),
      })),
    }),
  },

  CreateOpenIDConnectProvider: {
    on: ({ params, state }) => {
      const arn = state.arn(`oidc-provider/${bare(params.get("Url") ?? "")}`);
      return { arn, words: arn };
    },
    run: ({ params, state }) => {
      const url = required(params, "Url");
      if (!/^https:\/\/[^\s]{1,247}$/.test(url)) throw validation("Invalid Open ID Connect Provider URL");
      const clientIds = members(params, "ClientIDList");
      if (clientIds.length > MOST_CLIENT_IDS)
        throw new Refusal(
          409,
          "LimitExceeded",
          `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${MOST_CLIENT_IDS}`,
        );
      if (state.actual.providers.has(bare(url)))
        throw new Refusal(409, "EntityAlreadyExists", `Provider with url ${url} already exists.`);
      const thumbprints = members(params, "ThumbprintList");
      const provider: Provider = { url: bare(url), clientIds, thumbprints, tags: tags(params), createdAt: now() };
      state.change(({ providers }) => providers.set(provider.url, provider));
      return { OpenIDConnectProviderArn: state.arn(`oidc-provider/${provider.url}`) };
    },
  },

  DeleteOpenIDConnectProvider: {
    on: onProvider,
    run: (call) => {
      const { url } = existing(call, call.state.actual);
      call.state.change(({ providers }) => providers.delete(url));
      return undefined;
    },
  },

  AddClientIDToOpenIDConnectProvider: {
    on: onProvider,
    run: (call) => {
      const id = required(call.params, "ClientID");
      const { clientIds } = existing(call, call.state.actual);
      if (clientIds.length >= MOST_CLIENT_IDS)
        throw new Refusal(
          409,
          "LimitExceeded",
          `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${MOST_CLIENT_IDS}`,
        );
      // Adding what is there already is no error.
      if (!clientIds.includes(id)) call.state.change((account) => existing(call, account).clientIds.push(id));
      return undefined;
    },
  },

  RemoveClientIDFromOpenIDConnectProvider: {
    on: onProvider,
    run: (call) => {
      const id = required(call.params, "ClientID");
      existing(call, call.state.actual);
      call.state.change((account) => {
        const { clientIds } = existing(call, account);
        const at = clientIds.indexOf(id);
        if (at !== -1) clientIds.splice(at, 1);
      });
      return undefined;
    },
  },
};

function existing({ params, state }: QueryCall, { providers }: Account): Provider {
  const arn = required(params, "OpenIDConnectProviderArn");
  const prefix = state.arn("oidc-provider/");
  const provider = arn.startsWith(prefix) ? providers.get(arn.slice(prefix.length)) : undefined;
  if (provider === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}

export function bare(url: string): string {
  return url.replace(/^https:\/\//, "");
}
