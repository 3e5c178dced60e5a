# The identity of ServiceAccount production/search in AWS.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

resource "aws_iam_role" "antfly" {
  name               = "antfly-production-search"
  path               = "/"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_iam_role_policy" "backups" {
  name   = "antfly-creds-production-search-0badcafe"
  role   = aws_iam_role.antfly.name
  policy = file("${path.module}/permissions.json")
}

resource "aws_eks_pod_identity_association" "antfly" {
  cluster_name    = "prod"
  namespace       = "production"
  service_account = "search"
  role_arn        = aws_iam_role.antfly.arn
}
