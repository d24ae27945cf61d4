#!/bin/sh
# Prints a table of what Muster and its peers reach on this machine. Arguments are those of scripts/bench/main.ts.
. "$(dirname "$0")/setup.sh"
sh scripts/build.sh
exec "$BUN" scripts/bench/main.ts "$@"
