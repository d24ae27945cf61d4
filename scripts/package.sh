#!/bin/sh
# Builds, and makes packages of it in build/packages.
. "$(dirname "$0")/setup.sh"
sh scripts/build.sh
exec "$BUN" scripts/package.ts "$@"
