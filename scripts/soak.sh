#!/bin/sh
# Runs the tests that take long, each as long as it says itself. Arguments name them: npm run soak crash tree-kills
. "$(dirname "$0")/setup.sh"

chosen=$*
for name in $chosen; do
  if [ ! -f "scripts/soak/$name.ts" ]; then
    say "there is no soak '$name'; there are: $(cd scripts/soak && ls -- *.ts | sed 's/\.ts$//' | tr '\n' ' ')" >&2
    exit 100
  fi
done
. scripts/peers.sh
sh scripts/build.sh

summary=
failed=0
for soak in scripts/soak/*.ts; do
  name=$(basename "$soak" .ts)
  case " ${chosen:-$name} " in *" $name "*) ;; *) continue ;; esac
  say "$name"
  began=$(date +%s)
  if "$BUN" "$soak"; then result=passed; else result="FAILED ($?)"; failed=1; fi
  summary="$summary$(printf '%-16s %-12s %6s s' "$name" "$result" "$(($(date +%s) - began))")
"
done
say summary
printf '%s' "$summary"
exit "$failed"
