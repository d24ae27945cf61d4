/** Environment files, read in sh as s6-envdir reads them. */
import { ENVIRONMENT_DIRECTORY } from '@muster/store/live/service-files';

/**
 * For each file in `env/`: empty, and the variable is removed; else its first line, without blanks at the end, is the
 * value. Names that sh cannot hold in a variable go through env(1); the words for it are gathered in "$@", which stays
 * empty if there are none.
 */
export const LOAD_ENVIRONMENT: readonly string[] = `
set --
for file in ${ENVIRONMENT_DIRECTORY}/*; do
  [ -f "$file" ] || continue
  variable=\${file#${ENVIRONMENT_DIRECTORY}/}
  value=
  [ ! -s "$file" ] || IFS= read -r value <"$file" || :
  value=\${value%"\${value##*[![:blank:]]}"}
  case $variable in
    *=*) ;;
    [!A-Za-z_]* | *[!A-Za-z0-9_]*) if [ -s "$file" ]; then set -- "$@" "$variable=$value"; else set -- -u "$variable" "$@"; fi ;;
    *) if [ -s "$file" ]; then export "$variable=$value"; else unset "$variable"; fi ;;
  esac
done
[ $# -eq 0 ] || set -- env "$@"`
  .trim()
  .split('\n');
