# SPDX-License-Identifier: Apache-2.0
# mynah_layer(http SEES aio base LIBS ...): one folder of src/ is one library that sees only the layers it names.
#
# Each layer is compiled with a single include path of ours: a build folder that holds links to itself and to what it
# declares. An include that the table of ARCHITECTURE.md forbids is therefore "file not found", on every compiler.
# Tests (*_test.cc), benchmarks (*_bench.cc), fuzz targets (*_fuzz.cc) and helpers that only tests use (*_testing.cc)
# lie beside the code; a test may see more layers than its code (TEST_SEES).

# The gtest headers are the costliest part of a test's compilation: they are compiled once.
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/test_pch.cc CONTENT "// Compiled for its precompiled header only.\n")
add_library(test_pch STATIC ${CMAKE_BINARY_DIR}/test_pch.cc)
target_link_libraries(test_pch PUBLIC GTest::gtest PRIVATE mynah_flags)
target_precompile_headers(test_pch PRIVATE <gtest/gtest.h> <string> <string_view> <vector> <optional> <memory> <map>)

# What the thread sanitizer is worth building for, the tests labelled `race`; and the fuzz targets.
add_custom_target(race_tests)
add_custom_target(fuzzers)

function(mynah_view target name)
  set(view ${CMAKE_BINARY_DIR}/view/${target})
  file(REMOVE_RECURSE ${view})
  file(MAKE_DIRECTORY ${view})
  foreach(seen ${name} ${ARGN})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${seen} ${view}/${seen} SYMBOLIC)
  endforeach()
  target_include_directories(${target} PRIVATE ${view})
endfunction()

function(mynah_layer name)
  cmake_parse_arguments(LAYER "NO_EXCEPTIONS" "" "SEES;LIBS;TEST_SEES;TEST_LIBS;TEST_LABELS" ${ARGN})
  set(dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${dir}/*.cc)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz|testing)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")

  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${LAYER_SEES} PRIVATE mynah_flags ${LAYER_LIBS} Threads::Threads)
    mynah_view(${name} ${name} ${LAYER_SEES})
    if(LAYER_NO_EXCEPTIONS)
      target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${LAYER_SEES})
  endif()

  set(testing ${all})
  list(FILTER testing INCLUDE REGEX "_testing\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(tests)
    add_executable(${name}_test ${tests} ${testing})
    target_link_libraries(${name}_test PRIVATE ${name} ${LAYER_TEST_SEES} mynah_flags ${LAYER_LIBS}
                          ${LAYER_TEST_LIBS} GTest::gtest_main)
    mynah_view(${name}_test ${name} ${LAYER_SEES} ${LAYER_TEST_SEES})
    target_precompile_headers(${name}_test REUSE_FROM test_pch)
    # A list would be taken apart on its way; ctest -L matches a part of the joined name as well.
    string(JOIN "+" labels unit ${LAYER_TEST_LABELS})
    if("race" IN_LIST LAYER_TEST_LABELS)
      add_dependencies(race_tests ${name}_test)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60
                         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                         PROPERTIES LABELS "${labels}" TIMEOUT 120)
  endif()

  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  if(benches AND CMAKE_BUILD_TYPE STREQUAL "Release")
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE ${name} mynah_flags ${LAYER_LIBS} benchmark::benchmark_main)
    mynah_view(${name}_bench ${name} ${LAYER_SEES})
  endif()

  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  foreach(source ${fuzzers})
    get_filename_component(stem ${source} NAME_WE)
    mynah_fuzz_target(${name} ${stem} ${source} "${LAYER_SEES}" "${LAYER_LIBS}")
  endforeach()
endfunction()

# Under the preset `asan` a fuzz target has libFuzzer; elsewhere the same code replays inputs. Its corpus is a test in all.
function(mynah_fuzz_runner stem)
  set(corpus ${CMAKE_SOURCE_DIR}/fuzz/${stem})
  add_dependencies(fuzzers ${stem})
  if(MYNAH_FUZZ)
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${stem}_corpus COMMAND ${stem} -runs=0 ${corpus})
  else()
    target_sources(${stem} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/replay.cc)
    add_test(NAME ${stem}_corpus COMMAND ${stem} ${corpus})
  endif()
  set_tests_properties(${stem}_corpus PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

function(mynah_fuzz_target layer stem source sees libs)
  add_executable(${stem} ${source})
  target_link_libraries(${stem} PRIVATE ${layer} mynah_flags ${libs})
  mynah_view(${stem} ${layer} ${sees})
  mynah_fuzz_runner(${stem})
endfunction()
