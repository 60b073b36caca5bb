// What a request is about, for the log.
#ifndef LMP_SERVER_SERVICES_SUBJECT_H_
#define LMP_SERVER_SERVICES_SUBJECT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

namespace lmp::server {

struct Subject {
  // The name of the resource that the request names first: its own, that of the resource it updates, the id of the one
  // it creates, or its parent. What can't be a name is not shown, as it may be anything.
  std::string resource;
  bool preview = false;  // validate_only
};

// Which fields of a type of request say that. Made once for each RPC.
class SubjectFields final {
 public:
  explicit SubjectFields(const google::protobuf::Descriptor& request);
  Subject Of(const google::protobuf::Message& request) const;

 private:
  std::string NameIn(const google::protobuf::Message& request) const;

  const google::protobuf::FieldDescriptor* within_ = nullptr;  // the field of the message that has `name_`, or null
  const google::protobuf::FieldDescriptor* name_ = nullptr;
  const google::protobuf::FieldDescriptor* parent_ = nullptr;  // if that is empty
  const google::protobuf::FieldDescriptor* validate_only_ = nullptr;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_SUBJECT_H_
