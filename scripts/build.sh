#!/bin/sh
# Makes build/muster, the one executable, a link to it for every command, and the manual pages (build/man).
. "$(dirname "$0")/setup.sh"
say 'building build/muster'
"$BUN" scripts/build.ts
exec "$BUN" scripts/manual.ts build/man
