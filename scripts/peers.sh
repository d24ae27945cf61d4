# Sourced: the supervisors that the tests compare with. As root on Debian they are installed; elsewhere the tests that
# need one are skipped, and say so.
missing=
for pair in s6-svscan:s6 execlineb:execline runsvdir:runit; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing Debian's$missing"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
      say "could not install$missing: the tests that need them will be skipped"
  else
    say "not here:$missing. The tests that need them will be skipped"
  fi
fi
