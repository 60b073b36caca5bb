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

// The error for a wrong command line that is found after parsing; the tool exits with kUsageExitCode.
absl::Status UsageError(absl::string_view message);
// Makes such an error of another one, e.g. of SetField.
absl::Status AsUsageError(const absl::Status& status);
bool IsUsageError(const absl::Status& status);

// One run of the tool.
struct Session {
  const Invocation& invocation;
  Console console;
  std::shared_ptr<client::Connection> connection;
  // Information about the last call.
  client::CallInfo info = {};

  bool json() const { return invocation.global.output == Output::kJson; }
  // The fields that --read-mask asks for; empty: everything.
  google::protobuf::FieldMask ReadMask() const;
  client::CallOptions Options() { return {.info = &info}; }

  // Puts --request-id, --etag and --dry-run into a request. Errors: a usage error if one was given for which the
  // request has no field.
  absl::Status ApplyChangeFlags(google::protobuf::Message& request) const;
  // Calls "lmp.v1.Service.Method".
  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message& response);
  // Writes one answer as --output asks for it, with a word on `err` if the answer is a replay or a preview.
  void Write(const google::protobuf::Message& response) const;
  // Why a filter may have found nothing; empty if that is not known.
  std::string FilterHint() const;
  // Writes a list as --output asks for it; if the list is empty, says so.
  void WriteList(const google::protobuf::Descriptor& type, const MessageList& items) const;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_SESSION_H_
