// For clang's libFuzzer: lmp_fuzz TARGET [-FLAG=VALUE…] [DIRECTORY…]

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/target.h"

namespace {
const lmp::fuzz::Target* chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (const lmp::fuzz::Target& target : lmp::fuzz::Targets()) {
    if (*argc > 1 && target.name == (*argv)[1]) chosen = &target;
  }
  if (chosen == nullptr) {
    std::fprintf(stderr, "the first argument is one of:");
    for (const lmp::fuzz::Target& target : lmp::fuzz::Targets()) std::fprintf(stderr, " %s", target.name.data());
    std::fprintf(stderr, "\n");
    std::exit(64);
  }
  // libFuzzer does not see the target.
  (*argv)[1] = (*argv)[0];
  ++*argv;
  --*argc;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
