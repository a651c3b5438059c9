# SPDX-License-Identifier: Apache-2.0
# mynah_plugin(ai-cache SOURCES ai_cache.cc [MEMORY BYTES]): one folder is one plug-in. MEMORY is what it begins with, for
# one whose tables do not fit into what others need; whole pages of 64 KiB.
#
# It is built twice. As build/<preset>/plugins/<id>.wasm, with the wasm32-wasi compiler, its identity in a custom section
# (release and debug only: the code in a module does not depend on the sanitizers of the host). And natively, under the
# preset's own flags, into story_<id>, which plays the stories of the folder under the debugger and the sanitizers; the
# same stories are played on the .wasm. A story is a test with the label "story".

set(MYNAH_WASM_CXX /usr/bin/clang++-19 CACHE FILEPATH "the compiler for wasm32-wasi")
set(MYNAH_WASM_AR /usr/bin/llvm-ar-19 CACHE FILEPATH "its archiver")
set(MYNAH_WASM_OBJCOPY /usr/bin/llvm-objcopy-19 CACHE FILEPATH "its tool for custom sections")
set(MYNAH_WASM_PRESETS release debug)
find_program(MYNAH_WASM_OPT wasm-opt)
get_filename_component(MYNAH_PRESET ${CMAKE_BINARY_DIR} NAME)
if(MYNAH_PRESET IN_LIST MYNAH_WASM_PRESETS)
  set(MYNAH_BUILDS_WASM ON)
endif()

# A range error of the C++ library is a trap without a text: the texts are a fiftieth of a small plug-in. Linking says nothing
# of optimization, or the compiler runs wasm-opt by itself, with settings of its own.
set(MYNAH_WASM_FLAGS --target=wasm32-wasi -std=c++23 -Oz -flto -DNDEBUG -fno-exceptions -fno-rtti
    -fno-threadsafe-statics -fvisibility=hidden
    "-D_LIBCPP_VERBOSE_ABORT(...)=__builtin_trap()"
    -mbulk-memory -msign-ext -mnontrapping-fptoint -ffunction-sections -fdata-sections
    -Wall -Wextra -Wshadow -Wconversion -Wimplicit-fallthrough -Werror
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
set(MYNAH_WASM_LINK_FLAGS --target=wasm32-wasi -mexec-model=reactor -flto -nodefaultlibs -fuse-ld=/usr/bin/wasm-ld-19
    -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=65536 -Wl,--initial-memory=131072)

# What is left to save when the linker is done; a tenth of a small plug-in. Nothing of ours lies in the first kilobyte.
set(MYNAH_WASM_OPT_FLAGS --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals
    -Oz --low-memory-unused --converge --strip-debug --strip-producers --strip-target-features)

# The SDK as it travels with the program, for `mynah plugin build`: headers, archives, flags.
set(MYNAH_SDK_FOLDER ${CMAKE_BINARY_DIR}/sdk-kit)
# The archive that plug-ins are linked with, the same code for modules that tell what the plug-in is, and the C++ and C
# libraries behind them.
set(MYNAH_WASM_SDK ${MYNAH_SDK_FOLDER}/lib/libmynah.a)
set(MYNAH_WASM_SDK_DESCRIBE ${MYNAH_SDK_FOLDER}/lib/libmynah-describe.a)
set(MYNAH_WASM_LIBRARIES -L/usr/lib/llvm-19/lib/wasm32-wasi -lc++ -lc++abi -lc
    /usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a)

# What a plug-in and the SDK see of the layers below them.
set(MYNAH_SDK_VIEW ${CMAKE_BINARY_DIR}/view/sdk)
file(MAKE_DIRECTORY ${MYNAH_SDK_VIEW})
foreach(seen abi base)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${seen} ${MYNAH_SDK_VIEW}/${seen} SYMBOLIC)
endforeach()
set(MYNAH_SDK_INCLUDES ${MYNAH_SDK_VIEW} ${CMAKE_SOURCE_DIR}/sdk/include)

# Compiles sources for wasm32-wasi; `objects` receives the object files. Variables: MYNAH_WASM_MORE, flags beside the
# usual ones.
function(mynah_wasm_objects objects folder includes)
  set(flags ${MYNAH_WASM_FLAGS} ${MYNAH_WASM_MORE})
  foreach(include ${includes})
    list(APPEND flags -I${include})
  endforeach()
  set(made)
  foreach(source ${ARGN})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${source})
    string(REPLACE "/" "_" name ${name})
    set(object ${CMAKE_BINARY_DIR}/wasm/${folder}/${name}.o)
    # Names that the compiler calls by itself must not be bitcode.
    set(own_flags)
    if(source MATCHES "/memory\\.cc$")
      set(own_flags -fno-lto -fno-builtin)
    endif()
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${MYNAH_WASM_CXX} ${flags} ${own_flags} -MD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d
      COMMENT "wasm32 ${name}" VERBATIM)
    list(APPEND made ${object})
  endforeach()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/wasm/${folder})
  set(${objects} ${made} PARENT_SCOPE)
endfunction()

function(mynah_plugin id)
  cmake_parse_arguments(PLUGIN "" "MEMORY" "SOURCES" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR})
  list(TRANSFORM PLUGIN_SOURCES PREPEND ${dir}/)
  string(REPLACE "-" "_" name ${id})

  # Natively: as the code of a story runner, and of the tool that prints the identity.
  add_library(plugin_${name} OBJECT ${PLUGIN_SOURCES})
  target_include_directories(plugin_${name} PRIVATE ${MYNAH_SDK_INCLUDES})
  target_link_libraries(plugin_${name} PRIVATE mynah_flags)
  target_compile_options(plugin_${name} PRIVATE -fno-exceptions -fno-rtti)

  add_executable(story_${name} $<TARGET_OBJECTS:plugin_${name}>)
  target_link_libraries(story_${name} PRIVATE story_native sdk story mynah_flags)
  file(GLOB stories CONFIGURE_DEPENDS ${dir}/stories/*.story)
  if(NOT stories)
    message(FATAL_ERROR "plug-in ${id} tells no story: ${dir}/stories/*.story")
  endif()
  foreach(story ${stories})
    get_filename_component(stem ${story} NAME_WE)
    add_test(NAME story.${id}.${stem}.native COMMAND story_${name} ${story})
    set_tests_properties(story.${id}.${stem}.native PROPERTIES LABELS story TIMEOUT 60)
  endforeach()
  if(NOT MYNAH_BUILDS_WASM)
    return()
  endif()

  add_executable(identity_${name} $<TARGET_OBJECTS:plugin_${name}>)
  target_link_libraries(identity_${name} PRIVATE sdk_identity sdk mynah_flags)

  mynah_wasm_objects(objects ${id} "${MYNAH_SDK_INCLUDES}" ${PLUGIN_SOURCES})
  set(code ${CMAKE_BINARY_DIR}/wasm/${id}/code.wasm)
  set(module ${CMAKE_BINARY_DIR}/plugins/${id}.wasm)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  set(memory)
  if(PLUGIN_MEMORY)
    set(memory -Wl,--initial-memory=${PLUGIN_MEMORY})
  endif()
  set(shrink)
  if(MYNAH_WASM_OPT)
    set(shrink COMMAND ${MYNAH_WASM_OPT} ${MYNAH_WASM_OPT_FLAGS} ${code} -o ${code})
  endif()
  add_custom_command(OUTPUT ${module}
    COMMAND ${MYNAH_WASM_CXX} ${MYNAH_WASM_LINK_FLAGS} ${memory} -Wl,-u,proxy_on_request_headers ${objects} ${MYNAH_WASM_SDK} ${MYNAH_WASM_LIBRARIES} -o ${code}
    ${shrink}
    COMMAND identity_${name} ${code}.json
    COMMAND ${MYNAH_WASM_OBJCOPY} --add-section=mynah.plugin=${code}.json ${code} ${module}
    DEPENDS ${objects} sdk_wasm ${MYNAH_WASM_SDK} identity_${name}
    COMMENT "plug-in ${id}.wasm" VERBATIM)
  add_custom_target(wasm_${name} ALL DEPENDS ${module})
  foreach(story ${stories})
    get_filename_component(stem ${story} NAME_WE)
    add_test(NAME story.${id}.${stem}.wasm COMMAND story_run --wasm ${module} ${story})
    add_test(NAME story.${id}.${stem}.gateway COMMAND story_gateway --wasm ${module} ${story})
    set_tests_properties(story.${id}.${stem}.wasm story.${id}.${stem}.gateway PROPERTIES LABELS story TIMEOUT 60)
  endforeach()
endfunction()
