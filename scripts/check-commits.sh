#!/bin/sh
# Every commit since this rule has a subject of at most 72 characters, and a body that says why.
set -eu
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.."
since=9a101fcec1fa14486828df34972e8c62e00598ef
if ! git cat-file -e "$since" 2>/dev/null; then
  echo 'commits are not looked at: this is no clone with its history'
  exit 0
fi
wrong=0
for commit in $(git rev-list --no-merges "$since..HEAD"); do
  subject=$(git log -1 --format=%s "$commit")
  if [ "$(printf %s "$subject" | wc -m)" -gt 72 ]; then
    echo "$commit: its subject has more than 72 characters: $subject" >&2
    wrong=1
  fi
  if [ -z "$(git log -1 --format=%b "$commit")" ]; then
    echo "$commit: it does not say why: $subject" >&2
    wrong=1
  fi
done
exit "$wrong"
