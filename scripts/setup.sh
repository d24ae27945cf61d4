# Sourced by the other scripts: makes a fresh clone ready, says what it does, and leaves $BUN and $MUSTER_ROOT.
# Nothing here may need anything but sh, Node and npm.
set -eu
MUSTER_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$MUSTER_ROOT"
export MUSTER_ROOT TURBO_TELEMETRY_DISABLED=1

say() { printf '==> %s\n' "$*"; }

# npm's own record of what is installed is newer than the lock file after every install.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say 'installing the npm packages that package-lock.json names'
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

# Bun's npm package moves its executable into place in an install script, which may be off: take the one for this
# machine from the platform package instead.
BUN=
for candidate in node_modules/@oven/bun-*/bin/bun; do
  if [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then BUN=$MUSTER_ROOT/$candidate; break; fi
done
if [ -z "$BUN" ]; then
  echo "no Bun for $(uname -sm) among node_modules/@oven: $(ls node_modules/@oven 2>/dev/null)" >&2
  exit 1
fi
export BUN
