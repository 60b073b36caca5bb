#ifndef LMP_CLIENT_CLI_CONSOLE_H_
#define LMP_CLIENT_CLI_CONSOLE_H_

#include <cstddef>
#include <istream>
#include <ostream>

namespace lmp::cli {

// Where the tool reads and writes.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // A person is at the other end of `in` and can be asked.
  bool interactive;
  // Columns of the terminal at the other end of `out`; 0: there is no terminal.
  size_t width = 0;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONSOLE_H_
