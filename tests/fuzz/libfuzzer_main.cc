// For clang's libFuzzer: lmp_fuzz TARGET [-FLAG=VALUE…] [DIRECTORY…]

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/target.h"

namespace {
constexpr char kTarget[] = "LMP_FUZZ_TARGET";
const lmp::fuzz::Target* chosen = nullptr;
}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  // libFuzzer does not see the target. To merge it starts itself again, without it: the environment has it then.
  const char* name = getenv(kTarget);
  if (name == nullptr && *argc > 1) {
    name = (*argv)[1];
    setenv(kTarget, name, 0);
    (*argv)[1] = (*argv)[0];
    ++*argv;
    --*argc;
  }
  for (const lmp::fuzz::Target& target : lmp::fuzz::Targets()) {
    if (name != nullptr && target.name == name) chosen = &target;
  }
  if (chosen != nullptr) return 0;
  std::fprintf(stderr, "the first argument is one of:");
  for (const lmp::fuzz::Target& target : lmp::fuzz::Targets()) std::fprintf(stderr, " %s", target.name.data());
  std::fprintf(stderr, "\n");
  std::exit(64);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
