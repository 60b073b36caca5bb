// A read_mask, made ready once for all the resources of an answer.
#ifndef LMP_SERVER_WIRE_READ_MASK_H_
#define LMP_SERVER_WIRE_READ_MASK_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"

namespace lmp::wire {

// Fields to leave in a message, as a tree: whatever is named twice, or inside of what is named too, is there once.
class ReadMask final {
 public:
  ReadMask() = default;  // everything

  // Adds "contact.email"; in the elements of a list, "licenses.state". False if `type` has no such field.
  bool Add(const google::protobuf::Descriptor& type, absl::string_view path);

  bool everything() const { return fields_.empty(); }
  // Leaves the fields in the resource, or in each resource of a list's or batch's response.
  void Apply(google::protobuf::Message* response) const;
  // Leaves them in this resource.
  void ApplyToOne(google::protobuf::Message* resource) const {
    if (!everything()) Trim(resource);
  }

 private:
  void Trim(google::protobuf::Message* message) const;

  std::map<const google::protobuf::FieldDescriptor*, ReadMask> fields_;  // empty ones: all of it
};

// What a response is about: the elements of a list's or batch's, or itself.
const google::protobuf::Descriptor& ResourceOf(const google::protobuf::Descriptor& response);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_READ_MASK_H_
