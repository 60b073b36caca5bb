// What the responses of mutations share.
#ifndef LMP_SERVER_WIRE_MUTATION_RESPONSE_H_
#define LMP_SERVER_WIRE_MUTATION_RESPONSE_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/engine/write_engine.h"
#include "server/wire/preview_token.h"

namespace lmp::wire {

// The response of a mutation, whose own fields are set, as the caller gets it: with what looks like a mistake in it
// (`advisories`), with what it hits (`affected`), and in a preview with what would change. PREVIEW_CHANGED if that is
// not what the caller was shown.
absl::StatusOr<std::string> FinishResponse(const engine::Decision& decided, const Asked& asked,
                                           google::protobuf::Message* response);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_MUTATION_RESPONSE_H_
