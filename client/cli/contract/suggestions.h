#ifndef LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_
#define LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::cli {

// Returns up to three of `candidates` that may be meant by `word`, the nearest first: `word` differs in a few letters,
// is a part of the candidate ("name" for "display-name"), or is another word for it ("show" for "get").
std::vector<std::string> Nearest(absl::string_view word, const std::vector<std::string>& candidates);

// What to type instead of a command that people expect and that has another name here, such as "subscription upgrade";
// empty if the command is not known.
absl::string_view Instead(absl::string_view command);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_
