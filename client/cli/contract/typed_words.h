#ifndef LMP_CLIENT_CLI_CONTRACT_TYPED_WORDS_H_
#define LMP_CLIENT_CLI_CONTRACT_TYPED_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/contract/invocation.h"

namespace lmp::cli {

// True if the command has a flag of this name ("units").
bool HasFlag(const Invocation& invocation, absl::string_view flag);

// Translates a field of the command's request, as a server names it, into the words in which it was typed:
// "--contact-email" for "customer.contact.email", "--units cloud-app-security" for
// "units[products/cloud-app-security]", "CUSTOMER" for "parent". A field that nobody typed keeps its name.
std::string TypedWord(const Invocation& invocation, const std::string& field);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_TYPED_WORDS_H_
