# SPDX-License-Identifier: Apache-2.0
# Third-party libraries. What the distribution packages is found there; the rest lies in the folder that tools/install fills.

if(DEFINED ENV{MYNAH_DEPS})
  set(MYNAH_DEPS $ENV{MYNAH_DEPS})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(MYNAH_DEPS $ENV{XDG_CACHE_HOME}/mynah)
else()
  set(MYNAH_DEPS $ENV{HOME}/.cache/mynah)
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its -pthread would not fit the tests' precompiled header; whoever needs threads links Threads::Threads.
set_target_properties(PkgConfig::RE2 PROPERTIES INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.1)

# wasmtime travels with the program: it is copied to lib/ of the build folder, where the program looks for it.
set(WASMTIME_VERSION 50.0.1)
set(WASMTIME_ROOT ${MYNAH_DEPS}/wasmtime-${WASMTIME_VERSION})
if(NOT EXISTS ${WASMTIME_ROOT}/lib/libwasmtime.so)
  message(FATAL_ERROR "wasmtime ${WASMTIME_VERSION} is not in ${WASMTIME_ROOT}: run ./dev build, which installs it")
endif()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
configure_file(${WASMTIME_ROOT}/lib/libwasmtime.so ${CMAKE_BINARY_DIR}/lib/libwasmtime.so COPYONLY)
add_library(wasmtime SHARED IMPORTED)
set_target_properties(wasmtime PROPERTIES
  IMPORTED_LOCATION ${CMAKE_BINARY_DIR}/lib/libwasmtime.so
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES ${WASMTIME_ROOT}/include)

# The embedding models, which the program looks for beside its bin/. tools/install brings them; a build needs none.
file(CREATE_LINK ${MYNAH_DEPS}/models ${CMAKE_BINARY_DIR}/models SYMBOLIC)
