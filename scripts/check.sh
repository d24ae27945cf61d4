#!/bin/sh
# Everything that reads the code without running it.
. "$(dirname "$0")/setup.sh"
bin=node_modules/.bin
say 'types'
$bin/tsc -b
say 'format and lint'
$bin/biome ci --error-on-warnings .
say 'unused code and dependencies'
$bin/knip
say 'direction of imports'
$bin/turbo boundaries --no-color
say 'documentation'
"$BUN" scripts/check-docs.ts
say 'commits'
sh scripts/check-commits.sh
