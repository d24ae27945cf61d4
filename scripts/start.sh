#!/bin/sh
# Builds, and then shows the life of a small web stack from its source to its end. Finishes by itself, leaves nothing.
. "$(dirname "$0")/setup.sh"
sh scripts/build.sh
exec "$BUN" scripts/start.ts
