#ifndef LMP_CLIENT_CLI_OUTPUT_ADVISORIES_H_
#define LMP_CLIENT_CLI_OUTPUT_ADVISORIES_H_

#include <ostream>

#include "google/protobuf/message.h"

namespace lmp::cli {

// True if the field is a response's `advisories`: what is allowed but looks like a mistake.
bool IsAdvisories(const google::protobuf::FieldDescriptor& field);
// Writes "note: CODE resource: text", a line for each advisory, after an empty line; nothing if there are none.
void RenderAdvisories(const google::protobuf::Message& response, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_ADVISORIES_H_
