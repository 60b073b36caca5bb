#include "tests/random/callers.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace lmp::random_test {
namespace {

// The page as it is for people: a line with a number, a role and its bindings; then lines with an RPC, its permission
// and a mark for each role.
struct Page {
  std::vector<std::string> roles;
  std::map<std::string, std::set<std::string>> rpcs;
};

Page ReadPage() {
  Page page;
  std::ifstream file(absl::StrCat(LMP_SOURCE_DIR, "/server/auth/permissions.txt"));
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string first, second, mark;
    in >> first >> second;
    if (!first.empty() && absl::ascii_isdigit(static_cast<unsigned char>(first[0])) && second.size() > 1)
      page.roles.push_back(second);
    for (size_t i = 0; in >> mark && (mark == "x" || mark == ".") && i < page.roles.size(); ++i) {
      if (mark == "x") page.rpcs[first].insert(page.roles[i]);
    }
  }
  return page;
}

const Page& ThePage() {
  static const auto& page = *new Page(ReadPage());
  return page;
}

// The world with only what the caller may change. An id is taken by anybody's: a new customer or plan with that of
// another's is refused for it before anything else is looked at.
World OnlyTheirs(World world, const Caller& caller, const std::string& method) {
  const auto others = [&](const std::string& partner) { return !MayChange(caller, partner); };
  std::set<std::string> hidden;
  for (const auto& [id, customer] : world.customers) {
    if (others(customer.partner)) hidden.insert(id);
  }
  const auto of_hidden = [&](const auto& entry) { return hidden.contains(entry.first.first); };
  if (method != "CreateCustomer")
    std::erase_if(world.customers, [&](const auto& entry) { return hidden.contains(entry.first); });
  std::erase_if(world.subscriptions, of_hidden);
  std::erase_if(world.licenses, of_hidden);
  std::erase_if(world.changes, of_hidden);
  if (method != "CreateServicePlan")
    std::erase_if(world.plans, [&](const auto& entry) { return others(entry.second.partner); });
  std::erase_if(world.keys, [&](const auto& entry) { return others(entry.second.partner); });
  std::erase_if(world.pools, [&](const auto& entry) { return others(entry.first.first); });
  std::erase_if(world.partners, [&](const auto& entry) { return others(entry.first); });
  return world;
}

}  // namespace

Caller SomeCaller(Dice& dice, const World& world) {
  if (!dice.OneIn(3)) return {};
  static const std::vector<std::string> likely = {"PARTNER_ADMIN", "PARTNER_ADMIN", "LICENSE_MANAGER",
                                                  "CUSTOMER_MANAGER"};
  Caller caller{.role = dice.OneIn(4) ? dice.Pick(ThePage().roles) : dice.Pick(likely)};
  const bool never_bound = caller.role == "ADMIN" || caller.role == "CATALOG_MANAGER";
  const std::vector<std::string> customers = KeysOf(world.customers);
  if (caller.role == "CUSTOMER_VIEWER") {
    caller.customer = customers.empty() ? "nobody" : dice.Pick(customers);
  } else if (!never_bound && (caller.role == "PARTNER_ADMIN" || !dice.OneIn(6))) {
    caller.partner = dice.Pick(KeysOf(world.partners));
  }
  caller.actor = absl::AsciiStrToLower(absl::StrCat(caller.role, ".", caller.partner, caller.customer));
  return caller;
}

bool Permits(const Caller& caller, const std::string& method) {
  const auto rpc = ThePage().rpcs.find(method);
  return rpc != ThePage().rpcs.end() && rpc->second.contains(caller.role);
}

Verdict DecideFor(const Caller& caller, const Verb& verb, const google::protobuf::Message& request, World& world) {
  Verdict verdict;
  verdict.RefuseIf(!Permits(caller, verb.method), "PERMISSION_DENIED");
  if (!verdict.accepted()) return verdict;
  if (caller.bound()) {
    World theirs = OnlyTheirs(world, caller, verb.method);
    verdict = Decide(verb, request, theirs);
    if (!verdict.accepted()) return verdict;
  }
  return Decide(verb, request, world);
}

bool MayChange(const Caller& caller, const std::string& partner) {
  return caller.customer.empty() && (caller.partner.empty() || caller.partner == partner);
}

bool MayRead(const World& world, const Caller& caller, const std::string& partner) {
  if (MayChange(caller, partner)) return true;
  const auto found = world.partners.find(partner);
  return caller.customer.empty() && found != world.partners.end() && found->second.parent == caller.partner;
}

bool MayReadCustomer(const World& world, const Caller& caller, const std::string& customer) {
  const auto found = world.customers.find(customer);
  if (found == world.customers.end()) return false;
  return caller.customer.empty() ? MayRead(world, caller, found->second.partner) : caller.customer == customer;
}

std::map<std::string, std::set<std::string>> NamesFor(const World& world, const Caller& caller) {
  std::map<std::string, std::set<std::string>> names;
  for (const auto& [id, partner] : world.partners) {
    if (MayRead(world, caller, id)) names["ListPartners"].insert(absl::StrCat("partners/", id));
  }
  for (const auto& [id, customer] : world.customers) {
    if (MayReadCustomer(world, caller, id)) names["ListCustomers"].insert(CustomerName(id));
  }
  for (const auto& [key, subscription] : world.subscriptions) {
    if (!MayReadCustomer(world, caller, key.first)) continue;
    names["ListSubscriptions"].insert(absl::StrCat(CustomerName(key.first), "/subscriptions/", key.second));
  }
  for (const auto& [key, license] : world.licenses) {
    if (!MayReadCustomer(world, caller, key.first)) continue;
    names["ListLicenses"].insert(absl::StrCat(CustomerName(key.first), "/licenses/", key.second));
  }
  for (const auto& [id, plan] : world.plans) {
    if (MayRead(world, caller, plan.partner)) names["ListServicePlans"].insert(PlanName(id));
  }
  for (const auto& [id, key] : world.keys) {
    if (MayRead(world, caller, key.partner))
      names["ListRegistrationKeys"].insert(absl::StrCat("registrationKeys/", id));
  }
  return names;
}

}  // namespace lmp::random_test
