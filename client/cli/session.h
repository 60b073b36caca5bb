#ifndef LMP_CLIENT_CLI_SESSION_H_
#define LMP_CLIENT_CLI_SESSION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/cli/console.h"
#include "client/cli/contract/invocation.h"
#include "client/cli/output/json_output.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "lmp/connection.h"

namespace lmp::cli {

// The error of a command line that is wrong, found after it was parsed; it exits with kUsageExitCode.
absl::Status UsageError(absl::string_view message);
// The same of another error, e.g. of SetField.
absl::Status AsUsageError(const absl::Status& status);
bool IsUsageError(const absl::Status& status);

// One run of the tool.
struct Session {
  const Invocation& invocation;
  Console console;
  std::shared_ptr<client::Connection> connection;
  // Of the last call.
  client::CallInfo info = {};

  bool json() const { return invocation.global.output == Output::kJson; }
  // What --read-mask asks for; empty: everything.
  google::protobuf::FieldMask ReadMask() const;
  client::CallOptions Options() { return {.info = &info}; }

  // Puts --request-id, --etag and --dry-run into a request. A usage error if it has no place for one that was given.
  absl::Status ApplyChangeFlags(google::protobuf::Message& request) const;
  // Calls "lmp.v1.Service.Method".
  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message& response);
  // Writes one answer as --output says, with a word on `err` if it is a replay or a preview.
  void Write(const google::protobuf::Message& response) const;
  // Why a filter may have found nothing; empty if it is not known.
  std::string FilterHint() const;
  // Writes a list as --output says; of an empty one it says so.
  void WriteList(const google::protobuf::Descriptor& type, const MessageList& items) const;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_SESSION_H_
