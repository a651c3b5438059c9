# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Distribution packages: asks dpkg what is there, and installs only what is missing, as root or through sudo.

declare -A needed_done=()

# packages_of GROUP: the packages of a group, less those whose command is there.
packages_of() {
  local group package unless command
  while read -r group package unless command; do
    [[ $group == "$1" ]] || continue
    [[ $unless == unless ]] && have "$command" && continue
    printf '%s\n' "$package"
  done < <(grep -vE '^(#|$)' "$INSTALL_DIR/packages")
}

installed() { [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == *" installed" ]]; }

# as_root COMMAND...: fails, naming the command to give an administrator, when there is no way to become root.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif have sudo && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 126
  fi
}

# Who is not root does with the lists that are there.
apt_update() {
  [[ -n ${apt_updated:-} ]] && return
  as_root true || return 0
  apt_updated=yes
  loudly "apt-get update" as_root apt-get -qq update
}

apt_install() {
  as_root true || fail "packages are missing, and only root can install them" \
    "Ask an administrator to run:" "apt-get update && apt-get install --yes --no-install-recommends $*"
  say "installing from the distribution: $*"
  loudly "apt-get install" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --yes --no-install-recommends "$@"
}

# need_packages GROUP: every package of the group is there when this returns.
need_packages() {
  [[ -n ${needed_done[$1]:-} ]] && return
  local package missing=()
  have dpkg-query || fail "this is not a Debian or Ubuntu" "Install what tools/install/packages lists, by hand."
  for package in $(packages_of "$1"); do
    installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]})); then
    apt_update
    apt_install "${missing[@]}"
  fi
  needed_done[$1]=yes
}
