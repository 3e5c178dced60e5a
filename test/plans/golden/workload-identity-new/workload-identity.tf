# The identity of ServiceAccount production/search on Google Cloud.
# What is missing of GKE cluster prod is to be set where that is written:
#   google_container_cluster prod: workload_identity_config { workload_pool = "acme-prod.svc.id.goog" }
#   google_container_node_pool default-pool: node_config { workload_metadata_config { mode = "GKE_METADATA" } }

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

resource "google_service_account" "antfly" {
  project      = "acme-prod"
  account_id   = "antfly-production-search"
  display_name = "Antfly production/search"
  description  = "For AntflyCluster production/search of acme-prod.svc.id.goog"
}

resource "google_service_account_iam_member" "workload" {
  service_account_id = google_service_account.antfly.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:acme-prod.svc.id.goog[production/search]"
}

resource "google_storage_bucket_iam_member" "backups" {
  bucket = "acme-backups"
  role   = "roles/storage.objectUser"
  member = google_service_account.antfly.member
}
