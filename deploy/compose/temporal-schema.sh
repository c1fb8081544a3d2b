#!/bin/sh
# Brings Temporal's two databases to the schema of the server version whose image this runs in. Changes nothing where
# they have it already, so it runs at every start and is what an upgrade of the server needs.
set -eu

SQL_PASSWORD=$(cat "${SQL_PASSWORD_FILE:?names the file with the password of the role temporal}")
export SQL_PASSWORD
schemas=${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}

bring_up() {
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
