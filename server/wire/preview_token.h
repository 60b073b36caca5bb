// Makes it possible to apply exactly what was previewed. The answer to a preview carries a token: a digest of the
// changes that it shows. The same request with the token makes just these changes, or is refused with what is different
// now. Nothing is stored, and the token needs no key because it grants nothing; so any server can read a token that
// another server made.
#ifndef LMP_SERVER_WIRE_PREVIEW_TOKEN_H_
#define LMP_SERVER_WIRE_PREVIEW_TOKEN_H_

#include <google/protobuf/message.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/change.pb.h"
#include "lmp/v1/errors.pb.h"
#include "server/engine/write_engine.h"

namespace lmp::wire {

// A change in the form in which a token keeps it: enough to recognize the same change, and to tell which resource a
// different change is about.
struct ChangeDigest {
  std::string resource;
  std::string change;
  auto operator<=>(const ChangeDigest&) const = default;
};

// The content of a token.
struct ShownChanges {
  std::string all;  // digest of all changes, whatever their order; for a part of a call, its first bytes
  // In order of their resources' digests; only the first of them if there are very many.
  std::vector<ChangeDigest> changes;
};

// How a mutation was asked for.
struct Asked {
  bool preview = false;
  std::string request;  // digest of what the request asks for; set for a preview, or with a token
  // If set, the mutation must make just the changes that a preview of the same request showed.
  std::optional<ShownChanges> shown;
};

// Reads the request's validate_only and preview_token. Errors: INVALID_FIELDS, naming preview_token, if the token is
// none, or belongs to another request.
absl::StatusOr<Asked> ParseAsked(const google::protobuf::Message& request);

// The digest of what a decision would show. Ids and instants that the server makes do not count, because they differ
// each time.
ShownChanges DigestOf(const engine::Decision& decided, const std::vector<v1::Change>& changes);

// For a preview, sets `changes` and `preview_token` of the response. Errors: ABORTED, PREVIEW_CHANGED, if the changes
// are not those that were asked for; it names the resources that would change differently.
absl::Status AddPreview(const engine::Decision& decided, const Asked& asked, google::protobuf::Message* response);

// For a call that is done in parts, each in a transaction of its own: PartOf returns what is asked of the part with
// this name, and the other function makes the token of the whole from those of its parts.
Asked PartOf(const Asked& whole, const std::string& name);
std::string JoinPreviews(const Asked& whole, const std::map<std::string, std::string>& tokens);

// Returns the details of a status that is PREVIEW_CHANGED, and nothing for any other status.
std::optional<v1::PreviewChanged> PreviewChangedOf(const absl::Status& status);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PREVIEW_TOKEN_H_
