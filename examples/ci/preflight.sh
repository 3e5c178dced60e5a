#!/bin/sh
# Judges manifests before they are applied, in any CI. Usage: preflight.sh PATH...
#
#   MODE=offline|cluster   cluster (default) lays the manifests over the cluster of the kubeconfig; offline asks none
#   NAMESPACE=...          namespace of manifests that name none
#   REPORTS=DIR            where the reports go (default: preflight-reports)
#   ANTFLY_CREDS=...       the command, if it is not on the PATH
#
# Exit codes are those of antfly-creds: 0 go on, 3 something is wrong, 5 a required check could not tell, 2 wrong usage.
set -eu

[ "$#" -gt 0 ] || { echo "usage: preflight.sh PATH..." >&2; exit 2; }
reports=${REPORTS:-preflight-reports}
mkdir -p "$reports"

set -- preflight "$@" -o human -o "sarif=$reports/preflight.sarif" -o "junit=$reports/preflight.xml" \
  -o "markdown=$reports/preflight.md" -o "json=$reports/preflight.json"
[ -z "${NAMESPACE:-}" ] || set -- "$@" -n "$NAMESPACE"
case ${MODE:-cluster} in
  cluster) ;;
  offline) set -- "$@" --offline ;;
  *) echo "preflight.sh: MODE is cluster or offline, not $MODE" >&2; exit 2 ;;
esac

code=0
${ANTFLY_CREDS:-antfly-creds} "$@" || code=$?
# On GitHub the summary of the run shows the findings.
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$reports/preflight.md" ]; then
  cat "$reports/preflight.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
