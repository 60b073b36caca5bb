// What the protos, the reasons and the README promise, compared with each other and with the code.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <filesystem>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "lmp/v1/limits.pb.h"
#include "server/domain/advisories.h"
#include "server/domain/crossgrade.h"
#include "server/domain/license_check.h"
#include "server/domain/plan_state.h"
#include "server/ids.h"
#include "server/rpcs/rpc.h"
#include "server/wire/bounds.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const std::string& Root() {
  static const auto& root = *new std::string(LMP_SOURCE_DIR);
  return root;
}

// Numbers: the wire casts between them.

template <class Enum>
void ExpectSameNumbers(const EnumDescriptor* proto) {
  EXPECT_EQ(std::size(model::EnumNames<Enum>::kNames), static_cast<size_t>(proto->value_count())) << proto->full_name();
  for (int i = 0; i < proto->value_count(); ++i) {
    EXPECT_EQ(model::NameOf(static_cast<Enum>(proto->value(i)->number())), proto->value(i)->name())
        << proto->full_name();
  }
}

TEST(EnumTest, OfTheModelAreThoseOfTheProto) {
  ExpectSameNumbers<model::CustomerState>(v1::Customer::State_descriptor());
  ExpectSameNumbers<model::PartnerTier>(v1::Partner::Tier_descriptor());
  ExpectSameNumbers<model::PartnerState>(v1::Partner::State_descriptor());
  ExpectSameNumbers<model::ProductKind>(v1::Product::Kind_descriptor());
  ExpectSameNumbers<model::ProductUnit>(v1::Product::Unit_descriptor());
  ExpectSameNumbers<model::Lifecycle>(v1::Product::Lifecycle_descriptor());
  ExpectSameNumbers<model::PlanVersion>(v1::ServicePlan::Version_descriptor());
  ExpectSameNumbers<model::ActivationPolicy>(v1::ServicePlan::ActivationPolicy_descriptor());
  ExpectSameNumbers<model::SubscriptionState>(v1::Subscription::State_descriptor());
  ExpectSameNumbers<model::LicenseState>(v1::License::State_descriptor());
}

// Values in order of the domain's enum, whose names no table has: the proto's names are spelled out.
void ExpectNumbers(const EnumDescriptor* proto, const std::map<std::string, int>& domain) {
  std::map<std::string, int> numbers;
  for (int i = 0; i < proto->value_count(); ++i) numbers[proto->value(i)->name()] = proto->value(i)->number();
  EXPECT_EQ(numbers, domain) << proto->full_name();
}

TEST(EnumTest, OfTheDomainAreThoseOfTheProto) {
  const auto number = [](auto value) { return static_cast<int>(value); };
  using domain::CrossgradeExpiration, domain::CrossgradeMode, domain::PlanState, domain::Resolution,
      domain::UnusableReason;
  ExpectNumbers(v1::Crossgrade::Mode_descriptor(), {{"MODE_UNSPECIFIED", number(CrossgradeMode::kUnspecified)},
                                                    {"REJECT", number(CrossgradeMode::kReject)},
                                                    {"AUTOMATIC", number(CrossgradeMode::kAutomatic)},
                                                    {"EXPLICIT", number(CrossgradeMode::kExplicit)}});
  ExpectNumbers(v1::Crossgrade::Expiration_descriptor(),
                {{"EXPIRATION_UNSPECIFIED", number(CrossgradeExpiration::kUnspecified)},
                 {"PLAN_TERM", number(CrossgradeExpiration::kPlanTerm)},
                 {"KEEP_LATEST", number(CrossgradeExpiration::kKeepLatest)}});
  ExpectNumbers(v1::Crossgrade::Resolution::Choice_descriptor(),
                {{"CHOICE_UNSPECIFIED", number(Resolution::kUnspecified)},
                 {"TRANSFER", number(Resolution::kTransfer)},
                 {"NEW_LICENSE", number(Resolution::kNewLicense)}});
  ExpectNumbers(v1::ServicePlan::State_descriptor(), {{"STATE_UNSPECIFIED", number(PlanState::kUnspecified)},
                                                      {"AVAILABLE", number(PlanState::kAvailable)},
                                                      {"DISABLED", number(PlanState::kDisabled)},
                                                      {"LOCKED", number(PlanState::kLocked)},
                                                      {"END_OF_SALE", number(PlanState::kEndOfSale)},
                                                      {"END_OF_LIFE", number(PlanState::kEndOfLife)}});
  ExpectNumbers(v1::CheckLicenseResponse::Reason_descriptor(),
                {{"REASON_UNSPECIFIED", number(UnusableReason::kUnspecified)},
                 {"NO_LICENSE", number(UnusableReason::kNoLicense)},
                 {"CUSTOMER_UNKNOWN", number(UnusableReason::kCustomerUnknown)},
                 {"NOT_STARTED", number(UnusableReason::kNotStarted)},
                 {"NOT_ACTIVATED", number(UnusableReason::kNotActivated)},
                 {"EXPIRED", number(UnusableReason::kExpired)},
                 {"SUSPENDED", number(UnusableReason::kSuspended)},
                 {"DISABLED", number(UnusableReason::kDisabled)}});
}

// Reasons.

std::set<std::string> Reasons() {
  std::set<std::string> reasons;
  const EnumDescriptor* type = v1::ErrorReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) reasons.insert(type->value(i)->name());
  }
  return reasons;
}

// The names in a file of constants, such as reasons.h.
std::set<std::string> Constants(const std::string& file) {
  static const std::regex constant("inline constexpr char k\\w+\\[\\] = \"(\\w+)\";");
  const std::string text = ReadText(absl::StrCat(Root(), "/server/domain/", file));
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), constant), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

// What the server's other sources spell out and should take from the constants.
std::set<std::string> SpelledOut(const std::set<std::string>& names) {
  static const std::regex literal("\"([A-Z][A-Z0-9_]+)\"");
  std::set<std::string> found;
  for (const auto& file : std::filesystem::recursive_directory_iterator(Root() + "/server")) {
    if (file.path().extension() != ".cc" && file.path().extension() != ".h") continue;
    if (file.path().filename() == "reasons.h" || file.path().filename() == "event_kinds.h") continue;
    const std::string text = ReadText(file.path());
    for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it) {
      if (names.contains((*it)[1])) found.insert(absl::StrCat(file.path().filename().string(), " ", (*it)[1].str()));
    }
  }
  return found;
}

TEST(ReasonTest, TheConstantsAreTheEnum) {
  EXPECT_THAT(Constants("reasons.h"), ::testing::ContainerEq(Reasons()));
  EXPECT_THAT(SpelledOut(Reasons()), IsEmpty());
}

// Event kinds: the constants, and the table of proto/README.md.
TEST(EventKindTest, TheConstantsAreThoseOfTheTable) {
  const std::set<std::string> kinds = Constants("event_kinds.h");
  const std::string text = ReadText(Root() + "/proto/README.md");
  const size_t begin = text.find("## Kinds of events");
  ASSERT_NE(begin, std::string::npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  static const std::regex row("\\| `([A-Z_]+)` \\|");
  std::set<std::string> table;
  for (std::sregex_iterator it(section.begin(), section.end(), row), end; it != end; ++it) table.insert((*it)[1]);
  EXPECT_EQ(table, kinds);
  EXPECT_THAT(SpelledOut(kinds), IsEmpty());
}

// Status code of each reason, as the headings in errors.proto say.
std::map<std::string, std::string> CodesInProto() {
  std::map<std::string, std::string> codes;
  std::string code;
  for (const absl::string_view line : absl::StrSplit(ReadText(absl::StrCat(Root(), "/proto/lmp/v1/errors.proto")),
                                                     '\n')) {
    static const std::regex heading("^  // ([A-Z_]+)$"), value("^  ([A-Z_]+) = [1-9][0-9]*;$");
    const std::string text(line);
    std::smatch match;
    if (std::regex_match(text, match, heading)) code = match[1];
    if (std::regex_match(text, match, value)) codes[match[1]] = code;
  }
  return codes;
}

// The rows of the table below this heading of proto/README.md: first cell → second cell.
std::map<std::string, std::string> TableOf(const std::string& heading, size_t columns) {
  std::map<std::string, std::string> table;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(ReadText(absl::StrCat(Root(), "/proto/README.md")), '\n')) {
    if (absl::StartsWith(line, "## ")) inside = line == absl::StrCat("## ", heading);
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    static const std::regex name(" `([A-Z_]+)` ");
    std::smatch match;
    if (!inside || cells.size() < 2 || !std::regex_match(cells[1], match, name)) continue;
    EXPECT_EQ(cells.size(), columns + 2) << line;
    for (size_t i = 2; i + 1 < cells.size(); ++i) EXPECT_GT(absl::StripAsciiWhitespace(cells[i]).size(), 3U) << line;
    EXPECT_TRUE(table.emplace(match[1], absl::StripAsciiWhitespace(cells[2])).second) << match[1] << " is there twice";
  }
  return table;
}

TEST(ReasonTest, EveryReasonIsInTheTableOfTheReadmeWithItsCode) {
  const std::map<std::string, std::string> table = TableOf("Reasons", 4);
  EXPECT_EQ(table, CodesInProto());
  std::set<std::string> listed;
  for (const auto& [reason, code] : table) listed.insert(reason);
  EXPECT_EQ(listed, Reasons());
}

// Advisories.

TEST(AdvisoryTest, EveryCodeIsInTheTableOfTheReadmeAndHasAnExample) {
  const std::map<std::string, std::string> table = TableOf("Advisories", 3);
  const std::string examples = ReadText(absl::StrCat(Root(), "/tests/domain/vectors/histories/advisories.txt"));
  const EnumDescriptor* codes = v1::AdvisoryCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& code = *codes->value(i);
    EXPECT_EQ(domain::NameOf(static_cast<domain::AdvisoryCode>(code.number())), code.name());
    if (code.number() == 0) continue;
    EXPECT_TRUE(table.contains(code.name())) << code.name();
    EXPECT_THAT(examples, ::testing::HasSubstr(absl::StrCat(", ", code.name(), " "))) << "no example has it";
  }
  EXPECT_EQ(table.size(), static_cast<size_t>(codes->value_count() - 1));
}

// Services.

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const ServiceDescriptor* service : rpcs::Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

bool IsRead(const MethodDescriptor& method) {
  for (const char* verb : {"Get", "List", "Check", "Watch", "Explain", "BatchGet", "BatchCheck"}) {
    if (absl::StartsWith(method.name(), verb)) return true;
  }
  return false;
}

// Its own field, or one of the resource that a request carries.
bool HasEtag(const Descriptor& request) {
  if (request.FindFieldByName("etag") != nullptr) return true;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    if (field->message_type() != nullptr && !field->is_repeated() &&
        field->message_type()->FindFieldByName("etag") != nullptr) {
      return true;
    }
  }
  return false;
}

bool HasField(const Descriptor& type, const char* name, FieldDescriptor::Type of_type) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr && field->type() == of_type && !field->is_repeated();
}

TEST(ServiceTest, EveryMutationHasRequestIdEtagValidateOnlyAndPreviewToken) {
  int mutations = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (IsRead(*method)) continue;
    ++mutations;
    const Descriptor& request = *method->input_type();
    EXPECT_TRUE(HasField(request, "request_id", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(request, "validate_only", FieldDescriptor::TYPE_BOOL)) << method->full_name();
    EXPECT_TRUE(HasEtag(request)) << method->full_name();
    EXPECT_TRUE(HasField(request, "preview_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->output_type(), "preview_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    const FieldDescriptor* changes = method->output_type()->FindFieldByName("changes");
    ASSERT_NE(changes, nullptr) << method->full_name();
    EXPECT_TRUE(changes->is_repeated() && changes->message_type() == v1::Change::descriptor()) << method->full_name();
  }
  EXPECT_GE(mutations, 8);
}

// Whether a response shows licences, itself or in what it holds; of a roll-out, that it is about them.
bool ShowsLicenses(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (&type == v1::License::descriptor() || &type == v1::BatchApplyPlanUpdatesResponse::descriptor()) return true;
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* field_type = type.field(i)->message_type();
    if (field_type != nullptr && ShowsLicenses(*field_type, seen)) return true;
  }
  return false;
}

TEST(ServiceTest, EveryMutationThatShowsLicensesHasAdvisories) {
  int with = 0;
  for (const MethodDescriptor* method : Methods()) {
    std::set<const Descriptor*> seen;
    if (IsRead(*method) || !ShowsLicenses(*method->output_type(), seen)) continue;
    ++with;
    const FieldDescriptor* field = method->output_type()->FindFieldByName("advisories");
    ASSERT_NE(field, nullptr) << method->full_name();
    EXPECT_TRUE(field->is_repeated() && field->message_type() == v1::Advisory::descriptor()) << method->full_name();
    EXPECT_EQ(field->number(), 101) << method->full_name();
  }
  EXPECT_EQ(with, 14);
}

TEST(ServiceTest, NoReadHasThem) {
  for (const MethodDescriptor* method : Methods()) {
    if (!IsRead(*method)) continue;
    EXPECT_EQ(method->input_type()->FindFieldByName("request_id"), nullptr) << method->full_name();
    EXPECT_EQ(method->input_type()->FindFieldByName("validate_only"), nullptr) << method->full_name();
    EXPECT_EQ(method->input_type()->FindFieldByName("preview_token"), nullptr) << method->full_name();
  }
}

TEST(ServiceTest, EveryListHasPages) {
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List") || method->name() == "ListAssignableServicePlans") continue;
    EXPECT_TRUE(HasField(*method->input_type(), "page_size", FieldDescriptor::TYPE_INT32)) << method->full_name();
    EXPECT_TRUE(HasField(*method->input_type(), "page_token", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->output_type(), "next_page_token", FieldDescriptor::TYPE_STRING))
        << method->full_name();
  }
}

// Reads of stored resources, which have a past and may be wide.
bool ReadsResources(const MethodDescriptor& method) {
  // Computed for the caller and the moment, or not of resources.
  static const auto& others = *new std::set<std::string>{
      "ListAssignableServicePlans", "GetUsageReport", "ListLicenseTokenKeys", "GetLicenseRevocationList"};
  for (const char* verb : {"Get", "List", "BatchGet"}) {
    if (absl::StartsWith(method.name(), verb)) return !others.contains(method.name());
  }
  return false;
}

TEST(ServiceTest, EveryReadOfResourcesHasAMaskAndAnInstant) {
  int reads = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (!ReadsResources(*method)) continue;
    ++reads;
    const Descriptor& request = *method->input_type();
    EXPECT_TRUE(HasField(request, "read_mask", FieldDescriptor::TYPE_MESSAGE)) << method->full_name();
    // What an event says is never changed.
    const bool of_events = absl::EndsWith(method->name(), "Event") || absl::EndsWith(method->name(), "Events");
    EXPECT_EQ(HasField(request, "read_time", FieldDescriptor::TYPE_MESSAGE), !of_events) << method->full_name();
  }
  EXPECT_GE(reads, 20);
}

TEST(ServiceTest, EveryListOfResourcesHasAFilterAndAnOrder) {
  int lists = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List") || !ReadsResources(*method)) continue;
    ++lists;
    EXPECT_TRUE(HasField(*method->input_type(), "filter", FieldDescriptor::TYPE_STRING)) << method->full_name();
    EXPECT_TRUE(HasField(*method->input_type(), "order_by", FieldDescriptor::TYPE_STRING)) << method->full_name();
    const FieldDescriptor* items = method->output_type()->field(0);  // what listing.h fills
    EXPECT_TRUE(items->is_repeated() && items->message_type() != nullptr) << method->full_name();
    // A resource that can be deleted softly is hidden then, unless asked for.
    if (items->message_type()->FindFieldByName("delete_time") == nullptr) continue;
    EXPECT_TRUE(HasField(*method->input_type(), "show_deleted", FieldDescriptor::TYPE_BOOL)) << method->full_name();
  }
  EXPECT_GE(lists, 10);
}

// A new list in a request gets the option (lmp.v1.limits): without one no entry would be taken.
TEST(ServiceTest, EveryListInARequestHasALimit) {
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_THAT(Bounds::Of(*method->input_type()).Unlimited(), IsEmpty()) << method->full_name();
  }
}

TEST(ServiceTest, EveryRpcIsInTheTableOnce) {
  std::vector<std::string> table, promised;
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) table.push_back(rpc.name);
  for (const MethodDescriptor* method : Methods()) {
    promised.push_back(method->name());
    const rpcs::Rpc* rpc = rpcs::FindRpc(method->name());
    ASSERT_NE(rpc, nullptr) << method->full_name();
    EXPECT_EQ(rpc->request->GetDescriptor(), method->input_type()) << method->full_name();
    EXPECT_EQ(rpc->response->GetDescriptor(), method->output_type()) << method->full_name();
    EXPECT_EQ(int{rpc->write != nullptr} + int{rpc->read != nullptr} + int{rpc->serve != nullptr}, 1) << method->full_name();
  }
  EXPECT_THAT(table, UnorderedElementsAreArray(promised));
}

// An empty request lacks something, or is fine; none meets code that does not fit its type.
TEST(ServiceTest, EveryMutationCanReadItsRequest) {
  server::SystemIds ids;
  const PageTokens tokens("secret");
  int mutations = 0;
  for (const rpcs::Rpc& rpc : rpcs::AllRpcs()) {
    if (!rpc.write) continue;
    ++mutations;
    const auto mutation = rpcs::MutationOf(rpc, *rpc.request, ServerContext{ids, tokens, absl::InfiniteFuture()});
    EXPECT_TRUE(absl::IsInvalidArgument(mutation.status())) << rpc.name << ": " << mutation.status();
  }
  EXPECT_GE(mutations, 40);
}

// Comments.

class CommentTest : public ::testing::Test {
 protected:
  CommentTest() {
    google::protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromString(ReadText(LMP_DESCRIPTOR_SET)));
    for (const auto& file : set.file()) {
      const auto* built = pool_.BuildFile(file);
      if (built != nullptr && built->package() == "lmp.v1") files_.push_back(built);
    }
    EXPECT_GE(files_.size(), 10U);
  }

  template <class Thing>
  void Check(const Thing* thing) {
    ++checked_;
    google::protobuf::SourceLocation location;
    const bool commented = thing->GetSourceLocation(&location) &&
                           !absl::StripAsciiWhitespace(absl::StrCat(location.leading_comments,
                                                                    location.trailing_comments)).empty();
    if (!commented) bare_.push_back(thing->full_name());
  }
  void CheckFields(const Descriptor* message) {
    if (message->options().map_entry()) return;
    for (int i = 0; i < message->field_count(); ++i) Check(message->field(i));
    for (int i = 0; i < message->nested_type_count(); ++i) CheckFields(message->nested_type(i));
  }

  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::FileDescriptor*> files_;
  std::vector<std::string> bare_;
  int checked_ = 0;
};

TEST_F(CommentTest, EveryFieldHasOne) {
  for (const auto* file : files_) {
    for (int i = 0; i < file->message_type_count(); ++i) CheckFields(file->message_type(i));
  }
  EXPECT_THAT(bare_, IsEmpty());
  EXPECT_GE(checked_, 200);
}

TEST_F(CommentTest, EveryServiceAndEveryRpcHasOne) {
  for (const auto* file : files_) {
    for (int i = 0; i < file->service_count(); ++i) {
      Check(file->service(i));
      for (int j = 0; j < file->service(i)->method_count(); ++j) Check(file->service(i)->method(j));
    }
  }
  EXPECT_THAT(bare_, IsEmpty());
  EXPECT_GE(checked_, 20);
}

// A limit of a list is said where people read, too.
TEST_F(CommentTest, EveryLimitIsSaid) {
  int limits = 0;
  const std::function<void(const Descriptor&)> check = [&](const Descriptor& message) {
    if (message.options().map_entry()) return;
    for (int i = 0; i < message.nested_type_count(); ++i) check(*message.nested_type(i));
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      v1::FieldLimits given;
      google::protobuf::FieldOptions options;
      // Read again, as the pool of the comments does not know our option.
      ASSERT_TRUE(options.ParseFromString(field.options().SerializeAsString()));
      given = options.GetExtension(v1::limits);
      google::protobuf::SourceLocation location;
      ASSERT_TRUE(field.GetSourceLocation(&location));
      if (given.max_items() == 0 || absl::StrContains(location.leading_comments, "utput only")) continue;
      ++limits;
      EXPECT_TRUE(absl::StrContains(location.leading_comments, absl::StrCat(given.max_items())))
          << field.full_name() << " has at most " << given.max_items() << ", and its comment does not say so";
    }
  };
  for (const auto* file : files_) {
    for (int i = 0; i < file->message_type_count(); ++i) check(*file->message_type(i));
  }
  EXPECT_GE(limits, 12);
}

// "Errors: …": names of reasons, or codes; or "as Other" RPC.
TEST_F(CommentTest, EveryRpcNamesItsErrors) {
  static const std::regex word("[A-Z]+(_[A-Z]+)+");
  std::set<std::string> known = Reasons();
  for (const auto& [reason, code] : CodesInProto()) known.insert(code);
  for (const auto* file : files_) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        google::protobuf::SourceLocation location;
        ASSERT_TRUE(file->service(i)->method(j)->GetSourceLocation(&location));
        const size_t errors = location.leading_comments.find("Errors: ");
        ASSERT_NE(errors, std::string::npos) << file->service(i)->method(j)->full_name();
        const std::string list = location.leading_comments.substr(errors);
        for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it) {
          EXPECT_TRUE(known.contains(it->str())) << file->service(i)->method(j)->full_name() << ": " << it->str();
        }
      }
    }
  }
}

}  // namespace
}  // namespace lmp::wire
