#ifndef LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_
#define LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// What stands for exactly what a preview showed: sent back with the change, the server makes that change or none.
std::string PreviewTokenOf(const google::protobuf::Message& preview);
// `request` with the token of its preview, if it has a place for one, to be stored now.
void SetPreviewToken(google::protobuf::Message& request, const std::string& token);
// Whether a change was refused because it would no longer be what the preview showed.
bool IsPreviewChanged(const absl::Status& status);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_PREVIEW_TOKEN_H_
