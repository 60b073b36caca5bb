#ifndef LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_
#define LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::cli {

// Up to three of `candidates` that may have been meant by `word`, the nearest first: mistyped by a letter or few, a
// part of it ("name" for "display-name"), or another word for the same ("show" for "get").
std::vector<std::string> Nearest(absl::string_view word, const std::vector<std::string>& candidates);

// What to type instead of a command that people expect and that has another name here, "subscription upgrade" for one;
// empty if it is not known.
absl::string_view Instead(absl::string_view command);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_SUGGESTIONS_H_
