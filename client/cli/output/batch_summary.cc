#include "client/cli/output/batch_summary.h"

#include "absl/strings/str_cat.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {

absl::Status SummarizeBatch(const google::protobuf::Message& request, const google::protobuf::Message& response,
                            std::ostream& err) {
  const auto* asked = google::protobuf::DynamicCastToGenerated<v1::BatchUpdateSubscriptionsRequest>(&request);
  const auto* answer = google::protobuf::DynamicCastToGenerated<v1::BatchUpdateSubscriptionsResponse>(&response);
  if (asked == nullptr || answer == nullptr) return absl::OkStatus();
  if (answer->results().empty() && answer->skipped().empty()) {
    return absl::NotFoundError(
        absl::StrCat("no running subscription of ", asked->parent(), " matches: nothing was changed"));
  }
  if (answer->results().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("all ", answer->skipped_size(), " that match were left as they are: nothing was changed"));
  }
  if (!answer->skipped().empty()) {
    err << "(" << answer->results_size() << (asked->validate_only() ? " would be done, " : " done, ")
        << answer->skipped_size() << " left as they are)\n";
  }
  return absl::OkStatus();
}

}  // namespace lmp::cli
