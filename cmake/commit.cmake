# Writes OUT with the commit of SOURCE as it is now, and leaves the file alone when nothing changed. At every build: a tree that is edited after
# it was configured is another build, and results of one must not pass for the other's. Two trees that differ from one commit in different ways are
# two builds as well: behind "-dirty" stands what was changed in what is compiled, hashed.
cmake_minimum_required(VERSION 3.25)
set(commit unknown)
set(compiled actors nodes runtime tools cmake CMakeLists.txt CMakePresets.json)
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE described RESULT_VARIABLE failed
    ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${GIT_EXECUTABLE} ls-files -- ${compiled}
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE tracked ERROR_QUIET)
  if(NOT failed AND described AND tracked) # a tree that was unpacked within another repository is none of its commits
    set(commit ${described})
  endif()
endif()
if(commit MATCHES "-dirty$")
  execute_process(COMMAND ${GIT_EXECUTABLE} diff HEAD --no-ext-diff --no-textconv --no-color --no-renames --full-index --binary -- ${compiled}
    COMMAND ${GIT_EXECUTABLE} hash-object --stdin
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE changed RESULTS_VARIABLE ends ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${GIT_EXECUTABLE} -c core.quotePath=off ls-files --others --exclude-standard --full-name -- ${compiled}
    COMMAND ${GIT_EXECUTABLE} hash-object --no-filters --stdin-paths
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE added RESULTS_VARIABLE ends_of_added ERROR_QUIET)
  if("${ends};${ends_of_added}" STREQUAL "0;0;0;0")
    string(SHA256 digest "${changed}\n${added}")
    string(SUBSTRING ${digest} 0 12 digest)
  else() # nobody knows what it is made of, so it is like no other
    string(RANDOM LENGTH 12 ALPHABET 0123456789abcdef digest)
  endif()
  string(APPEND commit ".${digest}")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT
"#include \"runtime/telemetry/build_info.hpp\"
namespace troupe::telemetry {
const char* const described_commit = \"@commit@\";
}
")
