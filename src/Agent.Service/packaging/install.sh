#!/bin/sh
# Installs the agent from the folder that this script lies in, and the newer one over the older one.
# Data and configuration are never touched by an upgrade; a service that does not become healthy goes back to the one before.
set -eu

usage() {
  cat <<EOF
usage: install.sh [install|uninstall] [options]

  --root DIR      install below DIR (an image, a test); no user is made and nothing is started
  --start         start the service although --root is given
  --no-start      do not start the service
  --wait SECONDS  how long a new service may take to become healthy (60)
  --settle SECONDS how long it must then stay so (10)
  --purge         uninstall: remove configuration, keys and models as well
EOF
}

say() { printf 'install: %s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
unit=edgeprune-agent.service
action=install root= start= wait=60 settle=10 purge=no
while [ $# -gt 0 ]; do
  case $1 in
    install | uninstall) action=$1 ;;
    --root) [ $# -gt 1 ] || die "--root needs a folder"; root=$(CDPATH= cd -- "$2" && pwd) || die "there is no folder $2"; shift ;;
    --start) start=yes ;;
    --no-start) start=no ;;
    --wait | --settle)
      [ $# -gt 1 ] || die "$1 needs a number of seconds"
      case $2 in '' | *[!0-9]*) die "$1: '$2' is no number of seconds" ;; esac
      if [ "$1" = --wait ]; then wait=$2; else settle=$2; fi
      shift ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[ -n "$start" ] || { if [ -n "$root" ]; then start=no; else start=yes; fi; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || die "this writes to /opt, /etc and systemd: run it as root (or give --root DIR)"

top=$root/opt/edgeprune
releases=$top/releases
config=$root/etc/edgeprune
state=$root/var/lib/edgeprune
units=$root/etc/systemd/system
socket=$root/run/edgeprune/agent.sock

# A link that is there at every moment: made beside, then renamed over.
point() {
  ln -s "releases/$2" "$top/.$1.new"
  mv -T "$top/.$1.new" "$top/$1"
}

target() { [ -L "$top/$1" ] && basename "$(readlink "$top/$1")" || true; }

# The service of the release named answers that it serves, twice: when it has come up and once it has settled.
healthy() {
  waited=0
  until systemctl is-active --quiet "$unit" && "$top/current/edgeprune-agent" health "$socket" >/dev/null 2>&1; do
    [ "$waited" -lt "$wait" ] || return 1
    sleep 1
    waited=$((waited + 1))
  done
  sleep "$settle"
  systemctl is-active --quiet "$unit" && "$top/current/edgeprune-agent" health "$socket" >/dev/null 2>&1
}

restart() {
  systemctl daemon-reload && systemctl restart "$unit"
}

make_user() {
  if [ -n "$root" ]; then
    # The image's own systemd makes the user when it first starts.
    mkdir -p "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d"
    printf 'u edgeprune - "EdgePrune agent" /var/lib/edgeprune /usr/sbin/nologin\n' > "$root/usr/lib/sysusers.d/edgeprune.conf"
    printf 'Z /etc/edgeprune - root edgeprune -\n' > "$root/usr/lib/tmpfiles.d/edgeprune.conf"
  elif ! id edgeprune >/dev/null 2>&1; then
    if command -v useradd >/dev/null; then
      useradd --system --user-group --home-dir /var/lib/edgeprune --no-create-home --shell /usr/sbin/nologin edgeprune
    else
      addgroup -S edgeprune && adduser -S -D -H -h /var/lib/edgeprune -s /sbin/nologin -G edgeprune edgeprune
    fi
    say "made the user edgeprune"
  fi
}

# Groups of device files that this system has; one that is missing would keep the service from starting.
write_groups() {
  groups=
  for group in i2c spi gpio iio video render; do
    grep -q "^$group:" "$root/etc/group" 2>/dev/null && groups="$groups $group"
  done
  mkdir -p "$units/$unit.d"
  printf '# Written by install.sh: the groups of device files on this system.\n[Service]\nSupplementaryGroups=%s\n' "${groups# }" > "$units/$unit.d/10-groups.conf"
}

install_release() {
  release=$(cd "$here" && find . -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c1-16)
  if [ ! -d "$releases/$release" ]; then
    rm -rf "$releases"/.new.*
    mkdir -p "$releases/.new.$$"
    cp -R "$here/." "$releases/.new.$$/"
    chmod 755 "$releases/.new.$$" "$releases/.new.$$/edgeprune-agent" "$releases/.new.$$/install.sh"
    [ "$(id -u)" != 0 ] || chown -R 0:0 "$releases/.new.$$"
    sync
    mv -T "$releases/.new.$$" "$releases/$release"
  fi
}

install_config() {
  mkdir -p "$config"
  [ -e "$config/agent.json" ] || { cp "$here/agent.json" "$config/agent.json"; say "wrote $config/agent.json"; }
  [ -d "$state" ] || { mkdir -p "$state"; chmod 700 "$state"; }
  # Keys come with mode 600 and belong to root; the service reads them by its group.
  chmod -R u=rwX,g=rX,o= "$config"
  if [ -z "$root" ]; then
    chgrp -R edgeprune "$config"
    chown edgeprune:edgeprune "$state"
  fi
}

go_back() {
  old=$1
  if [ -z "$old" ]; then
    systemctl stop "$unit" || true
    die "the service did not become healthy within $wait seconds, and there is none before it; see 'journalctl -u $unit', then run this again"
  fi
  point current "$old"
  cp "$top/current/$unit" "$units/$unit"
  restart || true
  if healthy; then
    die "the new service did not become healthy within $wait seconds; the one before serves again; see 'journalctl -u $unit'"
  fi
  die "the new service did not become healthy, and neither does the one before now; see 'journalctl -u $unit'"
}

clean() {
  current=$(target current) previous=$(target previous)
  for folder in "$releases"/*; do
    case ${folder##*/} in "$current" | "$previous") ;; *) rm -rf "$folder" ;; esac
  done
}

do_install() {
  for file in edgeprune-agent edgeprune-agent.dll "$unit" agent.json; do
    [ -f "$here/$file" ] || die "$here is no published folder: $file is missing (src/Agent.Service/packaging/publish.sh makes one)"
  done
  mkdir -p "$releases" "$units"
  make_user
  install_release
  install_config
  write_groups
  old=$(target current)
  cp "$here/$unit" "$units/$unit"
  point current "$release"
  if [ "$start" = no ]; then
    mkdir -p "$units/multi-user.target.wants"
    ln -sf "../$unit" "$units/multi-user.target.wants/$unit"
    clean
    say "installed release $release; it starts with the system"
    return
  fi
  systemctl enable "$unit"
  if ! problems=$("$top/current/edgeprune-agent" check --config "$config/agent.json" 2>&1); then
    printf '%s\n' "$problems" >&2
    if [ -n "$old" ] && "$releases/$old/edgeprune-agent" check --config "$config/agent.json" >/dev/null 2>&1; then
      point current "$old"
      cp "$top/current/$unit" "$units/$unit"
      die "the new service does not take the configuration that the one before takes; nothing has changed"
    fi
    say "installed release $release, not started: mend $config/agent.json, then run 'systemctl start $unit'"
    return
  fi
  restart || true
  healthy || go_back "$old"
  if [ -n "$old" ] && [ "$old" != "$release" ]; then point previous "$old"; fi
  clean
  say "release $release is installed and healthy"
}

do_uninstall() {
  if [ "$start" = yes ]; then
    systemctl disable --now "$unit" 2>/dev/null || true
  fi
  rm -rf "$units/$unit" "$units/$unit.d" "$units/multi-user.target.wants/$unit" "$top" \
    "$root/usr/lib/sysusers.d/edgeprune.conf" "$root/usr/lib/tmpfiles.d/edgeprune.conf"
  [ "$start" = no ] || systemctl daemon-reload
  if [ "$purge" = yes ]; then
    rm -rf "$config" "$state"
    [ -n "$root" ] || ! id edgeprune >/dev/null 2>&1 || userdel edgeprune 2>/dev/null || deluser edgeprune
    say "removed, with configuration, keys and models"
  else
    say "removed; configuration and keys stay in $config, models in $state"
  fi
}

"do_$action"
