// Texts in requests, and on the tool's command line: filters, page tokens, names, dates.

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/contract/field_value.h"
#include "lmp/names.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/text.h"
#include "server/rpcs/watch_query.h"
#include "server/wire/fields.h"
#include "server/wire/filter/filter.h"
#include "server/wire/page_token.h"
#include "server/wire/preview_token.h"
#include "tests/fuzz/target.h"

namespace lmp::fuzz {
namespace {

// One that has all there is in it: its fields, elements of its lists, its messages.
void Fill(google::protobuf::Message* message, int depth) {
  const auto& reflection = *message->GetReflection();
  const auto& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    using Kind = google::protobuf::FieldDescriptor::CppType;
    if (field->cpp_type() == Kind::CPPTYPE_MESSAGE && depth > 0) {
      Fill(field->is_repeated() ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field),
           depth - 1);
    } else if (field->cpp_type() == Kind::CPPTYPE_STRING) {
      field->is_repeated() ? reflection.AddString(message, field, "a") : reflection.SetString(message, field, "a");
    } else if (field->cpp_type() == Kind::CPPTYPE_INT32 && !field->is_repeated()) {
      reflection.SetInt32(message, field, 1);
    }
  }
}

const google::protobuf::Message& Filled(size_t number) {
  static const auto& filled = *new std::vector<const google::protobuf::Message*>([] {
    std::vector<google::protobuf::Message*> messages = {
        new v1::Customer(),     new v1::Partner(), new v1::Product(),     new v1::ServicePlan(),
        new v1::Subscription(), new v1::License(), new v1::LicensePool(), new v1::Event()};
    for (google::protobuf::Message* message : messages) Fill(message, 2);
    return std::vector<const google::protobuf::Message*>(messages.begin(), messages.end());
  }());
  return *filled[number % filled.size()];
}

}  // namespace

void FuzzFilter(absl::string_view input) {
  if (input.empty() || !wire::IsUtf8(input.substr(1))) return;
  const google::protobuf::Message& filled = Filled(static_cast<unsigned char>(input[0]));
  const absl::StatusOr<wire::Filter> filter = wire::Filter::Parse(*filled.GetDescriptor(), input.substr(1));
  if (!filter.ok()) {
    Require(filter.status().code() == absl::StatusCode::kInvalidArgument, "a wrong filter is the caller's mistake");
    Require(wire::IsUtf8(filter.status().message()), "the message is UTF-8");
    return;
  }
  Require(filter->empty() || filter->root() != nullptr, "a filter has a root");
  filter->Matches(filled);
  filter->Matches(*std::unique_ptr<google::protobuf::Message>(filled.New()));
}

void FuzzPageToken(absl::string_view input) {
  const wire::PageTokens tokens("secret");
  v1::ListCustomersRequest request;
  const auto [value, key] = FirstLine(input);
  // No key and no text that lists are ordered by has a line's end in it.
  if (key.find('\n') == absl::string_view::npos) {
    const storage::Position last{std::string(value), {std::string(key), ""}};
    request.set_page_token(tokens.Next(request, last));
    const absl::StatusOr<wire::PageRequest> next = tokens.Parse(request);
    Require(next.ok() && next->after == last, "a token says where it was made");
  }
  request.set_page_token(std::string(input));
  Require(input.empty() || !tokens.Parse(request).ok(), "nobody makes up a token");
  rpcs::ParseResumeToken(input);
  v1::CreateCustomerRequest previewed;
  previewed.set_preview_token(std::string(input));
  if (const auto asked = wire::ParseAsked(previewed); !asked.ok()) {
    Require(asked.status().code() == absl::StatusCode::kInvalidArgument, "a wrong preview token is the caller's");
  }
}

void FuzzNames(absl::string_view input) {
  const std::string text(input);
  const absl::StatusOr<std::string> id = wire::ParseName("name", text, "customers");
  Require(!id.ok() || (domain::IsId(*id) && absl::StrCat("customers/", *id) == text),
          "a name is its collection and id");
  const auto child = wire::ParseChildName("name", text, "customers", "licenses");
  Require(!child.ok() || absl::StrCat("customers/", child->first, "/licenses/", child->second) == text,
          "a child's name is that of its parent, its collection and id");
  wire::Fields fields;
  fields.ChosenId("customer_id", text);
  fields.ParentOrAll("parent", text, "customers");
  fields.ChildOrAll("parent", text, "customers", "subscriptions");
  if (!fields.status().ok()) Require(wire::IsUtf8(fields.status().message()) || !wire::IsUtf8(input), "UTF-8");
  client::FullName("customers/*/licenses/*", input);
  if (!wire::IsUtf8(input)) return;
  domain::TextFault(input);
  Require(domain::CharactersIn(input) >= static_cast<int>(wire::FirstCharacters(input, 3).size()) / 4, "characters");
}

void FuzzDates(absl::string_view input) {
  const absl::StatusOr<google::type::Date> day = cli::ParseDate(input);
  if (day.ok()) Require(cli::DateText(*day) == input, "a day is written as it was read");
  const absl::StatusOr<google::type::Date> month = cli::ParseMonth(input);
  if (month.ok()) Require(cli::DateText(*month) == input, "a month is written as it was read");
  google::protobuf::Timestamp instant;
  const auto* field = v1::Event::descriptor()->FindFieldByName("event_time");
  if (!cli::ParseValue(*field, std::string(input), instant).ok()) return;
  wire::Fields fields;
  Require(fields.Instant("event_time", instant).has_value(), "the server takes the instants that the tool takes");
}

}  // namespace lmp::fuzz
