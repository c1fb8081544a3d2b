#!/bin/sh
# Registers the columns by which onboardings are found in the Temporal UI. The list is that of
# src/contracts/search-attributes.ts; a test compares the two. What is there already stays as it is.
set -eu
: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}"

# A namespace that was made a moment ago is not known to every part of the server yet.
tries=0
until known=$(temporal operator search-attribute list 2>/dev/null); do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "The search attributes of $TEMPORAL_NAMESPACE could not be read within a minute: see the log of Temporal, then start this again." >&2
    exit 1
  fi
  sleep 2
done

while read -r name type; do
  [ -n "$name" ] || continue
  if printf '%s\n' "$known" | grep -qw "$name"; then continue; fi
  temporal operator search-attribute create --name "$name" --type "$type" >/dev/null
done <<'ATTRIBUTES'
OnbWorkspace Keyword
OnbMode Keyword
OnbCustomer Keyword
OnbPhase Keyword
OnbState Keyword
OnbHealth Keyword
OnbEscalation Keyword
OnbRule Keyword
OnbLevel Int
OnbTargetAt Datetime
OnbNextWakeAt Datetime
ATTRIBUTES
echo "The search attributes are there."
