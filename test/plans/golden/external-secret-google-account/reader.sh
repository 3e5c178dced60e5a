#!/bin/sh
# Lets ServiceAccount production/eso-reader read secret antfly-production-search of Google Secret Manager, which has to be there first.
set -eu
project=acme-prod
secret=antfly-production-search
member=serviceAccount:eso@acme-prod.iam.gserviceaccount.com
gcloud secrets add-iam-policy-binding "$secret" --project "$project" --role roles/secretmanager.secretAccessor --member "$member"
