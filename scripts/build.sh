#!/bin/sh
# Makes build/muster, the one executable, and a link to it for every command.
. "$(dirname "$0")/setup.sh"
say 'building build/muster'
exec "$BUN" scripts/build.ts
