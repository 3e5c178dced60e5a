# The identity of ServiceAccount production/search on Google Cloud.

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

resource "google_storage_bucket_iam_member" "backups" {
  bucket = "acme-backups"
  role   = "roles/storage.objectUser"
  member = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/production/sa/search"
}
