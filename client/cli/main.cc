#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/cli.h"
#include "google/protobuf/stubs/logging.h"

namespace {

// Columns of the terminal to which standard output goes; 0: it is no terminal.
size_t TerminalWidth() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("GRPC_VERBOSITY", "NONE", 0);  // gRPC must not log: the status says what goes wrong, and stderr is ours
  google::protobuf::SetLogHandler(nullptr);
  const int exit_code =
      lmp::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc), {.in = std::cin,
                                                                         .out = std::cout,
                                                                         .err = std::cerr,
                                                                         .interactive = isatty(STDIN_FILENO) != 0,
                                                                         .width = TerminalWidth()});
  // Some file systems report only when the file is closed that there was no space.
  if (std::fclose(stdout) == 0 || exit_code != 0) return exit_code;
  std::cerr << "error: the output could not be written\n";
  return lmp::cli::kOutputExitCode;
}
