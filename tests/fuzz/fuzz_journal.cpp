// Any bytes as a record, an archive or a frontier: refused as corrupt, or decoded to what encodes to the same bytes. The
// last four bytes of the checksum's place are put right in a second attempt, or the fuzzer would never get past them.

#include "runtime/journal/archive.hpp"
#include "runtime/journal/bytes.hpp"
#include "runtime/journal/frontier.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/record.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <fstream>
#include <string>

#include <unistd.h>
