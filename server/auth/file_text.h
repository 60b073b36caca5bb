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

// False while somebody may still be writing the file: its last change is less than a second old. Half a file can be a
// valid one that says something else, so who reads a file that has changed waits for this. A file that is not there, or
// whose time is in the future, is settled.
bool IsSettled(const std::string& name);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_FILE_TEXT_H_
