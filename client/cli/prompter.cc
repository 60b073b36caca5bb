#include "client/cli/prompter.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/cli/status_macros.h"
#include "client/cli/table.h"

namespace lmp::cli {

absl::StatusOr<std::string> Prompter::Ask(absl::string_view question) {
  out_ << question << " " << std::flush;
  std::string line;
  if (!std::getline(in_, line)) {
    out_ << "\n";
    return absl::CancelledError();
  }
  std::string answer(absl::StripAsciiWhitespace(line));
  if (absl::EqualsIgnoreCase(answer, "q")) return absl::CancelledError();
  return answer;
}

absl::Status Prompter::AskUntil(absl::string_view question,
                                const std::function<absl::Status(const std::string&)>& accept) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::string answer, Ask(question));
    const absl::Status status = accept(answer);
    if (status.ok()) return status;
    out_ << "  " << Printable(status.message()) << "\n";
  }
}

absl::StatusOr<bool> Prompter::Confirm(absl::string_view question) {
  ASSIGN_OR_RETURN(const std::string answer, Ask(question));
  return absl::EqualsIgnoreCase(answer, "y") || absl::EqualsIgnoreCase(answer, "yes");
}

}  // namespace lmp::cli
