# Writes OUT with the commit of SOURCE as it is now, and leaves the file alone when nothing changed. At every build: a tree that is edited after
# it was configured is another build, and results of one must not pass for the other's.
cmake_minimum_required(VERSION 3.25)
set(commit unknown)
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE described RESULT_VARIABLE failed
    ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND described)
    set(commit ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT
"#include \"runtime/telemetry/build_info.hpp\"
namespace troupe::telemetry {
const char* const described_commit = \"@commit@\";
}
")
