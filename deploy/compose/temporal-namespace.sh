#!/bin/sh
# Makes the namespace once. Closed onboardings are remembered for 90 days, the sender's replay horizon; a namespace that
# exists keeps the retention it has (slipway doctor says where that is too short). TEMPORAL_ADDRESS and
# TEMPORAL_NAMESPACE are read by the temporal command itself.
set -eu
: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}"

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS did not become healthy within two minutes: see its log, then start this again." >&2
    exit 1
  fi
  sleep 2
done

tries=0
until temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "The namespace $TEMPORAL_NAMESPACE could not be made within a minute: see the log of Temporal, then start this again." >&2
    exit 1
  fi
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 90d \
    --description "Slipway: customer onboardings" >/dev/null 2>&1 || sleep 2
done
echo "The namespace $TEMPORAL_NAMESPACE is there."
