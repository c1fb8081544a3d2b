#!/bin/sh
# Makes every secret that docker-compose.yml names, each in a file of its own under deploy/compose/secrets, and leaves
# alone those that are there. The directory is closed to other users of this machine; the files are readable, because
# containers run as users of their own.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets

random() { # bytes
  head -c "$1" /dev/urandom | base64 | tr -d '\n'
}

word() { # bytes, as letters and digits that a URL takes as they are
  head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'
}

keep() { # file, content
  [ -e "$1" ] && return 0
  printf '%s\n' "$2" >"$1.new"
  chmod 444 "$1.new"
  mv "$1.new" "$1"
  echo "made deploy/compose/secrets/$1"
}

keep postgres_password "$(word 24)"
keep temporal_db_password "$(word 24)"
keep slipway_db_password "$(word 24)"
keep database_url "postgres://slipway:$(cat slipway_db_password)@postgres:5432/slipway?sslmode=disable"
keep slipway_api_token "$(word 32)"
keep slipway_secret_key "$(random 32)"
keep slipway_payload_keys "k1=$(random 32)"
keep pivotal_webhook_secret "whsec_$(random 24)"
echo "Put the signing secret that Pivotal shows for your endpoint into deploy/compose/secrets/pivotal_webhook_secret."
