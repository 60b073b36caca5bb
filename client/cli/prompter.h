#ifndef CLIENT_CLI_PROMPTER_H_
#define CLIENT_CLI_PROMPTER_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lmp::cli {

// Asks a person, a line at a time.
class Prompter final {
 public:
  Prompter(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  std::ostream& out() { return out_; }
  // The answer, without blanks around it. CANCELLED if the person leaves: "q", or the end of the input.
  absl::StatusOr<std::string> Ask(absl::string_view question);
  // Asks until `accept` takes the answer, and says what it did not like. CANCELLED as above, nothing else.
  absl::Status AskUntil(absl::string_view question, const std::function<absl::Status(const std::string&)>& accept);
  // Anything but "y" or "yes" is no. CANCELLED as above.
  absl::StatusOr<bool> Confirm(absl::string_view question);

 private:
  std::istream& in_;
  std::ostream& out_;
};

}  // namespace lmp::cli

#endif  // CLIENT_CLI_PROMPTER_H_
