#ifndef CLIENT_CLI_CONSOLE_H_
#define CLIENT_CLI_CONSOLE_H_

#include <istream>
#include <ostream>

namespace lmp::cli {

// Where the tool reads and writes.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // A person is at the other end of `in`, who can be asked.
  bool interactive;
};

}  // namespace lmp::cli

#endif  // CLIENT_CLI_CONSOLE_H_
