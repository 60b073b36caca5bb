// Page tokens: where a list goes on, and a fingerprint of the arguments it belongs to.
#ifndef LMP_SERVER_WIRE_PAGE_TOKEN_H_
#define LMP_SERVER_WIRE_PAGE_TOKEN_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"
#include "storage/lists.h"

namespace lmp::wire {

// SHA-256 of a message without the named field; the same for equal messages.
std::string Fingerprint(const google::protobuf::Message& message, const std::string& without_field);

// Reads page_size and page_token (fields of every list request). Errors: INVALID_ARGUMENT with PAGE_TOKEN_INVALID for a
// token that is not ours or belongs to other arguments; a negative page_size.
absl::StatusOr<storage::PageOptions> ParsePage(const google::protobuf::Message& request);

// The token for the page after `page`; empty if there is none.
std::string NextPageToken(const google::protobuf::Message& request, const storage::Page& page);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PAGE_TOKEN_H_
