#include "server/wire/read_options.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/columns.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message field of this name, or null if the request has none or it is not set.
const Message* SubMessage(const Message& request, const char* name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || !request.GetReflection()->HasField(request, field)) return nullptr;
  return &request.GetReflection()->GetMessage(request, field);
}

std::optional<absl::Time> ParseReadTime(const google::protobuf::Timestamp& time, Fields& fields) {
  if (time.nanos() < 0 || time.nanos() > 999'999'999 || time.seconds() < -62'135'596'800 || time.seconds() > 253'402'300'799) {
    fields.Fail("read_time", "is not an instant of the years 1 to 9999");
    return std::nullopt;
  }
  // The database keeps microseconds; what happened within one is seen at its end. And it takes a year 50 for 2050: what was
  // before there were computers was the same at any instant.
  return std::max(absl::UnixEpoch(), absl::FromUnixSeconds(time.seconds()) + absl::Microseconds(time.nanos() / 1000));
}

// Whether there is such a field: "contact.email", and in the elements of a list, "licenses.state".
bool HasPath(const google::protobuf::Descriptor& type, const std::string& path) {
  const google::protobuf::Descriptor* in = &type;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field = in == nullptr ? nullptr : in->FindFieldByName(std::string(name));
    if (field == nullptr) return false;
    in = field->is_map() ? nullptr : field->message_type();
  }
  return true;
}

// Leaves in the message what the paths name.
void Trim(const std::vector<absl::string_view>& paths, Message* message) {
  std::map<absl::string_view, std::vector<absl::string_view>> inside;  // by field: the paths in it; an empty one is all of it
  for (const absl::string_view path : paths) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
    inside[parts.first].push_back(parts.second);
  }
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(*message, &set);
  for (const FieldDescriptor* field : set) {
    const auto wanted = inside.find(field->name());
    if (wanted == inside.end()) {
      reflection->ClearField(message, field);
    } else if (std::find(wanted->second.begin(), wanted->second.end(), "") != wanted->second.end()) {
      continue;
    } else if (!field->is_repeated()) {
      Trim(wanted->second, reflection->MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        Trim(wanted->second, reflection->MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

// The comparisons that all matches fulfil: the only one, or those of the one AND (no AND has another as its child).
std::vector<const FilterNode*> Demands(const Filter& filter) {
  std::vector<const FilterNode*> found;
  if (filter.empty()) return found;
  const auto add = [&](const FilterNode& node) {
    if (node.kind == FilterNode::Kind::kCompare) found.push_back(&node);
  };
  add(*filter.root());
  if (filter.root()->kind == FilterNode::Kind::kAnd) std::for_each(filter.root()->children.begin(), filter.root()->children.end(), add);
  return found;
}

// What the column must be for the field to be equal; none if only a look at each row can tell.
std::optional<std::string> ColumnValue(const FilterNode& node, const IndexedField& field) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (node.op != FilterNode::Op::kEq || text == nullptr || node.prefix || node.suffix) return std::nullopt;
  if (text->empty()) return std::nullopt;  // shown for NULL, too
  if (field.collection.empty()) return *text;
  absl::string_view id = *text;
  if (!absl::ConsumePrefix(&id, absl::StrCat(field.collection, "/"))) return std::nullopt;
  return std::string(id);
}

// A string that the database would compare by other rules than the filter is not bounded.
void AddBound(const FilterNode& node, const IndexedField& field, storage::PageQuery* query) {
  const auto* day = std::get_if<absl::CivilDay>(&node.value);
  if (day == nullptr) return;
  const char* op = nullptr;
  switch (node.op) {
    case FilterNode::Op::kEq: op = "="; break;
    case FilterNode::Op::kLt: op = "<"; break;
    case FilterNode::Op::kLe: op = "<="; break;
    case FilterNode::Op::kGt: op = ">"; break;
    case FilterNode::Op::kGe: op = ">="; break;
    case FilterNode::Op::kNe:
    case FilterNode::Op::kHas: return;
  }
  query->bounds.push_back({field.column, op, storage::FormatDate(*day)});
}

}  // namespace

ReadOptions ParseReadOptions(const Message& request, const google::protobuf::Descriptor& resource, Fields& fields) {
  ReadOptions options;
  if (const Message* time = SubMessage(request, "read_time")) {
    options.read_time = ParseReadTime(static_cast<const google::protobuf::Timestamp&>(*time), fields);
  }
  if (const Message* mask = SubMessage(request, "read_mask")) {
    options.mask = static_cast<const google::protobuf::FieldMask&>(*mask);
    for (const std::string& path : options.mask.paths()) {
      if (path == "*") {
        options.mask.Clear();
        break;
      }
      if (!HasPath(resource, path)) {
        fields.Fail("read_mask", absl::StrCat("\"", path, "\" is not a field of ", resource.name()));
      }
    }
  }
  return options;
}

absl::Status CheckReadTime(const ReadOptions& options, absl::Time now) {
  if (!options.read_time.has_value() || *options.read_time <= now) return absl::OkStatus();
  return domain::InvalidFields({{"read_time", absl::StrCat("must not be to come; here it is ", absl::FormatTime(absl::RFC3339_full, now, absl::UTCTimeZone()))}});
}

namespace {

// The resources of a response that has many; null if it is one itself.
const FieldDescriptor* ItemsOf(const google::protobuf::Descriptor& response) {
  const FieldDescriptor* first = response.field(0);
  const bool many = absl::EndsWith(response.name(), "Response") && first->is_repeated() && first->message_type() != nullptr;
  return many ? first : nullptr;
}

}  // namespace

const google::protobuf::Descriptor& ResourceOf(const google::protobuf::Descriptor& response) {
  const FieldDescriptor* items = ItemsOf(response);
  return items != nullptr ? *items->message_type() : response;
}

void ApplyMask(const google::protobuf::FieldMask& mask, Message* response) {
  if (mask.paths_size() == 0) return;
  const std::vector<absl::string_view> paths(mask.paths().begin(), mask.paths().end());
  const FieldDescriptor* items = ItemsOf(*response->GetDescriptor());
  if (items == nullptr) return Trim(paths, response);
  const auto* reflection = response->GetReflection();
  for (int i = 0; i < reflection->FieldSize(*response, items); ++i) {
    Trim(paths, reflection->MutableRepeatedMessage(response, items, i));
  }
}

ListOrder ParseOrderBy(const std::string& order_by, const std::vector<IndexedField>& orders, Fields& fields) {
  ListOrder order;
  absl::string_view name = absl::StripAsciiWhitespace(order_by);
  order.descending = absl::ConsumeSuffix(&name, " desc");
  if (!order.descending) absl::ConsumeSuffix(&name, " asc");
  name = absl::StripAsciiWhitespace(name);
  if (name.empty() || name == "name") return order;
  std::vector<std::string> known{"name"};
  for (const IndexedField& field : orders) {
    known.push_back(field.field);
    if (field.field == name) order.field = &field;
  }
  if (order.field == nullptr) {
    fields.Fail("order_by", absl::StrCat("must be one of ", absl::StrJoin(known, ", "), ", with \" desc\" for downwards"));
  }
  return order;
}

void AddIndexed(const Filter& filter, const std::vector<IndexedField>& find, const ListOrder& order,
                absl::FunctionRef<bool(const IndexedField&)> usable, storage::PageQuery* query) {
  for (const FilterNode* node : Demands(filter)) {
    for (const IndexedField& field : find) {
      if (field.field != node->field || !usable(field)) continue;
      const std::optional<std::string> value = ColumnValue(*node, field);
      if (value.has_value()) query->equals.emplace_back(field.column, *value);
    }
    if (order.field != nullptr && order.field->field == node->field && usable(*order.field)) {
      AddBound(*node, *order.field, query);
    }
  }
}

}  // namespace lmp::wire
