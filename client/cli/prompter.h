#ifndef LMP_CLIENT_CLI_PROMPTER_H_
#define LMP_CLIENT_CLI_PROMPTER_H_

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
  // The answer, without blanks around it and without what arrow and function keys send. CANCELLED if the person leaves:
  // "q", or the end of the input. After AllowBack, "b" is ABORTED (IsBack).
  absl::StatusOr<std::string> Ask(absl::string_view question);
  // Asks until `accept` takes the answer, and says what it did not like. CANCELLED and ABORTED as above, nothing else.
  absl::Status AskUntil(absl::string_view question, const std::function<absl::Status(const std::string&)>& accept);
  // "y" or "yes" is yes; "n", "no" or nothing is no; after anything else it asks again. CANCELLED and ABORTED as above.
  absl::StatusOr<bool> Confirm(absl::string_view question);

  // From now on "b" at any question goes back to the one before.
  void AllowBack() { may_go_back_ = true; }

 private:
  std::istream& in_;
  std::ostream& out_;
  bool may_go_back_ = false;
};

// Whether a person wants the question before.
bool IsBack(const absl::Status& status);

// For `accept` of AskUntil: the answer was fine, but not yet the one to the question.
absl::Status AskAgain();

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_PROMPTER_H_
