#include "server/rpcs/plan_rollout.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/ids.h"
#include "server/wire/crossgrade.h"
#include "server/wire/mutation_request.h"
#include "server/wire/mutation_response.h"
#include "server/wire/page_token.h"
#include "server/wire/status.h"
#include "server/wire/subscription.h"
#include "storage/list_queries.h"
#include "storage/rows/row_page.h"
#include "storage/world_store.h"

namespace lmp::rpcs {
namespace {

constexpr int kMaxPage = 200;
constexpr size_t kAtOnce = 32;  // parts under way at the same time: a batch of the engine, without flooding its queue

// True if the error is not the subscription's fault: another try may succeed.
bool IsForNow(const absl::Status& status) {
  return !status.ok() && (domain::RefusalOf(status).reason.empty() || absl::IsUnavailable(status));
}

// Lives until the call is answered; the functions that wait hold it.
class PlanRollout : public std::enable_shared_from_this<PlanRollout> {
 public:
  PlanRollout(const Backend& backend, Call* call, v1::BatchApplyPlanUpdatesRequest request)
      : backend_(backend), call_(call), request_(std::move(request)) {
    // The page is the same whatever the request_id is.
    listed_ = request_;
    listed_.clear_request_id();
    listed_.clear_preview_token();
  }

  void Start() {
    wire::Fields fields;
    plan_id_ = fields.Name("service_plan", request_.service_plan(), "servicePlans");
    wire::ParseUnits(fields, "units", request_.units());
    wire::ParseCrossgrade(fields, request_.crossgrade());
    const absl::StatusOr<wire::Asked> asked = wire::ParseAsked(request_);
    const absl::Status status = wire::BothInvalid(
        asked.status(), wire::BothInvalid(wire::CheckRequestId(request_.request_id()), fields.status()));
    if (!status.ok()) return call_->Answer(status);
    asked_ = *asked;
    request_.set_request_id(request_.request_id().empty() ? server::NewUuid()
                                                          : wire::RequestIdOf(request_.request_id()));
    call_->set_request_id(request_.request_id());
    const absl::StatusOr<wire::PageRequest> page = backend_.tokens.Parse(listed_);
    if (!page.ok()) return call_->Answer(page.status());
    storage::PageQuery query{.equals = {{"service_plan_id", plan_id_}, {"state", "ACTIVE"}},
                             .after = page->after,
                             .limit = std::min(page->limit, kMaxPage)};
    backend_.lists.Submit(
        {.caller = call_->caller(),
         .deadline = call_->deadline(),
         .bytes = call_->bytes(),
         .gone = call_->gone(),
         .list = [self = shared_from_this(), query = std::move(query)](
                     storage::Connection& connection, const domain::Env& env) -> absl::StatusOr<std::string> {
           RETURN_IF_ERROR(self->LoadPage(connection, query, env));
           return "";
         },
         .done =
             [self = shared_from_this()](const absl::StatusOr<std::string>& loaded) {
               if (!loaded.ok() || self->keys_.empty()) return self->Answer(loaded.status());
               self->Begin();
             }});
  }

 private:
  absl::Status LoadPage(storage::Connection& connection, const storage::PageQuery& query, const domain::Env& env) {
    ASSIGN_OR_RETURN(const model::World world, storage::LoadWorld(connection, {.service_plans = {plan_id_}},
                                                                  storage::Locking::kNone, backend_.cache));
    ASSIGN_OR_RETURN(const model::ServicePlan* plan, domain::FindServicePlan(world, env.caller, plan_id_));
    const std::string name = domain::ServicePlanName(plan_id_);
    if (!domain::MayChange(env.caller, plan->partner_id)) {
      return domain::NotFound(domain::reason::kServicePlanNotFound, name);
    }
    RETURN_IF_ERROR(
        domain::FindWritablePartner(world, env.caller, domain::Verb::kBatchApplyPlanUpdates, plan->partner_id)
            .status());
    RETURN_IF_ERROR(domain::CheckEtag(request_.etag(), domain::EtagOf(plan->stamp), name));
    RETURN_IF_ERROR(domain::CheckNotLocked(*world.catalog, *plan));
    ASSIGN_OR_RETURN(const auto page, storage::LoadPage<model::Subscription>(connection, query));
    for (const model::Subscription& subscription : page.rows) keys_.push_back(KeyOf(subscription));
    results_.resize(keys_.size(), absl::UnknownError("not yet"));
    if (!page.more) return absl::OkStatus();
    response_.set_next_page_token(backend_.tokens.Next(listed_, {"", keys_.back()}));
    ASSIGN_OR_RETURN(const int remaining, storage::CountSubscriptions(connection, plan_id_, keys_.back()));
    response_.set_remaining_count(remaining);
    return absl::OkStatus();
  }

  void Begin() {
    for (size_t i = 0; i < std::min(kAtOnce, keys_.size()); ++i) SubmitNext();
  }

  // Submits the next subscription, if there is one left.
  void SubmitNext() {
    size_t index;
    {
      absl::MutexLock lock(&mutex_);
      if (next_ == keys_.size()) return;
      index = next_++;
    }
    v1::ApplyPlanUpdatesRequest one;
    one.set_name(domain::SubscriptionName(keys_[index].first, keys_[index].second));
    *one.mutable_units() = request_.units();
    *one.mutable_crossgrade() = request_.crossgrade();
    one.set_validate_only(request_.validate_only());
    one.set_request_id(server::UuidOf(absl::StrCat(request_.request_id(), " ", one.name())));
    auto mutation = FindRpc("ApplyPlanUpdates")->write(one, wire::PartOf(asked_, one.name()), backend_.context());
    if (!mutation.ok()) return Done(index, mutation.status());
    SetCaller(call_, *mutation);
    mutation->done = [self = shared_from_this(), index](absl::StatusOr<engine::Answer> answer) {
      self->Done(index, answer.ok() ? absl::StatusOr<std::string>(std::move(answer->response)) : answer.status());
    };
    backend_.writes.Submit(*std::move(mutation));
  }

  void Done(size_t index, absl::StatusOr<std::string> result) {
    bool all = false;
    {
      absl::MutexLock lock(&mutex_);
      results_[index] = std::move(result);
      all = ++done_ == keys_.size();
    }
    if (all) return Answer(absl::OkStatus());
    SubmitNext();
  }

  void Answer(const absl::Status& loaded) {
    if (!loaded.ok()) return call_->Answer(loaded);
    absl::MutexLock lock(&mutex_);
    std::map<std::string, std::string> tokens;  // by subscription
    for (size_t i = 0; i < keys_.size(); ++i) {
      const absl::Status& status = results_[i].status();
      if (IsForNow(status)) return call_->Answer(status);
      const std::string reason = domain::RefusalOf(status).reason;
      if (reason == domain::reason::kPlanUpToDate || reason == domain::reason::kSubscriptionEnded ||
          reason == domain::reason::kSubscriptionNotFound) {
        response_.set_up_to_date_count(response_.up_to_date_count() + 1);
        continue;
      }
      auto* result = response_.add_results();
      result->set_subscription(domain::SubscriptionName(keys_[i].first, keys_[i].second));
      if (!status.ok()) {
        std::string ignored;
        *result->mutable_error() = wire::ToRpcStatus(status, "", &ignored);
        continue;
      }
      v1::ApplyPlanUpdatesResponse one;
      if (!one.ParseFromString(*results_[i])) continue;
      response_.mutable_changes()->MergeFrom(one.changes());
      response_.mutable_advisories()->MergeFrom(one.advisories());
      tokens[result->subscription()] = one.preview_token();
    }
    if (asked_.preview) response_.set_preview_token(wire::JoinPreviews(asked_, tokens));
    call_->Answer(response_.SerializeAsString());
  }

  const Backend& backend_;
  Call* const call_;
  v1::BatchApplyPlanUpdatesRequest request_;
  v1::BatchApplyPlanUpdatesRequest listed_;
  std::string plan_id_;
  wire::Asked asked_;
  std::vector<model::RowKey> keys_;  // fixed when the page is loaded
  v1::BatchApplyPlanUpdatesResponse response_;
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  // Serialized responses; guarded by mutex_ while any part is under way.
  std::vector<absl::StatusOr<std::string>> results_;
};

}  // namespace

Rpc PlanRolloutRpc() {
  return {.name = "BatchApplyPlanUpdates",
          .needs = auth::Permission::kManageSubscriptions,
          .request = &v1::BatchApplyPlanUpdatesRequest::default_instance(),
          .response = &v1::BatchApplyPlanUpdatesResponse::default_instance(),
          .serve = [](const Backend& backend, const google::protobuf::Message& request, Call* call) {
            const auto& typed = static_cast<const v1::BatchApplyPlanUpdatesRequest&>(request);
            std::make_shared<PlanRollout>(backend, call, typed)->Start();
          }};
}

}  // namespace lmp::rpcs
