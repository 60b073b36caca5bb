// The verbs of histories: which words mean which command.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/customer/partner_verbs.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/license/pool_verbs.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/verbs.h"
#include "storage/status_macros.h"
#include "tests/domain/history.h"
#include "tests/domain/history_request.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using Act = absl::Status (*)(Story&, const Request&);

std::string CustomerOf(const std::string& word) { return word.empty() ? Life::kCustomer : word; }

// Names must not be given twice: a later line would mean another thing than it seems to.
absl::Status GiveName(std::map<std::string, model::RowKey>& names, const std::string& name, const model::RowKey& key) {
  if (!names.emplace(name, key).second) return absl::InvalidArgumentError(absl::StrCat("there are two ", name));
  return absl::OkStatus();
}

// A command about the subscription that the line names.
template <class Command>
absl::StatusOr<Command> About(const Story& story, const Request& request) {
  ASSIGN_OR_RETURN(const model::RowKey key, Named(story.subscriptions, request.object));
  Command command;
  command.customer_id = key.first;
  command.subscription_id = key.second;
  return command;
}

absl::Status FindOther(const Story& story, const Request& request, std::optional<std::string>& subscription_id) {
  if (request.together.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const model::RowKey key, Named(story.subscriptions, request.together));
  subscription_id = key.second;
  return absl::OkStatus();
}

absl::Status Assign(Story& story, const Request& r) {
  AssignServicePlanCommand command{.customer_id = CustomerOf(r.to), .service_plan_id = r.object, .units = r.units_of};
  const model::ServicePlan* plan = Find(story.life.world.catalog->service_plans, r.object);
  if (plan == nullptr) return absl::InvalidArgumentError(absl::StrCat("there is no plan ", r.object));
  for (const std::string& id : plan->components) {
    if (r.units.has_value()) command.units.emplace(id, *r.units);
  }
  command.start_date = r.from;
  command.align.date = r.until;
  command.crossgrade = r.crossgrade;
  RETURN_IF_ERROR(FindOther(story, r, command.align.subscription));
  std::string id;
  RETURN_IF_ERROR(story.life.Run(command.footprint(), [&](model::World& rows, const Env& env) {
    const auto result = AssignServicePlan(rows, command, env);
    if (result.ok()) id = result->subscription_id;
    return result.status();
  }));
  return GiveName(story.subscriptions, r.name.empty() ? r.object : r.name, {command.customer_id, id});
}

absl::Status Renew(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<RenewSubscriptionCommand>(story, r));
  command.term_months = r.months;
  command.align.date = r.until;
  RETURN_IF_ERROR(FindOther(story, r, command.align.subscription));
  return story.life.Do(RenewSubscription, command);
}

absl::Status Update(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<UpdateSubscriptionCommand>(story, r));
  command.change = {.units = r.units_of,
                    .expiration_date = r.until,
                    .auto_renewal = r.renews,
                    .renewal_term_months = r.renewal_term,
                    .expiration_notice_days = r.notice};
  if (r.units.has_value()) {
    const auto& subscription = story.life.world.subscriptions.at({command.customer_id, command.subscription_id});
    for (const std::string& id : subscription.components) command.change.units.emplace(id, *r.units);
  }
  command.effective_date = r.from;
  RETURN_IF_ERROR(FindOther(story, r, command.align.subscription));
  std::string id;
  RETURN_IF_ERROR(story.life.Run(command.footprint(), [&](model::World& rows, const Env& env) {
    const auto result = UpdateSubscription(rows, command, env);
    if (result.ok()) id = result->scheduled_change_id;
    return result.status();
  }));
  if (id.empty()) return r.name.empty() ? absl::OkStatus() : absl::InvalidArgumentError("only what waits has a name");
  return GiveName(story.changes, r.name.empty() ? ToString(*r.from) : r.name, {command.customer_id, id});
}

absl::Status Suspend(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<SuspendSubscriptionCommand>(story, r));
  command.suspend_date = r.from;
  return story.life.Do(SuspendSubscription, command);
}

absl::Status Unsuspend(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<UnsuspendSubscriptionCommand>(story, r));
  command.expiration_date = r.until;
  return story.life.Do(UnsuspendSubscription, command);
}

absl::Status Cancel(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(const auto command, About<CancelSubscriptionCommand>(story, r));
  return story.life.Do(CancelSubscription, command);
}

absl::Status ChangePlan(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<ChangeServicePlanCommand>(story, r));
  command.service_plan_id = r.to;
  command.units = r.units;
  return story.life.Do(ChangeServicePlan, command);
}

absl::Status ApplyUpdates(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(auto command, About<ApplyPlanUpdatesCommand>(story, r));
  command.units = r.units_of;
  command.crossgrade = r.crossgrade;
  return story.life.Do(ApplyPlanUpdates, command);
}

absl::Status CancelChange(Story& story, const Request& r) {
  ASSIGN_OR_RETURN(const model::RowKey key, Named(story.changes, r.object));
  const CancelScheduledChangeCommand command{.customer_id = key.first, .change_id = key.second};
  return story.life.Do(CancelScheduledChange, command);
}

// "delete license PRODUCT": the customer's one license of it that goes on.
template <class Command, auto kVerb>
absl::Status OnLicense(Story& story, const Request& r) {
  Command command;
  const model::World now = story.life.Now().world;
  for (const auto& [key, license] : Range(now.licenses, Life::kCustomer)) {
    if (license.product_id != r.object || (license.closed && !command.license_id.empty())) continue;
    command.customer_id = key.first;
    command.license_id = key.second;
  }
  if (command.license_id.empty()) return absl::InvalidArgumentError(absl::StrCat("there is no license of ", r.object));
  return story.life.Do(kVerb, command);
}

// "disable plan NAME": a command that says nothing but whom it is about.
template <class Command, auto kVerb>
absl::Status On(Story& story, const Request& r) {
  Command command;
  command.id = r.object;
  if constexpr (std::is_base_of_v<CustomerCommand, Command>) command.id = CustomerOf(r.object);
  if constexpr (std::is_base_of_v<PartnerCommand, Command>) command.id = Life::kPartner;
  if constexpr (requires { command.force; }) command.force = r.force;
  if constexpr (requires { command.end_date; }) command.end_date = r.from;
  if constexpr (requires { command.add; }) {
    command.add = r.add;
    command.remove = r.remove;
  }
  return story.life.Do(kVerb, command);
}

template <class Command, auto kVerb>
absl::Status OnPool(Story& story, const Request& r) {
  Command command;
  command.partner_id = Life::kPartner;
  command.product_id = r.object;
  if constexpr (requires { command.units; }) command.units = r.units.value_or(0);
  if constexpr (requires { command.minimum; }) command.minimum = r.minimum.value_or(0);
  return story.life.Do(kVerb, command);
}

absl::Status LetTimePass(Story& story, const Request& /*r*/) {
  story.life.TimePasses();
  return absl::OkStatus();
}

enum class Object { kNone, kMay, kMust };

struct VerbOfHistory {
  absl::string_view words;
  Object object;
  std::set<std::string> settings;
  Act act;
};

// Longer ones before those they begin with.
const std::vector<VerbOfHistory>& Verbs() {
  static const auto& verbs = *new std::vector<VerbOfHistory>{
      {"assign", Object::kMust, {"units", "from", "until", "crossgrade", "as", "to"}, Assign},
      {"renew", Object::kMay, {"months", "until"}, Renew},
      {"update", Object::kMay, {"units", "until", "renews", "notice", "from", "as"}, Update},
      {"suspend partner", Object::kNone, {}, On<SuspendPartnerCommand, SuspendPartner>},
      {"resume partner", Object::kNone, {}, On<ResumePartnerCommand, ResumePartner>},
      {"cancel partner", Object::kNone, {}, On<CancelPartnerCommand, CancelPartner>},
      {"suspend", Object::kMay, {"from"}, Suspend},
      {"unsuspend", Object::kMay, {"until"}, Unsuspend},
      {"cancel change", Object::kMay, {}, CancelChange},
      {"cancel", Object::kMay, {}, Cancel},
      {"change plan", Object::kMay, {"to", "units"}, ChangePlan},
      {"apply plan updates", Object::kMay, {"units", "crossgrade"}, ApplyUpdates},
      {"activate license", Object::kMust, {}, OnLicense<ActivateLicenseCommand, ActivateLicense>},
      {"delete license", Object::kMust, {}, OnLicense<DeleteUnbundledLicenseCommand, DeleteUnbundledLicense>},
      {"disable customer", Object::kMay, {}, On<DisableCustomerCommand, DisableCustomer>},
      {"enable customer", Object::kMay, {}, On<EnableCustomerCommand, EnableCustomer>},
      {"delete customer", Object::kMay, {"force"}, On<DeleteCustomerCommand, DeleteCustomer>},
      {"undelete customer", Object::kMay, {}, On<UndeleteCustomerCommand, UndeleteCustomer>},
      {"erase customer", Object::kMay, {}, On<EraseCustomerCommand, EraseCustomer>},
      {"end sale of", Object::kMust, {}, On<EndProductSaleCommand, EndProductSale>},
      {"end life of", Object::kMust, {"from"}, On<EndProductLifeCommand, EndProductLife>},
      {"change suite", Object::kMust, {"components"}, On<ChangeSuiteComponentsCommand, ChangeSuiteComponents>},
      {"approve plan", Object::kMust, {}, On<ApproveServicePlanCommand, ApproveServicePlan>},
      {"disable plan", Object::kMust, {}, On<DisableServicePlanCommand, DisableServicePlan>},
      {"enable plan", Object::kMust, {}, On<EnableServicePlanCommand, EnableServicePlan>},
      {"delete plan", Object::kMust, {}, On<DeleteServicePlanCommand, DeleteServicePlan>},
      {"fill pool", Object::kMust, {"units"}, OnPool<AddLicensePoolUnitsCommand, AddLicensePoolUnits>},
      {"set pool", Object::kMust, {"minimum"}, OnPool<UpdateLicensePoolCommand, UpdateLicensePool>},
      {"time passes", Object::kNone, {}, LetTimePass},
  };
  return verbs;
}

}  // namespace

std::function<absl::Status(Story&)> ReadVerb(const std::string& text) {
  const std::vector<std::string> phrases = Phrases(text);
  if (phrases.empty()) return nullptr;
  for (const VerbOfHistory& verb : Verbs()) {
    if (!absl::StartsWith(absl::StrCat(phrases[0], " "), absl::StrCat(verb.words, " "))) continue;
    const std::vector<std::string> rest = Words(phrases[0].substr(verb.words.size()));
    const std::size_t least = verb.object == Object::kMust ? 1 : 0, most = verb.object == Object::kNone ? 0 : 1;
    if (rest.size() < least || rest.size() > most) return nullptr;
    Request request;
    if (!rest.empty()) request.object = rest[0];
    for (std::size_t i = 1; i < phrases.size(); ++i) {
      if (!ReadSetting(phrases[i], request)) return nullptr;
    }
    for (const std::string& setting : request.given) {
      if (verb.settings.count(setting) == 0) return nullptr;
    }
    return [request, act = verb.act](Story& story) { return act(story, request); };
  }
  return nullptr;
}

}  // namespace lmp::domain
