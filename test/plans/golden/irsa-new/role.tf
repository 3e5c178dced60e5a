# The identity of ServiceAccount production/search in AWS.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
  client_id_list = ["sts.amazonaws.com"]
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
