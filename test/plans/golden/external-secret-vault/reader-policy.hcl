# Lets ServiceAccount production/eso-reader read antfly/production/search of Vault:
#   vault policy write antfly-production-search reader-policy.hcl
# and, for a role that is not there yet (one that is there gets this policy beside its own):
#   vault write auth/kubernetes/role/antfly bound_service_account_names=eso-reader bound_service_account_namespaces=production policies=antfly-production-search ttl=1h
path "secret/data/antfly/production/search" {
  capabilities = ["read"]
}
