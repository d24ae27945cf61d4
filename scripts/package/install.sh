#!/bin/sh
# Installs what lies beside this file in files/, or takes it away again.
#   sh install.sh [--prefix DIR] [--uninstall]
# DESTDIR is put in front of everything, for who makes a package of it. Nothing is started, and nothing outside of the prefix is touched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=/usr/local
uninstall=

usage() {
  echo "usage: sh install.sh [--prefix DIR] [--uninstall]" >&2
  exit 100
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -gt 1 ] || usage; prefix=$2; shift 2 ;;
    --prefix=*) prefix=${1#--prefix=}; shift ;;
    --uninstall) uninstall=yes; shift ;;
    *) usage ;;
  esac
done
case $prefix in
  /*) ;;
  *) prefix=$(pwd)/$prefix ;;
esac
# It stands in scripts and units, each with its own way to quote.
case $prefix in
  *[!A-Za-z0-9/._+-]*) echo "install.sh: --prefix takes letters, digits and /._+- only, not $prefix" >&2; exit 100 ;;
esac
top=${DESTDIR:-}$prefix
list=$top/share/muster/installed

# Of the files that were installed: each, then the directories that have become empty.
remove() {
  paths=$(cat "$list")
  printf '%s\n' "$paths" | while IFS= read -r path; do rm -f "$top/$path"; done
  printf '%s\n' "$paths" | sed 's,/[^/]*$,,' | sort -ru | while IFS= read -r directory; do
    while [ "$directory" != . ] && rmdir "$top/$directory" 2>/dev/null; do directory=$(dirname "$directory"); done
  done
}

if [ -n "$uninstall" ]; then
  if [ ! -f "$list" ]; then
    echo "install.sh: nothing is installed below $top: there is no $list" >&2
    exit 1
  fi
  remove
  echo "removed from $top"
  exit 0
fi

# A version that is there goes first, with what the new one does not have any more.
mkdir -p "$top"
if [ ! -w "$top" ]; then
  echo "install.sh: $top cannot be written: --prefix names another directory, such as --prefix \"\$HOME/.local\"" >&2
  exit 1
fi
if [ -f "$list" ]; then remove; fi
# The executable is replaced by a rename, since it may be running.
cd "$here/files"
find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort > "$here/.list.$$"
trap 'rm -f "$here/.list.$$"' EXIT
while IFS= read -r path; do
  mkdir -p "$top/$(dirname "$path")"
  case $path in
    share/muster/boot/*) sed "s,@bin@,$prefix/bin,g" "$path" > "$top/$path.new"; if [ -x "$path" ]; then chmod 755 "$top/$path.new"; fi ;;
    *) cp -P -p "$path" "$top/$path.new" ;;
  esac
  mv -f "$top/$path.new" "$top/$path"
done < "$here/.list.$$"
mkdir -p "$(dirname "$list")"
{ cat "$here/.list.$$"; echo share/muster/installed; } > "$list"
echo "installed below $top: try $prefix/bin/muster help"
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "  $prefix/bin is not in PATH" ;;
esac
