// A read_mask, prepared once for all resources of an answer.
#ifndef LMP_SERVER_WIRE_READ_MASK_H_
#define LMP_SERVER_WIRE_READ_MASK_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"

namespace lmp::wire {

// The fields to keep in a message, as a tree: a field that is named twice, or lies inside another named field, is there
// once.
class ReadMask final {
 public:
  ReadMask() = default;  // keeps everything

  // Adds a path such as "contact.email" or, for the elements of a list, "licenses.state". Returns false if `type` has
  // no such field.
  bool Add(const google::protobuf::Descriptor& type, absl::string_view path);

  bool everything() const { return fields_.empty(); }
  // Keeps only these fields in the resource, or in each resource of the response of a list or a batch.
  void Apply(google::protobuf::Message* response) const;
  // Keeps only these fields in this one resource.
  void ApplyToOne(google::protobuf::Message* resource) const {
    if (!everything()) Trim(resource);
  }

 private:
  void Trim(google::protobuf::Message* message) const;

  std::map<const google::protobuf::FieldDescriptor*, ReadMask> fields_;  // an empty mask keeps all of its field
};

// The type of resource that a response is about: the elements of a list or a batch, or the response itself.
const google::protobuf::Descriptor& ResourceOf(const google::protobuf::Descriptor& response);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_READ_MASK_H_
