#!/bin/sh
# Runs a browser in a network namespace: the driver starts one program and gives it arguments of its own.
exec ip netns exec "$E2E_NAMESPACE" "$E2E_PROGRAM" "$@"
