# Lets the External Secrets operator read antfly/production/search of AWS Secrets Manager.
# An entry that is encrypted with a KMS key of your own takes kms:Decrypt on that key as well.
variable "reader_role" {
  description = "Name of the IAM role that External Secrets reads with"
  type        = string
}

resource "aws_iam_role_policy" "antfly_reader" {
  name   = "antfly-production-search-reader"
  role   = var.reader_role
  policy = file("${path.module}/reader-policy.json")
}
