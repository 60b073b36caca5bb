#include "server/wire/read_options.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/domain/text.h"
#include "storage/rows/columns.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The message field with this name; null if the request does not have it or it is not set.
const Message* SubMessage(const Message& request, const char* name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || !request.GetReflection()->HasField(request, field)) return nullptr;
  return &request.GetReflection()->GetMessage(request, field);
}

std::optional<absl::Time> ParseReadTime(const google::protobuf::Timestamp& time, Fields& fields) {
  const std::optional<absl::Time> instant = fields.Instant("read_time", time);
  if (!instant.has_value()) return std::nullopt;
  // The database keeps microseconds; what happened within one is seen at its end. And it reads year 50 as 2050; so
  // instants before 1970, when there was no data, all become 1970.
  return std::max(absl::UnixEpoch(), *instant);
}

void ParseReadMask(const google::protobuf::FieldMask& given, const google::protobuf::Descriptor& resource,
                   Fields& fields, ReadMask& mask) {
  bool all = false;
  for (const std::string& path : given.paths()) {
    all = all || path == "*";
    if (path == "*" || mask.Add(resource, path)) continue;
    fields.Fail("read_mask", absl::StrCat("\"", path, "\" is not a field of ", resource.name()));
  }
  if (all) mask = ReadMask();
}

// The comparisons that all matches must satisfy: the only one, or those of the one AND (no AND has another as its
// child).
std::vector<const FilterNode*> Demands(const Filter& filter) {
  std::vector<const FilterNode*> found;
  if (filter.empty()) return found;
  const auto add = [&](const FilterNode& node) {
    if (node.kind == FilterNode::Kind::kCompare) found.push_back(&node);
  };
  add(*filter.root());
  if (filter.root()->kind == FilterNode::Kind::kAnd)
    std::for_each(filter.root()->children.begin(), filter.root()->children.end(), add);
  return found;
}

// The value that the column must have for the field to be equal; nothing if only a look at each row can tell.
std::optional<std::string> ColumnValue(const FilterNode& node, const IndexedField& field) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (node.op != FilterNode::Op::kEq || text == nullptr || node.prefix || node.suffix) return std::nullopt;
  if (text->empty()) return std::nullopt;  // an empty text is also shown for NULL
  if (field.collection.empty()) return *text;
  // A malformed name leads to no id, and the database would not even compare it with an id (1267).
  absl::string_view id = *text;
  return absl::ConsumePrefix(&id, absl::StrCat(field.collection, "/")) && domain::IsId(id) ? std::string(id) : "";
}

// Demands that the column have this value. Returns false if the column must have another value already, or can't have
// this one.
bool AddEqual(const std::string& column, const std::string& value, storage::PageQuery* query) {
  if (value.empty()) return false;
  for (const auto& [known, other] : query->equals) {
    if (known == column) return other == value;
  }
  query->equals.emplace_back(column, value);
  return true;
}

// The days that the bounds of a column leave.
struct Days {
  absl::CivilDay least = absl::CivilDay(1, 1, 1);
  absl::CivilDay most = absl::CivilDay(9999, 12, 31);

  // A string column gets no bounds, because the database would compare it by other rules than the filter.
  void Narrow(const FilterNode& node) {
    const auto* day = std::get_if<absl::CivilDay>(&node.value);
    if (day == nullptr) return;
    using Op = FilterNode::Op;
    if (node.op == Op::kEq || node.op == Op::kGe) least = std::max(least, *day);
    if (node.op == Op::kEq || node.op == Op::kLe) most = std::min(most, *day);
    if (node.op == Op::kGt) least = std::max(least, *day + 1);
    if (node.op == Op::kLt) most = std::min(most, *day - 1);
  }

  bool AddTo(const std::string& column, storage::PageQuery* query) const {
    if (least > most) return false;
    const Days all;
    if (least == most) {
      query->bounds.push_back({column, "=", storage::FormatDate(least)});
      return true;
    }
    if (least != all.least) query->bounds.push_back({column, ">=", storage::FormatDate(least)});
    if (most != all.most) query->bounds.push_back({column, "<=", storage::FormatDate(most)});
    return true;
  }
};

}  // namespace

ReadOptions ParseReadOptions(const Message& request, const google::protobuf::Descriptor& resource, Fields& fields) {
  ReadOptions options;
  if (const Message* time = SubMessage(request, "read_time")) {
    options.read_time = ParseReadTime(static_cast<const google::protobuf::Timestamp&>(*time), fields);
  }
  if (const Message* mask = SubMessage(request, "read_mask")) {
    ParseReadMask(static_cast<const google::protobuf::FieldMask&>(*mask), resource, fields, options.mask);
  }
  return options;
}

absl::Status CheckReadTime(const ReadOptions& options, absl::Time now) {
  if (!options.read_time.has_value() || *options.read_time <= now) return absl::OkStatus();
  return domain::InvalidFields(
      {{"read_time", absl::StrCat("must not be to come; here it is ",
                                  absl::FormatTime(absl::RFC3339_full, now, absl::UTCTimeZone()))}});
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
    fields.Fail("order_by", absl::StrCat("must be one of ", absl::StrJoin(known, ", "),
                                         ", with \" desc\" behind it in descending order"));
  }
  return order;
}

bool AddIndexed(const Filter& filter, const std::vector<IndexedField>& find, const ListOrder& order,
                absl::FunctionRef<bool(const IndexedField&)> usable, storage::PageQuery* query) {
  Days days;
  for (const FilterNode* node : Demands(filter)) {
    for (const IndexedField& field : find) {
      if (field.field != node->field || !usable(field)) continue;
      const std::optional<std::string> value = ColumnValue(*node, field);
      if (value.has_value() && !AddEqual(field.column, *value, query)) return false;
    }
    if (order.field != nullptr && order.field->field == node->field && usable(*order.field)) days.Narrow(*node);
  }
  return order.field == nullptr || days.AddTo(order.field->column, query);
}

}  // namespace lmp::wire
