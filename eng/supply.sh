#!/usr/bin/env bash
# Finds out, once, what the NuGet registry lacks, and supplies it; see README.md beside this file.
# Prints to standard error only. Exit 1, with what is missing and what to do, where the product cannot be built.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
answer="$root/artifacts/supply.props"
log="$root/artifacts/supply.log"

managed_package=com.github.asus4.onnxruntime@0.4.9
managed_sha512=064cf176e499f4891e0cfe90f25cf64c553689eee1492bd2ed921fccca28131a2ad02373267bae19a509ec8b288c182a3b8a2e0f58d76a1f0e63225b08ddbd16
arm64_package=onnxruntime-node@1.29.0
arm64_sha512=5a3895541ef6ae220bcfc1db62fc6f9a32b213f5a6918a127ca63ef9ac68e63011eb4f47420f0cc221bf1e14a1a537097e6980773c71981f8c3124f703e4a23c

say() { printf 'edgeprune: %s\n' "$*" >&2; }
fail() { say "$*"; say "details: $log"; exit 1; }

[ -f "$answer" ] && exit 0
command -v dotnet >/dev/null || { say "the .NET 10 SDK is needed and 'dotnet' is not on PATH: https://dotnet.microsoft.com/download"; exit 1; }
case "$(dotnet --version 2>/dev/null || true)" in
  1[0-9].*) ;;
  *) say "the .NET 10 SDK is needed; 'dotnet --version' says: $(dotnet --version 2>&1 | head -1)"; exit 1 ;;
esac
mkdir -p "$root/artifacts"
: > "$log"

# 0: the registry holds the packages; 1: it says that it does not; anything else ends the script.
ask() {
  local out
  if out=$(dotnet restore "$root/eng/probe/probe.csproj" -p:Ask="$1" --force 2>&1); then echo "$out" >> "$log"; return 0; fi
  echo "$out" >> "$log"
  if grep -qE 'NU110[123]|NU1603' <<< "$out"; then return 1; fi
  fail "NuGet could not be asked for packages (no network, or no source set up): $(grep -m1 -oE 'error.*' <<< "$out" | cut -c1-200)"
}

# Downloads one npm package into the folder $3 and checks it against the pinned digest $2. Runs no install script.
take() {
  command -v npm >/dev/null || fail "this NuGet registry lacks Microsoft.ML.OnnxRuntime 1.29.0 and npm, the second way to get it, is not installed. Install npm, or use a NuGet source that holds the package."
  mkdir -p "$3"
  local name
  name=$(cd "$3" && npm pack --silent --ignore-scripts "$1" 2>> "$log" | tail -1) || fail "neither NuGet nor npm can supply ONNX Runtime: npm pack $1 failed"
  [ "$(sha512sum "$3/$name" | cut -d' ' -f1)" = "$2" ] || fail "npm package $1 is not the file that was reviewed (SHA-512 differs); not used"
  tar xzf "$3/$name" -C "$3"
  rm "$3/$name"
}

if ! ask runtime; then
  say "this registry lacks this version of Microsoft.ML.OnnxRuntime: packing it from npm packages (about 260 MB, once)"
  work="$root/artifacts/eng/npm"
  rm -rf "$work"
  take "$managed_package" "$managed_sha512" "$work/managed"
  take "$arm64_package" "$arm64_sha512" "$work/arm64"
  # NuGet takes a target path for a file only where the extensions agree.
  mv "$work/arm64/package/bin/napi-v6/linux/arm64/libonnxruntime.so.1" "$work/arm64/libonnxruntime.so"
  dotnet pack "$root/eng/onnxruntime/Microsoft.ML.OnnxRuntime.csproj" -c Release --nologo -o "$root/artifacts/feed" \
    -p:Sources="$work/managed/package/Runtime" \
    -p:NativeX64="$work/managed/package/Plugins/Linux/x64/libonnxruntime.so" \
    -p:NativeArm64="$work/arm64/libonnxruntime.so" >> "$log" 2>&1 \
    || fail "packing ONNX Runtime failed"
  rm -rf "$work"
fi

devices=true
if ! ask devices; then
  devices=false
  say "this registry lacks the device libraries (System.Device.Gpio, Iot.Device.Bindings, LibreHardwareMonitorLib): building without them"
fi
printf '<Project>\n  <!-- Written by eng/supply.sh; delete to ask the registry again. -->\n  <PropertyGroup>\n    <DevicePackages>%s</DevicePackages>\n  </PropertyGroup>\n</Project>\n' "$devices" > "$answer.new"
mv "$answer.new" "$answer"
