// What is worth having happened often: counted, so that a change of the random requests can be seen to have left
// something out.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/random/callers.h"
#include "tests/random/run.h"

namespace lmp::random_test {
namespace {

// What many steps have to have played.
struct Play {
  const char* name;
  int64_t least = 1;
};
constexpr Play kPlays[] = {
    {"values sent as they are, accepted"},
    {"calls that changed nothing"},
    {"alignments to a date, accepted"},
    {"alignments to a subscription, accepted"},
    {"calls about an ended subscription"},
    {"ends of life declared"},
    {"ends of life that came"},
    {"calls right after which a renewal was due"},
    {"calls right after which an end was due"},
    {"external ids taken that were given up"},
    {"plan names taken that were given up"},
    {"ids asked for that something deleted has"},
    {"licenses of others whose time passed before a call about a pool"},
    {"answers and views compared with those of a server whose worker comes at once"},
    {"calls of callers who are bound, accepted"},
    {"calls of callers who are bound, as if it were not there"},
    {"calls without the permission"},
    {"calls with a request_id of another's, accepted"},
    {"lists of callers compared"},
    {"reads of callers, of theirs"},
    {"reads of callers, of another's"},
    {"page tokens of another"},
    {"answers of a license cache that were compared", 1'000'000},
    {"checks for which a license cache asks the server"},
    {"answers of a license cache that began in the middle"},
};

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A message field of the request, or of its action if it is for many subscriptions; none: nullptr.
const Message* Part(const Message& request, const std::string& name) {
  std::vector<const FieldDescriptor*> fields;
  request.GetReflection()->ListFields(request, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const Message& part = request.GetReflection()->GetMessage(request, field);
    if (field->name() == name) return &part;
    if (field->name() == "update" || field->name() == "renew") {
      if (const Message* inner = Part(part, name)) return inner;
    }
  }
  return nullptr;
}

// Values of a subscription that the request sets to what they are.
int ValuesAsTheyAre(const World& world, const v1::UpdateSubscriptionRequest& request) {
  const auto found = world.subscriptions.find(IdsOf(request.subscription().name()));
  if (found == world.subscriptions.end()) return 0;
  const v1::Subscription& sent = request.subscription();
  const Terms& terms = found->second.terms;
  int same = 0;
  for (const std::string& path : request.update_mask().paths())
    same += path == "auto_renewal" && sent.auto_renewal() == terms.auto_renewal;
  same += sent.auto_renewal() && request.update_mask().paths().empty() && terms.auto_renewal;
  same += sent.renewal_term_months() != 0 && sent.renewal_term_months() == terms.renewal_months;
  same += sent.expiration_notice_days() != 0 && sent.expiration_notice_days() == terms.notice_days;
  for (const auto& [key, license] : world.licenses) {
    if (Key(key.first, license.subscription) != found->first) continue;
    if (sent.has_expiration_date()) same += DateOf(sent.expiration_date()) == license.expiration;
    for (const v1::LicenseUnits& units : request.units()) {
      same += IdsOf(units.product()).first == license.product && units.units() == license.units;
    }
  }
  return same;
}

// "customers/…/subscriptions/…" that the request is about; "" if it is about none.
std::string SubscriptionOf(const Message& request) {
  const Message* holder = Part(request, "subscription");
  if (holder == nullptr) holder = &request;
  const FieldDescriptor* field = holder->GetDescriptor()->FindFieldByName("name");
  const std::string name = field == nullptr ? "" : holder->GetReflection()->GetString(*holder, field);
  return absl::StrContains(name, "/subscriptions/") ? name : "";
}

// A customer that can't come back had it, and has it no more.
bool ExternalIdWasGivenUp(const World& before, const World& after) {
  return std::any_of(before.customers.begin(), before.customers.end(), [&](const auto& entry) {
    const Customer& now = after.customers.at(entry.first);
    return now.deleted.has_value() && !entry.second.external_id.empty() && now.external_id.empty();
  });
}

// A plan got a name that a deleted one of its partner has.
bool PlanNameWasGivenUp(const World& before, const World& after) {
  for (const auto& [id, plan] : after.plans) {
    const auto row = before.plans.find(id);
    if (row != before.plans.end() && row->second.display_name == plan.display_name) continue;
    for (const auto& [other, deleted] : before.plans) {
      if (deleted.deleted && deleted.partner == plan.partner && deleted.display_name == plan.display_name) return true;
    }
  }
  return false;
}

// The request would make something with the id of something that was deleted. Ids are never given up.
bool AsksForDeletedId(const World& world, const Message& request) {
  if (const auto* create = dynamic_cast<const v1::CreateCustomerRequest*>(&request)) {
    const auto customer = world.customers.find(create->customer_id());
    return customer != world.customers.end() && customer->second.deleted.has_value();
  }
  const auto* create = dynamic_cast<const v1::CreateServicePlanRequest*>(&request);
  if (create == nullptr) return false;
  const auto plan = world.plans.find(create->service_plan_id());
  return plan != world.plans.end() && plan->second.deleted;
}

}  // namespace

std::vector<std::string> Statistics::NeverPlayed() const {
  std::vector<std::string> never;
  for (const Play& play : kPlays) {
    const auto found = plays.find(play.name);
    const int64_t count = found == plays.end() ? 0 : found->second;
    if (count < play.least) never.push_back(absl::StrCat(play.name, " (", count, " of ", play.least, ")"));
  }
  for (const std::vector<Verb>* verbs : {&AllVerbs(), &FinalVerbs()}) {
    for (const Verb& verb : *verbs) {
      const auto found = answers.find(verb.method);
      if (found == answers.end() || !found->second.contains("")) never.push_back(verb.method);
    }
  }
  return never;
}

void Run::Note(const Step& step, const Message& request, const World& before, bool accepted) {
  auto& plays = statistics_.plays;
  if (const auto* update = dynamic_cast<const v1::UpdateSubscriptionRequest*>(&request)) {
    plays["values sent as they are"] += ValuesAsTheyAre(before, *update);
    plays["values sent as they are, accepted"] += accepted ? ValuesAsTheyAre(before, *update) : 0;
  }
  if (accepted && history_.changes_of_call().empty()) ++plays["calls that changed nothing"];
  if (const auto* align = dynamic_cast<const v1::Alignment*>(Part(request, "align"))) {
    ++plays[absl::StrCat("alignments to a ", align->has_expiration_date() ? "date" : "subscription",
                         accepted ? ", accepted" : "")];
  }
  const Key subscription = IdsOf(SubscriptionOf(request));
  if (before.subscriptions.contains(subscription) && LiveLicenses(before, subscription, before.today()).empty()) {
    ++plays[absl::StrCat("calls about an ended subscription", accepted ? ", accepted" : "")];
  }
  if (step.caller.bound() && accepted) ++plays["calls of callers who are bound, accepted"];
  if (step.borrows_id && accepted) ++plays["calls with a request_id of another's, accepted"];
  if (!Permits(step.caller, step.verb->method)) {
    ++plays["calls without the permission"];
  } else if (World all = before; step.caller.bound() && !accepted && Decide(*step.verb, request, all).accepted()) {
    ++plays["calls of callers who are bound, as if it were not there"];
  }
  if (accepted && step.verb->method == "EndProductLife") ++plays["ends of life declared"];
  if (accepted) {
    for (const std::string& what : world_.due) ++plays[absl::StrCat("calls right after which ", what, " was due")];
  }
  if (accepted && ExternalIdWasGivenUp(before, world_)) ++plays["external ids taken that were given up"];
  if (accepted && PlanNameWasGivenUp(before, world_)) ++plays["plan names taken that were given up"];
  if (AsksForDeletedId(before, request)) ++plays["ids asked for that something deleted has"];
  for (const auto& [name, change] : history_.changes()) {
    const std::string customer = IdsOf(CustomerOf(request)).first;
    if (name.table != "licenses" || name.key1 == customer || history_.changes_of_call().contains(name)) continue;
    ++plays["licenses of others whose time passed before a call about a pool"];
  }
}

}  // namespace lmp::random_test
