# The identity of ServiceAccount production/search on Google Cloud.

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

data "google_service_account" "antfly" {
  account_id = "backups@acme-tools.iam.gserviceaccount.com"
}

resource "google_service_account_iam_member" "workload" {
  service_account_id = data.google_service_account.antfly.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:acme-prod.svc.id.goog[production/search]"
}

resource "google_storage_bucket_iam_member" "backups" {
  bucket = "acme-backups"
  role   = "roles/storage.objectUser"
  member = data.google_service_account.antfly.member
}

resource "google_storage_bucket_iam_member" "backups_2" {
  bucket = "acme-archive"
  role   = "roles/storage.objectUser"
  member = data.google_service_account.antfly.member
}
