# House rules for targets: one function for libraries, one for tests, so that a folder's
# CMakeLists.txt holds nothing but its file names and what it links.

find_program(TROUPE_CCACHE ccache)
if(TROUPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TROUPE_CCACHE})
endif()
find_program(TROUPE_MOLD mold)
if(TROUPE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(TROUPE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror)
# int128 is an extension every compiler we support has; money needs it.
list(APPEND TROUPE_WARNINGS -Wno-pedantic)
# Plain structs with defaults are built with the first members named; the rest keep their defaults on purpose.
list(APPEND TROUPE_WARNINGS -Wno-missing-field-initializers)

if(TROUPE_SANITIZE)
  # gcc 12 sees uninitialised reads in std::regex that are not there once the sanitizers are on.
  add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer
                      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${TROUPE_SANITIZE})
endif()

# Several files compile as one: two fifths less and more to compile from nothing, because what they include is read, and what they make of its templates is
# made, once. Off, each is compiled by itself, which is what who works on a few of them wants.
option(TROUPE_UNITY "Compile several files of a target as one" ON)
function(troupe_unity name)
  if(TROUPE_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endif()
endfunction()

# troupe_library(name SOURCES a.cpp ... LINK lib ...)
function(troupe_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${TROUPE_WARNINGS})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
  troupe_unity(${name})
endfunction()

# troupe_tests(name SOURCES a_test.cpp ... LINK lib ...)
# The files become part of bin/troupe_tests; `tests_<name>` builds just them, for a short inner loop.
function(troupe_tests name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(objects_${name} OBJECT ${arg_SOURCES})
  target_include_directories(objects_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  # What a test itself does is little; optimising it takes more than a third of its compile time, and lines for a debugger a tenth. A failed
  # check says its line without them; a sanitizer's report does not.
  target_compile_options(objects_${name} PRIVATE ${TROUPE_WARNINGS} -O0)
  if(NOT TROUPE_SANITIZE)
    target_compile_options(objects_${name} PRIVATE -g0)
  endif()
  target_link_libraries(objects_${name} PUBLIC ${arg_LINK} troupe_test_support)
  troupe_unity(objects_${name})
  add_executable(tests_${name} EXCLUDE_FROM_ALL)
  target_link_libraries(tests_${name} PRIVATE objects_${name} troupe_test_main)
  set_property(GLOBAL APPEND PROPERTY TROUPE_TEST_OBJECTS objects_${name})
endfunction()

# Of inline functions that several files have the first one is linked. Libraries first, so that tests do not run the product's, or the standard
# library's, as they compiled them: the simulated cluster takes half the time. Only mold lets archives stand before what wants them.
macro(troupe_libraries_first)
  if(TROUPE_MOLD)
    set(CMAKE_CXX_LINK_EXECUTABLE "<CMAKE_CXX_COMPILER> <FLAGS> <CMAKE_CXX_LINK_FLAGS> <LINK_FLAGS> <LINK_LIBRARIES> <OBJECTS> -o <TARGET>")
  endif()
endmacro()

function(troupe_link_all_tests)
  get_property(objects GLOBAL PROPERTY TROUPE_TEST_OBJECTS)
  if(objects)
    add_executable(troupe_tests)
    target_link_libraries(troupe_tests PRIVATE ${objects} troupe_test_main)
    foreach(program troupe-node troupe troupe-load troupe-worker moved_clock)
      if(TARGET ${program})
        add_dependencies(troupe_tests ${program})
      endif()
    endforeach()
    add_test(NAME troupe_tests COMMAND troupe_tests)
  endif()
endfunction()
