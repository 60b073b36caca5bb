#include "absl/strings/match.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <utility>

#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "server/wire/filter/filter.h"
#include "server/wire/filter/value.h"

namespace lmp::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = FilterNode::Kind;
using Op = FilterNode::Op;

// One value in a message: a field, or an element of a field.
struct Slot {
  const Message& message;
  const FieldDescriptor& field;
  int index = -1;  // index of the element; -1: the field is not repeated

  template <class T>
  T Get(T (Reflection::*one)(const Message&, const FieldDescriptor*) const,
        T (Reflection::*element)(const Message&, const FieldDescriptor*, int) const) const {
    const Reflection& reflection = *message.GetReflection();
    return index < 0 ? (reflection.*one)(message, &field) : (reflection.*element)(message, &field, index);
  }
  const Message& GetMessage() const {
    const Reflection& reflection = *message.GetReflection();
    return index < 0 ? reflection.GetMessage(message, &field) : reflection.GetRepeatedMessage(message, &field, index);
  }
};

// Uses reflection, because a message made from descriptors has no generated class.
absl::CivilDay DayOf(const Message& date) {
  const auto part = [&](int number) {
    return date.GetReflection()->GetInt32(date, date.GetDescriptor()->FindFieldByNumber(number));
  };
  using google::type::Date;
  return absl::CivilDay(part(Date::kYearFieldNumber), part(Date::kMonthFieldNumber), part(Date::kDayFieldNumber));
}

absl::Time TimeOf(const Message& timestamp) {
  using google::protobuf::Timestamp;
  const Reflection& reflection = *timestamp.GetReflection();
  const auto& type = *timestamp.GetDescriptor();
  return absl::FromUnixSeconds(reflection.GetInt64(timestamp, type.FindFieldByNumber(Timestamp::kSecondsFieldNumber))) +
         absl::Nanoseconds(reflection.GetInt32(timestamp, type.FindFieldByNumber(Timestamp::kNanosFieldNumber)));
}

template <class T>
bool Holds(Op op, const T& is, const T& wanted) {
  switch (op) {
    case Op::kEq:
    case Op::kHas:  // the element equals the value
      return is == wanted;
    case Op::kNe:
      return is != wanted;
    case Op::kLt:
      return is < wanted;
    case Op::kLe:
      return is <= wanted;
    case Op::kGt:
      return is > wanted;
    case Op::kGe:
      return is >= wanted;
  }
  return false;
}

bool StringHolds(const FilterNode& node, Op op, const std::string& is, bool is_element) {
  const std::string& wanted = std::get<std::string>(node.value);
  if (op == Op::kHas && !is_element) return absl::StrContains(is, wanted);
  if (node.prefix && node.suffix) return absl::StrContains(is, wanted);
  if (node.prefix) return absl::StartsWith(is, wanted);
  if (node.suffix) return absl::EndsWith(is, wanted);
  return Holds(op, is, wanted);
}

template <class Integer>
bool IntegerHolds(Op op, Integer is, const FilterNode::Value& value) {
  const int64_t wanted = std::get<int64_t>(value);
  const int order = std::cmp_less(is, wanted) ? -1 : std::cmp_equal(is, wanted) ? 0 : 1;
  return Holds(op, order, 0);
}

// True if a value that is set satisfies the comparison.
bool SlotHolds(const FilterNode& node, Op op, const Slot& slot) {
  const FilterNode::Value& wanted = node.value;
  switch (slot.field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return StringHolds(node, op, slot.Get(&Reflection::GetString, &Reflection::GetRepeatedString), slot.index >= 0);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Holds(op, slot.Get(&Reflection::GetBool, &Reflection::GetRepeatedBool), std::get<bool>(wanted));
    case FieldDescriptor::CPPTYPE_INT32:
      return IntegerHolds(op, slot.Get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32), wanted);
    case FieldDescriptor::CPPTYPE_INT64:
      return IntegerHolds(op, slot.Get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64), wanted);
    case FieldDescriptor::CPPTYPE_UINT32:
      return IntegerHolds(op, slot.Get(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32), wanted);
    case FieldDescriptor::CPPTYPE_UINT64:
      return IntegerHolds(op, slot.Get(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64), wanted);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Holds<double>(op, slot.Get(&Reflection::GetFloat, &Reflection::GetRepeatedFloat),
                           std::get<double>(wanted));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Holds(op, slot.Get(&Reflection::GetDouble, &Reflection::GetRepeatedDouble), std::get<double>(wanted));
    case FieldDescriptor::CPPTYPE_ENUM:
      return Holds(op, slot.Get(&Reflection::GetEnum, &Reflection::GetRepeatedEnum)->name(),
                   std::get<std::string>(wanted));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const Message& value = slot.GetMessage();
  if (FilterTypeOf(slot.field) == FilterType::kDate)
    return Holds(op, DayOf(value), std::get<absl::CivilDay>(node.value));
  return Holds(op, TimeOf(value), std::get<absl::Time>(node.value));
}

// True if any of `count` values satisfies `test`.
template <class Test>
bool Any(int count, const Test& test) {
  for (int i = 0; i < count; ++i) {
    if (test(i)) return true;
  }
  return false;
}

bool MapHolds(const FilterNode& node, Op op, const Message& message, const FieldDescriptor& map) {
  const bool any = std::holds_alternative<std::monostate>(node.value);
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &map);
  if (any && !node.map_key.has_value()) return size > 0;
  const std::string& key = node.map_key.has_value() ? *node.map_key : std::get<std::string>(node.value);
  return Any(size, [&](int i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &map, i);
    if (entry.GetReflection()->GetString(entry, map.message_type()->map_key()) != key) return false;
    return any || !node.map_key.has_value() || SlotHolds(node, op, {entry, *map.message_type()->map_value()});
  });
}

// True if any value at the end of the path satisfies the comparison; `at` is the part of the path to go on with.
bool PathHolds(const FilterNode& node, Op op, const Message& message, size_t at) {
  const FieldDescriptor& field = *node.path[at];
  const Reflection& reflection = *message.GetReflection();
  if (at + 1 < node.path.size()) {
    if (field.is_repeated()) {
      return Any(reflection.FieldSize(message, &field),
                 [&](int i) { return PathHolds(node, op, reflection.GetRepeatedMessage(message, &field, i), at + 1); });
    }
    return reflection.HasField(message, &field) && PathHolds(node, op, reflection.GetMessage(message, &field), at + 1);
  }
  if (field.is_map()) return MapHolds(node, op, message, field);
  const bool any = std::holds_alternative<std::monostate>(node.value);
  if (field.is_repeated()) {
    return Any(reflection.FieldSize(message, &field), [&](int i) {
      return any || SlotHolds(node, op, {message, field, i});
    });
  }
  if (any || field.has_presence()) {
    if (!reflection.HasField(message, &field)) return false;
    if (any) return true;
  }
  return SlotHolds(node, op, {message, field});
}

bool NodeMatches(const FilterNode& node, const Message& message) {
  const auto matches = [&](const FilterNode& child) { return NodeMatches(child, message); };
  switch (node.kind) {
    case Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), matches);
    case Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), matches);
    case Kind::kNot:
      return !matches(node.children[0]);
    case Kind::kCompare:
      break;
  }
  if (node.op == Op::kNe) return !PathHolds(node, Op::kEq, message, 0);
  return PathHolds(node, node.op, message, 0);
}

}  // namespace

bool Filter::Matches(const Message& resource) const { return !root_.has_value() || NodeMatches(*root_, resource); }

}  // namespace lmp::wire
