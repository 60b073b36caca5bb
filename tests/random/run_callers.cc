// What a caller sees: its lists have exactly what is its, whatever their order and wherever their pages begin, and what
// is another's can't be told from what is not there.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/refusal.h"
#include "server/rpcs/rpc.h"
#include "tests/random/callers.h"
#include "tests/random/run.h"

namespace lmp::random_test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct ListForm {
  const char* method;
  const char* parent;  // of all customers; "": it has none
  std::vector<std::string> orders;
  bool show_deleted = false;
};

const std::vector<ListForm>& ListForms() {
  static const auto& forms = *new std::vector<ListForm>{
      {"ListPartners", "", {"", "display_name", "display_name desc"}},
      {"ListCustomers", "", {"", "name desc", "display_name", "display_name desc"}, true},
      {"ListSubscriptions", "customers/-", {"", "name desc"}},
      {"ListLicenses", "customers/-", {"", "expiration_date", "expiration_date desc"}},
      {"ListServicePlans", "", {"", "display_name", "display_name desc"}, true},
      {"ListRegistrationKeys", "", {"", "expire_date", "expire_date desc"}},
  };
  return forms;
}

// The names in the one list of resources that an answer has.
std::vector<std::string> NamesIn(const Message& answer) {
  std::vector<std::string> names;
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = answer.GetDescriptor()->field(i);
    if (!field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    for (int j = 0; j < answer.GetReflection()->FieldSize(answer, field); ++j) {
      const Message& one = answer.GetReflection()->GetRepeatedMessage(answer, field, j);
      names.push_back(one.GetReflection()->GetString(one, one.GetDescriptor()->FindFieldByName("name")));
    }
  }
  return names;
}

std::string TextOf(const Message& message, const char* field) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
}

std::string ReasonOf(const absl::Status& status) {
  if (status.ok()) return "";
  const std::string reason = domain::RefusalOf(status).reason;
  return reason.empty() ? status.ToString() : reason;
}

MessagePtr RequestFor(const ListForm& form, Dice& dice) {
  MessagePtr request(rpcs::FindRpc(form.method)->request->New());
  if (*form.parent != '\0') SetText(*request, "parent", form.parent);
  SetText(*request, "order_by", dice.Pick(form.orders));
  const auto* size = request->GetDescriptor()->FindFieldByName("page_size");
  request->GetReflection()->SetInt32(request.get(), size, dice.OneIn(3) ? 100 : dice.Between(1, 7));
  if (form.show_deleted) {
    request->GetReflection()->SetBool(request.get(), request->GetDescriptor()->FindFieldByName("show_deleted"), true);
  }
  return request;
}

}  // namespace

// All pages of a list. Fails if a page has what is not among `theirs`.
void Run::CompareList(const Caller& caller, Message& request, const std::string& method,
                      const std::set<std::string>& theirs) {
  const rpcs::Rpc& rpc = *rpcs::FindRpc(method);
  std::vector<std::string> shown;
  const bool from_start = TextOf(request, "page_token").empty();
  for (;;) {
    const absl::StatusOr<std::string> bytes = system_.Ask(caller, rpc, request);
    const bool permitted = Permits(caller, method);
    if (!permitted || !bytes.ok()) {
      const std::string reason = ReasonOf(bytes.status());
      if (reason != (permitted ? "" : "PERMISSION_DENIED"))
        Fail("caller", absl::StrCat(method, " of ", caller.actor, " is answered ", bytes.status().ToString()));
      return;
    }
    const MessagePtr answer(rpc.response->New());
    answer->ParseFromString(*bytes);
    for (const std::string& name : NamesIn(*answer)) {
      if (!theirs.contains(name)) Fail("caller", absl::StrCat(method, " shows ", caller.actor, " ", name));
      shown.push_back(name);
    }
    const std::string next = TextOf(*answer, "next_page_token");
    if (next.empty()) break;
    SetText(request, "page_token", next);
  }
  std::vector<std::string> sorted = shown;
  std::sort(sorted.begin(), sorted.end());
  ++statistics_.plays["lists of callers compared"];
  if (!from_start || sorted == std::vector<std::string>(theirs.begin(), theirs.end())) return;
  Fail("caller", absl::StrCat(method, " {", request.ShortDebugString(), "} shows ", caller.actor, " ",
                              absl::StrJoin(shown, " "), "\n     and not ", absl::StrJoin(theirs, " ")));
}

void Run::CompareGet(const Caller& caller, const std::string& method, const std::string& name, bool theirs,
                     const std::string& reason) {
  const rpcs::Rpc& rpc = *rpcs::FindRpc(method);
  const MessagePtr request(rpc.request->New());
  SetText(*request, "name", name);
  const std::string answered = ReasonOf(system_.Ask(caller, rpc, *request).status());
  ++statistics_.plays[theirs ? "reads of callers, of theirs" : "reads of callers, of another's"];
  const std::string expected = !Permits(caller, method) ? "PERMISSION_DENIED" : theirs ? "" : reason;
  if (answered == expected) return;
  Fail("caller", absl::StrCat(method, " ", name, " of ", caller.actor, " is answered ", answered, ", not ", expected));
}

void Run::CompareCaller(const Caller& caller, uint64_t seed) {
  Dice dice(seed);
  const ListForm& form = dice.Pick(ListForms());
  const std::map<std::string, std::set<std::string>> names = NamesFor(world_, caller);
  const auto of = [&](const char* method) {
    const auto found = names.find(method);
    return found == names.end() ? std::set<std::string>() : found->second;
  };
  const MessagePtr request = RequestFor(form, dice);
  if (dice.OneIn(4)) {
    // A page token is a place in the list; with that of another's list one still sees one's own.
    const Caller admin;
    SetText(*request, "page_token", "");
    const rpcs::Rpc& rpc = *rpcs::FindRpc(form.method);
    const auto first = system_.Ask(admin, rpc, *request);
    const MessagePtr answer(rpc.response->New());
    if (first.ok() && answer->ParseFromString(*first)) {
      SetText(*request, "page_token", TextOf(*answer, "next_page_token"));
      if (!TextOf(*request, "page_token").empty()) ++statistics_.plays["page tokens of another"];
    }
  }
  CompareList(caller, *request, form.method, of(form.method));
  const auto compare = [&](const char* method, const char* list, const std::vector<std::string>& all,
                           const char* reason) {
    if (all.empty()) return;
    const std::string& name = dice.Pick(all);
    CompareGet(caller, method, name, of(list).contains(name), reason);
  };
  const std::map<std::string, std::set<std::string>> all = NamesFor(world_, Caller());
  for (const auto& [list, set] : all) {
    const std::vector<std::string> some(set.begin(), set.end());
    if (list == "ListCustomers") compare("GetCustomer", "ListCustomers", some, "CUSTOMER_NOT_FOUND");
    if (list == "ListSubscriptions") compare("GetSubscription", "ListSubscriptions", some, "CUSTOMER_NOT_FOUND");
    if (list == "ListLicenses") compare("GetLicense", "ListLicenses", some, "CUSTOMER_NOT_FOUND");
    if (list == "ListPartners") compare("GetPartner", "ListPartners", some, "PARTNER_NOT_FOUND");
    if (list == "ListRegistrationKeys")
      compare("GetRegistrationKey", "ListRegistrationKeys", some, "REGISTRATION_KEY_NOT_FOUND");
  }
}

}  // namespace lmp::random_test
