# The identity of ServiceAccount production/search in AWS.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

import {
  to = aws_iam_openid_connect_provider.cluster
  id = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
  client_id_list = ["sts.amazon.com", "sts.amazonaws.com"]
}

import {
  to = aws_iam_role.antfly
  id = "antfly-production-search"
}

resource "aws_iam_role" "antfly" {
  name               = "antfly-production-search"
  path               = "/"
  assume_role_policy = file("${path.module}/trust.json")

  lifecycle {
    ignore_changes = [description, max_session_duration, permissions_boundary, tags, tags_all]
  }
}

resource "aws_iam_role_policy" "backups" {
  name   = "antfly-creds-production-search-0badcafe"
  role   = aws_iam_role.antfly.name
  policy = file("${path.module}/permissions.json")
}

import {
  to = aws_iam_role_policy.backups
  id = "antfly-production-search:antfly-creds-production-search-0badcafe"
}
