#!/bin/sh
# The image takes its database password from the environment alone; this reads it from a file first.
set -eu
POSTGRES_PWD=$(cat "${POSTGRES_PWD_FILE:?names the file with the password of the role temporal}")
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
