#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/cli.h"
#include "google/protobuf/stubs/logging.h"

int main(int argc, char** argv) {
  setenv("GRPC_VERBOSITY", "NONE", 0);  // what goes wrong is in the status; stderr is ours
  google::protobuf::SetLogHandler(nullptr);
  return lmp::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc),
                          {.in = std::cin, .out = std::cout, .err = std::cerr, .interactive = isatty(0) != 0});
}
