#include "client/cli/prompter.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

constexpr absl::string_view kBackPayload = "lmp/back";

absl::Status Back() {
  absl::Status back = absl::AbortedError("back");
  back.SetPayload(kBackPayload, absl::Cord());
  return back;
}

// Removes escape sequences such as "ESC [ 1 ; 5 D" or "ESC O P": the terminal's line editing does not know arrow keys,
// and people try them.
std::string WithoutKeys(absl::string_view line) {
  std::string text;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      if (!absl::ascii_iscntrl(static_cast<unsigned char>(line[i]))) text.push_back(line[i]);
      continue;
    }
    ++i;  // the character that introduces the sequence
    if (i < line.size() && (line[i] == '[' || line[i] == 'O')) ++i;
    while (i < line.size() && line[i] >= 0x20 && line[i] < 0x40) ++i;  // its parameters; the last byte follows
  }
  return text;
}

}  // namespace

bool IsBack(const absl::Status& status) { return status.GetPayload(kBackPayload).has_value(); }

absl::Status AskAgain() { return absl::UnknownError(""); }

absl::StatusOr<std::string> Prompter::Ask(absl::string_view question) {
  out_ << question << " " << std::flush;
  std::string line;
  if (!std::getline(in_, line)) {
    out_ << "\n";
    return absl::CancelledError();
  }
  const std::string text = WithoutKeys(line);
  std::string answer(absl::StripAsciiWhitespace(text));
  if (absl::EqualsIgnoreCase(answer, "q")) return absl::CancelledError();
  if (may_go_back_ && absl::EqualsIgnoreCase(answer, "b")) return Back();
  return answer;
}

absl::Status Prompter::AskUntil(absl::string_view question,
                                const std::function<absl::Status(const std::string&)>& accept) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::string answer, Ask(question));
    const absl::Status status = accept(answer);
    if (status.ok()) return status;
    if (!status.message().empty()) out_ << "  " << Printable(status.message()) << "\n";
  }
}

absl::StatusOr<bool> Prompter::Confirm(absl::string_view question) {
  bool yes = false;
  RETURN_IF_ERROR(AskUntil(question, [&](const std::string& answer) {
    yes = absl::EqualsIgnoreCase(answer, "y") || absl::EqualsIgnoreCase(answer, "yes");
    const bool no = answer.empty() || absl::EqualsIgnoreCase(answer, "n") || absl::EqualsIgnoreCase(answer, "no");
    return yes || no ? absl::OkStatus() : absl::InvalidArgumentError("type y for yes or n for no");
  }));
  return yes;
}

}  // namespace lmp::cli
