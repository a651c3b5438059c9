# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The plug-ins of tests/plugins, each built with a public SDK from a registry, into the cache: sdk-plugins/NAME.wasm.

# install_sdk_plugins: builds those whose sources or pins have changed. One whose compiler cannot be had leaves
# NAME.missing, which says why; its tests are then skipped with that reason.
install_sdk_plugins() {
  local key made
  key=$(cat tests/plugins/*/* tools/install/pins tools/install/sdk-plugins.sh | sha256sum | cut -c1-16)
  local final=$CACHE/sdk-plugins-$key link=$CACHE/sdk-plugins
  [[ -e $final && $(readlink "$link") == "$final" ]] && return
  say "building the plug-ins of tests/plugins"
  made=$(fresh_folder sdk-plugins)
  build_rust_plugin "$made"
  build_go_plugin "$made"
  build_assemblyscript_plugin "$made"
  settle "$made" "$final"
  rm -rf "$link"
  ln -sfn "$final" "$link"
}

# Prints where the distribution's Rust compiler lies, the one whose libraries for WebAssembly are packages.
rust_root() {
  installed libstd-rust-dev-wasm32 && installed rustc && return
  local final=$CACHE/rust made package
  if [[ ! -x $final/usr/bin/rustc ]]; then
    say "unpacking the distribution's Rust compiler"
    [[ -n $(apt-cache pkgnames libstd-rust-dev-wasm32) ]] || apt_update
    made=$(fresh_folder rust)
    # With the libraries that come with it, and the compiler's own; the rest of what it depends on is there.
    for package in $(packages_of rust | xargs apt-cache depends --recurse --important |
      grep -oE '^(rustc|libstd-rust-[a-z0-9.-]+|libllvm[0-9]+)$' | sort -u); do
      (cd "$made" && loudly "apt-get download" apt-get -qq download "$package" && dpkg -x "$package"_*.deb .)
    done
    rm "$made"/*.deb
    settle "$made" "$final"
  fi
  printf '%s\n' "$final"
}

# The distribution's cargo cannot read today's index, so that the few crates are compiled here one by one; a map of the
# standard library takes hashbrown's place.
build_rust_plugin() {
  local work name root
  root=$(rust_root)
  work=$(fresh_folder rust)
  for name in cfg-if log proxy-wasm; do tar -xzf "$(fetch "$name")" -C "$work"; done
  echo 'pub use std::collections::HashMap;' >"$work/hashbrown.rs"
  local -a rustc=(env LD_LIBRARY_PATH="$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/rustc" --target wasm32-wasi -O --cap-lints allow -L "$work" --out-dir "$work")
  loudly "rustc" "${rustc[@]}" --edition 2018 --crate-type rlib --crate-name cfg_if "$work"/cfg-if-*/src/lib.rs
  loudly "rustc" "${rustc[@]}" --edition 2015 --crate-type rlib --crate-name log --cfg has_atomics --cfg atomic_cas \
    --extern cfg_if="$work/libcfg_if.rlib" "$work"/log-*/src/lib.rs
  loudly "rustc" "${rustc[@]}" --edition 2018 --crate-type rlib --crate-name hashbrown "$work/hashbrown.rs"
  loudly "rustc" "${rustc[@]}" --edition 2018 --crate-type rlib --crate-name proxy_wasm \
    --extern log="$work/liblog.rlib" --extern hashbrown="$work/libhashbrown.rlib" "$work"/proxy-wasm-*/src/lib.rs
  # The linker warns of what archives of Rust hold beside code.
  loudly "rustc" "${rustc[@]}" --edition 2021 --crate-type cdylib --crate-name rust -C panic=abort -C strip=debuginfo \
    -C linker=wasm-ld-19 -C linker-flavor=wasm-ld -C link-arg=--no-fatal-warnings \
    --extern proxy_wasm="$work/libproxy_wasm.rlib" tests/plugins/rust/scripted.rs
  mv "$work/rust.wasm" "$1/"
  rm -rf "$work"
}

# go.sum beside its source holds the sums of the SDK.
build_go_plugin() {
  need_packages go
  local version
  version=$(go env GOVERSION 2>/dev/null || true)
  if [[ ! $version =~ ^go1\.([0-9]+) ]] || ((BASH_REMATCH[1] < 24)); then
    echo "the Go SDK needs Go 1.24, here is ${version:-an older one}" >"$1/go.missing"
    return
  fi
  (cd tests/plugins/go &&
    loudly "go build" env GOOS=wasip1 GOARCH=wasm GOFLAGS=-mod=readonly GOWORK=off \
      go build -buildmode=c-shared -trimpath -ldflags="-s -w" -o "$1/go.wasm" .)
}

# package-lock.json beside its source holds the sums of the SDK and its compiler.
build_assemblyscript_plugin() {
  need_packages console
  local work
  work=$(fresh_folder assemblyscript)
  cp tests/plugins/assemblyscript/* "$work/"
  (cd "$work" && loudly "npm" npm ci --no-audit --no-fund &&
    loudly "asc" node node_modules/assemblyscript/bin/asc scripted.ts -b "$1/assemblyscript.wasm" \
      --use abort=abort_proc_exit --optimize)
  rm -rf "$work"
}
