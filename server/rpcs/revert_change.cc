// RevertChange: first reads the events of the request that is to be taken back, which never change; then a mutation
// like any other sets their rows back.
#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lmp/v1/revert.pb.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/revert.h"
#include "server/rpcs/event_scope.h"
#include "server/rpcs/mutation.h"
#include "server/wire/changes.h"
#include "server/wire/fields.h"
#include "server/wire/mutation_request.h"
#include "server/wire/mutation_response.h"
#include "server/wire/scheduled_change.h"
#include "server/wire/subscription.h"
#include "storage/history.h"
#include "storage/list_queries.h"
#include "storage/rows/images.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

constexpr char kName[] = "RevertChange";
constexpr int kPage = 500;
constexpr int kMaxLookedAt = 10'000;  // events of a customer, for one with a request_id
constexpr size_t kMaxReason = 500;    // characters

// What is to be taken back: that of which this is an event, or the request of a customer.
struct Wanted {
  int64_t event_id = 0;
  std::string customer_id;
  std::string request_id;
  std::string etag;
};

absl::StatusOr<Wanted> ParseWanted(const v1::RevertChangeRequest& request) {
  wire::Fields fields;
  Wanted wanted{.etag = request.etag()};
  if (request.change_request_id().empty()) {
    fields.Name("name", request.name(), "events");
    if (!request.customer().empty()) fields.Fail("customer", "goes with change_request_id only");
    RETURN_IF_ERROR(fields.status());
    ASSIGN_OR_RETURN(wanted.event_id, wire::EventIdOf(request.name()));
    return wanted;
  }
  if (!request.name().empty()) fields.Fail("name", "excludes change_request_id: both say which");
  if (!wire::CheckRequestId(request.change_request_id()).ok()) fields.Fail("change_request_id", "must be a UUID");
  wanted.request_id = wire::RequestIdOf(request.change_request_id());
  wanted.customer_id = fields.Name("customer", request.customer(), "customers");
  RETURN_IF_ERROR(fields.status());
  return wanted;
}

// A caller's, not what time did with it.
bool IsOf(const model::Event& event, const std::string& request_id) {
  return event.request_id == request_id && !event.effective_date.has_value();
}
// What time did at once with what the request left, as a renewal that it made due; if it is behind the request's own.
bool FollowedFrom(const model::Event& event, const std::string& request_id) {
  return event.request_id == request_id && event.effective_date.has_value();
}

absl::StatusOr<model::Event> FindByRequest(const Reading& reading, const Wanted& wanted) {
  ASSIGN_OR_RETURN(const model::World world,
                   storage::LoadCustomerRow(reading.connection, wanted.customer_id, reading.cache));
  RETURN_IF_ERROR(domain::FindCustomer(world, reading.env.caller, wanted.customer_id).status());
  int64_t after = 0;
  for (int looked_at = 0; looked_at < kMaxLookedAt; looked_at += kPage) {
    ASSIGN_OR_RETURN(const storage::EventPage page,
                     storage::ListEvents(reading.connection, {"", wanted.customer_id, ""},
                                         storage::EventOrder::kNewestFirst, after, kPage));
    for (const model::Event& event : page.events) {
      if (IsOf(event, wanted.request_id)) return event;
    }
    if (!page.more) break;
    after = page.events.back().event_id;
  }
  const std::string name = domain::CustomerName(wanted.customer_id);
  return domain::Refuse(absl::StatusCode::kNotFound,
                        absl::StrCat("no event of request ", wanted.request_id, " was found among those of ", name),
                        {.reason = domain::reason::kEventNotFound, .resource = name});
}

absl::StatusOr<model::Event> FindById(const Reading& reading, int64_t event_id) {
  const std::string name = wire::EventName(event_id);
  ASSIGN_OR_RETURN(std::optional<model::Event> event, storage::LoadEvent(reading.connection, event_id));
  ASSIGN_OR_RETURN(const VisibleEvents visible, VisibleEvents::Load(reading.connection, reading.env.caller));
  if (!event.has_value() || !visible.Has(*event)) return wire::NoSuchEvent(name);
  RETURN_IF_ERROR(domain::CheckRevertible(event->kind, name));
  if (event->effective_date.has_value() || !IsOfCustomer(*event)) {
    return domain::Precondition(
        domain::reason::kNotRevertible, name,
        absl::StrCat(name,
                     " followed from something else: name an event of a subscription or license that a "
                     "caller changed"));
  }
  return *std::move(event);
}

// The events of the request beside `event`, on one side of it. Whoever writes to a customer has it locked, so that the
// customer's events of a transaction are next to each other. `followed`, if it is there, gets what followed from them.
absl::StatusOr<std::vector<model::Event>> Beside(storage::Connection& connection, const model::Event& event,
                                                 storage::EventOrder order,
                                                 std::vector<model::Event>* followed = nullptr) {
  std::vector<model::Event> events;
  for (int64_t after = event.event_id;;) {
    ASSIGN_OR_RETURN(storage::EventPage page,
                     storage::ListEvents(connection, {"", event.key1, ""}, order, after, kPage));
    for (model::Event& other : page.events) {
      after = other.event_id;
      if (other.event_time != event.event_time) return events;
      if (followed != nullptr && FollowedFrom(other, event.request_id)) followed->push_back(other);
      if (IsOf(other, event.request_id) && other.actor == event.actor) events.push_back(std::move(other));
    }
    if (!page.more) return events;
  }
}

// All that the mutation is made of: the command, and the events that it takes back, in order.
struct Found {
  domain::RevertChangeCommand command;
  std::vector<std::string> events;
};

template <class Row>
void Append(std::vector<model::RowChange<Row>> from, std::vector<model::RowChange<Row>>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

absl::Status AppendChange(const model::Event& event, model::ChangeSet& changes) {
  ASSIGN_OR_RETURN(model::ChangeSet change, storage::ChangeOf(event));
  Append(std::move(change.subscriptions), changes.subscriptions);
  Append(std::move(change.licenses), changes.licenses);
  Append(std::move(change.scheduled_changes), changes.scheduled_changes);
  return absl::OkStatus();
}

absl::StatusOr<Found> Find(const Reading& reading, const Wanted& wanted) {
  ASSIGN_OR_RETURN(model::Event event,
                   wanted.request_id.empty() ? FindById(reading, wanted.event_id) : FindByRequest(reading, wanted));
  ASSIGN_OR_RETURN(std::vector<model::Event> events,
                   Beside(reading.connection, event, storage::EventOrder::kNewestFirst));
  std::reverse(events.begin(), events.end());
  std::vector<model::Event> followed;
  ASSIGN_OR_RETURN(std::vector<model::Event> later,
                   Beside(reading.connection, event, storage::EventOrder::kOldestFirst, &followed));
  events.push_back(std::move(event));
  std::move(later.begin(), later.end(), std::back_inserter(events));
  Found found{.command = {.customer_id = events.front().key1, .etag = wanted.etag}};
  for (const model::Event& one : events) {
    RETURN_IF_ERROR(domain::CheckRevertible(one.kind, wire::EventName(one.event_id)));
    RETURN_IF_ERROR(AppendChange(one, found.command.changes));
    found.events.push_back(wire::EventName(one.event_id));
  }
  for (const model::Event& one : followed) RETURN_IF_ERROR(AppendChange(one, found.command.followed));
  return found;
}

void Render(const engine::Decision& decided, const domain::RevertedChange& result,
            const std::vector<std::string>& events, v1::RevertChangeResponse* out) {
  const wire::View after = wire::After(decided);
  for (const std::string& name : events) out->add_reverted_events(name);
  for (const std::string& id : result.subscription_ids)
    wire::ToProto(*model::Find(after.world.subscriptions, result.customer_id, id), after, out->add_subscriptions());
  for (const std::string& id : result.dropped_change_ids)
    wire::ToProto(*model::Find(after.world.scheduled_changes, result.customer_id, id), after,
                  out->add_dropped_changes());
}

// Lives until the call is answered; the functions that wait hold it.
class Revert : public std::enable_shared_from_this<Revert> {
 public:
  Revert(const Backend& backend, Call* call, v1::RevertChangeRequest request)
      : backend_(backend), call_(call), request_(std::move(request)) {}

  void Start() {
    const absl::StatusOr<Wanted> wanted = ParseWanted(request_);
    asked_ = wire::ParseAsked(request_);
    const absl::Status status = wire::BothInvalid(
        asked_.status(), wire::BothInvalid(wire::CheckRequestId(request_.request_id()), wanted.status()));
    if (!status.ok()) return call_->Answer(status);
    backend_.lists.Submit(
        {.caller = call_->caller(),
         .deadline = call_->deadline(),
         .bytes = call_->bytes(),
         .gone = call_->gone(),
         .list = [self = shared_from_this(), wanted = *wanted](storage::Connection& connection,
                                                               const domain::Env& env) -> absl::StatusOr<std::string> {
           ASSIGN_OR_RETURN(self->found_, Find({connection, self->backend_.cache, self->backend_.tokens, env}, wanted));
           return "";
         },
         .done =
             [self = shared_from_this()](const absl::StatusOr<std::string>& read) {
               if (!read.ok() && !self->MayBeDone(read.status())) return self->call_->Answer(read.status());
               self->refused_ = read.status();
               self->Submit();
             }});
  }

 private:
  // What is asked for again may be done, and not be found any more: the customer was deleted since. The engine knows
  // the answers that were given.
  bool MayBeDone(const absl::Status& refused) const {
    return !request_.request_id().empty() && !request_.validate_only() &&
           (absl::IsNotFound(refused) || absl::IsFailedPrecondition(refused));
  }

  void Submit() {
    engine::Mutation mutation = NewMutation(kName, request_, request_.request_id(), request_.validate_only());
    mutation.event_kind = event::kChangeReverted;
    if (refused_.ok()) mutation.footprint = found_.command.footprint();
    mutation.decide = [self = shared_from_this()](model::World& world,
                                                  const domain::Env& env) -> absl::StatusOr<engine::ResponseWriter> {
      RETURN_IF_ERROR(self->refused_);
      ASSIGN_OR_RETURN(domain::RevertedChange result, domain::RevertChange(world, self->found_.command, env));
      return engine::ResponseWriter(
          [self, result = std::move(result)](const engine::Decision& decided) -> absl::StatusOr<std::string> {
            v1::RevertChangeResponse response;
            Render(decided, result, self->found_.events, &response);
            return wire::FinishResponse(decided, *self->asked_, &response);
          });
    };
    SetCaller(call_, mutation);
    std::string& reason = mutation.caller.reason;
    if (refused_.ok()) reason = absl::StrCat("reverts ", found_.events.front(), reason.empty() ? "" : ": ", reason);
    reason = std::string(wire::FirstCharacters(reason, kMaxReason));
    call_->set_request_id(mutation.request_id);
    mutation.times = call_->times();
    mutation.done = [call = call_](absl::StatusOr<engine::Answer> answer) {
      if (!answer.ok()) return call->Answer(answer.status());
      call->Answer(std::move(answer->response), answer->replayed);
    };
    backend_.writes.Submit(std::move(mutation));
  }

  const Backend& backend_;
  Call* const call_;
  const v1::RevertChangeRequest request_;
  absl::StatusOr<wire::Asked> asked_ = absl::UnknownError("not parsed yet");
  Found found_;           // fixed when it was read
  absl::Status refused_;  // by what was read, unless it is done already
};

}  // namespace

std::vector<Rpc> RevertRpcs() {
  Rpc rpc = RpcOf<v1::RevertChangeRequest, v1::RevertChangeResponse>(kName, Permission::kManageSubscriptions);
  rpc.serve = [](const Backend& backend, const google::protobuf::Message& request, Call* call) {
    std::make_shared<Revert>(backend, call, static_cast<const v1::RevertChangeRequest&>(request))->Start();
  };
  return {std::move(rpc)};
}

}  // namespace lmp::rpcs
