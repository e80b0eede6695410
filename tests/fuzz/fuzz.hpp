#pragma once
// What a fuzz target says when a claim about its input does not hold: the fuzzer keeps the input and stops.

#include <cstdio>
#include <cstdlib>

#define FUZZ_CHECK(claim)                                                                                    \
  do {                                                                                                       \
    if (!(claim)) {                                                                                          \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim);                        \
      std::abort();                                                                                          \
    }                                                                                                        \
  } while (false)
