# To be sourced: `call METHOD PATH [curl's options]` prints the answer; a refusal ends the program.

call() {
  method=$1
  path=$2
  shift 2
  head=$(mktemp)
  while :; do
    answer=$(curl -sS -D "$head" -X "$method" "$API$path" -H "authorization: Bearer $KEY" "$@") || exit 1
    status=$(awk '/^HTTP/ { status = $2 } END { print status }' "$head")
    case $status in
      2*) break ;;
      429 | 503) sleep "$(awk 'tolower($1) == "retry-after:" { print $2 + 0; found = 1 } END { if (!found) print 5 }' "$head")" ;;
      *)
        printf '%s: %s\n' "$status" "$(printf '%s' "$answer" | jq -r '.detail // .message')" >&2
        rm -f "$head"
        exit 1
        ;;
    esac
  done
  rm -f "$head"
  printf '%s\n' "$answer"
}
