#!/bin/sh
# Prints the tables of what Muster and its peers reach on this machine. Arguments name the tables: sh scripts/bench.sh compile
. "$(dirname "$0")/setup.sh"
sh scripts/build.sh
for table in scripts/bench/*.ts; do
  name=$(basename "$table" .ts)
  case " ${*:-$name} " in *" $name "*) say "$name"; "$BUN" "$table" ;; esac
done
