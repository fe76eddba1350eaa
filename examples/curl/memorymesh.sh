#!/usr/bin/env bash
# A small client of MemoryMesh with curl and jq.
#   MEMORYMESH_URL=http://localhost:8000 MEMORYMESH_API_KEY=mm_... ./memorymesh.sh
set -euo pipefail
URL=${MEMORYMESH_URL:-http://localhost:8000}
URL=${URL%/}

# send METHOD PATH [curl's arguments]: the body of the answer; an answer that is not 2xx is problem details (RFC 9457), printed to stderr.
send() {
  local method=$1 path=$2 answer status
  shift 2
  answer=$(curl -sS --max-time 30 -w '\n%{http_code}' -X "$method" "$URL$path" -H "x-api-key: $MEMORYMESH_API_KEY" "$@")
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if [ "$status" -ge 300 ]; then
    jq -r '"\(.status) \(.type) \(.detail)"' <<< "$answer" >&2
    return 1
  fi
  printf '%s' "$answer"
}

# post PATH JSON: sent again with the same key, a request has its effect once.
post() { send POST "$1" -H 'Content-Type: application/json' -H "Idempotency-Key: $(tr -d - < /proc/sys/kernel/random/uuid)" -d "$2"; }

user="curl-$RANDOM$RANDOM"

message=$(jq -n --arg user "$user" '{conversation_id: ($user + "-a"), user_id: $user, role: "user", content: "My name is Honda. I prefer Python over JavaScript."}')
post "/v1/messages?wait=memories" "$message" > /dev/null
echo "found: $(send GET "/v1/memory/search" -G --data-urlencode "query=Python" --data-urlencode "top_k=5" | jq -r '.results[0].message.content')"
echo "context: $(send GET "/v1/context/$user-b" -G --data-urlencode "user_id=$user" --data-urlencode "query=Which language should I use?" | jq -r .text)"

id=$(post /v1/memories "$(jq -n --arg user "$user" '{user_id: $user, text: "Works from home on Fridays."}')" | jq -r .id)
echo "memories: $(send GET /v1/memories -G --data-urlencode "user_id=$user" | jq .count)"
send DELETE "/v1/memories/$id"
send GET "/v1/memories/$id" > /dev/null 2> /tmp/memorymesh-answer.$$ || echo "deleted: $(cat /tmp/memorymesh-answer.$$)"
rm -f /tmp/memorymesh-answer.$$
