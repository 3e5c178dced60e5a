/** Where clients and servers name things. Each pattern captures a name, a few a pair; the first that fits counts. */
function any(...sources: readonly string[]): RegExp[] {
  return sources.map((source) => new RegExp(source, "i"));
}

const NAME = String.raw`([^"'\s]{1,253})`;
const QUOTED = String.raw`"([^"]{1,253})"`;

export const SECRET = any(
  String.raw`couldn.?t find key \S{1,253} in Secret [^\s/]{1,253}/${NAME}`,
  String.raw`EnvFrom secret [^\s/]{1,253}/${NAME}`,
  String.raw`\bsecrets? ${QUOTED}`,
  String.raw`Secret\(s\) not found: \[([^\s\]]{1,253})`,
);
export const CONFIG_MAP = any(String.raw`\bconfigmaps? ${QUOTED}`, String.raw`in ConfigMap [^\s/]{1,253}/${NAME}`);
export const KEY = any(
  String.raw`couldn.?t find key ([^\s"']{1,253}) in (?:Secret|ConfigMap)`,
  String.raw`non-existent (?:secret|config) key: ${NAME}`,
  String.raw`; set ([A-Z][A-Z0-9_]{2,60}) for`,
  String.raw`token env var ([A-Za-z_][A-Za-z0-9_]{0,60}) is empty`,
  String.raw`missing: ([A-Z][A-Z0-9_]{2,60})`,
  String.raw`Keys \[([^\],\s]{1,253})`,
  String.raw`\bkey ${NAME} does not exist in secret`,
);
export const SERVICE_ACCOUNT = any(
  String.raw`system:serviceaccount:([^\s:"'@]{1,63}):([^\s:"'@,;)\]]{1,253})`,
  String.raw`error looking up service account ([^\s/:]{1,63})/([^\s/:]{1,253}):`,
  String.raw`\.svc\.id\.goog\[([^\s/\]]{1,63})/([^\s/\]]{1,253})\]`,
  String.raw`/subject/ns/([^\s/]{1,63})/sa/([^\s/"')\]]{1,253})`,
);
export const LONE_ACCOUNT = any(String.raw`\bserviceaccounts? ${QUOTED}`);
export const NAMESPACE = any(
  String.raw`couldn.?t find key \S{1,253} in (?:Secret|ConfigMap) ([^\s/]{1,63})/`,
  String.raw`EnvFrom secret ([^\s/]{1,63})/`,
  String.raw`in (?:the )?namespace ${QUOTED}`,
  String.raw`not allowed from namespace ${QUOTED}`,
  String.raw`\bpod(?:=|: )["']?([a-z0-9][a-z0-9-]{0,62})/`,
  String.raw`(?<![\w-])["']?namespace["']?[=:] ?["']?([a-z0-9][a-z0-9-]{0,62})\b`,
  String.raw`(?:-n|--namespace)[ =]([a-z0-9][a-z0-9-]{0,62})\b`,
);
export const POD = any(
  String.raw`\bpod(?:=|: )["']?[a-z0-9-]{1,63}/([a-z0-9][a-z0-9.-]{0,252})`,
  String.raw`\bpods?[/ ]["']?([a-z0-9][a-z0-9.-]{0,252}-\d{1,4})\b`,
  String.raw`\b([a-z0-9][a-z0-9.-]{1,252}) \d{1,3}/\d{1,3} CreateContainerConfigError`,
);
export const STORE = any(
  String.raw`\b(?:Cluster)?SecretStore["']? ${QUOTED}`,
  String.raw`cluster store ${QUOTED}`,
  String.raw`\b(?:cluster)?secretstores?(?:\.external-secrets\.io)?[/ ]["']?([a-z0-9][a-z0-9.-]{0,252})`,
);
export const EXTERNAL_SECRET = any(
  String.raw`\bexternalsecrets?(?:\.external-secrets\.io)?[/ ]["']?([a-z0-9][a-z0-9.-]{0,252})`,
  String.raw`["']ExternalSecret["']: ?\{ ?["']name["']: ?${QUOTED}`,
  String.raw`["']ExternalSecret["']: ?["'][a-z0-9-]{1,63}/${NAME}`,
);
export const BUCKET = any(
  String.raw`<BucketName>([^<]{1,63})</BucketName>`,
  String.raw`arn:aws[a-z-]{0,12}:s3:::([^\s"'<>/,;*?]{1,63})`,
  String.raw`\bbucket:? ["']?([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])["']? (?:does not exist|not found)`,
  String.raw`\b(?:s3|gs|gcs)://([a-z0-9][a-z0-9._-]{1,62})`,
  String.raw`\bbucket(?:_?name)?["']?[:=] ?["']?([a-z0-9][a-z0-9._-]{1,62})`,
  String.raw`https?://([a-z0-9][a-z0-9.-]{1,62})\.s3[.-][a-z0-9.-]{0,60}amazonaws\.com`,
);
export const EXPECTED_REGION = any(
  String.raw`expecting ["']([\w-]{1,40})["']`,
  String.raw`<Region>([^<]{1,40})</Region>`,
  String.raw`<Endpoint>[^<]{0,100}?s3[.-]([a-z]{2}-[a-z-]{2,20}-\d)\.amazonaws`,
  String.raw`x-amz-bucket-region["']?[:=] ?["']?([a-z0-9-]{1,40})`,
  String.raw`bucket is in (?:this region: )?["']?([a-z]{2}-[a-z-]{2,20}-\d)`,
);
export const REGION = any(
  String.raw`the region ["']([a-z0-9-]{1,40})["'] is wrong`,
  String.raw`the bucket is not in ["']([a-z0-9-]{1,40})["'] region`,
  String.raw`\b(?:s3|sts|kms|secretsmanager)[.-]([a-z]{2,3}(?:-[a-z]{2,12}){1,2}-\d)\.amazonaws`,
  String.raw`/\d{8}/([a-z0-9-]{1,40})/(?:s3|sts)/aws4_request`,
);
export const ISSUER = any(
  String.raw`(?:for|issuer:?) ["']?(https?://[^\s"',;]{4,200})`,
  String.raw`(https://oidc\.eks\.[^\s"',;]{10,200})`,
);
export const EMAIL = any(String.raw`([a-z0-9][a-z0-9.-]{1,80}@[a-z0-9.:-]{2,80}gserviceaccount\.com)`);
export const PROJECT = any(String.raw`\b([a-z][a-z0-9:.-]{3,40})\.svc\.id\.goog`);
export const PERMISSION = any(
  String.raw`Permission ["']([a-zA-Z.]{5,80})["']`,
  String.raw`does not have ([a-z]+\.[a-z]+\.[a-z]+) access`,
);
export const REMOTE = any(
  String.raw`Secret \[([^\s\]]{1,253})\]`,
  String.raw`does not exist in secret ${NAME}`,
  String.raw`on resource:? ["']?(?:arn:aws[a-z-]{0,12}:secretsmanager:[a-z0-9-]{1,30}:\d{12}:secret:)?([A-Za-z0-9/_+=.@-]{1,200})`,
);
export const JOB = any(
  String.raw`\bjobs?(?:\.batch)?[/ ]["']?([a-z0-9][a-z0-9.-]{0,252}-(?:backup|restore)[a-z0-9-]{0,30})`,
);
