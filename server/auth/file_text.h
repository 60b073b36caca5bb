// Small files that are read again when they change.
#ifndef LMP_SERVER_AUTH_FILE_TEXT_H_
#define LMP_SERVER_AUTH_FILE_TEXT_H_

#include <string>

#include "absl/status/statusor.h"

namespace lmp::auth {

// Returns the whole file, which may have at most 1 MiB. Errors: INVALID_ARGUMENT with the file's name.
absl::StatusOr<std::string> ReadFile(const std::string& name);

// A text that changes when the file does. Of a symbolic link it is the state of the file that the link leads to, as in
// a mounted ConfigMap.
std::string StateOfFile(const std::string& name);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_FILE_TEXT_H_
