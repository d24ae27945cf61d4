# Sourced after peers.sh: makes the root directories that tests with containers start from, once, outside of the checkout, and leaves
# $MUSTER_CONTAINER_ROOTS. Out of this machine's Debian mirror and its busybox; no image comes from elsewhere. In it:
#   roots/busybox, roots/debian   the directories themselves
#   store, driver                 images of them for podman, and the storage driver that works here
# Where they cannot be made, the tests that need them are skipped, and say so.
layout=1
in_debian='bash python3-minimal python3-redis gunicorn redis-server nginx-light supervisor s6 execline'

# FROM scratch: Debian's static busybox, and what Bun's executables are linked with.
make_busybox_root() {
  mkdir -p "$1/bin" && cp /bin/busybox "$1/bin/busybox"
  for applet in $(/bin/busybox --list); do [ -e "$1/bin/$applet" ] || ln -s busybox "$1/bin/$applet"; done
  for library in $(ldd "$BUN" | grep -o '/[^ ]*'); do
    mkdir -p "$1$(dirname "$library")" && cp -L "$library" "$1$library"
  done
}

make_debian_root() {
  apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u > "$1.list"
  mmdebstrap --quiet --mode=root --variant=essential --include="$(echo $in_debian | tr ' ' ,)" \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' '' "$1" - < "$1.list"
}

# One image for each root, with the first storage driver that works: overlay shares layers, vfs copies them for each container.
# Nothing is shared with other podmans of this machine, and podman wants short paths for what it needs while it runs.
make_podman_store() (
  running=$(mktemp -d) || exit
  trap 'rm -rf "$running"' EXIT
  cat > "$running/containers.conf" <<EOF
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
lock_type = "file"
events_logger = "none"
tmp_dir = "$running/tmp"
EOF
  export CONTAINERS_CONF="$running/containers.conf"
  bounds='--network=none --ulimit nofile=1024:4096 --ulimit nproc=1000:1000'
  for driver in overlay vfs; do
    podman="podman --storage-driver=$driver --root $1/store --runroot $running/run"
    if tar -C "$1/roots/busybox" -c . | $podman import -q - muster-test/busybox >/dev/null 2>&1 &&
      $podman run --rm $bounds muster-test/busybox /bin/true >/dev/null 2>&1; then
      tar -C "$1/roots/debian" -c . | $podman import -q - muster-test/debian >/dev/null && echo "$driver" > "$1/driver"
      exit
    fi
    umount "$1/store/overlay" 2>/dev/null || :
    rm -rf "$1/store" "$running/run" "$running/tmp"
  done
  say 'podman starts no container here: tests with containers use unshare'
)

make_container_roots() {
  rm -rf "$1" && mkdir -p "$1/roots/busybox" &&
    for directory in proc dev sys run tmp etc root usr/bin var/tmp; do mkdir -p "$1/roots/busybox/$directory"; done &&
    chmod 1777 "$1/roots/busybox/tmp" "$1/roots/busybox/var/tmp" &&
    make_busybox_root "$1/roots/busybox" && make_debian_root "$1/roots/debian" &&
    if command -v podman >/dev/null 2>&1 && command -v runc >/dev/null 2>&1; then make_podman_store "$1"; fi &&
    touch "$1/complete"
}

if [ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null 2>&1 && [ -x /bin/busybox ]; then
  container_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/muster/containers
  what_counts=$(echo "$layout $in_debian"; dpkg-query -W libc6 busybox-static; command -v podman runc) || :
  MUSTER_CONTAINER_ROOTS=$container_cache/$(printf '%s' "$what_counts" | sha256sum | cut -c 1-16)
  export MUSTER_CONTAINER_ROOTS
  mkdir -p "$container_cache"
  exec 8>"$container_cache/lock"
  flock 8
  if [ ! -e "$MUSTER_CONTAINER_ROOTS/complete" ]; then
    say "making root directories for tests with containers in $MUSTER_CONTAINER_ROOTS (some minutes, once)"
    make_container_roots "$MUSTER_CONTAINER_ROOTS" || say 'they could not be made: tests with containers will be skipped'
  fi
  exec 8>&-
  ln -sfn "$MUSTER_CONTAINER_ROOTS" "$container_cache/current"
else
  say 'no root directories for tests with containers, which take root, mmdebstrap and busybox-static: these tests are skipped'
fi
