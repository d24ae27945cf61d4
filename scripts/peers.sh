# Sourced: what the tests compare with (other supervisors), what they boot (the router's daemons), the shells that complete
# command lines, what reads a database besides Muster, and manual pages. As root on Debian it is installed; elsewhere the tests that need what is not here are skipped, and say so.
# With MUSTER_NEEDS_PEERS, that something cannot be installed is a failure.
supervisors='s6-svscan:s6 execlineb:execline runsvdir:runit'
tracer='strace:strace'
# Whose configurations rc-import reads, as judges of what comes out.
originals='supervisord:supervisor'
# What objects to manual pages.
manual='mandoc:mandoc'
# Containers out of roots made here (scripts/containers.sh).
containers='podman:podman runc:runc mmdebstrap:mmdebstrap /bin/busybox:busybox-static'
shells='zsh:zsh fish:fish'
daemons='dbus-daemon:dbus-daemon dbus-send:dbus-bin avahi-daemon:avahi-daemon /usr/lib/frr/watchfrr:frr nebula:nebula
  tincd:tinc unbound:unbound dnsmasq:dnsmasq-base tinyproxy:tinyproxy-bin setpriv:util-linux'

# Where an init system runs, Debian would start these daemons at the next boot: not without being asked.
if [ -d /run/systemd/system ]; then daemons=; fi

# What reads a database in another language, out of Debian's own Python: others on PATH have modules of their own.
languages='msgpack:python3-msgpack'

missing=
for pair in $languages; do
  /usr/bin/python3 -c "import ${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
for pair in $supervisors $originals $tracer $manual $containers $shells $daemons; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done

# A daemon is started when its package is installed, unless this file says no.
install_quietly() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
) >/dev/null

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing Debian's$missing"
    install_quietly $missing || {
      say "could not install$missing: the tests that need them will be skipped"
      [ -z "${MUSTER_NEEDS_PEERS:-}" ] || exit 1
    }
  else
    say "not here:$missing. The tests that need them will be skipped"
  fi
fi
