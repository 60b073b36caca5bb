#include "client/cli/output/advisories.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/output/field_text.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The name of the code, or its number if it comes from a newer server.
std::string CodeOf(const Message& advisory) {
  const FieldDescriptor* code = advisory.GetDescriptor()->FindFieldByName("code");
  const int number = advisory.GetReflection()->GetEnumValue(advisory, code);
  const auto* value = code->enum_type()->FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : value->name();
}

}  // namespace

bool IsAdvisories(const FieldDescriptor& field) { return field.is_repeated() && field.name() == "advisories"; }

void RenderAdvisories(const Message& response, std::ostream& out) {
  const FieldDescriptor* field = response.GetDescriptor()->FindFieldByName("advisories");
  if (field == nullptr || !IsAdvisories(*field)) return;
  for (int i = 0; i < response.GetReflection()->FieldSize(response, field); ++i) {
    const Message& advisory = response.GetReflection()->GetRepeatedMessage(response, field, i);
    out << (i == 0 ? "\n" : "") << "note: " << CodeOf(advisory) << " " << PathText(advisory, "resource") << ": "
        << PathText(advisory, "text") << "\n";
  }
}

}  // namespace lmp::cli
