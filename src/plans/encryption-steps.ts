import type { EncryptionStep } from "../domain/encryption-step.ts";
import { shell } from "../domain/shell.ts";
import { FILE_NAMES, type EncryptionProvider } from "./encryption-file.ts";

export interface OwnControlPlane {
  /** Where the files were written, or will be. */
  readonly folder: string;
  readonly provider: Pick<EncryptionProvider, "kind"> & { readonly endpoint?: string };
  readonly resources: readonly string[];
  /** Another configuration is in force. */
  readonly replaces: boolean;
  /** There is one API server: it need not wait for another one. */
  readonly single: boolean;
  /** Of Kubernetes 1.x; undefined where no API server was asked. */
  readonly minor: number | undefined;
  /** Flags that choose the cluster. */
  readonly flags: readonly string[];
}

const ON_NODE = "/etc/kubernetes/encryption";
const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";
/** The first version with `--encryption-provider-config-automatic-reload`. */
const RELOADS_FROM = 26;

/** What is to be done with the files, on a control plane of kubeadm's kind (Kubernetes, "Encrypting Confidential Data at Rest"). */
export function ownSteps(plane: OwnControlPlane): EncryptionStep[] {
  const begin = plane.provider.kind === "secretbox" ? keepCopy(plane) : runPlugin(plane);
  const end = [rewrite(plane), look(plane)];
  if (plane.single && !plane.replaces)
    return [
      begin,
      { what: "Put the file on the control-plane node.", commands: [put(plane, "main")] },
      useIt(plane),
      ...end,
    ];
  const writes = [
    {
      what: "When every API server runs with that: put the file on every node that lets them write with the new provider, one after another.",
      commands: [put(plane, "main")],
    },
    restart(plane),
  ];
  return [
    begin,
    {
      what: `Put the first file on every control-plane node${plane.replaces ? ", where --encryption-provider-config names it" : ""}, one after another. It only lets API servers read with the new provider: one without it can read nothing that another one has encrypted, and does not become ready.`,
      commands: [put(plane, "first")],
    },
    plane.replaces ? restart(plane) : useIt(plane),
    ...writes,
    ...end,
    ...(plane.replaces ? [withoutOld(plane), restart(plane)] : []),
  ];
}

/** Each object is written once more as it is. A wildcard is for all resources of the group, one kind after the other. */
function rewrite({ resources, flags }: OwnControlPlane): EncryptionStep {
  const named = resources.filter((one) => !one.startsWith("*")).map((one) => one.replace(/\.$/, ""));
  const groups = resources.filter((one) => one.startsWith("*")).map((one) => one.replace(/^\*\.?/, ""));
  return {
    what: "Write everything anew: what was there before stays as it is until then. After a conflict, run it again.",
    commands: [
      ...(named.length === 0
        ? []
        : [shell`kubectl get ${named.join(",")} --all-namespaces ${flags} -o json | kubectl replace ${flags} -f -`]),
      ...groups.map((group) => rewriteGroup(group, flags)),
    ],
  };
}

function rewriteGroup(group: string, flags: readonly string[]): string {
  const only = group === "*" ? [] : [`--api-group=${group}`];
  const kinds = shell`kubectl api-resources --verbs=list,update ${only} ${flags} -o name`;
  const one = shell`--all-namespaces ${flags} -o json | kubectl replace ${flags} -f -`;
  return `for kind in $(${kinds}); do kubectl get "$kind" ${one}; done`;
}

function keepCopy({ folder }: OwnControlPlane): EncryptionStep {
  return {
    what: `Keep a copy of the folder ${folder} outside of the cluster, where you keep secrets: without the key nobody can read the Secrets again, nor those in a backup of etcd.`,
    commands: [],
  };
}

function runPlugin({ provider }: OwnControlPlane): EncryptionStep {
  return {
    what: `Run the KMS plugin on every control-plane node, so that it listens on ${provider.endpoint ?? ""}: kube-apiserver does not become ready without it.`,
    commands: [],
  };
}

function withoutOld(plane: OwnControlPlane): EncryptionStep {
  return {
    what: "When all was written anew without an error: the last file, without the old provider. What is still encrypted with that alone can be read no more.",
    commands: [put(plane, "last")],
  };
}

function look({ flags }: OwnControlPlane): EncryptionStep {
  return {
    what: "See what is in force, and on a control-plane node how a Secret of yours begins in etcd.",
    commands: [shell`antfly-creds init encryption --dry-run ${flags}`, READ_ETCD],
  };
}

/** The key goes through a pipe, into a file that is root's alone from the start. */
function put({ folder }: OwnControlPlane, stage: keyof typeof FILE_NAMES): string {
  const from = `${folder.replace(/(?<=.)\/+$/, "")}/${FILE_NAMES[stage]}`;
  const there = `umask 077 && mkdir -p ${ON_NODE} && cat > ${ON_NODE}/${FILE_NAMES.main}`;
  return shell`ssh root@NODE ${there} < ${from}`;
}

function useIt({ provider, minor, flags }: OwnControlPlane): EncryptionStep {
  const socket = (provider.endpoint ?? "").replace(/^unix:\/\//, "").replace(/\/[^/]*$/, "");
  const mounts = [
    { name: "encryption", path: ON_NODE },
    ...(provider.kind === "kms" ? [{ name: "kms", path: socket === "" ? "/" : socket }] : []),
  ];
  return {
    what: `Have kube-apiserver use it: add what follows to ${MANIFEST} of each node, one after another. The kubelet starts it anew; go on when it is ready. kubeadm makes that file anew with each upgrade: what is added belongs into its ConfigMap kubeadm-config too (extraArgs, extraVolumes).`,
    lines: [
      "spec:",
      "  containers:",
      "    - command:",
      `        - --encryption-provider-config=${ON_NODE}/${FILE_NAMES.main}`,
      ...(minor !== undefined && minor >= RELOADS_FROM
        ? ["        - --encryption-provider-config-automatic-reload=true"]
        : []),
      "      volumeMounts:",
      ...mounts.map(
        ({ name, path }) => `        - {name: ${name}, mountPath: ${path}, readOnly: ${name === "encryption"}}`,
      ),
      "  volumes:",
      ...mounts.map(({ name, path }) => `    - {name: ${name}, hostPath: {path: ${path}, type: Directory}}`),
    ],
    commands: [shell`kubectl get --raw /readyz ${flags}`],
  };
}

function restart({ flags }: OwnControlPlane): EncryptionStep {
  return {
    what: "Restart kube-apiserver on each node, one after another. With --encryption-provider-config-automatic-reload=true it reads the file by itself within two minutes.",
    commands: [
      `sudo mv ${MANIFEST} /etc/kubernetes/ && sleep 30 && sudo mv /etc/kubernetes/kube-apiserver.yaml ${MANIFEST}`,
      shell`kubectl get --raw /readyz ${flags}`,
    ],
  };
}

const PKI = "/etc/kubernetes/pki/etcd";
const READ_ETCD = `sudo etcdctl --endpoints https://127.0.0.1:2379 --cacert ${PKI}/ca.crt --cert ${PKI}/server.crt --key ${PKI}/server.key get --print-value-only /registry/secrets/NAMESPACE/NAME | head -c 30`;
