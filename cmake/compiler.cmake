# SPDX-License-Identifier: Apache-2.0
# Flags that every target shares: warnings as errors, sanitizers, link-time optimisation, the compiler cache.

set(MYNAH_SANITIZE "" CACHE STRING "sanitizers to build with, as -fsanitize= takes them")
option(MYNAH_FUZZ "build the fuzz targets with libFuzzer" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Every clone of the sources shares what one of them compiled: paths count from the folder of the sources. A precompiled
  # header may be cached when the compiler's macros and times are left out of the key.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(mynah_flags INTERFACE)
target_compile_options(mynah_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Fields left out of a designated initializer have their defaults; libstdc++ 12 calls what it deprecates itself.
  target_compile_options(mynah_flags INTERFACE -fcolor-diagnostics -fpch-instantiate-templates
                         -Wno-missing-designated-field-initializers -Wno-deprecated-declarations)
  target_link_options(mynah_flags INTERFACE -fuse-ld=lld-19)
else()
  # g++ 12 warns about code that is right; what it must find is what clang does not.
  target_compile_options(mynah_flags INTERFACE -Wno-pedantic -Wno-conversion -Wno-maybe-uninitialized
                         -Wno-attributes -Wno-shadow -Wno-restrict)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -march=x86-64-v2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
if(MYNAH_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  # The check of virtual tables needs type information, which layers are built without.
  target_compile_options(mynah_flags INTERFACE -fsanitize=${MYNAH_SANITIZE} -fno-sanitize-recover=all
                         -fno-sanitize=vptr)
  target_link_options(mynah_flags INTERFACE -fsanitize=${MYNAH_SANITIZE})
  target_compile_definitions(mynah_flags INTERFACE MYNAH_SANITIZED=1)
endif()
if(MYNAH_FUZZ)
  target_compile_options(mynah_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
