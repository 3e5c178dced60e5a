# Lets ServiceAccount production/eso-reader read antfly/production/search of AWS Secrets Manager.
# An entry that is encrypted with a KMS key of your own takes kms:Decrypt on that key as well.
resource "aws_iam_role_policy" "antfly_reader" {
  name   = "antfly-production-search-reader"
  role   = "eso-reader"
  policy = file("${path.module}/reader-policy.json")
}
