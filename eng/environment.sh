# Sourced by ./edgeprune and ./test: what the .NET SDK needs to run quietly, also where there is no home folder.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
  mkdir -p "$root/artifacts/home"
  export DOTNET_CLI_HOME="$root/artifacts/home" HOME="$root/artifacts/home"
fi
