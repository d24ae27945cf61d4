#!/bin/sh
# Prints the tables of what Muster and its peers reach on this machine. Arguments name them: npm run bench compile memory
. "$(dirname "$0")/setup.sh"

chosen=$*
all=$(cd scripts/bench && ls -- *.ts | sed 's/\.ts$//' | tr '\n' ' ')
for name in $chosen; do
  if [ ! -f "scripts/bench/$name.ts" ]; then
    say "there is no benchmark '$name'; there are: $all" >&2
    exit 100
  fi
done
say "benchmarks: ${chosen:-$all}"
sh scripts/build.sh

failed=
for name in ${chosen:-$all}; do
  say "$name"
  "$BUN" "scripts/bench/$name.ts" || failed="$failed $name"
done
[ -z "$failed" ] || { say "failed:$failed" >&2; exit 1; }
