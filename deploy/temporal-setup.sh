#!/bin/sh
# Safe to run again: the namespace, how long it keeps closed journeys, and the attributes that journeys are searched by.
set -eu
until temporal operator cluster health --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
    echo "waiting for Temporal at $TEMPORAL_ADDRESS"
    sleep 1
done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
for name in JourneymanKind JourneymanStage JourneymanPerformer JourneymanCustomer; do
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword ||
        temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" | grep -q "$name"
done
