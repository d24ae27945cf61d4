#!/bin/sh
# Everything: set-up, checks, build, tests. Arguments go to vitest, and then only the tests run.
. "$(dirname "$0")/setup.sh"
. scripts/peers.sh
. scripts/containers.sh
if [ $# -eq 0 ]; then sh scripts/check.sh; fi
sh scripts/build.sh
say 'tests'
exec "$BUN" --bun node_modules/vitest/vitest.mjs run "$@"
