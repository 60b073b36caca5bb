// What a filter can say about a field, by the field's type.
#ifndef LMP_SERVER_WIRE_FILTER_VALUE_H_
#define LMP_SERVER_WIRE_FILTER_VALUE_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/wire/filter/filter.h"

namespace lmp::wire {

// kMessage is a message whose fields can be named. kOther is a type for which a filter can only ask ":*".
enum class FilterType { kString, kBool, kInteger, kDouble, kEnum, kDate, kTime, kMessage, kOther };

// The type of the field or, if it is repeated, of its elements.
FilterType FilterTypeOf(const google::protobuf::FieldDescriptor& field);

// Returns the literal of a comparison in the type of the field. Errors: INVALID_ARGUMENT with what is wrong as its
// message.
absl::StatusOr<FilterNode::Value> ParseFilterValue(const google::protobuf::FieldDescriptor& field,
                                                   absl::string_view text);

// The names of the type's fields: "name, partner, display_name".
std::string FieldNames(const google::protobuf::Descriptor& type);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_VALUE_H_
