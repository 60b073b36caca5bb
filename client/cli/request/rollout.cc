#include "client/cli/request/rollout.h"

#include "absl/strings/str_cat.h"
#include "client/cli/status_macros.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {
namespace {

constexpr int kCountingEnds = 10'000;  // see remaining_count

}  // namespace

absl::Status RunRollout(Session& session, const google::protobuf::Message& first) {
  v1::BatchApplyPlanUpdatesRequest request;
  request.CopyFrom(first);
  v1::BatchApplyPlanUpdatesResponse all;
  int refused = 0;
  do {
    v1::BatchApplyPlanUpdatesResponse page;
    RETURN_IF_ERROR(session.Call(kRolloutMethod, request, page));
    for (const auto& result : page.results()) refused += result.has_error() ? 1 : 0;
    request.set_page_token(page.next_page_token());
    const int up_to_date = all.up_to_date_count() + page.up_to_date_count();
    all.MergeFrom(page);
    all.set_up_to_date_count(up_to_date);
    all.clear_next_page_token();
    all.set_remaining_count(page.remaining_count());
    session.console.err << all.results_size() - refused
                        << (request.validate_only() ? " would be applied, " : " applied, ") << refused << " refused, "
                        << up_to_date << " had nothing to apply, " << page.remaining_count()
                        << (page.remaining_count() < kCountingEnds ? " to go" : " or more to go") << std::endl;
  } while (!request.page_token().empty());
  session.Write(all);
  if (refused == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(refused, " subscriptions refused: settle each by `lmp subscription apply-updates`"));
}

}  // namespace lmp::cli
