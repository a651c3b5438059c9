# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the installers share: messages, the cache, and fetching a pinned file with its sum checked before every use.

INSTALL_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${MYNAH_DEPS:?run ./dev, which names the cache}

say() { printf '      %s\n' "$*" >&2; }

# fail WHAT-HAPPENED [WHAT-TO-DO...]: ends the run.
fail() {
  printf '\ndev: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '     %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# loudly WHAT COMMAND...: runs quietly; on failure shows the end of what the command said and what to do.
loudly() {
  local what=$1 log
  shift
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "$what failed: $*" \
      "Its last words are above. Check that this machine reaches the package registry" \
      "(proxy, mirror and certificates are set in that client's own configuration), then run the command again."
  fi
  rm -f "$log"
}

# pin_of PACKAGE: sets registry, version, file and sum from the table of pins.
pin_of() {
  local name
  while read -r registry name version file sum; do
    [[ $name == "$1" ]] && return 0
  done < <(grep -v '^#' "$INSTALL_DIR/pins")
  fail "$1 is not in tools/install/pins" "Add a line for it: registry, package, version, file, sha256."
}

# The sum that a file has, nothing if it is not there.
sum_of() { [[ -f $1 ]] && sha256sum "$1" | cut -d' ' -f1; }

# fetch PACKAGE: the pinned file, downloaded once; prints its path. A file with another sum is never used.
fetch() {
  local registry version file sum actual
  pin_of "$1"
  local kept=$CACHE/downloads/$file
  if [[ $(sum_of "$kept") != "$sum" ]]; then
    mkdir -p "$CACHE/downloads"
    say "downloading $1 $version ($registry)"
    local incoming
    incoming=$(mktemp -d "$CACHE/downloads/incoming.XXXXXX")
    "fetch_from_$registry" "$1" "$version" "$file" "$incoming"
    actual=$(sum_of "$incoming/$file" || true)
    if [[ $actual != "$sum" ]]; then
      rm -rf "$incoming"
      fail "the checksum of $file is wrong: it is not used" \
        "expected sha256 $sum" \
        "actual   sha256 ${actual:-no such file arrived}" \
        "What to do: run the command again, in case the download was damaged. If the sum stays the same, the" \
        "$registry registry offers another file than the one that was reviewed for $1 $version: find out why" \
        "before you change the sum in tools/install/pins."
    fi
    mv "$incoming/$file" "$kept"
    rm -rf "$incoming"
  fi
  printf '%s\n' "$kept"
}

# Each fetch_from_REGISTRY takes PACKAGE VERSION FILE FOLDER and leaves FILE in FOLDER, through the registry's own client,
# so that mirrors and proxies configured there are honoured.

fetch_from_pypi() {
  local python
  python=$(bootstrap_python)
  loudly "pip" "$python" -m pip download --quiet --no-deps --only-binary :all: --dest "$4" "$1==$2"
}

fetch_from_maven() {
  need_packages maven
  loudly "maven" mvn --batch-mode --quiet dependency:get -Dartifact="$1:$2" -Dtransitive=false \
    -Dmaven.repo.local="$4/repository"
  find "$4/repository" -name "$3" -exec mv {} "$4/" \;
}

fetch_from_crates() {
  local cargo
  cargo=$(cargo_that_knows_info)
  # "info" downloads the one crate and none of what it depends on; cargo keeps the archive in its own cache. Run where
  # no Cargo.toml is in sight.
  (cd "$4" && loudly "cargo" "$cargo" info --quiet "$1@$2")
  find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$3" -exec cp {} "$4/" \;
}

# Prints a cargo of 1.82 or later. Distributions package such a one under a name of its own.
cargo_that_knows_info() {
  local candidate package
  for candidate in cargo $(compgen -c cargo-1. | sort -rV); do
    if have "$candidate" && "$candidate" info --help >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  apt_update
  package=$(apt-cache pkgnames cargo | grep -E '^cargo-(web|1\.(8[2-9]|9[0-9]|[0-9]{3}))$' | sort -V | tail -n 1)
  [[ -n $package ]] || fail "no cargo of 1.82 or later in reach" "Install one, then run the command again."
  apt_install "$package"
  if [[ $package == cargo-web ]]; then printf 'cargo\n'; else printf '%s\n' "$package"; fi
}

# unzip_into FOLDER ARCHIVE: wheels and jars alike; python3 is there anyway.
unzip_into() { python3 -m zipfile -e "$2" "$1"; }
