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
# Outputs of their own: publishing for another machine would make the next ordinary build start from nothing.
dotnet publish "$root/src/Agent.Service" -c Release -r "$rid" --self-contained "$contained" --artifacts-path "$root/artifacts/publish" -p:PublishReadyToRun=true -p:DebugType=none -o "$folder" --nologo -v quiet
printf 'published to %s; copy it to the board and run install.sh there as root\n' "$folder"
