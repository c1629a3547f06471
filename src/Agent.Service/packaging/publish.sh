#!/usr/bin/env bash
# Publishes the agent for a board: a folder that holds all that install.sh needs.
#   publish.sh RID [FOLDER] [--self-contained]
# RID is linux-arm64 or linux-x64. Without --self-contained the board needs the ASP.NET Core runtime 10.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../.." && pwd)
. "$root/eng/environment.sh"
contained=false
words=()
for word in "$@"; do
  case $word in --self-contained) contained=true ;; -*) words=() && break ;; *) words+=("$word") ;; esac
done
rid=${words[0]:-}
case $rid in
  linux-arm64 | linux-x64) ;;
  *) printf 'usage: publish.sh linux-arm64|linux-x64 [FOLDER] [--self-contained]\n' >&2; exit 2 ;;
esac
folder=${words[1]:-$root/artifacts/agent/$rid}
"$root/eng/supply.sh"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Outputs of their own: publishing for another machine would make the next ordinary build start from nothing.
publish() {
  dotnet publish "$root/src/Agent.Service" -c Release -r "$rid" --self-contained "$contained" --artifacts-path "$root/artifacts/publish" \
    -p:PublishReadyToRun="$1" -p:DebugType=none -o "$folder" --nologo -v quiet >"$log" 2>&1
}

# Compiled ahead a board starts sooner and computes less for it; the compiler comes from the registry, and without it the rest is the same.
if ! publish true && ! { grep -qiE 'NU110[0-3].*Crossgen' "$log" && publish false; }; then
  cat "$log" >&2
  # The packs that a program for another machine is made of come from the registry, unlike those of the SDK's own machine.
  if grep -qE 'NU110[0-3].*App\.Runtime\.' "$log"; then
    printf 'publish: this NuGet registry lacks the runtime for %s; publish without --self-contained, and install the ASP.NET Core runtime 10 on the board\n' "$rid" >&2
  elif grep -qE 'NU110[0-3].*App\.Host\.' "$log"; then
    printf 'publish: this NuGet registry lacks the host program for %s (Microsoft.NETCore.App.Host.%s); publish on a machine of that kind\n' "$rid" "$rid" >&2
  fi
  exit 1
fi
printf 'published to %s; copy it to the board and run install.sh there as root\n' "$folder"
