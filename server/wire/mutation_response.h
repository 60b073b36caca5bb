// What the responses of mutations share.
#ifndef LMP_SERVER_WIRE_MUTATION_RESPONSE_H_
#define LMP_SERVER_WIRE_MUTATION_RESPONSE_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/engine/write_engine.h"
#include "server/wire/preview_token.h"

namespace lmp::wire {

// Completes the response of a mutation, whose own fields are set: adds `advisories`, `affected`, and in a preview what
// would change. Errors: PREVIEW_CHANGED if that differs from what the caller was shown.
absl::StatusOr<std::string> FinishResponse(const engine::Decision& decided, const Asked& asked,
                                           google::protobuf::Message* response);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_MUTATION_RESPONSE_H_
