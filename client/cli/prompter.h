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
  // Returns the answer, without blanks around it and without what arrow and function keys send. Errors: CANCELLED if
  // the person leaves ("q", or the end of the input); after AllowBack, ABORTED for "b" (IsBack).
  absl::StatusOr<std::string> Ask(absl::string_view question);
  // Asks until `accept` takes the answer, and shows why it did not take an answer. Errors: CANCELLED and ABORTED as
  // above, no others.
  absl::Status AskUntil(absl::string_view question, const std::function<absl::Status(const std::string&)>& accept);
  // Asks for a yes or no: "y" or "yes" is yes; "n", "no" or nothing is no; after anything else it asks again. Errors:
  // CANCELLED and ABORTED as above.
  absl::StatusOr<bool> Confirm(absl::string_view question);

  // From now on, "b" at any question goes back to the previous question.
  void AllowBack() { may_go_back_ = true; }

 private:
  std::istream& in_;
  std::ostream& out_;
  bool may_go_back_ = false;
};

// True if the status says that the person wants to go back to the previous question.
bool IsBack(const absl::Status& status);

// A status for `accept` of AskUntil: the answer was fine, but it does not answer the question yet.
absl::Status AskAgain();

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_PROMPTER_H_
