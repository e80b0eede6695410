# Sourced by the benchmarks that are scripts: their arguments, and their figures as people or programs read them.

seconds=10
json=0

# Name of the benchmark, its arguments: sets `bench`, `seconds` and `json`.
read_arguments() {
  bench=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
    --seconds) seconds=${2:?tools/bench $bench: --seconds needs a number} && shift ;;
    --json) json=1 ;;
    *) printf 'tools/bench %s: unknown argument "%s"\n' "$bench" "$1" >&2 && exit 2 ;;
    esac
    shift
  done
}

# NAME|VALUE|UNIT each.
show_figures() {
  local f name value unit
  for f in "$@"; do
    IFS='|' read -r name value unit <<<"$f"
    if [ "$json" -eq 1 ]; then
      printf '{"bench":"%s","name":"%s","value":%s,"unit":"%s"}\n' "$bench" "$name" "$value" "$unit"
    else
      printf '%-64s %14s %s\n' "$name" "$value" "$unit"
    fi
  done
}

# The middle one of the numbers in a file, a line each.
median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }

# A number of a report of troupe-load by its name.
reported() { sed -n "s/.*\"$2\":\([0-9.]*\).*/\1/p" "$1"; }
