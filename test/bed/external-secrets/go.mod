module antfly-creds/test/bed/external-secrets

go 1.26.0
