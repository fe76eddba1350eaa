#!/usr/bin/env bash
# Prints the values of every secret of the chart, made anew. Keep what it prints: without the keys of the data nobody can read it again.
#   ./new-secrets.sh > secrets.yaml
# Every pod has a secret of its own, so a password is repeated where it is used; those of connection strings may be of letters and digits only.
set -euo pipefail

key() { openssl rand -hex 32; }

encryption_key=$(key) index_key=$(key) monitoring_token=$(key) embedders_key=$(key)
rabbitmq_password=$(key) redis_password=$(key) postgres_password=$(key) mongodb_password=$(key) qdrant_password=$(key)

secrets() {
  echo "  $1:"
  shift
  for name in "$@"; do echo "    $name: \"${!name}\""; done
}

# Key of the language model's server, where one is used.
llm_api_key=${LLM_API_KEY:-}
shared=(encryption_key index_key monitoring_token rabbitmq_password redis_password)

echo "secrets:"
secrets rabbitmq rabbitmq_password
secrets redis redis_password
secrets postgres postgres_password
secrets mongodb mongodb_password
secrets qdrant qdrant_password
secrets gateway "${shared[@]}"
secrets auth "${shared[@]}" postgres_password
secrets chat "${shared[@]}" mongodb_password
secrets memory "${shared[@]}" mongodb_password llm_api_key
secrets search "${shared[@]}" qdrant_password embedders_key
secrets embedders monitoring_token embedders_key
secrets searchers encryption_key index_key monitoring_token redis_password
secrets readers encryption_key index_key monitoring_token redis_password
secrets retention "${shared[@]}" postgres_password
