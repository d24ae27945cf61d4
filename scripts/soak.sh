#!/bin/sh
# Runs the tests that take long. Arguments name them: sh scripts/soak.sh crash
. "$(dirname "$0")/setup.sh"
. scripts/peers.sh
sh scripts/build.sh
for soak in scripts/soak/*.ts; do
  name=$(basename "$soak" .ts)
  case " ${*:-$name} " in *" $name "*) say "$name"; "$BUN" "$soak" ;; esac
done
