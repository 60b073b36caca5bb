#ifndef LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_
#define LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Returns the token that stands for exactly what a preview showed. If it is sent back with the change, the server makes
// that change or none.
std::string PreviewTokenOf(const google::protobuf::Message& preview);
// Puts the preview's token into `request`, if the request has a field for it, and makes it a request that is stored and
// no preview.
void SetPreviewToken(google::protobuf::Message& request, const std::string& token);
// True if a change was refused because it would no longer be what the preview showed.
bool IsPreviewChanged(const absl::Status& status);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_
