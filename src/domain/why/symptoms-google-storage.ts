import { high, medium, type Symptom } from "./symptom.ts";
import { theAccount, theBucket, theEmail } from "./words.ts";

const COMPUTE = /\b\d{6,}-compute@developer\.gserviceaccount\.com/i;
const FEDERATED = /\.svc\.id\.goog\[|principal:\/\/iam\.googleapis\.com/i;

/** What Google Cloud Storage denies, and to whom (failure catalogue, sections 3.3 and 5.2). */
export const GOOGLE_STORAGE: readonly Symptom[] = [
  {
    topic: "denied",
    seen: [COMPUTE, /does not have|denied|forbidden|403/i],
    means: [
      high(
        "gke.nodepool-metadata",
        "Google sees the node's service account: the node pool of the pod does not run GKE_METADATA.",
      ),
      medium("gke.hostnetwork", "Pods with hostNetwork go past GKE's metadata server."),
    ],
  },
  {
    topic: "denied",
    seen: /Anonymous caller does not have storage\./i,
    means: [high("k8s.expected-keys-missing", "Google saw no credentials at all in the request.")],
  },
  {
    topic: "denied",
    seen: [/storage\.(?:objects|buckets)\.[a-z]+/i, /does not have|denied/i, FEDERATED],
    means: [
      high(
        "gke.annotation-missing",
        (c) =>
          `${theAccount(c)} asked as itself: it is not annotated with a Google service account, and has no grant of its own.`,
      ),
      medium("gke.role-missing", (c) => `${theAccount(c)} has no role on ${theBucket(c)}.`),
    ],
  },
  {
    topic: "denied",
    seen: [/storage\.(?:objects|buckets)\.[a-z]+/i, /does not have|denied/i, /<Details>|HMAC/i],
    means: [
      high(
        "gke.hmac-account-no-role",
        (c) => `${theEmail(c)}, which the HMAC key belongs to, has no ${c.permission ?? "role"} on ${theBucket(c)}.`,
      ),
    ],
  },
  {
    topic: "denied",
    seen: /does not have storage\.|storage\.(?:objects|buckets)\.[a-z]{3,40}.{0,3} denied/i,
    means: [
      high(
        "gke.role-missing",
        (c) => `${c.email ?? "The caller"} has no ${c.permission ?? "storage permission"} on ${theBucket(c)}.`,
      ),
      medium(
        "gke.role-on-wrong-principal",
        "The role may have been given to the ServiceAccount while its annotation makes it act as another account.",
      ),
    ],
  },
  {
    topic: "denied",
    seen: /vpcServiceControlsUniqueIdentifier|Request is prohibited by organization.?s policy/i,
    means: [high("gke.vpc-sc", "A VPC Service Controls perimeter stopped the request, whatever the credentials.")],
  },
  {
    topic: "denied",
    seen: /storage\.restrictAuthTypes/i,
    means: [
      high(
        "gke.hmac-forbidden",
        "An organisation policy forbids HMAC keys, so that no S3-style key of this project can work.",
      ),
    ],
  },
  {
    topic: "denied",
    seen: /requester pays bucket but no user project/i,
    means: [
      high(
        "gke.requester-pays",
        (c) => `${theBucket(c)} is a requester-pays bucket, and the request names no project to bill.`,
      ),
    ],
  },
];
