// For every compiler: runs each target with what is in its directory. lmp_fuzz CORPUS

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/target.h"

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  for (const lmp::fuzz::Target& target : lmp::fuzz::Targets()) {
    int inputs = 0;
    const auto directory = std::filesystem::path(argv[1]) / std::string(target.name);
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      std::ifstream file(entry.path(), std::ios::binary);
      // In a crash, the last line says which input it was.
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      target.run(std::string(std::istreambuf_iterator<char>(file), {}));
      ++inputs;
    }
    lmp::fuzz::Require(inputs > 0, "a target has inputs");
  }
}
