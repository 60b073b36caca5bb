#include "lmp/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace lmp::client {
namespace {

void AddDetail(const google::rpc::ErrorInfo& info, ErrorDetails& details) {
  details.reason = info.reason();
  details.domain = info.domain();
  details.metadata.insert(info.metadata().begin(), info.metadata().end());
}

void AddDetail(const google::rpc::BadRequest& bad, ErrorDetails& details) {
  for (const auto& v : bad.field_violations()) details.field_violations.push_back({v.field(), v.description()});
}

void AddDetail(const google::rpc::PreconditionFailure& failure, ErrorDetails& details) {
  for (const auto& v : failure.violations()) {
    details.preconditions.push_back({v.type(), v.subject(), v.description()});
  }
}

void AddDetail(const google::rpc::ResourceInfo& info, ErrorDetails& details) {
  details.resource = ResourceDetail{info.resource_type(), info.resource_name(), info.description()};
}

void AddDetail(const google::rpc::RetryInfo& info, ErrorDetails& details) {
  details.retry_delay = absl::Seconds(info.retry_delay().seconds()) + absl::Nanoseconds(info.retry_delay().nanos());
}

void AddDetail(const google::rpc::RequestInfo& info, ErrorDetails& details) { details.log_id = info.request_id(); }

void AddDetail(const v1::CrossgradeRequired& crossgrade, ErrorDetails& details) {
  details.duplicates.assign(crossgrade.duplicates().begin(), crossgrade.duplicates().end());
}

template <typename Detail>
bool AddIf(const google::protobuf::Any& any, ErrorDetails& details) {
  Detail detail;
  if (!any.Is<Detail>() || !any.UnpackTo(&detail)) return false;
  AddDetail(detail, details);
  return true;
}

template <typename... Detail>
void AddAny(const google::protobuf::Any& any, ErrorDetails& details) {
  static_cast<void>((AddIf<Detail>(any, details) || ...));  // details that only a newer server knows are ignored
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status rpc;
  const absl::optional<absl::Cord> payload = status.GetPayload(kStatusPayload);
  if (payload.has_value() && rpc.ParseFromString(std::string(*payload)) && rpc.code() == status.raw_code()) return rpc;
  rpc.Clear();
  rpc.set_code(status.raw_code());
  rpc.set_message(std::string(status.message()));
  return rpc;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  if (!result.ok()) result.SetPayload(kStatusPayload, absl::Cord(status.SerializeAsString()));
  return result;
}

ErrorDetails GetErrorDetails(const absl::Status& status) {
  ErrorDetails details;
  const google::rpc::Status rpc = ToRpcStatus(status);
  for (const google::protobuf::Any& any : rpc.details()) {
    AddAny<google::rpc::ErrorInfo, google::rpc::BadRequest, google::rpc::PreconditionFailure, google::rpc::ResourceInfo,
           google::rpc::RetryInfo, google::rpc::RequestInfo, v1::CrossgradeRequired>(any, details);
  }
  return details;
}

std::string ErrorText(const absl::Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  if (status.ok()) return code;
  const ErrorDetails details = GetErrorDetails(status);
  std::string text = absl::StrCat(details.reason.empty() ? code : absl::StrCat(details.reason, " (", code, ")"), ": ",
                                  status.message());
  for (const FieldViolation& v : details.field_violations) {
    if (!absl::StrContains(status.message(), v.field)) absl::StrAppend(&text, "; ", v.field, " ", v.description);
  }
  if (!details.log_id.empty()) absl::StrAppend(&text, " (log id ", details.log_id, ")");
  return text;
}

absl::Status MakeError(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason));
  info.set_domain("lmp");
  status.add_details()->PackFrom(info);
  return FromRpcStatus(status);
}

bool HasReason(const absl::Status& status, v1::ErrorReason reason) {
  return !status.ok() && GetErrorDetails(status).reason == v1::ErrorReason_Name(reason);
}

}  // namespace lmp::client
