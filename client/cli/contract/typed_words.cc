#include "client/cli/contract/typed_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lmp::cli {
namespace {

// `lmp assign` has arguments and flags of its own.
constexpr std::array<std::pair<absl::string_view, absl::string_view>, 8> kAssignWords = {{
    {"parent", "CUSTOMER"},
    {"service_plan", "PLAN"},
    {"units", "--units"},
    {"start_date", "--start"},
    {"align.subscription", "--align-subscription"},
    {"align", "--align-date"},
    {"crossgrade.expiration", "--keep-latest"},
    {"crossgrade", "--crossgrade"},
}};

// True if `field` is what `path` names, or lies in it.
bool IsAt(absl::string_view field, absl::string_view path) {
  return absl::StartsWith(field, path) &&
         (field.size() == path.size() || field[path.size()] == '.' || field[path.size()] == '[');
}

// "units[products/cas].units" → " cas": which of several is meant, if it is given by name.
std::string KeyIn(absl::string_view field) {
  const size_t open = field.find('[');
  const size_t close = field.find(']');
  if (open == absl::string_view::npos || close == absl::string_view::npos || close < open) return "";
  const absl::string_view key = field.substr(open + 1, close - open - 1);
  const size_t slash = key.rfind('/');
  return slash == absl::string_view::npos ? "" : absl::StrCat(" ", key.substr(slash + 1));
}

// The path of a field of the body, from the request on.
std::string InRequest(const Command& command, const FieldFlag& flag) {
  const bool is_beside =
      command.body.empty() || flag.fields.front()->containing_type() == command.descriptor().input_type();
  return is_beside ? flag.path : absl::StrCat(command.body, ".", flag.path);
}

}  // namespace

bool HasFlag(const Invocation& invocation, absl::string_view flag) {
  if (invocation.command == nullptr) {
    return std::any_of(kAssignWords.begin(), kAssignWords.end(),
                       [&](const auto& word) { return word.second == absl::StrCat("--", flag); });
  }
  const std::vector<FieldFlag> flags = invocation.command->Flags();
  return std::any_of(flags.begin(), flags.end(), [&](const FieldFlag& f) { return f.name == flag; });
}

std::string TypedWord(const Invocation& invocation, const std::string& field) {
  if (invocation.command == nullptr) {
    for (const auto& [path, word] : kAssignWords) {
      if (IsAt(field, path)) return absl::StrCat(word, KeyIn(field));
    }
    return field;
  }
  for (const Positional& positional : invocation.command->positionals) {
    if (field == positional.field) return std::string(positional.label);
  }
  for (const FieldFlag& flag : invocation.command->Flags()) {
    // A verb for many subscriptions is refused in the words of the verb for one, without the field in which it lies.
    if (IsAt(field, InRequest(*invocation.command, flag)) || IsAt(field, flag.path)) {
      return absl::StrCat("--", flag.name, KeyIn(field));
    }
  }
  return field;
}

}  // namespace lmp::cli
