// What a filter can say about a field, by the field's type.
#ifndef LMP_SERVER_WIRE_FILTER_VALUE_H_
#define LMP_SERVER_WIRE_FILTER_VALUE_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/wire/filter/filter.h"

namespace lmp::wire {

// kMessage: one whose fields can be named. kOther: can only be asked for with ":*".
enum class FilterType { kString, kBool, kInteger, kDouble, kEnum, kDate, kTime, kMessage, kOther };

// Of the field, or of its elements.
FilterType FilterTypeOf(const google::protobuf::FieldDescriptor& field);

// The literal of a comparison in the type of the field. Error: INVALID_ARGUMENT with what is wrong as its message.
absl::StatusOr<FilterNode::Value> ParseFilterValue(const google::protobuf::FieldDescriptor& field,
                                                   absl::string_view text);

// "name, partner, display_name".
std::string FieldNames(const google::protobuf::Descriptor& type);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_VALUE_H_
