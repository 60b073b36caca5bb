// What the history needs to know of API keys.
#ifndef LMP_SERVER_RPCS_API_KEY_H_
#define LMP_SERVER_RPCS_API_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "server/rpcs/backend.h"

namespace lmp::rpcs {

// Whether the caller may see the key of this id, and, if a name is given, whether the key has it. Errors:
// API_KEY_NOT_FOUND.
absl::Status CheckApiKeyVisible(const Reading& reading, const std::string& key_id, const std::string& name);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_API_KEY_H_
